from django.urls import URLPattern, URLResolver, path

from gongzhi.registers.benefits import views

app_name = "benefits"
urlpatterns: list[URLPattern | URLResolver] = [
    path("benefits/", views.benefits, name="benefits"),
    path("benefits/own/", views.own, name="own"),
    path("benefits/calculator/<slug:subject>/", views.calculator, name="calculator"),
    path("benefits/<slug:code>/", views.benefit, name="benefit"),
    path("desk/benefits/", views.desk, name="desk"),
    path("desk/benefits/new/", views.draft, name="draft"),
    path("desk/benefits/awards/<int:award_id>/back/", views.back, name="back"),
    path("desk/benefits/<slug:code>/", views.desk_benefit, name="desk-benefit"),
]
