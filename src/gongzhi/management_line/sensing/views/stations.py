"""Stations for everybody, devices and refused packets for the town's staff."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.kernel import live
from gongzhi.kernel.web import actor_of, csv_answer, page
from gongzhi.management_line.sensing import queries, rules
from gongzhi.management_line.sensing.rolling import mean_of

PERIODS = {"1": (timedelta(hours=24), 10), "7": (timedelta(days=7), 60), "30": (timedelta(days=30), 240)}


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
         "beyond": [now for now in found if now.is_beyond], "sees_devices": rules.sees_devices(actor), "stream": live.stream_url("town")},
        fragment="sensing/_list.html",
    )  # fmt: skip


@require_GET
def station(request: HttpRequest, code: str) -> HttpResponse:
    """Show one station: newest values, a chart with its limit, stretches beyond it, and for staff its devices."""
    actor, at = actor_of(request), timezone.now()
    found = queries.station_for(seen_by=actor, code=code)
    now = next(each for each in queries.overview(seen_by=actor, at=at) if each.station.pk == found.pk)
    period = request.GET.get("days", "1") if request.GET.get("days", "1") in PERIODS else "1"
    length, minutes = PERIODS[period]
    wanted = request.GET.get("series", "")
    chosen = next((value for value in now.values if str(value.series.pk) == wanted), None) or next(
        (value for value in now.values if value.limit is not None), now.values[0] if now.values else None
    )
    ids = [chosen.series.pk] if chosen else []
    if minutes < 60:
        points = [point for each in queries.hourly(seen_by=actor, series_ids=ids, since=at - length, until=at, minutes=minutes).values() for point in each]
    else:
        found_hours = queries.rollups(seen_by=actor, series_ids=ids, since=at - length, until=at)
        points = _steps([hour for hours in found_hours.values() for hour in hours], minutes // 60)
    form = "%H:%M" if period == "1" else "%m-%d %H:%M"
    sees_devices = rules.sees_devices(actor)
    return page(
        request, "sensing/station.html",
        {
            "now": at, "station": found, "state": now, "chosen": chosen, "period": period, "periods": list(PERIODS),
            "labels": [timezone.localtime(moment).strftime(form) for moment, _value in points], "points": points,
            "series": [(chosen.label, [round(value, 3) for _at, value in points])] if chosen else [],
            "limit": chosen.limit.limit if chosen and chosen.limit and chosen.limit.unit == chosen.series.unit else None,
            "episodes": list(queries.episodes(seen_by=actor, station_id=found.pk)[:10]), "limits": queries.limits_of(seen_by=actor, station=found, at=at),
            "upstream": list(queries.upstream_of(seen_by=actor, station_id=found.pk)), "downstream": queries.downstream_of(seen_by=actor, station=found),
            "sees_devices": sees_devices, "may_register": rules.may_register(actor), "stream": live.stream_url(f"station:{found.pk}"),
            "devices": [(device, device.is_online(at)) for device in queries.devices(seen_by=actor, station_id=found.pk)] if sees_devices else [],
            "refused": list(queries.refused_packets(seen_by=actor, station_id=found.pk)[:10]) if sees_devices else [],
        },
        fragment="sensing/_values.html",
    )  # fmt: skip


def _steps(hours: list[queries.Rollup], width: int) -> list[tuple[datetime, float]]:
    """Return the means of `width` hours each, every hour by the number of its valid readings."""
    steps: dict[datetime, list[queries.Rollup]] = {}
    for hour in hours:
        steps.setdefault(hour.at - timedelta(hours=int(hour.at.timestamp() // 3600) % width), []).append(hour)
    means = ((begin, mean_of(part)) for begin, part in steps.items())
    return [(begin, mean) for begin, mean in means if mean is not None]


@require_GET
def readings_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Give the readings of the last 31 days of a station as CSV, streamed."""
    actor, at = actor_of(request), timezone.now()
    found = queries.station_for(seen_by=actor, code=code)
    names = list(queries.series_of(seen_by=actor, station_id=found.pk))

    def rows() -> Iterator[Sequence[Any]]:
        yield [_("measured at"), _("factor"), _("name"), _("aggregate"), _("value"), _("unit"), _("flag"), _("version")]
        for series in names:
            since = at - timedelta(days=31)
            while True:
                part = queries.readings(seen_by=actor, series_id=series.pk, since=since, until=at, most=5000)
                for point in part:
                    yield [point.measured_at.isoformat(), series.factor, series.label, series.aggregate, point.value, series.unit, point.flag, point.version]
                if len(part) < 5000:
                    break
                since = part[-1].measured_at + timedelta(microseconds=1)

    return csv_answer(f"{found.code}.csv", rows())
