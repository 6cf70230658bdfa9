from django.apps import AppConfig


class OpendataConfig(AppConfig):
    name = "gongzhi.management_line.opendata"
