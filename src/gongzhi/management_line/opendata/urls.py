from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.management_line.opendata import views

app_name = "opendata"
urlpatterns: list[URLPattern | URLResolver] = [
    path("opendata/", views.index, name="index"),
    path("opendata/catalog", views.catalog, name="catalog"),
    re_path(r"^opendata/catalog\.(?P<form>ttl|jsonld|rdf)$", views.catalog, name="catalog-file"),
    re_path(r"^opendata/(?P<code>[-\w]+)/(?P<year>[12][0-9]{3})\.csv$", views.hours_csv, name="year"),
    re_path(r"^opendata/(?P<code>[-\w]+)/(?P<year>[12][0-9]{3})-(?P<month>[0-9]{2})\.csv$", views.hours_csv, name="month"),
    re_path(r"^opendata/(?P<code>[-\w]+)/air-(?P<year>[12][0-9]{3})\.csv$", views.air_csv, name="air"),
]
