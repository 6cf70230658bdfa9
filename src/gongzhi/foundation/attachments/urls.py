from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.attachments import views

app_name = "attachments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("attachments/<str:key>/", views.attachment, name="attachment"),
    path("attachments/<str:key>/<slug:variant>/", views.attachment, name="variant"),
]
