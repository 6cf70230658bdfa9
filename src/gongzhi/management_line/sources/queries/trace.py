"""Where an exceedance may come from: what was measured, put through the arithmetic of tracing.py."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.units import CannotConvert, convert
from gongzhi.management_line.sources import tracing
from gongzhi.management_line.sources.earth import compass, distance
from gongzhi.management_line.sources.models import Outlet, PermitLimit, Source
from gongzhi.management_line.sources.queries.outlets import limits_of_outlets
from gongzhi.management_line.standards.edition import Why, why

NOISE_REACH = 500.0  # metres
WITHOUT_WIND = 3000.0  # metres: how far to look where no wind was measured
LEAD = timedelta(hours=1)  # what is measured comes from where the wind blew before
LONGEST = timedelta(hours=24)
FINE = timedelta(hours=4)  # up to here the winds are single readings, above hours


@dataclass(slots=True)
class Suspect:
    """A likely source: an outlet or a whole site, its weight 0 to 1, and why."""

    source: Source
    outlet: Outlet | None
    weight: float
    metres: float
    hours: float | None = None
    reasons: list[Why] = field(default_factory=list)
    share: float = 0.0  # of the weights of all suspects
    is_certain: bool = False

    @property
    def organ(self) -> Any:
        return self.source.organ

    @property
    def point(self) -> tuple[float, float]:
        place = self.outlet or self.source
        return place.longitude, place.latitude

    @property
    def label(self) -> str:
        return f"{self.source.label} {self.outlet.code}" if self.outlet else self.source.label


@dataclass(slots=True)
class Trace:
    """What was found for an exceedance: by which way, the suspects with the heaviest first, and what is not known."""

    episode: Any
    way: str  # outlet | air | water | beside
    suspects: list[Suspect] = field(default_factory=list)
    winds: list[tracing.Wind] = field(default_factory=list)
    wind_station: Any = None
    since: datetime | None = None
    until: datetime | None = None
    notes: list[Why] = field(default_factory=list)

    @property
    def station(self) -> Any:
        return self.episode.station

    @property
    def rose(self) -> list[float]:
        return tracing.rose(self.winds)


def trace(*, seen_by: Actor, episode_id: int, at: datetime) -> Trace:
    """Return the likely sources of a stretch beyond a limit at a station that this actor may see."""
    episode = sensing.episode_for(seen_by=seen_by, episode_id=episode_id)
    station = episode.station
    since = episode.began_at
    until = max(since, min(episode.clean_at or at, since + LONGEST))
    outlets = list(
        Outlet.objects.filter(source__in=Source.objects.visible_to(seen_by), source__closed_on__isnull=True, closed_on__isnull=True)
        .select_related("source", "source__organ", "station")
        .order_by("pk")
    )
    if episode.series is None:
        found = Trace(episode, "beside", notes=[why(_("This is about a device, not about what was measured; there is nothing to trace."))])
    elif station.kind in ("waste_water", "flue_gas"):
        found = _own(episode, outlets)
    elif not station.has_point:
        found = Trace(episode, "beside", notes=[why(_("The station has no place in the register, so nothing can be traced from it."))])
    elif station.kind in ("surface_water", "level"):
        found = _water(seen_by, episode, outlets, since, until)
    elif station.kind == "noise":
        found = _beside(episode, outlets, seen_by)
    else:
        found = _air(seen_by, episode, outlets, since, until, at)
    found.since, found.until = since, until
    found.suspects.sort(key=lambda one: (-one.weight, one.metres, one.source.pk))
    total = sum(one.weight for one in found.suspects)
    for one in found.suspects:
        one.share = one.weight / total if total else 0.0
    return found


def _place(station: Any) -> tuple[float, float]:
    return station.longitude, station.latitude


def _own(episode: Any, outlets: list[Outlet]) -> Trace:
    station = episode.station
    found = Trace(episode, "outlet")
    for outlet in outlets:
        if outlet.station_id == station.pk:
            found.suspects.append(Suspect(outlet.source, outlet, 1.0, 0.0, 0.0, [why(_("This station measures the outlet itself."))], is_certain=True))
    if not found.suspects:
        found.notes.append(why(_("No outlet of the register is measured by this station; enter it at its source.")))
    return found


def _named(seen_by: Actor, outlets: Iterable[Outlet], on: Any) -> dict[int, dict[str, PermitLimit]]:
    """Return by outlet the limits of the permits in force on a day, by factor."""
    found = limits_of_outlets(seen_by=seen_by, outlet_ids=[outlet.pk for outlet in outlets], on=on)
    return {pk: {limit.factor: limit for limit in limits} for pk, limits in found.items()}


def _beside(episode: Any, outlets: list[Outlet], seen_by: Actor) -> Trace:
    station = episode.station
    found = Trace(episode, "beside")
    sources = {source.pk: source for source in Source.objects.visible_to(seen_by).filter(closed_on__isnull=True).select_related("organ")}
    for one in tracing.beside(_place(station), {pk: (source.longitude, source.latitude) for pk, source in sources.items()}, NOISE_REACH):
        reason = why(_("It lies %(metres)s m %(direction)s of the station."), metres=round(one.distance), direction=compass(one.bearing))
        found.suspects.append(Suspect(sources[one.key], None, one.weight, one.distance, None, [reason]))
    found.notes.append(why(_("Noise is traced by distance alone, up to %(reach)s m."), reach=round(NOISE_REACH)))
    return found


def _winds(seen_by: Actor, station: Any, since: datetime, until: datetime) -> tuple[Any, list[tracing.Wind]]:
    """Return the nearest station that measured the wind in the time, and what it measured."""
    vanes = [series for series in sensing.series_of_factors(seen_by=seen_by, factors=["a01008"]) if series.station.has_point]
    for vane in sorted(vanes, key=lambda one: (distance(_place(station), _place(one.station)), one.pk)):
        speeds = sensing.series_of(seen_by=seen_by, station_id=vane.station_id).filter(factor="a01007", aggregate="rtd").first()
        winds = _measured_winds(seen_by, vane, speeds, since, until)
        if winds:
            return vane.station, winds
    return None, []


def _measured_winds(seen_by: Actor, vane: Any, speed: Any, since: datetime, until: datetime) -> list[tracing.Wind]:
    if until - since <= FINE:
        turns = {
            point.measured_at: point.value for point in sensing.readings(seen_by=seen_by, series_id=vane.pk, since=since, until=until) if point.flag in "N-P"
        }
        blows = (
            {point.measured_at: point.value for point in sensing.readings(seen_by=seen_by, series_id=speed.pk, since=since, until=until) if point.flag in "N-P"}
            if speed is not None
            else {}
        )
    else:
        ids = [vane.pk, *([speed.pk] if speed is not None else [])]
        hours = sensing.rollups(seen_by=seen_by, series_ids=ids, since=since.replace(minute=0, second=0, microsecond=0), until=until)
        turns = {hour.at: hour.mean for hour in hours.get(vane.pk, ()) if hour.mean is not None}
        blows = {hour.at: hour.mean for hour in hours.get(speed.pk, ()) if hour.mean is not None} if speed is not None else {}
    try:
        return [
            tracing.Wind(float(degrees) % 360, convert(float(blows[moment]), speed.unit or "m/s", "m/s") if moment in blows else None)
            for moment, degrees in sorted(turns.items())
        ]
    except CannotConvert:
        return [tracing.Wind(float(degrees) % 360) for _moment, degrees in sorted(turns.items())]


def _air(seen_by: Actor, episode: Any, outlets: list[Outlet], since: datetime, until: datetime, at: datetime) -> Trace:
    station = episode.station
    found = Trace(episode, "air")
    found.wind_station, found.winds = _winds(seen_by, station, since - LEAD, until)
    stacks = {outlet.pk: outlet for outlet in outlets if outlet.medium == Outlet.Medium.AIR}
    places = {pk: (outlet.longitude, outlet.latitude) for pk, outlet in stacks.items()}
    named = _named(seen_by, stacks.values(), sensing.day_of(seen_by=seen_by, at=since))
    if found.winds:
        candidates = tracing.upwind(_place(station), places, found.winds)
    else:
        found.way = "beside"
        found.notes.append(
            why(_("No station measured the wind in that time; sources are shown by distance alone, up to %(reach)s m."), reach=round(WITHOUT_WIND))
        )
        candidates = tracing.beside(_place(station), places, WITHOUT_WIND)
    wanted = tracing.family(episode.series.factor)
    for one in candidates:
        outlet = stacks[one.key]
        reasons = [
            why(_("It lies %(metres)s m %(direction)s of the station."), metres=round(one.distance), direction=compass(one.bearing)),
        ]
        if found.winds:
            reasons.append(
                why(
                    _("The wind came from its side in %(share)s %% of the time, %(straight)s %% straight."),
                    share=round(one.share * 100),
                    straight=round(one.straightness * 100),
                )
            )
        weight = one.weight
        if not wanted & set(named.get(one.key, ())):
            weight *= tracing.FOREIGN
            reasons.append(why(_("Its permit names no limit for this pollutant: it counts half.")))
        found.suspects.append(Suspect(outlet.source, outlet, weight, one.distance, None, reasons))
    if found.winds and not found.suspects:
        found.notes.append(why(_("The wind came from no registered source: look beyond the town, at traffic, sites and fires.")))
    return found


def _water(seen_by: Actor, episode: Any, outlets: list[Outlet], since: datetime, until: datetime) -> Trace:
    station = episode.station
    found = Trace(episode, "water")
    points = {one.pk: one for one in sensing.points_of_water(seen_by=seen_by)}
    reaches = tracing.upstream(station.pk, {pk: (one.flows_to_id, one.flow_hours) for pk, one in points.items() if one.flows_to_id is not None})
    wanted = tracing.family(episode.series.factor)
    named = _named(seen_by, outlets, sensing.day_of(seen_by=seen_by, at=since))
    between = {pk: reach for pk, reach in reaches.items() if pk != station.pk and points[pk].kind == "surface_water"}
    levels = _levels(seen_by, episode, between, since, until)
    beyond = {pk for pk, span in levels.items() if _is_beyond(episode.rule, *span)}
    clean = set(levels) - beyond
    series = defaultdict(list)
    for one in sensing.series_of_factors(seen_by=seen_by, factors=sorted(wanted)):
        series[one.station_id].append(one)
    for outlet in outlets:
        if outlet.medium != Outlet.Medium.WATER:
            continue
        if outlet.station_id in reaches:
            reach = reaches[outlet.station_id]
            hours, passed = reach.hours, reach.path
        elif outlet.downstream_id in reaches:
            reach = reaches[outlet.downstream_id]
            hours = reach.hours + outlet.downstream_hours if reach.hours is not None and outlet.downstream_hours is not None else None
            passed = (*(() if reach.key == station.pk else (reach.key,)), *reach.path)
        else:
            continue
        reasons = [
            why(_("Its water takes about %(hours)s hours to the station."), hours=round(hours, 1))
            if hours is not None
            else why(_("It lies upstream; how long its water takes is not registered."))
        ]
        loads = []
        if outlet.station_id is not None:
            for limit_factor, load, value, unit in _loads(seen_by, series.get(outlet.station_id, ()), named.get(outlet.pk, {}), hours, since, until):
                loads.append(load)
                reasons.append(
                    why(
                        _("When that water left it, %(factor)s there stood at up to %(value)s %(unit)s, %(percent)s %% of its limit."),
                        factor=factors.label(limit_factor),
                        value=round(value, 2),
                        unit=unit,
                        percent=round(load * 100),
                    )
                )
        weight = tracing.water_weight(hours, loads)
        if not wanted & set(named.get(outlet.pk, ())):
            weight *= tracing.FOREIGN
            reasons.append(why(_("Its permit names no limit for this pollutant: it counts half.")))
        stopped = [points[pk] for pk in passed if pk in clean]
        if stopped:
            weight *= tracing.CLEAN_BETWEEN
            reasons.append(why(_("Its water passed %(station)s, which was within the limit at that time: it counts a quarter."), station=stopped[0].label))
        metres = distance(_place(station), (outlet.longitude, outlet.latitude))
        found.suspects.append(Suspect(outlet.source, outlet, weight, metres, hours, reasons))
    if not found.suspects:
        found.notes.append(why(_("No registered outlet lies upstream of this station.")))
    for pk in sorted(beyond):
        found.notes.append(why(_("%(station)s upstream was beyond the limit at that time too: what came, came through there."), station=points[pk].label))
    return found


def _window(hours: float | None, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return when the water of the stretch was so many hours upstream, with an hour on either side."""
    back = timedelta(hours=hours if hours is not None else 0.0)
    return since - back - LEAD, until - back + LEAD


