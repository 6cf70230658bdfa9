from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.cases import views

app_name = "cases"
urlpatterns: list[URLPattern | URLResolver] = [
    path("cases/<slug:slug>/", views.case, name="case"),
    path("cases/<slug:slug>/<slug:name>/", views.act, name="act"),
    path("desk/", views.desk, name="desk"),
    path("desk/counts/", views.counts, name="counts"),
    path("desk/views/", views.save_view, name="save_view"),
    path("desk/bulk/", views.bulk, name="bulk"),
    re_path(r"^desk/export\.(?P<form>csv|xlsx)$", views.export, name="export"),
]
