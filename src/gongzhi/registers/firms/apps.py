from django.apps import AppConfig


class FirmsConfig(AppConfig):
    name = "gongzhi.registers.firms"
