from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "gongzhi.management_line.exchange"
