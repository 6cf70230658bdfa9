from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "gongzhi.registers.record"
