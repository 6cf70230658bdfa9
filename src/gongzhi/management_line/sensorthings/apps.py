from django.apps import AppConfig


class SensorthingsConfig(AppConfig):
    name = "gongzhi.management_line.sensorthings"
