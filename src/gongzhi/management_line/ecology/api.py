"""The town's environment for programs: today, series over a span, the daily index of an air station, how complete the data is."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.web import actor_of, problem
from gongzhi.management_line.ecology import queries, spans
from gongzhi.management_line.ecology.spans import Share
from gongzhi.management_line.sensing import queries as sensing

router = Router(tags=["environment"])


class StationTodayOut(Schema):
    """A station today: what the standards say of it."""

    station: str
    name: str
    compartment: str
    is_online: bool
    is_beyond: bool
    aqi: int | None = None
    level: int | None = None
    primary: list[str] = []
    water_class: int | None = None
    keeps_target: bool | None = None
    noise_day: float | None = None
    noise_night: float | None = None
    why: str = ""


class AirDayOut(Schema):
    """A day of an air station. `means` are in ug/m3, CO in mg/m3; O3 is the largest 8 h mean. No index: `why` says the reason."""

    day: date
    aqi: int | None
    level: int | None
    primary: list[str]
    means: dict[str, float | None]
    valid_hours: dict[str, int]
    is_final: bool
    why: str


class IndexStepOut(Schema):
    """One step of a series; `state` is missing, invalid, thin or "" (enough valid readings)."""

    at: datetime
    mean: float | None
    low: float | None
    high: float | None
    readings: int
    valid: int
    due: int
    marks: dict[str, int]
    state: str


class HistoryOut(Schema):
    """A series over a span."""

    factor: str
    aggregate: str
    unit: str
    step_seconds: int
    steps: list[IndexStepOut]


class StationDayOut(Schema):
    """How complete a station's day is."""

    station: str
    day: date
    due: int
    valid: int
    invalid: int
    missing: int
    part: float | None
    marks: dict[str, int]
    hours_worked_on: float
    too_few_hours_of: list[str]


class HistoryQuery(Schema):
    """Which span: a name (hour, day, week, month, year), or from and to as 2026-11-20 or with a time."""

    span: str = Field("day", max_length=8)
    since: str = Field("", max_length=40)
    until: str = Field("", max_length=40)
    factor: str = Field("", max_length=40)
    aggregate: str = Field("", max_length=24)


@router.get("/environment", response=list[StationTodayOut], summary="Every station today, by compartment")
def environment(request: HttpRequest) -> Any:
    """List the stations with their index, class or level by the standards in force."""
    found = queries.environment(seen_by=actor_of(request), at=timezone.now())
    rows = []
    for compartment, part in found.compartments.items():
        for one in part:
            row: dict[str, Any] = {
                "station": one.now.station.code, "name": one.now.station.label, "compartment": compartment, "is_online": one.now.is_online,
                "is_beyond": one.now.is_beyond, "why": one.fault,
            }  # fmt: skip
            if one.air is not None:
                level = one.air.level.number if one.air.level else None
                row |= {"aqi": one.air.value, "level": level, "primary": list(one.air.primary), "why": str(one.air.why)}
            if one.water is not None:
                row |= {"water_class": one.water.number, "keeps_target": one.water.keeps, "why": str(one.water.why)}
            if one.noise is not None:
                row |= {"noise_day": one.noise.ld, "noise_night": one.noise.ln}
            rows.append(row)
    return rows


@router.get("/stations/{code}/air-days", response=list[AirDayOut], summary="Daily air quality index of a station, a year")
def air_days(request: HttpRequest, code: str, year: int = Query(..., ge=2012, le=2199)) -> Any:
    """List the days of a year up to today with index, means and why there is no index where there is none. Other stations than air have none."""
    actor = actor_of(request)
    station = sensing.station_for(seen_by=actor, code=code)
    if station.kind != "air":
        return []
    found = queries.air_days(seen_by=actor, station=station, since=date(year, 1, 1), until=date(year + 1, 1, 1), at=timezone.now())
    return [
        {
            "day": on, "aqi": one.value, "level": one.level.number if one.level else None, "primary": list(one.index.primary) if one.index else [],
            "means": {name: mean.value for name, mean in one.means.items()}, "valid_hours": {name: mean.count for name, mean in one.means.items()},
            "is_final": not one.is_running, "why": one.why,
        }
        for on, one in sorted(found.items())
    ]  # fmt: skip


@router.get("/stations/{code}/history", response=list[HistoryOut], summary="What a station measured over a span, in steps that suit it")
def history(request: HttpRequest, code: str, asked: Query[HistoryQuery]) -> Any:
    """List a station's series over a span, rows and archive alike, with what was due, valid and marked. A span that cannot be read is refused."""
    actor, at = actor_of(request), timezone.now()
    station = sensing.station_for(seen_by=actor, code=code)
    span = spans.span_of(asked.span, at=at, zone=territory.town(seen_by=actor).zone, begin=asked.since, end=asked.until)
    series = [
        one for one in sensing.series_of(seen_by=actor, station_id=station.pk) if asked.factor in ("", one.factor) and asked.aggregate in ("", one.aggregate)
    ]  # fmt: skip
    return [
        {
            "factor": one.series.factor, "aggregate": one.series.aggregate, "unit": one.series.unit, "step_seconds": int(one.span.step.total_seconds()),
            "steps": [
                {"at": step.at, "mean": step.mean if step.mean is not None else step.value, "low": step.low, "high": step.high, "readings": step.count,
                 "valid": step.valid, "due": step.due, "marks": dict(step.marks), "state": step.state}
                for step in one.steps
            ],
        }
        for one in queries.history(seen_by=actor, station=station, series=series, span=span, at=at)
    ]  # fmt: skip


@router.get("/environment/completeness", response=list[StationDayOut], summary="How complete the data is, by station and day")
def completeness(request: HttpRequest, since: date, until: date, station: str = "") -> Any:
    """List the days [since, until) of each station, at most 62 of them: what was due, valid, not valid by its marks, and missing."""
    if not timedelta(0) < until - since <= timedelta(days=62):
        return problem(422, _("Ask for one to 62 days."), field="until", code="Invalid")
    found = queries.completeness(seen_by=actor_of(request), since=since, until=until, at=timezone.now(), code=station)
    return [_day_out(row.station.code, day, day.share) for row in found for day in row.days]


def _day_out(code: str, day: queries.StationDay, share: Share) -> dict[str, Any]:
    return {
        "station": code, "day": day.on, "due": share.due, "valid": share.valid, "invalid": share.invalid, "missing": share.missing, "part": share.part,
        "marks": dict(day.marks), "hours_worked_on": round(day.maintained.total_seconds() / 3600, 2), "too_few_hours_of": list(day.short),
    }  # fmt: skip
