from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    name = "gongzhi.foundation.receipts"
