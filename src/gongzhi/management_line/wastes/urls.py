from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.management_line.wastes.views import ground, ledgers

FORM = r"export\.(?P<form>csv|xlsx)$"

app_name = "wastes"
urlpatterns: list[URLPattern | URLResolver] = [
    path("wastes/", ledgers.index, name="index"),
    re_path("^wastes/" + FORM, ledgers.export, name="export"),
    path("wastes/new/", ledgers.new_ledger, name="new_ledger"),
    path("wastes/lines/", ledgers.lines, name="lines"),
    re_path("^wastes/lines/" + FORM, ledgers.lines_export, name="lines_export"),
    path("wastes/<int:waste_id>/", ledgers.ledger, name="ledger"),
    path("soils/", ground.index, name="soils"),
    re_path("^soils/" + FORM, ground.export, name="soils_export"),
    path("soils.geojson", ground.geojson, name="soils_geojson"),
    path("soils/new/", ground.edit_plot, name="new_plot"),
    path("soils/<slug:code>/", ground.plot, name="plot"),
    path("soils/<slug:code>/edit/", ground.edit_plot, name="edit_plot"),
]
