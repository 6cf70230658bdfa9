"""The town's calendar for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.foundation.calendar import operations, queries
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of

router = Router(tags=["town"])


class HoursOut(Schema):
    """Office hours from a day on."""

    valid_from: date
    shifts: list[list[str]]
    reason: str


class HoursIn(Schema):
    """Office hours to set: parts of the day such as ["08:30", "12:00"]."""

    valid_from: date
    shifts: list[list[str]] = Field(max_length=8)
    reason: str = Field("", max_length=120)


class DayOut(Schema):
    """A day on which the town works or rests otherwise than the nation."""

    id: int
    day: date
    is_working: bool
    reason: str


class DayIn(Schema):
    """A day to set."""

    day: date
    is_working: bool
    reason: str = Field(max_length=80)


class CalendarOut(Schema):
    """The town's own working time beside the nation's."""

    office_hours: list[HoursOut]
    days: list[DayOut]


@router.get("/calendar", response=CalendarOut, summary="Office hours and own days")
def calendar(request: HttpRequest, since: date = date(2000, 1, 1)) -> Any:
    """Tell the office hours that the town has set and its own days; when the town works is public."""
    return {"office_hours": list(queries.office_hours(seen_by=ANYONE)), "days": list(queries.exceptions(seen_by=ANYONE, since=since))}


@router.post("/calendar/office-hours", response={201: HoursOut}, summary="Set the office hours")
@needs("town:write")
def set_office_hours(request: HttpRequest, given: HoursIn) -> Any:
    """Set the office hours from a day on; days before it keep theirs."""
    return 201, operations.set_office_hours(by=actor_of(request), at=timezone.now(), pairs=given.shifts, valid_from=given.valid_from, reason=given.reason)


@router.post("/calendar/days", response={201: DayOut}, summary="Set a day")
@needs("town:write")
def set_day(request: HttpRequest, given: DayIn) -> Any:
    """Make one day worked or free in this town."""
    return 201, operations.set_day(by=actor_of(request), at=timezone.now(), **given.dict())


@router.delete("/calendar/days/{int:exception_id}", response={204: None}, summary="Take a day back")
@needs("town:write")
def clear_day(request: HttpRequest, exception_id: int) -> Any:
    """Let a day be as in the nation again."""
    operations.clear_day(by=actor_of(request), at=timezone.now(), exception_id=exception_id)
    return 204, None
