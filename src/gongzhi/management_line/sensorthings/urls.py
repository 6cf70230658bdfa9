from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.management_line.sensorthings.views import about, interface

app_name = "sensorthings"
urlpatterns: list[URLPattern | URLResolver] = [
    path("stations/sensorthings/", about.index, name="about"),
    re_path(r"^sensorthings/v1\.1(?:/(?P<path>.*))?$", interface.serve, name="interface"),
]
