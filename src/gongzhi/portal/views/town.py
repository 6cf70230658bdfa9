"""The whole town for everybody: the map, the open figures, and both as data."""

import csv
import io
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.cases import queries as cases
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import live, moments
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import page
from gongzhi.portal import drawing, queries
from gongzhi.portal.views.asking import reader

MOST_POINTS = 2000
DAYS = 30
TOP = 15  # matters that a month's page names
MOST_MONTHS = 240


@require_GET
def town_map(request: HttpRequest) -> HttpResponse:
    """Show the town's areas, its open public cases and its stations, with the same as a list."""
    _actor, at = reader(request)
    life = request.GET.get("life", "") if request.GET.get("life", "") in ("work", "home", "eco") else ""
    found = cases.first_cases(seen_by=ANYONE, most=30, state="open", life=life, order="touched")
    return page(
        request, "portal/map.html",
        {"now": at, "life": life, "legend": _legend(), "found": found, "stream": live.stream_url(request, "town"), "stations": queries.stations(seen_by=ANYONE),
         "has_drawing": territory.has_boundaries(seen_by=ANYONE)},
        fragment="portal/_map_list.html",
    )  # fmt: skip


def _legend() -> list[tuple[str, Any]]:
    """Return (sign, what it means) of everything that maps draw (portal/static/portal/maps.js)."""
    return [
        ("late", _("Overdue")), ("work", _("In hand")), ("open", _("Opened, not begun")), ("done", _("Waits for the check")), ("stop", _("Clock stopped")),
        ("many", _("Several cases: the number stands in the ring")), ("station", _("Monitoring station")),
    ]  # fmt: skip


