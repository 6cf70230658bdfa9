from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "gongzhi.management_line.archive"
