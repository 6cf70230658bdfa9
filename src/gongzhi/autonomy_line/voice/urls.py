from django.urls import URLPattern, URLResolver, path

from gongzhi.autonomy_line.voice import views

app_name = "voice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("voice/", views.index, name="index"),
    path("voice/desk/", views.desk, name="desk"),
    path("voice/desk/new/", views.new, name="new"),
    path("voice/<slug:code>/", views.conversation, name="conversation"),
    path("voice/<slug:code>/map/", views.opinion_map, name="map"),
    path("voice/<slug:code>/write/", views.write, name="write"),
]
