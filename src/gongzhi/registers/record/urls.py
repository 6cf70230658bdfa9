from django.urls import URLPattern, URLResolver, path

from gongzhi.registers.record import views

app_name = "record"
urlpatterns: list[URLPattern | URLResolver] = [
    path("registers/", views.search, name="search"),
    path("registers/import/", views.files, name="files"),
    path("registers/import/<int:pk>/", views.file, name="file"),
    path("registers/import/<int:pk>/refused.csv", views.refused_csv, name="refused_csv"),
]
