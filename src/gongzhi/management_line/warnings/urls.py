from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.warnings import views

app_name = "warnings"
urlpatterns: list[URLPattern | URLResolver] = [
    path("environment/warnings/", views.index, name="index"),
    path("environment/warnings/rules/", views.rule_list, name="rules"),
    path("environment/warnings/rules/new/", views.new_rule, name="new_rule"),
    path("environment/warnings/rules/<int:rule_id>/end/", views.end_rule, name="end_rule"),
    path("environment/warnings/forecasts/", views.forecasts, name="forecasts"),
    path("stations/<slug:code>/forecast/", views.forecast, name="forecast"),
]
