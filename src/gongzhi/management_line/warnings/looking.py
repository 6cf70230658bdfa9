"""One rule at one moment: what it measures in the town, as sensing follows it. Reads only.

Each way of looking asks a fixed number of questions for all series of the rule together; further questions are asked only about
those that are beyond it or whose episode runs. Handed on is what begins, or is being followed; a town where all is well costs no act.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _now

from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.sensing import episodes, factors
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.columns import moment_of
from gongzhi.management_line.sensing.operations import Judged
from gongzhi.management_line.warnings import forecast, frozen, neighbours, queries, rate, silence
from gongzhi.management_line.warnings.models import WarningRule

SLOT = timedelta(minutes=5)
HOUR = queries.HOUR
DAY = 1440.0  # minutes
SHOWN = 6  # readings in the small table of what stands still
STALE = timedelta(hours=2)  # what was measured before says nothing about now
BASE = timedelta(days=14)  # of hours with which neighbours are compared
WIND_FROM, WIND_SPEED = "a01008", "a01007"
Points = list[tuple[datetime, float]]


def look(rule: WarningRule, at: datetime, *, listens_since: datetime | None = None) -> list[Judged]:
    """Return what a rule finds at a moment: what is beyond it, and what goes on or has to be proved clean.

    `listens_since`: since when the product has run without a break; the time before is no device's silence.
    """
    return _look_silence(rule, at, listens_since) if rule.cause == WarningRule.Cause.SILENCE else LOOKS[rule.cause](rule, at)


def slot_of(at: datetime) -> datetime:
    """Return the five minutes that a moment belongs to: judging twice in them is judging once."""
    return datetime.fromtimestamp(at.timestamp() // 300 * 300, at.tzinfo)


def _plain(rule: WarningRule, *, limit: float, count: int | None = None, below: bool = False, lasts: bool = False) -> episodes.Rule:
    """Return the rule for sensing's arithmetic. `lasts`: its measure is minutes that go on, graver after a day and after a week."""
    steps = (max(2.0, DAY / limit), max(5.0, 7 * DAY / limit)) if lasts and limit > 0 else (2.0, 5.0)
    return episodes.Rule(
        comparator=episodes.BELOW if below else episodes.ABOVE, limit=limit, return_difference=0.0, count=count or rule.count, duration=timedelta(0),
        clean_count=rule.clean_count, severity=rule.severity, steps=steps,
    )  # fmt: skip


def _judged(rule: WarningRule, plain: episodes.Rule, station: Any, points: Points, said: dict[str, Any], *, series: Any = None,
            device_id: int | None = None) -> Judged:  # fmt: skip
    about = f"{factors.label(series.factor)} " if series is not None else ""
    return Judged(
        cause=rule.cause, warning_id=rule.pk, plain=plain, station_id=station.pk, series_id=series.pk if series is not None else None, device_id=device_id,
        points=points, title=_now("%(station)s: %(about)s%(cause)s") % {"station": station.name, "about": about, "cause": rule.cause_word},
        category_id=rule.category_id,
        said={"rule": rule.title, "clause": rule.clause, "limit": plain.limit, "below": plain.comparator == episodes.BELOW, "clean_count": rule.clean_count,
              "factor": series.factor if series is not None else "", "series_unit": series.unit if series is not None else "", **said},
    )  # fmt: skip


def _running(rule: WarningRule) -> tuple[set[int], set[int]]:
    """Return (series, devices) whose episodes of this rule run."""
    found = sensing.open_warnings(seen_by=CLOCK, warning_id=rule.pk)
    return {one.series_id for one in found if one.series_id is not None}, {one.device_id for one in found if one.device_id is not None}


# ---- quick changes --------------------------------------------------------------------------------------------------
def _look_rate(rule: WarningRule, at: datetime) -> list[Judged]:
    series, slot = queries.series_of_rule(seen_by=CLOCK, rule=rule), slot_of(at)
    plain = _plain(rule, limit=rule.threshold or 0)
    measures = [_rates(rule, series, slot)]
    running = _running(rule)[0]
    wanted = {pk for pk, (measure, _said) in measures[0].items() if plain.is_beyond(measure)} | (running & measures[0].keys())
    if not wanted:
        return []
    for back in range(1, rule.count):
        measures.append(_rates(rule, wanted, slot - back * SLOT))
    found = []
    for pk in sorted(wanted):
        points = [(slot - back * SLOT, one[pk][0]) for back, one in enumerate(measures) if pk in one]
        found.append(_judged(rule, plain, series[pk].station, points, {"unit": f"{series[pk].unit}/h", **measures[0][pk][1]}, series=series[pk]))
    return found


