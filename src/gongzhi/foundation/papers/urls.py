from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.papers import views

app_name = "papers"
urlpatterns: list[URLPattern | URLResolver] = [
    path("check/", views.check, name="check"),
    path("check/root.pem", views.root, name="root"),
    path("check/<str:code>/", views.checked, name="checked"),
    path("papers/", views.papers, name="papers"),
    path("papers/<int:pk>/", views.paper, name="paper"),
]
