from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "gongzhi.foundation.attachments"