def _rates(rule: WarningRule, series_ids: Iterable[int], until: datetime) -> dict[int, tuple[float, dict[str, Any]]]:
    """Return by series how fast it changes towards where it is watched, with what that is seen by; two questions."""
    window = timedelta(minutes=rule.window_minutes)
    ids = list(series_ids)
    new = sensing.newest(seen_by=CLOCK, series_ids=ids, until=until, most=3, since=until - max(window / 2, SLOT))
    old = sensing.newest(seen_by=CLOCK, series_ids=list(new), until=until - window, most=3, since=until - 2 * window)
    found = {}
    for pk, points in new.items():
        change = rate.per_hour(points, old.get(pk, []))
        if change is not None:
            table = [[moment.isoformat(), value] for moment, value in [*points, *old[pk]]]
            said = {"from": rate.middle(old[pk])[1], "to": rate.middle(points)[1], "minutes": rule.window_minutes, "change": change, "table": table}
            found[pk] = (rate.measured(change, rule.direction), said)
    return found


# ---- silence --------------------------------------------------------------------------------------------------------
def _look_silence(rule: WarningRule, at: datetime, listens_since: datetime | None) -> list[Judged]:
    slot = slot_of(at)
    devices = sensing.devices(seen_by=CLOCK, station_id=rule.station_id).filter(state="active", station__closed_at__isnull=True)
    if rule.station_kind:
        devices = devices.filter(station__kind=rule.station_kind)
    worked_on = sensing.maintenance_windows(seen_by=CLOCK, at=at)
    running = _running(rule)[1]
    silent = []
    for device in devices:
        windows = [(moment_of(begins), moment_of(ends)) for begins, ends in worked_on.get(device.pk, ())]
        since = silence.silent_since(at, device.last_seen_at or device.registered_at, windows)
        if since is not None and listens_since is not None and device.pk not in running:
            since = max(since, listens_since)
        minutes = silence.minutes_of(at, since)
        plain = _plain(rule, limit=silence.allowed(rule.threshold or 0, rule.repeats, device.report_seconds), count=1, lasts=True)
        if since is None or not (plain.is_beyond(minutes) or device.pk in running):
            continue
        silent.append((device, plain, minutes))
    heard = _heard({device.station_id for device, _plain, _minutes in silent}, at)
    return [
        _judged(rule, plain, device.station, [(slot, round(minutes, 1))],
                {"unit": "min", "minutes": round(minutes), "seconds": device.report_seconds, "table": heard[device.station_id]}, device_id=device.pk)
        for device, plain, minutes in silent
    ]  # fmt: skip


def _heard(station_ids: Collection[int], at: datetime) -> dict[int, list[list[Any]]]:
    """Return by station how many readings came in each of the last six hours; two questions, whatever their number."""
    if not station_ids:
        return {}
    first = at.replace(minute=0, second=0, microsecond=0) - 5 * HOUR
    station_of = dict(sensing.series_at(seen_by=CLOCK, station_ids=station_ids).values_list("pk", "station_id"))
    counts = {station_id: {first + back * HOUR: 0 for back in range(6)} for station_id in station_ids}
    for pk, rolled in sensing.rollups(seen_by=CLOCK, series_ids=list(station_of), since=first, until=at).items():
        of_station = counts[station_of[pk]]
        for roll in rolled:
            if roll.at in of_station:
                of_station[roll.at] += roll.count
    return {pk: [[moment.isoformat(), count] for moment, count in sorted(by_hour.items(), reverse=True)] for pk, by_hour in counts.items()}


# ---- frozen values --------------------------------------------------------------------------------------------------
def _look_frozen(rule: WarningRule, at: datetime) -> list[Judged]:
    series, slot = queries.series_of_rule(seen_by=CLOCK, rule=rule), slot_of(at)
    plain = _plain(rule, limit=rule.threshold or 0, count=1, lasts=True)
    newest = sensing.newest(seen_by=CLOCK, series_ids=list(series), until=slot, most=max(SHOWN, rule.repeats), since=slot - timedelta(days=2))
    current = {pk: points for pk, points in newest.items() if points[0][0] > slot - STALE}
    still = [pk for pk, points in current.items() if frozen.run(points, rule.tolerance) >= max(2, rule.repeats)]
    running = _running(rule)[0] & current.keys()
    since = sensing.still_since(seen_by=CLOCK, series_ids=still, until=slot, since=slot - timedelta(days=2), tolerance=rule.tolerance)
    found = []
    for pk in sorted({*still, *running}):
        points = current[pk]
        count, begin = since.get(pk, (frozen.run(points, rule.tolerance), points[0][0]))
        minutes = (points[0][0] - begin) / timedelta(minutes=1)
        if not plain.is_beyond(minutes) and pk not in running:
            continue
        said = {"unit": "min", "minutes": round(minutes), "value": points[0][1], "n": count,
                "table": [[moment.isoformat(), value] for moment, value in points[:SHOWN]]}  # fmt: skip
        found.append(_judged(rule, plain, series[pk].station, [(slot, round(minutes, 1))], said, series=series[pk]))
    return found


