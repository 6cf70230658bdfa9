from django.apps import AppConfig


class WastesConfig(AppConfig):
    name = "gongzhi.management_line.wastes"
