"""What the town's environment is like now, by compartment, computed by the standards in force from what its stations measured."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.rolling import mean_of
from gongzhi.management_line.sensing.units import CannotConvert
from gongzhi.management_line.standards.air import AirIndex, hourly
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.standards.noise import DayNight, day_night
from gongzhi.management_line.standards.tables.air import FACTORS as AIR
from gongzhi.management_line.standards.tables.water import FACTORS as WATER
from gongzhi.management_line.standards.water import WaterClass, assess

COMPARTMENTS = {
    "air": ("air", "dust", "flue_gas"), "water": ("surface_water", "waste_water", "level"), "noise": ("noise",), "soil": ("soil",), "waste": ("waste",),
    "ecology": ("ecology",),
}  # fmt: skip
TARGET = 3  # class that a river shall reach where the town's rules name none (`water_target`)


@dataclass(slots=True)
class Assessed:
    """A station with what the standards say of it; `fault` in words where they cannot say."""

    now: sensing.StationNow
    air: AirIndex | None = None
    water: WaterClass | None = None
    noise: DayNight | None = None
    since: datetime | None = None
    fault: str = ""
    share: float | None = None  # of the last day's readings that are valid

    @property
    def chip(self) -> str:
        """Return the state that the finding stands for."""
        if self.air is not None and self.air.level is not None:
            return "ok" if self.air.level.number <= 2 else "warn" if self.air.level.number == 3 else "late"
        if self.water is not None and self.water.number is not None:
            return "late" if self.water.keeps is False else "ok"
        return "stop"


@dataclass(slots=True)
class Environment:
    """The town's environment at a moment."""

    at: datetime
    compartments: dict[str, list[Assessed]] = field(default_factory=dict)
    open_episodes: int = 0

    @property
    def stations(self) -> list[Assessed]:
        return [one for part in self.compartments.values() for one in part]

    @property
    def online(self) -> int:
        return sum(one.now.is_online for one in self.stations)

    @property
    def beyond(self) -> int:
        return sum(one.now.is_beyond for one in self.stations)


def environment(*, seen_by: Actor, at: datetime) -> Environment:
    """Return the environment as this actor may see it: one overview, one look at the hours of a day."""
    town = territory.town(seen_by=seen_by)
    found = sensing.overview(seen_by=seen_by, at=at)
    ids = [value.series.pk for now in found for value in now.values if value.series.aggregate == "rtd"]
    hour = at.replace(minute=0, second=0, microsecond=0)
    # whole hours only: the present one is in nobody's class or index, and would be worked out anew from its readings at each look
    hours = sensing.rollups(seen_by=seen_by, series_ids=ids, since=hour - timedelta(hours=24), until=hour)
    target = int(town.settings.get("water_target", TARGET))
    by_kind: dict[str, list[Assessed]] = defaultdict(list)
    for now in found:
        by_kind[now.station.kind].append(_assess(now, hours, hour, town, target))
    parts = {name: [one for kind in kinds for one in by_kind.get(kind, ())] for name, kinds in COMPARTMENTS.items()}
    return Environment(at, parts, sensing.episodes(seen_by=seen_by, open_only=True).count())


def _assess(now: sensing.StationNow, hours: dict[int, list[sensing.Rollup]], hour: datetime, town: Any, target: int) -> Assessed:
    one = Assessed(now)
    series = [value.series for value in now.values if value.series.aggregate == "rtd"]
    every = [each for line in series for each in hours.get(line.pk, ())]
    total = sum(each.count for each in every)
    one.share = sum(each.valid for each in every) / total if total else None
    on = town.local(hour).date()
    try:
        if now.station.kind == "air":
            last = {line.factor: each for line in series if line.factor in AIR for each in hours.get(line.pk, ()) if each.at == hour - timedelta(hours=1)}
            one.since = hour - timedelta(hours=1)
            one.air = hourly(
                {AIR[factor]: each.mean for factor, each in last.items()}, on=on,
                units={AIR[line.factor]: line.unit for line in series if line.factor in AIR and line.factor in last},
            )  # fmt: skip
        elif now.station.kind == "surface_water":
            means = {line.factor: mean_of(hours.get(line.pk, ())) for line in series if line.factor in WATER}
            one.since = hour - timedelta(hours=24)
            one.water = assess(
                {WATER[factor]: mean for factor, mean in means.items()}, on=on, target=target,
                units={WATER[line.factor]: line.unit for line in series if line.factor in WATER},
            )  # fmt: skip
        elif now.station.kind == "noise":
            levels = [(town.local(each.at), each.mean) for line in series if line.factor == "Leq" for each in hours.get(line.pk, ()) if each.mean is not None]
            one.since = hour - timedelta(hours=24)
            one.noise = day_night(levels, on=on)
    except (CannotAssess, CannotConvert) as fault:
        one.fault = str(fault)
    return one
