from django.urls import URLPattern, URLResolver, path

from gongzhi.registers.firms import views

app_name = "firms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("registers/firms/", views.firms, name="firms"),
    path("registers/firms/export.csv", views.export, {"form": "csv"}, name="csv"),
    path("registers/firms/export.xlsx", views.export, {"form": "xlsx"}, name="xlsx"),
    path("registers/firms/new/", views.new_firm, name="new"),
    path("registers/firms/<int:pk>/", views.firm, name="firm"),
    path("registers/firms/<int:pk>/change/", views.change_firm, name="change"),
    path("registers/firms/<int:pk>/contact/", views.new_contact, name="contact"),
    path("registers/firms/<int:pk>/figure/", views.new_figure, name="figure"),
]
