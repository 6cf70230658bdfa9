from django.apps import AppConfig


class EmergenciesConfig(AppConfig):
    name = "gongzhi.management_line.emergencies"
