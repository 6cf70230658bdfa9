"""The air of a station over a year: a calendar of its daily index, every day explained."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import moments
from gongzhi.kernel.web import actor_of, csv_answer, page
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.ecology.queries import AirDay
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.edition import CannotAssess

WEEKDAYS = (
    gettext_lazy("Mon"), gettext_lazy("Tue"), gettext_lazy("Wed"), gettext_lazy("Thu"), gettext_lazy("Fri"), gettext_lazy("Sat"), gettext_lazy("Sun"),
)  # fmt: skip
WORDS = {"thin": gettext_lazy("too few data for an index"), "none": gettext_lazy("no data")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar; `words` say it for those who do not see colours."""

    day: date
    found: AirDay | None
    words: str

    @property
    def level(self) -> int:
        return self.found.level.number if self.found and self.found.level else 0


@dataclass(frozen=True, slots=True)
class Month:
    name: str
    weeks: tuple[tuple[Cell | None, ...], ...]


@require_GET
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """Show a year of an air station: ?year=2026, and one day of it explained: ?day=2026-11-20."""
    actor, at = actor_of(request), timezone.now()
    station = sensing.station_for(seen_by=actor, code=code)
    if station.kind != "air":
        raise Http404
    today = territory.day_of(seen_by=actor, at=at)
    asked = _day(request.GET.get("day", ""))
    year = _year(request.GET.get("year", ""), asked or today, today)
    found = queries.air_days(seen_by=actor, station=station, since=date(year, 1, 1), until=date(year + 1, 1, 1), at=at)
    day = asked if asked in found else today - timedelta(days=1) if today - timedelta(days=1) in found else max(found, default=None)
    levels = Counter(one.level.number for one in found.values() if one.level and not one.is_running)
    total = sum(levels.values())
    return page(
        request, "ecology/calendar.html",
        {
            "now": at, "station": station, "year": year, "today": today, "months": _months(year, found), "weekdays": WEEKDAYS,
            "levels": [(level, levels[level.number]) for level in air.LEVELS], "total": total, "good": (levels[1] + levels[2]) / total if total else None,
            "without": sum(one.value is None and not one.is_running for one in found.values()), "day": found.get(day) if day else None,
            "before": year - 1 if year > 2012 else None, "after": year + 1 if year < today.year else None,
            "previous": day - timedelta(days=1) if day and day - timedelta(days=1) in found else None,
            "next": day + timedelta(days=1) if day and day + timedelta(days=1) in found else None,
        },
    )  # fmt: skip


@require_GET
def calendar_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Give a year of daily indices as CSV, with the means they rest on and why there is none where there is none."""
    actor, at = actor_of(request), timezone.now()
    station = sensing.station_for(seen_by=actor, code=code)
    if station.kind != "air":
        raise Http404
    today = territory.day_of(seen_by=actor, at=at)
    year = _year(request.GET.get("year", ""), today, today)
    found = queries.air_days(seen_by=actor, station=station, since=date(year, 1, 1), until=date(year + 1, 1, 1), at=at)
    return csv_answer(f"{station.code}-air-{year}.csv", _rows(found), marked=True)


def _rows(found: dict[date, AirDay]) -> Iterator[Sequence[Any]]:
    yield [
        _("day"), "AQI", _("level"), _("primary pollutant"), *(_mean_name(name) for name in queries.POLLUTANTS), _("valid hours"), _("why"),
    ]  # fmt: skip
    for on, one in sorted(found.items()):
        means = [one.means[name].value if name in one.means else None for name in queries.POLLUTANTS]
        yield [
            on.isoformat(), "" if one.value is None else one.value, str(one.level.name) if one.level else "", "+".join(one.index.primary) if one.index else "",
            *("" if mean is None else round(mean, 3) for mean in means), one.hours, one.why or str(WORDS["none"]),
        ]  # fmt: skip


def _mean_name(pollutant: str) -> str:
    return f"O3_8h ({air.UNITS['O3']})" if pollutant == "O3" else f"{pollutant} ({air.UNITS[pollutant]})"


def _day(text: str) -> date | None:
    return moments.day_or(text)


def _year(text: str, day: date, today: date) -> int:
    """Return the year asked for, if it is one that the standards know, else that of the day."""
    year = int(text) if re.fullmatch("[0-9]{4}", text) else day.year
    try:
        air.needed("day", on=date(year, 12, 31))
    except (CannotAssess, ValueError):
        return today.year
    return min(year, today.year)


def _months(year: int, found: dict[date, AirDay]) -> list[Month]:
    months = []
    for month in range(1, 13):
        first = date(year, month, 1)
        length = ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - first).days
        cells: list[Cell | None] = [None] * first.weekday()
        cells += [_cell(first + timedelta(days=number), found) for number in range(length)]
        cells += [None] * (-len(cells) % 7)
        months.append(Month(date_format(first, "F"), tuple(tuple(cells[place : place + 7]) for place in range(0, len(cells), 7))))
    return months


def _cell(day: date, found: dict[date, AirDay]) -> Cell:
    one = found.get(day)
    name = date_format(day, "DATE_FORMAT")
    if one is None:
        return Cell(day, None, name)
    words = f"{one.value} {one.level.name}" if one.value is not None else str(WORDS[one.state])
    if one.index and one.index.primary:
        words += _(", primary pollutant %(items)s") % {"items": _(", ").join(one.index.primary)}
    if one.is_running:
        words += _(", the day is not over")
    return Cell(day, one, f"{name}{_(': ')}{words}")
