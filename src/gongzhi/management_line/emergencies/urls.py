from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.emergencies import views

app_name = "emergencies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/feed.atom", views.alert_feed, name="alert_feed"),
    path("alerts/new/", views.new_alert, name="new_alert"),
    path("alerts/take/", views.take_alert, name="take_alert"),
    path("alerts/<int:alert_id>/", views.alert, name="alert"),
    path("alerts/<int:alert_id>/cap.xml", views.alert_xml, name="alert_xml"),
    path("alerts/<int:alert_id>/lift/", views.lift_alert, name="lift_alert"),
    path("emergencies/", views.index, name="index"),
    path("emergencies/new/", views.new, name="new"),
    path("emergencies/plans/", views.plan_list, name="plans"),
    path("emergencies/plans/new/", views.new_plan, name="new_plan"),
    path("emergencies/plans/<int:plan_id>/", views.plan, name="plan"),
    path("emergencies/plans/<int:plan_id>/adopt/", views.adopt_plan, name="adopt_plan"),
    path("emergencies/plans/<int:plan_id>/end/", views.end_plan, name="end_plan"),
    path("emergencies/duties/<int:duty_id>/", views.duty, name="duty"),
    path("emergencies/duties/<int:duty_id>/take/", views.take_duty, name="take_duty"),
    path("emergencies/<slug:slug>/", views.board, name="board"),
    path("emergencies/<slug:slug>/report/", views.report, name="report"),
    path("emergencies/<slug:slug>/<slug:what>/", views.do, name="do"),
]
