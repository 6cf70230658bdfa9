from django.apps import AppConfig


class DraftsConfig(AppConfig):
    name = "gongzhi.foundation.drafts"
