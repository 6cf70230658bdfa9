"""A station's page: what it measures now, its series over any span with limits, gaps and marks, and the same as CSV.

It stands here and not in sensing because it needs what stands above sensing: the archive for what has left the database, the
standards for the limits and the index (docs/decisions/0010).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_GET

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors, live
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, csv_answer, page
from gongzhi.management_line.archive import queries as archive
from gongzhi.management_line.ecology import drawing, queries, spans
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing import rules

NAMES = {
    "hour": pgettext_lazy("span of a chart", "Hour"), "day": pgettext_lazy("span of a chart", "Day"), "week": pgettext_lazy("span of a chart", "Week"),
    "month": pgettext_lazy("span of a chart", "Month"), "year": pgettext_lazy("span of a chart", "Year"),
}  # fmt: skip
_OLDER = {"1": "day", "7": "week", "30": "month"}  # addresses of before
DAYS = 31  # of a CSV whose span is not said
CHUNK = 5000


def span_of(request: HttpRequest, at: datetime, zone: Any, default: str = "day") -> tuple[spans.Span, Refused | None]:
    """Return the span that an address asks for, a named one before its days; where it cannot be read, the usual one and why."""
    given = request.GET.get("span", "")
    name = given or _OLDER.get(request.GET.get("days", ""), default)
    begin, end = ("", "") if given in spans.LENGTHS else (request.GET.get("from", ""), request.GET.get("to", ""))
    try:
        return spans.span_of(name, at=at, zone=zone, begin=begin, end=end), None
    except Refused as refused:
        return spans.span_of(default, at=at, zone=zone), refused


@require_GET
def station(request: HttpRequest, code: str) -> HttpResponse:
    """Show one station: newest values, one series over a span, stretches beyond limits, and for staff its devices."""
    actor, at = actor_of(request), timezone.now()
    found = sensing.station_for(seen_by=actor, code=code)
    zone = territory.town(seen_by=actor).zone
    now, until = sensing.station_now(seen_by=actor, at=at, station=found), found.until(at)
    span, fault = span_of(request, until, zone)
    chosen, beside = _chosen(now, request.GET.get("series", ""), request.GET.get("factor", ""), span)
    history = queries.history(seen_by=actor, station=found, series=[chosen.series], span=span, at=until)[0] if chosen else None
    sees_devices = rules.sees_devices(actor)
    today = until.astimezone(zone).date()
    week = {}
    if found.kind == "air":
        week = queries.air_days(seen_by=actor, station=found, since=today - timedelta(days=7), until=today + timedelta(days=1), at=until)
    return page(
        request, "ecology/station.html",
        {
            "now": at, "station": found, "state": now, "chosen": chosen, "beside": beside, "span": span, "fault": fault, "names": list(NAMES.items()),
            "week": [week[on] for on in sorted(week)], "history": history, **(_drawn(history, zone, _name(chosen.series)) if history and chosen else {}),
            "episodes": list(sensing.episodes(seen_by=actor, station_id=found.pk, because_of=None)[:10]),
            "limits": sensing.limits_of(seen_by=actor, station=found, at=at),
            "upstream": list(sensing.upstream_of(seen_by=actor, station_id=found.pk)), "downstream": sensing.downstream_of(seen_by=actor, station=found),
            "doors": [one for one in doors.shown("station", actor=actor, at=at, code=found.code) if not one.door.rooms or found.kind in one.door.rooms],
            "sees_devices": sees_devices, "may_register": rules.may_register(actor), "stream": live.stream_url(request, f"station:{found.pk}"),
            "devices": [(device, device.is_online(at)) for device in sensing.devices(seen_by=actor, station_id=found.pk)] if sees_devices else [],
            "refused": list(sensing.refused_packets(seen_by=actor, station_id=found.pk)[:10]) if sees_devices else [],
        },
        fragment="sensing/_values.html",
    )  # fmt: skip


def _chosen(now: sensing.StationNow, series: str, factor: str, span: spans.Span) -> tuple[Any, list[Any]]:
    """Return the value whose series is shown, and all of its factor: the series asked for, else of the factor what suits the span.

    Spans of hours and days show the hour's means that a device sends itself, where it does.
    """
    exact = next((value for value in now.values if str(value.series.pk) == series), None)
    usual = exact or next((value for value in now.shown if value.series.factor == factor), None) or next(
        (value for value in now.shown if value.limit is not None), now.shown[0] if now.shown else None
    )
    beside = [value for value in now.values if usual and value.series.factor == usual.series.factor]
    if exact is None and span.step >= spans.HOUR:
        usual = next((value for value in beside if value.series.aggregate == "hour.avg"), usual)
    return usual, beside if len(beside) > 1 else []


def _name(series: Any) -> str:
    """Return a series' name; means of hours and days say that they are."""
    return series.label if series.aggregate == "rtd" else str(format_lazy("{} ({})", series.label, series.aggregate_word))


