from django.apps import AppConfig


class OrgansConfig(AppConfig):
    name = "gongzhi.foundation.organs"
