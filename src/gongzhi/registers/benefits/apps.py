from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "gongzhi.registers.benefits"
