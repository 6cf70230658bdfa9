from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.ecology import views

app_name = "ecology"
urlpatterns: list[URLPattern | URLResolver] = [
    path("environment/", views.home, name="home"),
    path("environment/exceedances/", views.exceedances, name="exceedances"),
    path("environment/exceedances.csv", views.exceedances_csv, name="exceedances-csv"),
]
