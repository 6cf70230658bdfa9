from django.apps import AppConfig


class BookConfig(AppConfig):
    name = "gongzhi.registers.book"
