from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "gongzhi.foundation.territory"
