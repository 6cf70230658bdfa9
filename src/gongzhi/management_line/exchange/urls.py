from django.urls import URLPattern, URLResolver, path

from gongzhi.management_line.exchange import views

app_name = "exchange"
urlpatterns: list[URLPattern | URLResolver] = [
    path("exchange/", views.catalogue, name="catalogue"),
    path("exchange/catalogue/<str:register>/", views.register, name="register"),
    path("exchange/catalogue/<str:register>/export.csv", views.register, {"form": "csv"}, name="register_csv"),
    path("exchange/catalogue/<str:register>/export.xlsx", views.register, {"form": "xlsx"}, name="register_xlsx"),
    path("exchange/catalogue/<str:register>/<slug:field>/", views.entry, name="entry"),
    path("exchange/ask/<str:register>/", views.ask, name="ask"),
    path("exchange/requests/", views.requests, name="requests"),
    path("exchange/requests/export.csv", views.requests, {"form": "csv"}, name="requests_csv"),
    path("exchange/requests/export.xlsx", views.requests, {"form": "xlsx"}, name="requests_xlsx"),
    path("exchange/grants/", views.grants, name="grants"),
    path("exchange/grants/export.csv", views.grants, {"form": "csv"}, name="grants_csv"),
    path("exchange/grants/export.xlsx", views.grants, {"form": "xlsx"}, name="grants_xlsx"),
    path("exchange/grants/<int:pk>/", views.grant, name="grant"),
    path("exchange/grants/<int:pk>/use/", views.use, name="use"),
    path("exchange/grants/<int:pk>/end/", views.end, name="end"),
    path("exchange/doubt/<str:register>/<int:subject>/<slug:field>/", views.doubt, name="doubt"),
    path("exchange/corrected/<int:pk>/", views.corrected, name="corrected"),
    path("exchange/sets/new/", views.new_set, name="new_set"),
    path("exchange/senders/", views.senders, name="senders"),
    path("exchange/senders/<int:pk>/end/", views.end_sender, name="end_sender"),
]
