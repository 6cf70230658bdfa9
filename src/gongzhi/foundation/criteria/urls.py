from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.criteria import views

app_name = "criteria"
urlpatterns: list[URLPattern | URLResolver] = [
    path("criteria/", views.criteria, name="criteria"),
    path("criteria/<slug:code>/", views.criterion, name="criterion"),
    path("administration/criteria/", views.drafts, name="drafts"),
    path("administration/criteria/new/", views.begin, name="begin"),
    path("administration/criteria/values/", views.values, name="values"),
    path("administration/criteria/of/<slug:code>/", views.edit, name="edit"),
]
