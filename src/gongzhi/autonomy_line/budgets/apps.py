from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "gongzhi.autonomy_line.budgets"
