from django.urls import path

from gongzhi.evaluation import views

app_name = "evaluation"
urlpatterns = [
    path("evaluation/", views.index, name="index"),
    path("evaluation/findings/", views.findings, name="findings"),
    path("evaluation/findings/<int:finding_id>/", views.finding, name="finding"),
    path("evaluation/indicators/", views.indicators, name="indicators"),
    path("evaluation/indicators/shipped/", views.adopt_shipped, name="adopt_shipped"),
    path("evaluation/scorecards/", views.scorecards, name="scorecards"),
    path("evaluation/scorecards/<slug:organ>/", views.scorecard, name="scorecard"),
    path("evaluation/scorecards/<slug:organ>/<slug:indicator>/", views.figure, name="figure"),
    path("evaluation/processes/<slug:kind>/", views.process, name="process"),
    path("evaluation/processes/<slug:kind>/log.xes", views.process_xes, name="process_xes"),
    path("evaluation/processes/<slug:kind>/log.ocel.json", views.process_ocel, name="process_ocel"),
]
