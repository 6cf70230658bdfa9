"""Long spans of readings and the archive's files, for programs."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.archive import queries, rules
from gongzhi.management_line.sensing import queries as sensing

router = Router(tags=["archive"])
LONGEST = timedelta(days=3653)


class FileOut(Schema):
    """A file of the archive."""

    month: date
    path: str
    rows: int
    bytes: int
    sha256: str
    state: str
    generation: int
    first_at: datetime
    last_at: datetime
    checked_at: datetime | None
    damage: str


class PointOut(Schema):
    """One reading, the last that was said of its moment."""

    series_id: int
    measured_at: datetime
    received_at: datetime
    value: float
    flag: str
    version: int


class RollOut(Schema):
    """One hour or day of a series."""

    series_id: int
    at: datetime
    count: int
    valid: int
    mean: float | None
    low: float | None
    high: float | None


class ArchiveSpan(Schema):
    """Which series of a station, and when: since is included, until is not."""

    since: AwareDatetime
    until: AwareDatetime | None = None
    factor: str = Field("", max_length=40)
    aggregate: str = Field("", max_length=24)


class Points(ArchiveSpan):
    """Which readings."""

    most: int = Field(5_000, ge=1, le=50_000)


class Rolls(ArchiveSpan):
    """Which rolls."""

    step: Literal["hour", "day"] = "day"


def _asked(request: HttpRequest, code: str, span: ArchiveSpan) -> dict[str, Any]:
    """Return what to ask the archive; raise when the station is not there."""
    actor = actor_of(request)
    series = sensing.series_of(seen_by=actor, station_id=sensing.station_for(seen_by=actor, code=code).pk)
    ids = [one.pk for one in series if span.factor in ("", one.factor) and span.aggregate in ("", one.aggregate)]
    return {"seen_by": actor, "series_ids": ids, "since": span.since, "until": span.until or timezone.now()}


def _is_too_long(asked: dict[str, Any]) -> bool:
    return not timedelta(0) < asked["until"] - asked["since"] <= LONGEST


@router.get("/archive/files", response=list[FileOut], summary="Files of the archive, newest month first")
def files(request: HttpRequest, month: date | None = None) -> Any:
    """List the files that hold what has left the database, with their digests; for the town's officers."""
    actor = actor_of(request)
    admit(rules.may_look_at, actor)
    found = queries.archived_files(seen_by=actor)
    return list(found.filter(month=month.replace(day=1)) if month else found)


@router.get("/archive/stations/{code}/readings", response=list[PointOut], summary="Readings over any span, hot and cold")
def readings(request: HttpRequest, code: str, span: Query[Points]) -> Any:
    """List readings by series and time, whether they are in the database or in files. A full answer goes on after its last moment."""
    asked = _asked(request, code, span)
    if _is_too_long(asked):
        return problem(422, "since must lie before until, at most ten years", field="since")
    return queries.readings_between(**asked, most=span.most)


@router.get("/archive/stations/{code}/rolls", response=list[RollOut], summary="Hours or days over any span, hot and cold")
def rolls(request: HttpRequest, code: str, span: Query[Rolls]) -> Any:
    """List hours or days (of the town's calendar) with counts, mean, lowest and highest of the valid readings."""
    asked = _asked(request, code, span)
    if _is_too_long(asked):
        return problem(422, "since must lie before until, at most ten years", field="since")
    found = queries.rolls_between(**asked, step=span.step)
    return [
        {"series_id": series_id, "at": roll.at, "count": roll.count, "valid": roll.valid, "mean": roll.mean, "low": roll.low, "high": roll.high}
        for series_id, series in found.items() for roll in series
    ]  # fmt: skip
