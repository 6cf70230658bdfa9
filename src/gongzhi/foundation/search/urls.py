from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.search import views

app_name = "search"
urlpatterns: list[URLPattern | URLResolver] = [path("administration/search/", views.own, name="synonyms")]