# ---- neighbours -----------------------------------------------------------------------------------------------------
def _look_neighbours(rule: WarningRule, at: datetime) -> list[Judged]:
    last = queries.hour_of(seen_by=CLOCK, at=at)
    everywhere = {
        series.pk: series for series in sensing.series_measuring(seen_by=CLOCK, factor=rule.factor, aggregate=rule.aggregate)
        if not rule.station_kind or series.station.kind == rule.station_kind
    }  # fmt: skip
    pairs = [
        (one, other, lag) for one, other, lag in _pairs(rule, everywhere)
        if rule.station_id is None or rule.station_id in (everywhere[one].station_id, everywhere[other].station_id)
    ]  # fmt: skip
    lines = queries.lines(seen_by=CLOCK, series_ids={pk for one, other, _lag in pairs for pk in (one, other)}, since=last - BASE, until=last + HOUR)
    wind = _wind(last)
    plain = _plain(rule, limit=rule.threshold or 0)
    running = _running(rule)[0]
    worst: dict[int, tuple[Points, dict[str, Any]]] = {}
    for one, other, lag in pairs:
        upper, lower = _behind(lines[one].values, lag), lines[other].values
        between = lower - upper
        points, newest = [], None
        for back in range(rule.count):
            place = len(between) - 1 - back
            found = neighbours.disagreement(between[:place], float(between[place]))
            if found is None:
                break
            measure = found.scatters if abs(found.difference - found.usual) >= rule.tolerance else min(found.scatters, plain.limit)
            points.append((last - back * HOUR, round(measure, 2)))
            newest = newest or found
            if not (plain.is_beyond(points[0][1]) or one in running or other in running):  # what is well now is asked no further
                newest = None
                break
        if newest is None:
            continue
        culprit, there, how = _whose(one, other, lag, everywhere, wind, newest, upper, lower)
        sign = 1 if culprit == other else -1
        here_there = (lower, upper, between) if sign > 0 else (upper, lower, -between)
        said = {
            "unit": "σ", "difference": sign * newest.difference, "usual": sign * newest.usual, "scatters": newest.scatters, "how": how, "hours": lag,
            **_named(everywhere[there].station),
            "table": [[lines[one].moment(place).isoformat(), *(_number(each[place]) for each in here_there)]
                      for place in range(len(between) - 1, max(-1, len(between) - 7), -1)],
        }  # fmt: skip
        if culprit not in worst or points[0][1] > worst[culprit][0][0][1]:
            worst[culprit] = (points, said)
    return [
        _judged(rule, plain, everywhere[pk].station, points, said, series=everywhere[pk])
        for pk, (points, said) in sorted(worst.items()) if plain.is_beyond(points[0][1]) or pk in running
    ] + [  # what no pair complains of any more is at one with its neighbours
        _judged(rule, plain, everywhere[pk].station, [(last, 0.0)], {"unit": "σ", "how": "", "table": []}, series=everywhere[pk])
        for pk in sorted(running - worst.keys()) if pk in lines and np.isfinite(lines[pk].values[-1])
    ]  # fmt: skip


def _pairs(rule: WarningRule, series: dict[int, Any]) -> list[tuple[int, int, int]]:
    """Return (one, other, hours by which the other is behind): for water from a point to the next below it, else the nearest two within the radius."""
    of_station = {one.station_id: pk for pk, one in series.items()}
    found = []
    for pk, one in series.items():
        below = of_station.get(one.station.flows_to_id or 0)
        if one.station.is_water and below is not None:
            found.append((pk, below, round(one.station.flow_hours or 0)))
    places = {pk: (one.station.longitude, one.station.latitude) for pk, one in series.items() if one.station.has_point and not one.station.is_water}
    found += [(one, other, 0) for one, other in neighbours.nearest_pairs(places, rule.radius_km * 1000)]
    return sorted(found)


def _behind(values: Any, lag: int) -> Any:
    return np.concatenate((np.full(min(lag, len(values)), np.nan), values[: len(values) - lag])) if lag else values


def _wind(last: datetime) -> list[tuple[tuple[float, float], float]]:
    """Return (place, degrees it comes from) of the wind of the last hour at each station that measures it, calm ones left out."""
    directions = {series.station_id: series for series in sensing.series_measuring(seen_by=CLOCK, factor=WIND_FROM) if series.station.has_point}
    speeds = {series.station_id: series for series in sensing.series_measuring(seen_by=CLOCK, factor=WIND_SPEED)}
    both = [(directions[station], speeds[station]) for station in directions if station in speeds]
    rolled = sensing.rollups(seen_by=CLOCK, series_ids=[one.pk for pair in both for one in pair], since=last, until=last + HOUR)
    found = []
    for direction, speed in both:
        comes = next((roll.mean for roll in rolled.get(direction.pk, ())), None)
        blows = next((roll.mean for roll in rolled.get(speed.pk, ())), None)
        place = direction.station
        if comes is not None and blows is not None and blows >= neighbours.CALM and place.longitude is not None and place.latitude is not None:
            found.append(((place.longitude, place.latitude), comes))
    return found


