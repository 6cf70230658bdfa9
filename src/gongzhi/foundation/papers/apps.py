from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "gongzhi.foundation.papers"
