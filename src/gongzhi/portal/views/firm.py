"""A firm's own page: what it is asked to do, what its outlets measure."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.cases import queries as cases
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import doors, live
from gongzhi.kernel.web import admit, page
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.portal import rules
from gongzhi.portal.views.asking import reader

MOST = 30


@never_cache
@require_GET
def firm(request: HttpRequest) -> HttpResponse:
    """Show a firm's contact what waits for the firm, with clocks, and how its stations stand."""
    actor, at = reader(request)
    admit(rules.may_use_firm_home, actor)
    led = list(cases.desk(seen_by=actor, queue="unit", at=at)[:MOST])
    led_ids = {case.pk for case in led}
    joined = [case for case in cases.desk(seen_by=actor, queue="joined", at=at)[:MOST] if case.pk not in led_ids]
    clocks = cases.clocks_of_list(seen_by=actor, cases=[*led, *joined], at=at) if led or joined else {}
    own = [now for now in sensing.overview(seen_by=actor, at=at) if now.station.organ_id in actor.organ_ids]
    beyond = [
        episode for now in own for episode in sensing.episodes(seen_by=actor, station_id=now.station.pk, open_only=True)[:10]
    ]
    return page(
        request, "portal/firm.html",
        {
            "now": at, "firms": [organs.organ_for(seen_by=actor, organ_id=organ_id) for organ_id in sorted(actor.organ_ids)],
            "orders": [(case, clocks.get(case.pk)) for case in joined], "led": [(case, clocks.get(case.pk)) for case in led],
            "stations": own, "beyond": beyond, "devices": list(sensing.devices(seen_by=actor)), "doors": doors.shown("firm", actor=actor, at=at),
            "stream": live.stream_url(request, *(f"desk:{organ_id}" for organ_id in sorted(actor.organ_ids))),
        },
        fragment="portal/_firm.html",
    )  # fmt: skip
