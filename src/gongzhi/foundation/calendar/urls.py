from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.calendar import views

app_name = "calendar"
urlpatterns: list[URLPattern | URLResolver] = [path("administration/calendar/", views.calendar, name="calendar")]
