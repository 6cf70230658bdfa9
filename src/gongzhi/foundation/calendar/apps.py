from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "gongzhi.foundation.calendar"
