from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "gongzhi.autonomy_line.voice"