def _levels(seen_by: Actor, episode: Any, between: dict[int, tracing.Reach], since: datetime, until: datetime) -> dict[int, tuple[float, float]]:
    """Return by station the lowest and highest hour of the episode's own factor when the water of the stretch passed there."""
    found: dict[int, tuple[float, float]] = {}
    if episode.rule is None:
        return found  # without a limit nothing is within it or beyond
    for one in sensing.series_of_factors(seen_by=seen_by, factors=[episode.series.factor], aggregate=episode.series.aggregate):
        reach = between.get(one.station_id)
        if reach is None or reach.hours is None or one.unit != episode.rule.unit:
            continue
        begin, end = _window(reach.hours, since, until)
        hours = sensing.rollups(seen_by=seen_by, series_ids=[one.pk], since=begin.replace(minute=0, second=0, microsecond=0), until=end).get(one.pk, ())
        means = [hour.mean for hour in hours if hour.mean is not None]
        if means:
            found[one.station_id] = (min(means), max(means))
    return found


def _is_beyond(rule: Any, low: float, high: float) -> bool:
    return bool(rule.is_beyond(high) or rule.is_beyond(low))


def _loads(
    seen_by: Actor, series: Iterable[Any], limits: dict[str, PermitLimit], hours: float | None, since: datetime, until: datetime
) -> list[tuple[str, float, float, str]]:
    """Return (factor, multiple of its limit, highest hour, unit) of an outlet when the water of the stretch left it."""
    found = []
    begin, end = _window(hours, since, until)
    for one in series:
        limit = limits.get(one.factor)
        if limit is None or limit.concentration is None or limit.low is not None or limit.concentration <= 0:
            continue
        rolled = sensing.rollups(seen_by=seen_by, series_ids=[one.pk], since=begin.replace(minute=0, second=0, microsecond=0), until=end).get(one.pk, ())
        means = [hour.mean for hour in rolled if hour.mean is not None]
        if not means:
            continue
        try:
            highest = convert(max(means), one.unit, limit.unit)
        except CannotConvert:
            continue
        found.append((one.factor, highest / limit.concentration, highest, limit.unit))
    return found
