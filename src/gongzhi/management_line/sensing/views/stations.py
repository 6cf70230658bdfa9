"""The list of stations for everybody. A station's own page is in ecology, which has archive and standards at hand."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.kernel import live
from gongzhi.kernel.web import actor_of, page
from gongzhi.management_line.sensing import queries, rules


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the stations by what they measure, with their newest values."""
    actor, at = actor_of(request), timezone.now()
    found = queries.overview(seen_by=actor, at=at)
    groups: dict[str, list[Any]] = {}
    for now in found:
        groups.setdefault(str(now.station.kind_word), []).append(now)
    return page(
        request, "sensing/index.html",
        {"now": at, "groups": list(groups.items()), "online": sum(now.is_online for now in found), "total": len(found),
         "closed": list(queries.closed_stations(seen_by=actor)),
         "beyond": [now for now in found if now.is_beyond], "sees_devices": rules.sees_devices(actor), "stream": live.stream_url(request, "town")},
        fragment="sensing/_list.html",
    )  # fmt: skip
