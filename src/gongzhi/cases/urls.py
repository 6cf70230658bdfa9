from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.cases import views
from gongzhi.cases.views import follow

app_name = "cases"
urlpatterns: list[URLPattern | URLResolver] = [
    path("cases/<slug:slug>/", views.case, name="case"),
    path("cases/<slug:slug>/<slug:name>/", views.act, name="act"),
    path("follow/", follow.enter, name="follow_enter"),
    path("follow/<slug:slug>/", follow.status, name="follow"),
    path("follow/<slug:slug>/urge/", follow.urge, name="follow_urge"),
    path("follow/<slug:slug>/leave/", follow.leave, name="follow_leave"),
    path("follow/<slug:slug>/<slug:what>/", follow.do, name="follow_do"),
    path("desk/", views.desk, name="desk"),
    path("desk/counts/", views.counts, name="counts"),
    path("desk/queues.json", views.queue_numbers, name="queue_numbers"),
    path("desk/views/", views.saved_views, name="saved_views"),
    path("desk/views/<int:view_id>/", views.saved_view, name="saved_view"),
    path("desk/bulk/", views.bulk, name="bulk"),
    re_path(r"^desk/export\.(?P<form>csv|xlsx)$", views.export, name="export"),
    path("desk/dispatch/", views.dispatch, name="dispatch"),
    path("desk/dispatch/points.geojson", views.dispatch_points, name="dispatch_points"),
    path("desk/dispatch/<slug:slug>/", views.dispatch_one, name="dispatch_one"),
    path("desk/new/", views.new, name="new"),
    path("desk/new/similar/", views.new_similar, name="new_similar"),
    path("responsibilities/", views.responsibilities, name="responsibilities"),
    path("responsibilities/new/", views.responsibility_new, name="responsibility_new"),
    path("responsibilities/proposals/", views.amendment, name="amendment"),
    path("responsibilities/<int:responsibility_id>/", views.responsibility, name="responsibility"),
    path("responsibilities/<int:responsibility_id>/end/", views.responsibility_end, name="responsibility_end"),
    path("procedures/", views.procedure_list, name="procedure_list"),
    path("procedures/<slug:kind>/", views.procedure, name="procedure"),
    path("procedures/<slug:kind>/new/", views.procedure_new, name="procedure_new"),
    path("procedures/<slug:kind>/v<int:version>.bpmn", views.procedure_bpmn, name="procedure_bpmn"),
    path("categories/", views.categories, name="categories"),
    path("categories/new/", views.category_edit, name="category_new"),
    path("categories/<str:code>/", views.category_edit, name="category_edit"),
]