def _drawn(history: queries.History, zone: Any, name: str) -> dict[str, Any]:
    missing = drawing.missing(history)
    local_since, local_until = history.span.since.astimezone(zone), history.span.until.astimezone(zone)
    return {
        "content": drawing.content(history, zone, name=name), "rows": drawing.rows(history, zone), "missing": missing[-12:], "missing_count": len(missing),
        "share": history.share, "name": name, "from": f"{local_since:%Y-%m-%d}", "to": f"{local_until - timedelta(microseconds=1):%Y-%m-%d}",
        "exact_from": local_since.isoformat(timespec="seconds"), "exact_to": local_until.isoformat(timespec="seconds"),
        "step": _step_words(history.span), "span": history.span,
        "query": f"span={history.span.name}" if history.span.name else f"from={local_since:%Y-%m-%d}&to={local_until - timedelta(microseconds=1):%Y-%m-%d}",
    }  # fmt: skip


def _step_words(span: spans.Span) -> str:
    if span.is_every:
        return _("every reading")
    if span.is_days:
        return _("means of a day")
    minutes = int(span.step.total_seconds() // 60)
    if minutes < 60:
        return ngettext("means of %(n)d minute", "means of %(n)d minutes", minutes) % {"n": minutes}
    return ngettext("means of %(n)d hour", "means of %(n)d hours", minutes // 60) % {"n": minutes // 60}


@require_GET
def readings_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Give what a station measured as CSV, streamed: every reading, or with ?step=hour or day their means with how complete they are.

    ?from and ?to (or ?span) say which time, else the last 31 days; ?series which series, else all. What has left for the archive is in it.
    A span that cannot be read is refused.
    """
    actor, at = actor_of(request), timezone.now()
    found = sensing.station_for(seen_by=actor, code=code)
    zone = territory.town(seen_by=actor).zone
    given = request.GET
    if given.get("from") or given.get("to") or given.get("span"):
        span = spans.span_of(given.get("span", ""), at=at, zone=zone, begin=given.get("from", ""), end=given.get("to", ""))
    else:
        span = spans.Span("", at - timedelta(days=DAYS), at, spans.EVERY)
    wanted = set(given.getlist("series"))
    series = [one for one in sensing.series_of(seen_by=actor, station_id=found.pk) if not wanted or str(one.pk) in wanted]
    if given.get("step") in ("hour", "day"):
        step = spans.HOUR if given["step"] == "hour" else spans.DAY
        rolled = queries.history(seen_by=actor, station=found, series=series, span=spans.Span("", span.since, span.until, step), at=at)
        return csv_answer(f"{found.code}-{given['step']}.csv", _means(rolled))
    return csv_answer(f"{found.code}.csv", _every(actor, series, span))


def _every(actor: Any, series: Sequence[Any], span: spans.Span) -> Iterator[Sequence[Any]]:
    yield [_("measured at"), _("factor"), _("name"), _("aggregate"), _("value"), _("unit"), _("flag"), _("version")]
    for one in series:
        for point in _points(actor, one.pk, span):
            yield [point.measured_at.isoformat(), one.factor, one.label, one.aggregate, point.value, one.unit, point.flag, point.version]


def _points(actor: Any, series_id: int, span: spans.Span) -> Iterator[Any]:
    """Yield a series' readings, week by week where the archive is asked."""
    since = span.since
    while since < span.until:
        until = min(since + timedelta(days=7), span.until)
        if archive.reaches(seen_by=actor, series_ids=[series_id], since=since, until=until):
            yield from archive.readings_between(seen_by=actor, series_ids=[series_id], since=since, until=until, most=None)
        else:
            begin = since
            while True:
                part = sensing.readings(seen_by=actor, series_id=series_id, since=begin, until=until, most=CHUNK)
                yield from (point for point in part if point.measured_at < until)
                if len(part) < CHUNK:
                    break
                begin = part[-1].measured_at + timedelta(microseconds=1)
        since = until


def _means(found: Sequence[queries.History]) -> Iterator[Sequence[Any]]:
    yield [
        _("begins at"), _("factor"), _("name"), _("aggregate"), _("mean"), _("unit"), _("lowest"), _("highest"), _("readings"), _("valid"), _("readings due"),
        _("marks"),
    ]  # fmt: skip
    for one in found:
        for step in one.steps:
            yield [
                timezone.localtime(step.at).isoformat(), one.series.factor, one.series.label, one.series.aggregate,
                "" if step.mean is None else round(step.mean, 6),
                one.series.unit, "" if step.low is None else step.low, "" if step.high is None else step.high, step.count, step.valid, step.due,
                " ".join(f"{mark}:{count}" for mark, count in sorted(step.marks.items())),
            ]  # fmt: skip
