"""What a series measured over a span, rows and archive alike: steps, gaps, marks, and the limits that hold."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.archive import queries as archive
from gongzhi.management_line.ecology import spans
from gongzhi.management_line.ecology.spans import Gap, Share, Span, Step
from gongzhi.management_line.sensing import cadence, units
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.rolling import averaging, mean_of
from gongzhi.management_line.sensing.units import CannotConvert
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.standards.tables.air import FACTORS, UNITS

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Maintenance, Series, Station

VALID = frozenset({"N", "-", "P"})
MOST_MARKED = 800  # hours of which the marks are looked up


@dataclass(frozen=True, slots=True)
class Line:
    """A limit as it is drawn: in the series' unit, with the words beside it."""

    value: float
    words: str
    clause: str


@dataclass(slots=True)
class History:
    """A series over a span."""

    series: "Series"
    span: Span
    steps: list[Step] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    windows: "list[Maintenance]" = field(default_factory=list)

    @property
    def gaps(self) -> list[Gap]:
        return list(spans.gaps(self.steps))

    @property
    def share(self) -> Share:
        return spans.share(self.steps)

    @property
    def has_values(self) -> bool:
        return any(step.mean is not None for step in self.steps)

    def reasons(self, gap: Gap) -> "list[Maintenance]":
        """Return the times of work on a device that fall into a gap."""
        begin, end = self.steps[gap.first].at, self.steps[gap.last].at + self.span.step
        return [window for window in self.windows if window.begins_at <= end and window.ends_at > begin]


def history(*, seen_by: Actor, station: "Station", series: "Sequence[Series]", span: Span, at: datetime) -> list[History]:
    """Return these series of a station that the actor sees, over a span, in their order.

    Steps of an hour and more come from the hours and days that are kept for good; readings and ten minutes come from the database, and
    from the archive where the span reaches into it. Every mean is taken as its quantity demands.
    """
    zone = territory.town(seen_by=seen_by).zone
    report = sensing.intervals(seen_by=seen_by, station_ids=[station.pk]).get(station.pk)
    windows = sensing.windows_between(seen_by=seen_by, station_ids=[station.pk], since=span.since, until=span.until).get(station.pk, [])
    rules = sensing.limits_of(seen_by=seen_by, station=station, at=min(span.until, at))
    found = []
    for one in series:
        span = spans.coarser(span, cadence.interval(one.aggregate, report))
        if span.step >= spans.HOUR:
            steps = _rolled(seen_by, one, span, zone)
        else:
            steps = _read(seen_by, one, span, zone, report)
        if not span.is_every:
            _set_due(steps, one, span, report, at)
        lines = [
            Line(rule.limit, rule.words, rule.clause) for rule in rules
            if (rule.factor, rule.unit) == (one.factor, one.unit)
        ]  # fmt: skip
        found.append(History(one, span, steps, lines + _ambient(station, one, span, zone), windows))
    return found


def _rolled(seen_by: Actor, series: "Series", span: Span, zone: tzinfo) -> list[Step]:
    """Return the steps from the hours or days that are kept, with the marks of what is not valid."""
    begins = spans.begins(span, zone)
    if not begins:
        return []
    is_days = span.is_days
    rolled = sensing.rollups(seen_by=seen_by, series_ids=[series.pk], since=begins[0], until=span.until, step="day" if is_days else "hour").get(series.pk, [])
    parts: dict[datetime, list[sensing.Rollup]] = defaultdict(list)
    for roll in rolled:
        parts[spans.begin_of(roll.at, span.step, zone)].append(roll)
    marks: dict[datetime, Counter[str]] = defaultdict(Counter)
    if not is_days:
        faulty = [(series.pk, roll.at) for roll in rolled if roll.valid < roll.count][-MOST_MARKED:]
        for (_series, hour), counts in sensing.marks(seen_by=seen_by, hours=faulty).items():
            marks[spans.begin_of(hour, span.step, zone)].update(counts)
    how = averaging(series.factor, series.unit)
    return [_step(begin, parts.get(begin, []), how, marks.get(begin, {})) for begin in begins]


