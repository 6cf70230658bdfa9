from django.apps import AppConfig


class EcologyConfig(AppConfig):
    name = "gongzhi.management_line.ecology"
