from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "gongzhi.management_line.sources"
