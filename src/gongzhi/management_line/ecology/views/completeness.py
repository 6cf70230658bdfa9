"""Which data is there: stations by days, with what was missing and why."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import moments
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of, csv_answer, page
from gongzhi.management_line.ecology import drawing, queries
from gongzhi.management_line.ecology.queries import StationDay, StationDays
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.standards import air

DAYS = {"7": 7, "14": 14, "31": 31}


def _asked(request: HttpRequest, actor: Actor, at: datetime) -> tuple[date, date, int]:
    """Return the days [since, until) that an address asks for: ?days= of them up to ?to=, at most up to today."""
    today = territory.day_of(seen_by=actor, at=at)
    days = DAYS.get(request.GET.get("days", ""), 14)
    last = min(today, moments.day_or(request.GET.get("to")) or today)
    until = max(last, date(2012, 2, 29)) + timedelta(days=1)
    return until - timedelta(days=days), until, days


@require_GET
def completeness(request: HttpRequest) -> HttpResponse:
    """Show the table: ?days=7, 14 or 31 up to ?to=, of all stations or of one ?kind; ?station and ?day explain one of its cells."""
    actor, at = actor_of(request), timezone.now()
    since, until, days = _asked(request, actor, at)
    kinds = sorted({(station.kind, str(station.kind_word)) for station in sensing.stations(seen_by=actor)}, key=lambda pair: pair[1])
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in dict(kinds) else ""
    found = queries.completeness(seen_by=actor, since=since, until=until, at=at, kind=kind)
    whole = _all(found).share if found else None
    row = next((one for one in found if one.station.code == request.GET.get("station", "")), None)
    day = next((one for one in row.days if one.on.isoformat() == request.GET.get("day", "")), None) if row else None
    columns = [since + timedelta(days=number) for number in range((until - since).days)]
    hour, clause = air.needed("hour", on=until)
    today = territory.day_of(seen_by=actor, at=at)
    return page(
        request, "ecology/completeness.html",
        {
            "now": at, "rows": found, "columns": columns, "days": days, "choices": list(DAYS.values()), "kinds": kinds, "kind": kind, "whole": whole,
            "row": row, "day": day, "words": why(day) if day else [], "needed_hours": air.needed("day", on=until)[0], "needed_minutes": hour, "clause": clause,
            "before": since - timedelta(days=1), "after": until + timedelta(days=days - 1) if until <= today else None,
        },
    )  # fmt: skip


def _all(found: Sequence[StationDays]) -> StationDays:
    whole = StationDays(found[0].station)
    whole.days = [day for one in found for day in one.days]
    return whole


def why(day: StationDay) -> list[str]:
    """Return in words what was missing on a day and why, as far as it is known."""
    share, words = day.share, []
    if share.missing:
        words.append(_("%(n)d readings did not come: the station was silent or had lost them.") % {"n": share.missing})
    if share.invalid:
        told = drawing.mark_words(day.marks) if day.marks else _("the marks are in the archive or too many to list")
        words.append(_("%(n)d readings came and are not valid: %(marks)s.") % {"n": share.invalid, "marks": told})
    if day.reasons:
        hours = day.maintained.total_seconds() / 3600
        words.append(_("The device was worked on for %(n).1f hours: %(reasons)s.") % {"n": hours, "reasons": _(", ").join(day.reasons)})
    if day.short:
        told = _(", ").join(f"{name} {day.hours[name]}" for name in day.short)
        words.append(_("Too few valid hours for a mean of the day (at least %(n)d): %(items)s.") % {"n": day.needed, "items": told})
    return words


@require_GET
def completeness_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the table as CSV, one row a station and day."""
    actor, at = actor_of(request), timezone.now()
    since, until, _days = _asked(request, actor, at)
    found = queries.completeness(seen_by=actor, since=since, until=until, at=at, kind=request.GET.get("kind", ""))

    def rows() -> Iterator[Sequence[Any]]:
        yield [
            _("station"), _("name"), _("day"), _("readings due"), _("valid"), _("not valid"), _("missing"), _("valid part"), _("marks"), _("hours worked on"),
            _("too few hours of"), _("why"),
        ]  # fmt: skip
        for row in found:
            for day in row.days:
                share = day.share
                yield [
                    row.station.code, row.station.label, day.on.isoformat(), share.due, share.valid, share.invalid, share.missing,
                    "" if share.part is None else round(share.part, 4), " ".join(f"{mark}:{count}" for mark, count in sorted(day.marks.items())),
                    round(day.maintained.total_seconds() / 3600, 2), "+".join(day.short), " ".join(why(day)),
                ]  # fmt: skip

    return csv_answer(f"completeness-{since}-{until - timedelta(days=1)}.csv", rows(), marked=True)
