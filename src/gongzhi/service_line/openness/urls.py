from django.urls import URLPattern, URLResolver, path

from gongzhi.service_line.openness.views import columns, enquiries, requests

app_name = "openness"
urlpatterns: list[URLPattern | URLResolver] = [
    path("enquiries/", enquiries.index, name="enquiries"),
    path("enquiries/ask/", enquiries.ask, name="ask"),
    path("enquiries/sent/<slug:slug>/", enquiries.sent, name="sent"),
    path("enquiries/<slug:slug>/", enquiries.enquiry, name="enquiry"),
    path("requests/", requests.index, name="requests"),
    path("requests/new/", requests.new, name="request"),
    path("requests/paper/", requests.paper, name="paper"),
    path("disclosure/", columns.index, name="columns"),
    path("disclosure/new/", columns.define, name="define"),
    path("disclosure/<slug:code>/", columns.column, name="column"),
    path("disclosure/entry/<int:entry_id>/", columns.show, name="show"),
]
