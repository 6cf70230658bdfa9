from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "gongzhi.management_line.sensing"
