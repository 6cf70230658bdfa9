"""How complete the data is: stations by days, what was missing and why, against the minimum data that the standards ask for."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.management_line.ecology.spans import Share, Step, share
from gongzhi.management_line.sensing import cadence
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.tables.air import FACTORS

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Maintenance, Series, Station

KEEP = 30.0  # seconds; late readings of a day that has ended show after that time at the latest
MOST_MARKED = 3000  # hours of which the marks are looked up
AIR = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")


@dataclass(slots=True)
class StationDay:
    """A station's day: how much of what was due is there. `hours`: pollutant → valid hours, of air stations only."""

    on: date
    share: Share
    marks: Counter[str] = field(default_factory=Counter)
    maintained: timedelta = timedelta()
    reasons: tuple[str, ...] = ()
    hours: dict[str, int] = field(default_factory=dict)
    needed: int = 0  # hours of each pollutant that the day's mean needs

    @property
    def step(self) -> int | None:
        """Return the part in five steps for colour, 0 to 4; None where nothing was due."""
        part = self.share.part
        if part is None:
            return None
        return next(place for place, least in ((4, 0.95), (3, 0.75), (2, 0.5), (1, 1e-9), (0, -1.0)) if part >= least)

    @property
    def short(self) -> tuple[str, ...]:
        """Return the pollutants that have too few valid hours for a mean of the day."""
        return tuple(name for name, count in self.hours.items() if count < self.needed)


@dataclass(slots=True)
class StationDays:
    """A station over the days of a table."""

    station: "Station"
    days: list[StationDay] = field(default_factory=list)

    @property
    def share(self) -> Share:
        return Share(*(sum(getattr(day.share, name) for day in self.days) for name in ("due", "valid", "count")))


def completeness(*, seen_by: Actor, since: date, until: date, at: datetime, kind: str = "", code: str = "") -> list[StationDays]:
    """Return the stations that the actor sees with their days [since, until), up to now, in the town's calendar; one that was closed up to its closing.

    Due is what each series should have brought since it began, by its aggregate and how often its device reports; an hour that brought more
    makes up for no other. What came with a mark that is not valid counts as invalid, what did not come as missing.
    """
    zone = territory.town(seen_by=seen_by).zone
    first = datetime.combine(since, time(), zone)
    stations = [station for station in sensing.stations_since(seen_by=seen_by, since=first, kind=kind) if not code or station.code == code]
    ids = [station.pk for station in stations]
    series: dict[int, list[Series]] = defaultdict(list)
    for one in sensing.series_at(seen_by=seen_by, station_ids=ids):
        series[one.station_id].append(one)
    reports = sensing.intervals(seen_by=seen_by, station_ids=ids)
    asked = {one.pk: _an_hour(one, reports.get(one.station_id)) for part in series.values() for one in part}
    counts: dict[int, dict[date, sensing.DayCount]] = defaultdict(dict)
    for count in _counts(seen_by, asked, since, until, territory.day_of(seen_by=seen_by, at=at)):
        counts[count.series_id][count.on] = count
    faulty = sorted((at, pk) for pk, by_day in counts.items() for count in by_day.values() for at in count.faulty)[-MOST_MARKED:]
    marks = sensing.marks(seen_by=seen_by, hours=[(pk, at) for at, pk in faulty])
    days = [since + timedelta(days=number) for number in range((until - since).days)]
    edges = [datetime.combine(day, time(), zone) for day in (*days, until)]
    windows = sensing.windows_between(seen_by=seen_by, station_ids=ids, since=edges[0], until=edges[-1])
    found = []
    for station in stations:
        report = reports.get(station.pk)
        row = StationDays(station)
        for place, day in enumerate(days):
            if edges[place] >= at:
                break
            if edges[place] >= station.until(at):  # nothing is due from it any more
                row.days.append(StationDay(day, Share(0, 0, 0)))
                continue
            came = {one.pk: counts[one.pk][day] for one in series[station.pk] if day in counts[one.pk]}
            reach = edges[place], min(edges[place + 1], station.until(at))
            row.days.append(_day(day, station, series[station.pk], came, marks, reach, report, windows.get(station.pk, ())))
        found.append(row)
    return found


def _counts(seen_by: Actor, asked: Mapping[int, tuple[int, int]], since: date, until: date, today: date) -> "list[sensing.DayCount]":
    """Return what came on each day; of the days before today as it was some seconds ago at most, so that looking into cell after cell asks once."""

    def over() -> "list[sensing.DayCount]":
        return sensing.counts_by_day(seen_by=seen_by, series=asked, since=since, until=min(until, today))

    if since >= today:
        return sensing.counts_by_day(seen_by=seen_by, series=asked, since=since, until=until)
    of = hashlib.blake2b(repr(sorted(asked.items())).encode(), digest_size=12).hexdigest()
    found = remember(f"ecology.counts:{since}:{min(until, today)}:{of}", over, age=KEEP)
    return found + sensing.counts_by_day(seen_by=seen_by, series=asked, since=today, until=until) if until > today else found


def _an_hour(series: "Series", report: int | None) -> tuple[int, int]:
    """Return how many readings are due in an hour, and how many of them make it valid: 45 minutes (GB 3095 table 4)."""
    interval = cadence.interval(series.aggregate, report).total_seconds()
    return max(1, int(3600 // interval)), max(1, math.ceil(45 * 60 / interval)) if interval < 3600 else 1


def _day(
    on: date, station: "Station", series: "Sequence[Series]", came: "Mapping[int, sensing.DayCount]", marks: Mapping[tuple[int, datetime], Mapping[str, int]],
    reach: tuple[datetime, datetime], report: int | None, windows: "Sequence[Maintenance]",
) -> StationDay:  # fmt: skip
    begin, end = reach
    parts: list[Step] = []
    counts: Counter[str] = Counter()
    hours: dict[str, int] = {}
    for one in series:
        count = came.get(one.pk)
        due = cadence.due(one.aggregate, report, max(begin, one.began_at), end)
        if count or due:
            parts.append(Step(begin, count=count.count if count else 0, valid=count.valid if count else 0, due=due))
        for hour in count.faulty if count else ():
            counts.update(marks.get((one.pk, hour), {}))
        name = FACTORS.get(one.factor, "")
        if station.kind == "air" and name in AIR and due:
            hours[name] = max(hours.get(name, 0), count.good_hours if count else 0)
    here = [window for window in windows if window.begins_at < end and window.ends_at > begin]
    worked = sum((min(window.ends_at, end) - max(window.begins_at, begin) for window in here), timedelta())
    is_over = end - begin > timedelta(hours=22)  # of a day that runs nothing can be said yet
    needed = air.needed("day", on=on)[0] if hours and is_over else 0
    return StationDay(on, share(parts), counts, worked, tuple(dict.fromkeys(window.reason for window in here)), hours, needed)
