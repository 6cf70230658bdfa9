from django.apps import AppConfig


class OpennessConfig(AppConfig):
    name = "gongzhi.service_line.openness"
