from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.territory import views

app_name = "territory"
urlpatterns: list[URLPattern | URLResolver] = [
    path("administration/areas/", views.areas, name="areas"),
    path("administration/areas/faults.geojson", views.faults_data, name="faults"),
    path("administration/areas/new/", views.area_edit, name="area-new"),
    path("administration/areas/<int:area_id>/", views.area_edit, name="area-edit"),
    path("administration/areas/<int:area_id>/end/", views.area_end, name="area-end"),
]
