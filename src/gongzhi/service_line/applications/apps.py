from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "gongzhi.service_line.applications"
