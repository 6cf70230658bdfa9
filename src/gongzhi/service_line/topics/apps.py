from django.apps import AppConfig


class TopicsConfig(AppConfig):
    name = "gongzhi.service_line.topics"
