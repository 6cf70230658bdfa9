from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.sensing import views

app_name = "sensing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("stations/", views.index, name="index"),
    path("stations/<slug:code>/", views.station, name="station"),
    path("stations/<slug:code>/readings.csv", views.readings_csv, name="readings"),
]
