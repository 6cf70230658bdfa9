"""How the air and the water are now, for residents: one station, one word, the last day hour by hour."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.management_line.ecology.queries.today import Assessed, environment
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.units import CannotConvert
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.standards.tables.air import FACTORS

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Station

HOURS = 24


@dataclass(frozen=True, slots=True)
class AirHour:
    """An hour's index; None where there is none."""

    at: datetime
    value: int | None
    level: Any


@dataclass(slots=True)
class ForResidents:
    """A public station as a resident needs it."""

    found: Assessed
    hours: list[AirHour] = field(default_factory=list)

    @property
    def station(self) -> "Station":
        return self.found.now.station

    @property
    def last(self) -> AirHour | None:
        """Return the newest hour that has an index."""
        return next((hour for hour in reversed(self.hours) if hour.value is not None), None)

    @property
    def trend(self) -> str:
        """Return "better", "worse" or "same": the last three hours against the three before, by a fifth at least; "" where too few are known."""
        known = [hour.value for hour in self.hours[-6:]]
        early, late = ([value for value in part if value is not None] for part in (known[:3], known[3:]))
        if len(early) < 2 or len(late) < 2:
            return ""
        before, after = sum(early) / len(early), sum(late) / len(late)
        return "worse" if after > 1.2 * before and after - before >= 5 else "better" if after < before / 1.2 and before - after >= 5 else "same"


def for_residents(*, seen_by: Actor = ANYONE, at: datetime) -> tuple[list[ForResidents], list[ForResidents]]:
    """Return the public air stations and the public stretches of water, those with something to say first."""
    found = environment(seen_by=seen_by, at=at)
    airs = [ForResidents(one) for one in found.compartments["air"] if one.now.station.kind == "air"]
    waters = [ForResidents(one) for one in found.compartments["water"] if one.now.station.kind == "surface_water"]
    hour = at.replace(minute=0, second=0, microsecond=0)
    series = {
        one.station.pk: [value.series for value in one.found.now.values if value.series.aggregate == "rtd" and value.series.factor in FACTORS] for one in airs
    }
    ids = [line.pk for part in series.values() for line in part]
    rolled = sensing.rollups(seen_by=seen_by, series_ids=ids, since=hour - timedelta(hours=HOURS), until=hour)
    on = territory.day_of(seen_by=seen_by, at=hour)
    for one in airs:
        means: dict[datetime, dict[str, float | None]] = {}
        units = {}
        for line in series[one.station.pk]:
            units[FACTORS[line.factor]] = line.unit
            for roll in rolled.get(line.pk, ()):
                means.setdefault(roll.at, {})[FACTORS[line.factor]] = roll.mean
        for number in range(HOURS, 0, -1):
            moment = hour - timedelta(hours=number)
            try:
                index = air.hourly(means.get(moment, {}), on=on, units=units)
                one.hours.append(AirHour(moment, index.value, index.level))
            except (CannotAssess, CannotConvert):
                one.hours.append(AirHour(moment, None, None))
    airs.sort(key=lambda one: (one.last is None, one.station.code))
    waters.sort(key=lambda one: (one.found.water is None or one.found.water.number is None, one.station.code))
    return airs, waters