def _step(at: datetime, part: "Sequence[sensing.Rollup]", how: str, marks: Any) -> Step:
    lows, highs = [roll.low for roll in part if roll.low is not None], [roll.high for roll in part if roll.high is not None]
    count, valid = sum(roll.count for roll in part), sum(roll.valid for roll in part)
    return Step(at, mean_of(part, how), min(lows, default=None), max(highs, default=None), count, valid, 0, dict(marks))


@dataclass(frozen=True, slots=True)
class _One:
    """A reading as a step of its own."""

    mean: float
    valid: int = 1


def _read(seen_by: Actor, series: "Series", span: Span, zone: tzinfo, report: int | None) -> list[Step]:
    """Return the readings, or steps made of them."""
    is_archived = archive.reaches(seen_by=seen_by, series_ids=[series.pk], since=span.since, until=span.until)
    points: Sequence[Any] = ()
    if is_archived:
        points = archive.readings_between(seen_by=seen_by, series_ids=[series.pk], since=span.since, until=span.until)
    elif span.is_every:
        points = sensing.readings(seen_by=seen_by, series_id=series.pk, since=span.since, until=span.until, most=100_000)
    if span.is_every:
        return list(_every(points, cadence.interval(series.aggregate, report)))
    begins = spans.begins(span, zone)
    if not begins:
        return []
    if is_archived:
        flags: Sequence[str]
        seconds = np.array([(point.measured_at - span.since).total_seconds() for point in points])
        numbers, flags = [point.value for point in points], [point.flag for point in points]
    else:
        seconds, found, flags = sensing.values(seen_by=seen_by, series_id=series.pk, since=span.since, until=span.until)
        numbers = found.tolist()
    edges = np.array([(begin - span.since).total_seconds() for begin in [*begins, begins[-1] + span.step]])
    places = np.searchsorted(seconds, edges - 1e-7).tolist()  # a microsecond is the least that is kept
    how = averaging(series.factor, series.unit)
    steps = []
    for begin, first, last in zip(begins, places, places[1:], strict=False):
        good = [number for number, flag in zip(numbers[first:last], flags[first:last], strict=True) if flag in VALID]
        marks = Counter(flag for flag in flags[first:last] if flag not in VALID)
        mean = mean_of([_One(value) for value in good], how)
        steps.append(Step(begin, mean, min(good, default=None), max(good, default=None), last - first, len(good), 0, dict(marks)))
    return steps


def _every(points: "Sequence[Any]", interval: timedelta) -> "list[Step]":
    """Return each reading as a step, with an empty one where more than three intervals passed without any."""
    steps: list[Step] = []
    for point in points:
        if steps and point.measured_at - steps[-1].at > 3 * interval:
            before = steps[-1].at + interval
            steps.append(Step(before, due=int((point.measured_at - before) / interval)))
        good = point.flag in VALID
        value = point.value if good else None
        steps.append(Step(point.measured_at, value, value, value, 1, int(good), 1, {} if good else {point.flag: 1}, point.value))
    return steps


def _set_due(steps: list[Step], series: "Series", span: Span, report: int | None, at: datetime) -> None:
    """Fill in how many readings were due in each step: from the series' first day on, up to now."""
    end = min(span.until, at)
    for place, step in enumerate(steps):
        until = steps[place + 1].at if place + 1 < len(steps) else step.at + span.step
        step.due = cadence.due(series.aggregate, report, max(step.at, series.began_at), min(until, end))


def _ambient(station: "Station", series: "Series", span: Span, zone: tzinfo) -> list[Line]:
    """Return the ambient limit (GB 3095, class 2) for the mean that a step is: an hour's or a day's."""
    pollutant = FACTORS.get(series.factor)
    if station.kind != "air" or pollutant is None:
        return []
    period = "day" if span.is_days else "hour"
    on: date = span.until.astimezone(zone).date()
    try:
        found = air.ambient(pollutant, None, period=period, on=on)
        assert found.limit is not None
        value = units.convert(found.limit, UNITS[pollutant], series.unit)
    except (CannotAssess, CannotConvert):
        return []
    words = {"hour": _("hour's limit %(limit)s"), "day": _("day's limit %(limit)s")}[period] % {"limit": f"{value:g}"}
    return [Line(value, words, str(found.clause))]
