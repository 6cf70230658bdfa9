"""All addresses. Each module owns its own urls.py; this file only mounts them."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from gongzhi.config.api import api, no_such_route
from gongzhi.kernel.addresses import ByFirstWord

urlpatterns: list[URLPattern | URLResolver] = [
    ByFirstWord.of(path("api/v1/", api.urls)),
    re_path(r"^api/(?P<path>.*)$", no_such_route),
]
pages: list[URLPattern | URLResolver] = [
    path("", include("gongzhi.ledger.urls")),
    path("", include("gongzhi.foundation.territory.urls")),
    path("", include("gongzhi.foundation.calendar.urls")),
    path("", include("gongzhi.foundation.criteria.urls")),
    path("", include("gongzhi.foundation.people.urls")),
    path("", include("gongzhi.foundation.organs.urls")),
    path("", include("gongzhi.foundation.attachments.urls")),
    path("", include("gongzhi.foundation.search.urls")),
    path("", include("gongzhi.foundation.papers.urls")),
    path("", include("gongzhi.foundation.notices.urls")),
    path("", include("gongzhi.registers.record.urls")),
    path("", include("gongzhi.registers.residents.urls")),
    path("", include("gongzhi.registers.firms.urls")),
    path("", include("gongzhi.management_line.exchange.urls")),
    path("", include("gongzhi.registers.book.urls")),
    path("", include("gongzhi.registers.benefits.urls")),
    path("", include("gongzhi.cases.urls")),
    path("", include("gongzhi.management_line.reports.urls")),
    path("", include("gongzhi.management_line.archive.urls")),  # before stations/<code>/
    path("", include("gongzhi.management_line.sensorthings.urls")),
    path("", include("gongzhi.management_line.feeds.urls")),  # before stations/<code>/
    path("", include("gongzhi.management_line.sensing.urls")),
    path("", include("gongzhi.management_line.warnings.urls")),
    path("", include("gongzhi.management_line.sources.urls")),
    path("", include("gongzhi.management_line.wastes.urls")),
    path("", include("gongzhi.management_line.emergencies.urls")),
    path("", include("gongzhi.management_line.ecology.urls")),
    path("", include("gongzhi.management_line.opendata.urls")),
    path("", include("gongzhi.service_line.policies.urls")),
    path("", include("gongzhi.service_line.applications.urls")),
    path("", include("gongzhi.autonomy_line.voice.urls")),
    path("", include("gongzhi.evaluation.urls")),
    path("", include("gongzhi.service_line.openness.urls")),
    path("", include("gongzhi.portal.urls")),
]
urlpatterns.append(ByFirstWord.of(path("", include(pages))))
handler400 = "gongzhi.config.faults.bad_request"
handler500 = "gongzhi.config.faults.server_error"
