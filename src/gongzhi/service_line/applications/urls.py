from django.urls import URLPattern, URLResolver, path

from gongzhi.service_line.applications.views import filing, making, public

app_name = "applications"
urlpatterns: list[URLPattern | URLResolver] = [
    path("matters/", public.home, name="home"),
    path("matters/mine/", public.mine, name="mine"),
    path("matters/sent/<slug:slug>/", filing.sent, name="sent"),
    path("matters/filings/<slug:slug>/complete/", filing.complete, name="complete"),
    path("matters/filings/<slug:slug>/materials/<int:material_id>/", filing.judge, name="judge"),
    path("matters/made/", making.index, name="made"),
    path("matters/made/new/", making.edit, name="new"),
    path("matters/made/<str:code>/", making.edit, name="edit"),
    path("matters/made/<str:code>/adopt/", making.adopt, name="adopt"),
    path("matters/made/<str:code>/end/", making.end, name="end"),
    path("matters/<str:code>/", public.item, name="item"),
    path("matters/<str:code>/apply/", filing.apply, name="apply"),
    path("matters/<str:code>/apply/papers/", filing.papers, name="papers"),
    path("matters/<str:code>/apply/check/", filing.check, name="check"),
    path("matters/<str:code>/apply/drop/", filing.drop, name="drop"),
    path("matters/<str:code>/window/", filing.window, name="window"),
    path("open/matters/", public.board, name="board"),
    path("open/matters/export.csv", public.board_csv, name="board_csv"),
]
