"""The town now, on one dark screen: figures, grids by open and overdue, what comes in, readings, rates."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.cases import queries as cases
from gongzhi.kernel import live, numbers
from gongzhi.kernel.web import admit, page
from gongzhi.portal import drawing, queries, rules
from gongzhi.portal.views.asking import reader

BAD_LEVELS = (5, 4, 3, 2, 1)


@require_GET
@never_cache
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show the command screen, or with htmx only what changes on it."""
    actor, at = reader(request)
    admit(rules.may_use_cockpit, actor)
    return page(
        request,
        "portal/cockpit.html",
        _now(request, actor, at, numbers.key(request.GET.get("area"))),
        fragment="portal/_cockpit_now.html",
    )


def _now(request: HttpRequest, actor: Any, at: Any, area_id: int | None) -> dict[str, Any]:
    communities = queries.communities(seen_by=actor)
    chosen = next((area for area in communities if area.pk == area_id), None)
    figures = cases.figures(seen_by=actor, at=at, area_path=chosen.path if chosen else "")
    town_map = queries.town_map(seen_by=actor, by_area=figures.by_area, within=chosen.path if chosen else "")
    newest = cases.newest(seen_by=actor, at=at, most=9, area_path=chosen.path if chosen else "")
    most_returns = max((bounced.times for bounced in figures.bounced), default=0)
    return {
        "now": at,
        "stream": live.stream_url(request, "town"),
        "communities": communities,
        "chosen": chosen,
        "figures": figures,
        "category_names": queries.category_names(seen_by=actor, at=at),
        "lives": [
            (life, drawing.slices([(chip, life.by_chip.get(chip, 0)) for chip in ("open", "work", "done", "ok", "warn", "stop", "late")], gap=0.006))
            for life in figures.lives
        ],
        "map": town_map,
        "view_box": town_map.drawn.view_box(chosen.pk if chosen else None),
        "newest": newest,
        "newest_area": newest[0].area_id if newest else None,
        "ring": drawing.slices([("ok", figures.month.on_time), ("stop", figures.month.extended), ("late", figures.month.overdue)], gap=0.012),
        "levels": drawing.slices([(level, figures.rating_levels.get(level, 0)) for level in BAD_LEVELS], gap=0.004),
        "bounced": [(bounced, f"{bounced.times / most_returns * 100:.0f}%") for bounced in figures.bounced] if most_returns else [],
        "station": queries.station_trend(seen_by=actor, at=at),
    }
