from django.apps import AppConfig


class GrantsConfig(AppConfig):
    name = "gongzhi.registers.grants"
