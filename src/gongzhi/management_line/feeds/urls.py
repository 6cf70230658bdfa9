from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.feeds.views import feeds, imports

app_name = "feeds"
urlpatterns: list[URLPattern | URLResolver] = [
    path("stations/feeds/", feeds.index, name="index"),
    path("stations/feeds/new/", feeds.new_feed, name="new_feed"),
    path("stations/feeds/<slug:code>/", feeds.feed, name="feed"),
    path("stations/feeds/<slug:code>/edit/", feeds.edit_feed, name="edit_feed"),
    path("stations/feeds/<slug:code>/mapping/", feeds.mapping, name="mapping"),
    path("stations/feeds/<slug:code>/refused/", feeds.refused, name="refused"),
    path("stations/import/", imports.index, name="imports"),
    path("stations/import/<int:pk>/", imports.file, name="file"),
    path("stations/import/<int:pk>/refused.csv", imports.refused_csv, name="refused_csv"),
]
