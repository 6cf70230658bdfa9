from django.urls import URLPattern, URLResolver, path

from gongzhi.portal import views

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("size/", views.size, name="size"),
    path("theme/", views.theme, name="theme"),
]
