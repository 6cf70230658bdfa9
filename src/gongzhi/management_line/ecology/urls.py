from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.management_line.ecology.views import airdays, comparison, completeness, exceedances, home, residents, stations

app_name = "ecology"
urlpatterns: list[URLPattern | URLResolver] = [
    path("environment/", home.home, name="home"),
    re_path(r"^environment/(?P<part>air|water|noise|soil|waste|ecology)/$", home.compartment, name="compartment"),
    path("air-and-water/", residents.air_and_water, name="air-and-water"),
    path("environment/completeness/", completeness.completeness, name="completeness"),
    path("environment/completeness.csv", completeness.completeness_csv, name="completeness-csv"),
    path("environment/comparison/", comparison.comparison, name="comparison"),
    path("environment/comparison.csv", comparison.comparison_csv, name="comparison-csv"),
    path("environment/exceedances/", exceedances.exceedances, name="exceedances"),
    path("environment/exceedances.csv", exceedances.exceedances_csv, name="exceedances-csv"),
    path("stations/<slug:code>/", stations.station, name="station"),
    path("stations/<slug:code>/readings.csv", stations.readings_csv, name="readings"),
    path("stations/<slug:code>/air/", airdays.calendar, name="air-days"),
    path("stations/<slug:code>/air.csv", airdays.calendar_csv, name="air-days-csv"),
]
