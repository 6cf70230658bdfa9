from django.urls import URLPattern, URLResolver, path

from gongzhi.portal import views

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("welcome/", views.welcome, name="welcome"),
    path("firm/", views.firm, name="firm"),
    path("search/", views.search, name="search"),
    path("map/", views.town_map, name="map"),
    path("open/", views.figures, name="figures"),
    path("open/daily.csv", views.figures_csv, name="figures-csv"),
    path("access/", views.access, name="access"),
    path("privacy/", views.privacy, name="privacy"),
    path("administration/", views.administration, name="administration"),
    path("administration/town/", views.town_rules, name="town-rules"),
    path("cockpit/", views.cockpit, name="cockpit"),
    path("basemap.pmtiles", views.base_map, name="base-map"),
    path("areas.geojson", views.areas_data, name="areas-data"),
    path("cases.geojson", views.cases_data, name="cases-data"),
    path("stations.geojson", views.stations_data, name="stations-data"),
    path("field/", views.app, name="field"),
    path("field/patrol/", views.app, name="field-patrol"),
    path("field/outbox/", views.app, name="field-outbox"),
    path("field/edit/<uuid:key>/", views.app, name="field-edit"),
    path("field/task/<slug:slug>/", views.app, name="field-task"),
    path("field/sw.js", views.service_worker, name="field-worker"),
    path("field/manifest.webmanifest", views.manifest, name="field-manifest"),
    path("field/work.json", views.work, name="field-work"),
    path("field/sync/", views.sync, name="field-sync"),
    path("again/", views.again, name="again"),
    path("signed-in/", views.signed_in, name="signed-in"),
    path("stay-signed-out/", views.stay_signed_out, name="stay-signed-out"),
    path("language/", views.language, name="language"),
    path("size/", views.size, name="size"),
    path("theme/", views.theme, name="theme"),
]
