from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "gongzhi.management_line.feeds"
