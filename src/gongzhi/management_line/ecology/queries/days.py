"""The air of a station day by day: each day's index with the means it rests on, and why there is none where there is none."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.management_line.sensing import cadence, units
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.queries import DayOfHours
from gongzhi.management_line.sensing.units import CannotConvert
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.air import AirIndex, Mean
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.standards.tables.air import FACTORS, UNITS

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Series, Station

POLLUTANTS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
KEEP = 300.0  # seconds for which the days that are over are kept


@dataclass(slots=True)
class AirDay:
    """A day's index. `means`: pollutant → its 24 h mean, of ozone the largest 8 h mean. `is_running`: the day is not over, so nothing is final."""

    on: date
    index: AirIndex | None = None
    means: dict[str, Mean] = field(default_factory=dict)
    hours: int = 0  # of valid means, all pollutants together
    fault: str = ""
    is_running: bool = False

    @property
    def value(self) -> int | None:
        return self.index.value if self.index else None

    @property
    def level(self) -> Any:
        return self.index.level if self.index else None

    @property
    def state(self) -> str:
        """Return "level" (there is an index), "thin" (something was measured, not enough for an index) or "none"."""
        if self.value is not None:
            return "level"
        return "thin" if self.hours else "none"

    @property
    def why(self) -> str:
        return self.fault or (str(self.index.why) if self.index else "")


def air_days(*, seen_by: Actor, station: "Station", since: date, until: date, at: datetime) -> dict[date, AirDay]:
    """Return the index of each day [since, until) of an air station that the actor sees, up to today, in the town's own days.

    Minimum data as GB 3095 table 4 and HJ 663 have them: an hour with 45 minutes of valid readings, a day with 20 hours, ozone's 8 h mean
    with 6. Means of the hour that the station sent itself go before those of its single readings.
    """
    today = territory.day_of(seen_by=seen_by, at=at)
    until = min(until, today + timedelta(days=1))
    if since >= until:
        return {}

    def over() -> dict[date, AirDay]:
        return _days(seen_by, station, since, min(until, today))

    found = dict(remember(f"ecology.air_days:{station.pk}:{since}:{min(until, today)}:{get_language()}", over, age=KEEP))
    if until > today >= since:
        found |= _days(seen_by, station, today, until)
        found[today].is_running = True
    return found


def _days(seen_by: Actor, station: "Station", since: date, until: date) -> dict[date, AirDay]:
    if since >= until:
        return {}
    report = sensing.intervals(seen_by=seen_by, station_ids=[station.pk]).get(station.pk)
    series = [one for one in sensing.series_of(seen_by=seen_by, station_id=station.pk) if one.factor in FACTORS and FACTORS[one.factor] in POLLUTANTS]
    series = sorted((one for one in series if one.aggregate in ("hour.avg", "rtd")), key=lambda one: (one.aggregate != "hour.avg", one.pk))
    wanted = {one.pk: (f"{FACTORS[one.factor]} {one.unit}", _least(one, report)) for one in series}
    by_day: dict[date, list[DayOfHours]] = defaultdict(list)
    for day in sensing.days_of_hours(seen_by=seen_by, series=wanted, since=since, until=until):
        by_day[day.on].append(day)
    days = [since + timedelta(days=number) for number in range((until - since).days)]
    return {on: _day(on, by_day.get(on, [])) for on in days}


def _least(series: "Series", report: int | None) -> int:
    """Return how many readings make 45 minutes of an hour; one where the device takes the hour's mean itself."""
    interval = cadence.interval(series.aggregate, report).total_seconds()
    return max(1, math.ceil(45 * 60 / interval)) if interval < 3600 else 1


def _day(on: date, given: Sequence[DayOfHours]) -> AirDay:
    one = AirDay(on, hours=sum(part.count for part in given))
    try:
        for part in given:
            pollutant, _space, unit = part.name.partition(" ")
            if pollutant in one.means and one.means[pollutant].count >= part.count:
                continue
            factor = units.convert(1.0, unit, UNITS[pollutant])
            if pollutant == "O3":
                hours: list[float | None] = [None] * 24
                for hour, mean in zip(part.hours, part.means, strict=True):
                    hours[hour] = mean * factor
                one.means[pollutant] = air.largest_eight_hours(hours, on=on)
            else:
                one.means[pollutant] = air.counted((part.mean or 0.0) * factor, part.count, period="day", on=on)
        if one.means:
            one.index = air.daily({"O3_8h" if name == "O3" else name: mean.value for name, mean in one.means.items()}, on=on)
    except (CannotAssess, CannotConvert) as fault:
        one.fault = str(fault)
    return one
