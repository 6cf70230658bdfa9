from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "gongzhi.registers.residents"
