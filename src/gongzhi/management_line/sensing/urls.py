from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.sensing.views import claims, devices, registry, stations

app_name = "sensing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("stations/", stations.index, name="index"),
    path("stations/new/", registry.new_station, name="new_station"),
    path("stations/claims/", claims.index, name="claims"),
    path("stations/claims/<str:matter>/<int:proposal_id>/", claims.decide, name="decide_claim"),
    path("stations/devices/", devices.index, name="devices"),
    path("stations/devices/new/", registry.new_device, name="new_device"),
    path("stations/devices/<str:mn>/", devices.device, name="device"),
    path("stations/<slug:code>/edit/", registry.edit_station, name="edit_station"),
    path("stations/<slug:code>/close/", registry.close_station, name="close_station"),
    path("stations/<slug:code>/limits/new/", registry.new_limit, name="new_limit"),
    path("stations/<slug:code>/limits/<int:limit_id>/end/", registry.end_limit, name="end_limit"),
]
