from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.notices import views

app_name = "notices"
urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", views.index, name="index"),
    path("notices/read/", views.read, name="read"),
    path("notices/choices/", views.choices, name="choices"),
    path("account/devices/", views.devices, name="devices"),
    path("account/push-sw.js", views.push_worker, name="push-worker"),
    path("notices/deliveries/", views.deliveries, name="deliveries"),
]
