"""What programs read: stations, readings, roll-ups, stretches beyond a limit, how devices do."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, RootModel

from gongzhi.kernel.web import actor_of, problem
from gongzhi.management_line.sensing import queries

router = Router(tags=["sensing"])
LONGEST = timedelta(days=92)


class ValueOut(Schema):
    """The newest value of a series beside its limit."""

    series_id: int
    factor: str
    aggregate: str
    unit: str
    value: float | None
    flag: str | None
    measured_at: datetime | None
    limit: float | None
    beyond: bool


class StationOut(Schema):
    """A monitoring station as it stands."""

    code: str
    name: str
    name_en: str
    kind: str
    longitude: float | None
    latitude: float | None
    online: bool
    last_seen_at: datetime | None
    closed_at: datetime | None = Field(None, description="since when it measures no more; its readings stay")
    close_reason: str = ""
    flows_to: str | None = Field(None, description="code of the next monitoring point downstream")
    flow_hours: float | None = Field(None, description="usual travel time of the water to it")
    values: list[ValueOut]


class ReadingOut(Schema):
    """One reading, the last version of what was measured at a moment."""

    measured_at: datetime
    received_at: datetime
    value: float
    flag: str
    version: int


class EpisodeOut(Schema):
    """A stretch beyond a limit."""

    station: str
    factor: str
    state: str
    began_at: datetime
    peak: float
    limit: float
    case: str | None


def as_told(now: queries.StationNow) -> dict[str, Any]:
    """Return a station as it stands, for StationOut."""
    station = now.station
    return {
        "code": station.code, "name": station.name, "name_en": station.name_en, "kind": station.kind, "longitude": station.longitude,
        "latitude": station.latitude, "online": now.is_online, "last_seen_at": now.last_seen_at,
        "closed_at": station.closed_at, "close_reason": station.close_reason,
        "flows_to": now.flows_to, "flow_hours": station.flow_hours if now.flows_to else None,
        "values": [
            {
                "series_id": value.series.pk, "factor": value.series.factor, "aggregate": value.series.aggregate, "unit": value.series.unit,
                "value": value.latest.value if value.latest else None, "flag": value.latest.flag if value.latest else None,
                "measured_at": value.latest.measured_at if value.latest else None, "limit": value.limit.limit if value.limit else None,
                "beyond": value.is_beyond,
            }
            for value in now.values
        ],
    }  # fmt: skip


@router.get("/stations", response=list[StationOut], summary="Stations with their newest values")
def stations(request: HttpRequest, kind: str = "", closed: bool = False) -> Any:
    """List the stations in use that the caller may see; with `closed` those that were closed instead, with their last values."""
    actor, at = actor_of(request), timezone.now()
    if closed:
        gone = queries.closed_stations(seen_by=actor)
        return [as_told(queries.station_now(seen_by=actor, at=at, station=one)) for one in (gone.filter(kind=kind) if kind else gone)]
    return [as_told(now) for now in queries.overview(seen_by=actor, at=at, kind=kind)]


@router.get("/stations/{code}", response=StationOut, summary="One station")
def station(request: HttpRequest, code: str) -> Any:
    """Give one station with its newest values; a closed one with its last ones."""
    actor = actor_of(request)
    found = queries.station_for(seen_by=actor, code=code)
    return as_told(queries.station_now(seen_by=actor, at=timezone.now(), station=found))


class LatestOut(RootModel[tuple[str, str, str, str, float, str, datetime]]):
    """(station, factor, aggregate, unit, value, flag, measured at)"""


@router.get("/latest", response=list[LatestOut], summary="The newest value of every series")
def latest(request: HttpRequest) -> Any:
    """Give (station, factor, aggregate, unit, value, flag, measured at) of everything that the caller may see."""
    return HttpResponse(queries.latest_json(seen_by=actor_of(request)), content_type="application/json")


class Span(Schema):
    """Which hours or days."""

    series_id: int = Field(ge=1, le=2**62)
    since: AwareDatetime
    until: AwareDatetime
    step: Literal["hour", "day"] = "hour"


class RollupOut(Schema):
    """An hour or a day of a series."""

    at: datetime
    count: int
    valid: int
    mean: float | None
    low: float | None
    high: float | None


@router.get("/stations/{code}/rollups", response=list[RollupOut], summary="Hours or days of a series")
def rollups(request: HttpRequest, code: str, span: Query[Span]) -> Any:
    """List the hours (of at most a year) or days (of at most thirty years) that begin in a period, oldest first."""
    actor = actor_of(request)
    found = queries.station_for(seen_by=actor, code=code)
    series = queries.series_of(seen_by=actor, station_id=found.pk).get(pk=span.series_id)
    if not timedelta(0) <= span.until - span.since <= timedelta(days=370 if span.step == "hour" else 11_000):
        return problem(422, "since must lie before until, at most a year of hours or thirty years of days", field="since")
    return queries.rollups(seen_by=actor, series_ids=[series.pk], since=span.since, until=span.until, step=span.step).get(series.pk, [])


class DeviceOut(Schema):
    """How a device does."""

    mn: str
    station: str
    online: bool
    last_seen_at: datetime | None
    clock_skew: float | None
    maintained: bool
    valid_share: float | None
    refused_packets: int
    calibration_due_on: date | None


@router.get("/devices", response=list[DeviceOut], summary="Devices and how they do")
def devices(request: HttpRequest) -> Any:
    """List the devices that the caller keeps, those with trouble first."""
    return [
        {"mn": one.device.mn, "station": one.device.station.code, "online": one.is_online, "last_seen_at": one.device.last_seen_at,
         "clock_skew": one.device.clock_skew, "maintained": one.is_maintained, "valid_share": one.share, "refused_packets": one.refused,
         "calibration_due_on": one.calibration_due_on}
        for one in queries.health(seen_by=actor_of(request), at=timezone.now())
    ]  # fmt: skip


class Period(Schema):
    """Which readings."""

    series_id: int = Field(ge=1, le=2**62)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    most: int = Field(500, ge=1, le=2000)


@router.get("/stations/{code}/readings", response=list[ReadingOut], summary="Readings of a series, oldest first")
def readings(request: HttpRequest, code: str, period: Query[Period]) -> Any:
    """List readings; go on with `since` after the last moment of a full answer. At most 92 days at once."""
    actor = actor_of(request)
    found = queries.station_for(seen_by=actor, code=code)
    series = queries.series_of(seen_by=actor, station_id=found.pk).get(pk=period.series_id)
    until = period.until or timezone.now()
    since = period.since or until - timedelta(days=1)
    if not timedelta(0) <= until - since <= LONGEST:
        return problem(422, "since must lie before until, at most 92 days", field="since")
    return queries.readings(seen_by=actor, series_id=series.pk, since=since, until=until, most=period.most)


@router.get("/episodes", response=list[EpisodeOut], summary="Stretches beyond a limit")
def episodes(request: HttpRequest, open_only: bool = False, most: int = Query(50, ge=1, le=200)) -> Any:
    """List stretches beyond a limit, newest first."""
    return [
        {
            "station": episode.station.code, "factor": episode.factor, "state": episode.state, "began_at": episode.began_at,
            "peak": episode.peak, "limit": episode.limit, "case": episode.case.number if episode.case else None,
        }
        for episode in queries.episodes(seen_by=actor_of(request), open_only=open_only)[:most]
    ]  # fmt: skip
