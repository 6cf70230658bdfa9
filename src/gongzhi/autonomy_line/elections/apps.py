from django.apps import AppConfig


class ElectionsConfig(AppConfig):
    name = "gongzhi.autonomy_line.elections"
