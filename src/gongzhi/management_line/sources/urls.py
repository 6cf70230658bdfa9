from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.management_line.sources.views import outlets, returns, risks, trace

FORM = r"export\.(?P<form>csv|xlsx)$"

app_name = "sources"
urlpatterns: list[URLPattern | URLResolver] = [
    path("sources/", outlets.index, name="index"),
    re_path("^sources/" + FORM, outlets.export, name="export"),
    path("sources.geojson", outlets.geojson, name="geojson"),
    path("sources/new/", outlets.new_source, name="new_source"),
    path("sources/<slug:code>/", outlets.source, name="source"),
    path("sources/<slug:code>/edit/", outlets.edit_source, name="edit_source"),
    path("sources/<slug:code>/close/", outlets.close_source, name="close_source"),
    path("sources/<slug:code>/outlets/new/", outlets.outlet, name="new_outlet"),
    path("sources/<slug:code>/outlets/<slug:outlet_code>/", outlets.outlet, name="edit_outlet"),
    path("sources/<slug:code>/permits/new/", outlets.new_permit, name="new_permit"),
    path("permits/", outlets.permit_index, name="permits"),
    re_path("^permits/" + FORM, outlets.permit_export, name="permits_export"),
    path("permits/<slug:number>/", outlets.permit, name="permit"),
    path("returns/", returns.index, name="returns"),
    re_path("^returns/" + FORM, returns.export, name="returns_export"),
    path("returns/new/", returns.new_return, name="new_return"),
    path("returns/<int:return_id>/", returns.one_return, name="return"),
    path("three-highs/", returns.highs, name="highs"),
    re_path("^three-highs/" + FORM, returns.highs_export, name="highs_export"),
    path("three-highs/thresholds/", returns.thresholds, name="thresholds"),
    path("three-highs/<slug:code>/", returns.firm, name="firm"),
    path("risks/", risks.index, name="risks"),
    re_path("^risks/" + FORM, risks.export, name="risks_export"),
    path("risks.geojson", risks.geojson, name="risks_geojson"),
    path("risks/new/", risks.edit_risk, name="new_risk"),
    path("risks/<slug:code>/", risks.risk, name="risk"),
    path("risks/<slug:code>/edit/", risks.edit_risk, name="edit_risk"),
    path("sensitive-places/", risks.places, name="places"),
    re_path("^sensitive-places/" + FORM, risks.places_export, name="places_export"),
    path("sensitive-places/new/", risks.edit_place, name="new_place"),
    path("sensitive-places/<int:place_id>/edit/", risks.edit_place, name="edit_place"),
    path("trace/<int:episode_id>/", trace.trace, name="trace"),
    path("trace/<int:episode_id>.geojson", trace.geojson, name="trace_geojson"),
]
