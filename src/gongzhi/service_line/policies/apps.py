from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "gongzhi.service_line.policies"
