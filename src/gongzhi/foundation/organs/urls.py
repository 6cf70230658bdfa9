from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.organs import views

app_name = "organs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("administration/organs/", views.organs, name="organs"),
    path("administration/organs/new/", views.organ_edit, name="organ-new"),
    path("administration/organs/<int:organ_id>/", views.organ_edit, name="organ-edit"),
    path("administration/posts/", views.posts, name="posts"),
    path("administration/posts/new/", views.post_new, name="post-new"),
    path("administration/posts/<int:post_id>/end/", views.post_end, name="post-end"),
    path("administration/roles/", views.roles, name="roles"),
    path("administration/roles/<slug:role>/", views.role_edit, name="role-edit"),
]
