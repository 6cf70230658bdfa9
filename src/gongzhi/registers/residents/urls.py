from django.urls import URLPattern, URLResolver, path

from gongzhi.registers.residents import views

app_name = "residents"
urlpatterns: list[URLPattern | URLResolver] = [
    path("registers/residents/new/", views.new_resident, name="new"),
    path("registers/residents/<int:pk>/", views.resident, name="resident"),
    path("registers/residents/<int:pk>/change/", views.change_resident, name="change"),
    path("registers/residents/<int:pk>/care/", views.new_tag, {"room": "care"}, name="care"),
    path("registers/residents/<int:pk>/control/", views.new_tag, {"room": "control"}, name="control"),
    path("registers/dwellings/<int:pk>/", views.dwelling, name="dwelling"),
    path("registers/duplicates/", views.duplicates, name="duplicates"),
    path("account/record/", views.own_record, name="own"),
]
