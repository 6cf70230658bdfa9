from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "gongzhi.management_line.reports"
