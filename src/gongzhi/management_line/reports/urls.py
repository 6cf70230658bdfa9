from django.urls import URLPattern, URLResolver, path, re_path

from gongzhi.management_line.reports.views import flow, open311

app_name = "reports"
_AS = r"\.(?P<written>json|xml)"
urlpatterns: list[URLPattern | URLResolver] = [
    path("report/", flow.photo, name="photo"),
    path("report/photo/<int:attachment_id>/", flow.draft_photo, name="draft-photo"),
    path("report/place/", flow.place, name="place"),
    path("report/places/", flow.found_places, name="places"),
    path("report/where/", flow.where, name="where"),
    path("report/words/", flow.words, name="words"),
    path("report/look/", flow.look, name="look"),
    path("report/kind/", flow.kind, name="kind"),
    path("report/contact/", flow.contact, name="contact"),
    path("report/same/", flow.same, name="same"),
    path("report/again/", flow.again, name="again"),
    path("report/sent/<slug:slug>/", flow.sent, name="sent"),
    re_path(rf"^open311/(?:v2/)?discovery{_AS}$", open311.discovery, name="open311-discovery"),
    re_path(rf"^open311/v2/services{_AS}$", open311.services, name="open311-services"),
    re_path(rf"^open311/v2/services/(?P<code>[^/]+){_AS}$", open311.service, name="open311-service"),
    re_path(rf"^open311/v2/requests{_AS}$", open311.requests, name="open311-requests"),
    re_path(rf"^open311/v2/requests/(?P<slug>[^/]+){_AS}$", open311.one_request, name="open311-request"),
    re_path(rf"^open311/v2/tokens/(?P<token>[^/]+){_AS}$", open311.token, name="open311-token"),
]
