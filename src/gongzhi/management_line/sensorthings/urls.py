from django.urls import re_path

from gongzhi.management_line.sensorthings import views

urlpatterns = [re_path(r"^sensorthings/v1\.1(?:/(?P<path>.*))?$", views.serve, name="sensorthings")]
