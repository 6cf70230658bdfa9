from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gongzhi.foundation.people"
