from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "gongzhi.foundation.notices"
