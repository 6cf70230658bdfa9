from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "gongzhi.management_line.standards"