@require_GET
def areas_data(request: HttpRequest) -> HttpResponse:
    """Give the present areas as GeoJSON, WGS-84; `?level=grid` narrows."""
    level = request.GET.get("level", "")
    answer = JsonResponse(
        territory.geojson(seen_by=ANYONE, level=level if level in ("town", "community", "grid", "park") else ""), json_dumps_params={"ensure_ascii": False}
    )
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@require_GET
def cases_data(request: HttpRequest) -> HttpResponse:
    """Give the open public cases that have a place as GeoJSON points, the newest first."""
    _actor, at = reader(request)
    life = request.GET.get("life", "") if request.GET.get("life", "") in ("work", "home", "eco") else ""
    found = cases.cases(seen_by=ANYONE, state="open", life=life).filter(longitude__isnull=False, unlocated=False).select_related(None)[:MOST_POINTS]
    return JsonResponse(
        {
            "type": "FeatureCollection", "as_of": at.isoformat(),
            "features": [
                {
                    "type": "Feature", "id": case.pk, "geometry": {"type": "Point", "coordinates": [case.longitude, case.latitude]},
                    "properties": {"number": case.number, "title": case.title, "url": f"/cases/{case.slug}/",
                                   "chip": "late" if case.overdue_at else case.chip, "state": str(case.state_word), "life": case.life},
                }
                for case in found
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


@require_GET
def stations_data(request: HttpRequest) -> HttpResponse:
    """Give the public monitoring stations as GeoJSON points."""
    return JsonResponse(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature", "id": station.pk, "geometry": {"type": "Point", "coordinates": [station.longitude, station.latitude]},
                    "properties": {"code": station.code, "title": station.label, "url": f"/stations/{station.code}/", "kind": station.kind},
                }
                for station in queries.stations(seen_by=ANYONE) if station.has_point
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


def _figures(at: datetime) -> dict[str, Any]:
    found = cases.figures(seen_by=ANYONE, at=at)
    known = {area.pk: area for area in territory.present_areas(seen_by=ANYONE)}
    by_community: dict[Any, list[int]] = {}
    for area_id, (n, late) in found.by_area.items():
        area = known.get(area_id) if area_id else None
        above = known.get(area.parent_id or 0) if area and area.level == "grid" else area
        row = by_community.setdefault(above, [0, 0])
        row[0] += n
        row[1] += late
    ordered = sorted(by_community.items(), key=lambda pair: (pair[0] is None, -pair[1][0]))
    return {
        "figures": found,
        "category_names": queries.category_names(seen_by=ANYONE, at=at),
        "origins": sorted(found.by_origin_today.items(), key=lambda pair: -pair[1]),
        "communities": [(area, n, late) for area, (n, late) in ordered],
        "daily": cases.daily(seen_by=ANYONE, since=at - timedelta(days=DAYS - 1), at=at),
        "levels": drawing.slices([(level, found.rating_levels.get(level, 0)) for level in (5, 4, 3, 2, 1)], gap=0.004),
    }


def _month(text: str, at: datetime) -> datetime | None:
    """Return the begin of the month that an address names (2018-11), None for what is no month up to now."""
    try:
        first = moments.month(text)
    except moments.BadMonth:
        return None
    begin = datetime.combine(first, time(), at.tzinfo)
    return begin if begin <= at else None


def _after(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _months(at: datetime) -> list[datetime]:
    """Return the months from the newest back to that of the town's first case."""
    begin, month = cases.first_opened(seen_by=ANYONE), at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = [month]
    while begin is not None and months[-1] > begin and len(months) < MOST_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _month_page(request: HttpRequest, at: datetime, month: datetime) -> HttpResponse:
    """Show what came in in one month and what became of it, by place, unit and matter."""
    found = cases.period(seen_by=ANYONE, since=month, until=_after(month))
    ranked = found.by_category[:TOP]
    most = max((share.opened for share in ranked), default=0)
    before = (month - timedelta(days=1)).replace(day=1)
    months = _months(at)
    return page(
        request, "portal/open_month.html",
        {
            "now": at, "month": month, "months": months, "found": found, "chart": _chart(found.daily),
            "category_names": queries.category_names(seen_by=ANYONE, at=at),
            "origins": sorted(found.by_origin.items(), key=lambda pair: -pair[1]),
            "matters": [(share, f"{share.opened / most * 100:.1f}%") for share in ranked], "others": max(0, len(found.by_category) - TOP),
            "before": before if months and before >= months[-1] else None, "after": _after(month) if _after(month) <= at else None,
        },
    )  # fmt: skip


def _chart(days: list[tuple[Any, int, int]]) -> dict[str, Any]:
    return {
        "x": [f"{day:%m-%d}" for day, _opened, _closed in days],
        "pairs": [(_("Received"), [opened for _day, opened, _closed in days]), (_("Closed"), [closed for _day, _opened, closed in days])],
    }


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Show the town's open figures, each with what it is counted from: as they stand, or those of a month."""
    _actor, now = reader(request)
    at = timezone.localtime(now)
    month = _month(request.GET.get("month", ""), at)
    if month is not None:
        return _month_page(request, at, month)
    told = _figures(at)
    newest = cases.last_opened(seen_by=ANYONE)
    quiet = timezone.localtime(newest) if newest is not None and newest < at - timedelta(days=DAYS) else None
    solved = cases.first_cases(seen_by=ANYONE, most=10, state="closed", order="touched")
    return page(request, "portal/open.html", told | {
        "now": at, "chart": _chart(told["daily"]), "solved": solved, "days": DAYS, "months": _months(at), "quiet": quiet,
    })  # fmt: skip


@require_GET
def figures_csv(request: HttpRequest) -> HttpResponse:
    """Give the daily figures of the last year, or of one month, as CSV (day, opened, closed)."""
    _actor, now = reader(request)
    at = timezone.localtime(now)
    month = _month(request.GET.get("month", ""), at)
    since, until = (month, min(at, _after(month) - timedelta(microseconds=1))) if month else (at - timedelta(days=365), at)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["day", "opened", "closed"])
    writer.writerows((day.isoformat(), opened, closed) for day, opened, closed in cases.daily(seen_by=ANYONE, since=since, at=until))
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="daily.csv"'
    return answer
