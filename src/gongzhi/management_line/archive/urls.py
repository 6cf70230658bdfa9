from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.archive import views

app_name = "archive"
urlpatterns: list[URLPattern | URLResolver] = [
    path("stations/archive/", views.index, name="index"),
    path("stations/archive/<int:year>-<int:month>/", views.month, name="month"),
]