def _whose(one: int, other: int, lag: int, series: dict[int, Any], wind: list[tuple[tuple[float, float], float]], found: neighbours.Disagreement,
           upper: Any, lower: Any) -> tuple[int, int, str]:  # fmt: skip
    """Return (whose episode it is, the other one, how they lie): what is higher than usual below or downwind has its source between the two."""
    higher = found.difference > found.usual
    stations = series[one].station, series[other].station
    if stations[0].is_water and stations[0].flows_to_id == stations[1].pk:
        if higher:
            return other, one, "upstream"
    elif wind and stations[0].has_point and stations[1].has_point:
        places = [(station.longitude, station.latitude) for station in stations]
        comes = min(wind, key=lambda each: neighbours.metres(each[0], places[0]))[1]
        if neighbours.is_upwind(places[0], places[1], comes) and higher:
            return other, one, "upwind"
        if neighbours.is_upwind(places[1], places[0], comes) and not higher:
            return one, other, "upwind"
    odd = neighbours.odd_one(upper[:-1], lower[:-1], (float(upper[-1]), float(lower[-1])))
    return (other, one, "near") if odd else (one, other, "near")


def _named(station: Any) -> dict[str, str]:
    """Return a station's names where everybody may know them; what an episode says is read by everybody who sees its case."""
    return {"other": station.name, "other_en": station.name_en or station.name} if station.is_public else {"other": "", "other_en": ""}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


# ---- forecasts ------------------------------------------------------------------------------------------------------
def _look_forecast(rule: WarningRule, at: datetime) -> list[Judged]:
    series, last = queries.series_of_rule(seen_by=CLOCK, rule=rule), queries.hour_of(seen_by=CLOCK, at=at)
    models = {pk: model for pk, model in queries.models_of(seen_by=CLOCK, series_ids=list(series)).items() if model.is_better and model.fitted}
    lines = queries.lines(seen_by=CLOCK, series_ids=list(models), since=last - (queries.NEEDED_HOURS - 1) * HOUR, until=last + HOUR)
    running = _running(rule)[0]
    beyond_it: list[tuple[int, episodes.Rule, Points, dict[str, Any]]] = []
    for pk, model in sorted(models.items()):
        limit = (rule.threshold, model.below) if rule.threshold is not None else queries.limit_for(seen_by=CLOCK, series_id=pk, at=at)
        line = lines[pk]
        if limit is None or limit[0] is None or not np.isfinite(line.values[-6:]).any():
            continue
        plain = _plain(rule, limit=float(limit[0]), below=limit[1])
        middle, low, high = forecast.ahead_of_last(forecast.Fitted.of(model.fitted or {}), line.values, line.hours, rule.count)
        ahead = middle[:, : rule.horizon_hours]
        extreme = ahead.min(axis=1) if limit[1] else ahead.max(axis=1)
        points = [(last - back * HOUR, round(float(extreme[-1 - back]), 4)) for back in range(rule.count)]
        if not plain.is_beyond(points[0][1]) and pk not in running:
            continue
        beyond = [lead for lead in range(rule.horizon_hours) if plain.is_beyond(float(ahead[-1, lead]))]
        said = {
            "unit": series[pk].unit, "peak": points[0][1], "hours": beyond[0] + 1 if beyond else None,
            "table": [[line.moment(len(line.values) + lead).isoformat(), *(_number(each[-1, lead]) for each in (middle, low, high))]
                      for lead in range(rule.horizon_hours)],
        }  # fmt: skip
        beyond_it.append((pk, plain, points, said))
    scores = queries.scores_of(seen_by=CLOCK, model_ids=[models[pk].pk for pk, *_rest in beyond_it])
    return [
        _judged(rule, plain, series[pk].station, points, said | _measures(scores[models[pk].pk]), series=series[pk])
        for pk, plain, points, said in beyond_it
    ]


def _measures(score: Mapping[str, Any]) -> dict[str, Any]:
    warned = (score.get("warned") or {}).get("model") or {}
    return {"hit_rate": warned.get("hit_rate"), "false_alarms": warned.get("false_alarms_per_week")}


LOOKS: dict[str, Callable[[WarningRule, datetime], list[Judged]]] = {
    "rate": _look_rate, "frozen": _look_frozen, "neighbours": _look_neighbours, "forecast": _look_forecast,
}
