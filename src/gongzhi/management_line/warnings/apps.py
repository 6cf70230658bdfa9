from django.apps import AppConfig


class WarningsConfig(AppConfig):
    name = "gongzhi.management_line.warnings"
