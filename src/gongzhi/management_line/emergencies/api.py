"""Emergencies for programs: what is under way, tasks, log, alerts out and in."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.responses import Status

from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, admit
from gongzhi.management_line.emergencies import cap, operations, queries, rules
from gongzhi.management_line.emergencies.models import Emergency, EmergencyDuty, EmergencyEntry, PublicAlert

router = Router(tags=["emergencies"])
Id = Annotated[int, Field(ge=1, le=2**62)]
LevelIn = Annotated[int, Field(ge=1, le=4, description="1 (red, gravest) to 4 (blue)")]


class EmergencyOut(Schema):
    """An emergency or a drill."""

    case: str = Field(description="address part of its case")
    plan: str
    hazard: str
    level: int = Field(description="1 (red, gravest) to 4 (blue)")
    gravest: int
    is_drill: bool
    declared_at: datetime
    stood_down_at: datetime | None


def _emergency(one: Emergency) -> dict[str, Any]:
    return {
        "case": one.case.slug, "plan": one.plan.title, "hazard": one.plan.definition.get("hazard", ""), "level": one.level, "gravest": one.gravest,
        "is_drill": one.is_drill, "declared_at": one.declared_at, "stood_down_at": one.stood_down_at,
    }  # fmt: skip


@router.get("/emergencies", response=list[EmergencyOut], summary="Emergencies and drills, newest first")
def emergencies(request: HttpRequest, current: bool | None = None) -> Any:
    """List emergencies; with `current`, only those that last (or have ended). At most 100."""
    return [_emergency(one) for one in queries.emergencies(seen_by=actor_of(request), current=current)[:100]]


class DeclareIn(Schema):
    """Which plan and level, and what is known."""

    plan_id: Id
    level: LevelIn
    reason: str = Field(max_length=1000)
    is_drill: bool = False
    area_id: Id | None = None


@router.post("/emergencies", response={201: EmergencyOut, 403: Problem, 404: Problem, 409: Problem}, summary="Declare an emergency or begin a drill")
def declare(request: HttpRequest, given: DeclareIn) -> Any:
    """Declare by a plan in force: a case, and the tasks of the level."""
    made = operations.declare(by=actor_of(request), at=timezone.now(), **given.dict())
    return Status(201, _emergency(made))


class DutyOut(Schema):
    """A task of an emergency."""

    id: int
    unit: str
    title: str
    state: str
    minutes: int
    given_at: datetime
    due_at: datetime
    ended_at: datetime | None
    result: str


class LogLineOut(Schema):
    """A line of the log."""

    at: datetime
    sort: str
    text: str
    place: str
    expected: int | None
    arrived: int | None


class BoardOut(Schema):
    """How an emergency stands."""

    emergency: EmergencyOut
    duties: list[DutyOut]
    log: list[LogLineOut]
    expected: int
    arrived: int
    missing: int


def _duty(one: EmergencyDuty) -> dict[str, Any]:
    return {
        "id": one.pk, "unit": one.organ.code, "title": one.title, "state": one.state, "minutes": one.minutes, "given_at": one.given_at, "due_at": one.due_at,
        "ended_at": one.ended_at, "result": one.result,
    }  # fmt: skip


def _entry(one: EmergencyEntry) -> dict[str, Any]:
    return {"at": one.at, "sort": one.sort, "text": one.text, "place": one.place, "expected": one.expected, "arrived": one.arrived}


@router.get("/emergencies/{slug}", response={200: BoardOut, 403: Problem, 404: Problem}, summary="The board of an emergency")
def board(request: HttpRequest, slug: str) -> Any:
    """Give tasks, log and people counted; for those who work for the town."""
    actor = actor_of(request)
    admit(rules.may_see_plans, actor)
    emergency = queries.emergency_for(seen_by=actor, slug=slug)
    found = queries.situation(seen_by=actor, emergency=emergency, at=timezone.now())
    return {
        "emergency": _emergency(emergency), "duties": [_duty(one) for one in queries.duties(seen_by=actor, emergency=emergency)],
        "log": [_entry(one) for one in queries.log(seen_by=actor, emergency=emergency)], "expected": found.expected, "arrived": found.arrived,
        "missing": found.missing,
    }  # fmt: skip


class LevelChangeIn(Schema):
    """The level from now on, and why."""

    level: LevelIn
    reason: str = Field(max_length=1000)


@router.post("/emergencies/{slug}/level", response={200: EmergencyOut, 403: Problem, 404: Problem, 409: Problem}, summary="Raise or lower the level")
def change_level(request: HttpRequest, slug: str, given: LevelChangeIn) -> Any:
    """Change the level; raising gives the tasks that had not been given."""
    actor = actor_of(request)
    emergency = queries.emergency_for(seen_by=actor, slug=slug)
    return _emergency(operations.change_level(by=actor, at=timezone.now(), emergency_id=emergency.pk, **given.dict()))


class StandDownIn(Schema):
    """Why the response may end."""

    reason: str = Field(max_length=1000)
    anyway: bool = Field(False, description="although people are not accounted for")


@router.post("/emergencies/{slug}/stand-down", response={200: EmergencyOut, 403: Problem, 404: Problem, 409: Problem}, summary="End the response")
def stand_down(request: HttpRequest, slug: str, given: StandDownIn) -> Any:
    """End the response; its case goes on to the review."""
    actor = actor_of(request)
    emergency = queries.emergency_for(seen_by=actor, slug=slug)
    return _emergency(operations.stand_down(by=actor, at=timezone.now(), emergency_id=emergency.pk, **given.dict()))


class LogLineIn(Schema):
    """What happened, what is needed, or people at a place."""

    sort: Literal["note", "resource", "count"] = "note"
    text: str = Field("", max_length=4000)
    place: str = Field("", max_length=80)
    expected: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    arrived: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    submission_key: str | None = Field(None, max_length=80, description="the same key is one entry")


@router.post("/emergencies/{slug}/log", response={201: LogLineOut, 403: Problem, 404: Problem, 409: Problem}, summary="Write in the log of an emergency")
def write_log(request: HttpRequest, slug: str, given: LogLineIn) -> Any:
    """Write a line; what is written is never changed."""
    actor = actor_of(request)
    emergency = queries.emergency_for(seen_by=actor, slug=slug)
    return Status(201, _entry(operations.write_log(by=actor, at=timezone.now(), emergency_id=emergency.pk, **given.dict())))


class DutyEndIn(Schema):
    """What came of a task."""

    done: bool
    result: str = Field("", max_length=4000)
    submission_key: str | None = Field(None, max_length=80, description="the same report sent twice is one")


@router.post("/emergency-duties/{duty_id}/end", response={200: DutyOut, 403: Problem, 404: Problem, 409: Problem}, summary="Report on a task")
def end_duty(request: HttpRequest, duty_id: Id, given: DutyEndIn) -> Any:
    """Report that a task is done, or cannot be."""
    return _duty(operations.end_duty(by=actor_of(request), at=timezone.now(), duty_id=duty_id, **given.dict()))


@router.post("/emergency-duties/{duty_id}/take", response={200: DutyOut, 403: Problem, 404: Problem, 409: Problem}, summary="Take a task up")
def take_duty(request: HttpRequest, duty_id: Id) -> Any:
    """Take a task up."""
    return _duty(operations.take_duty(by=actor_of(request), at=timezone.now(), duty_id=duty_id))


class AlertOut(Schema):
    """An alert; its CAP message stands at `cap`."""

    id: int
    identifier: str
    sender: str
    kind: str
    status: str
    event: str
    severity: str
    headline: str
    areas: list[str]
    sent_at: datetime
    expires_at: datetime
    state: str
    cap: str


def _alert(one: PublicAlert) -> dict[str, Any]:
    own = {name: getattr(one, name) for name in AlertOut.model_fields if name not in ("id", "cap")}
    return {"id": one.pk, "cap": f"/alerts/{one.pk}/cap.xml", **own}


@router.get("/alerts", response=list[AlertOut], summary="Alerts")
def alerts(request: HttpRequest, in_force: bool = True) -> Any:
    """List alerts in force, gravest first; or all, newest first (at most 100)."""
    actor = actor_of(request)
    found = queries.alerts_in_force(seen_by=actor, at=timezone.now()) if in_force else queries.alerts(seen_by=actor)[:100]
    return [_alert(one) for one in found]


@router.post(
    "/alerts", response={200: AlertOut, 201: AlertOut, 403: Problem, 409: Problem, 422: Problem}, summary="Bring in an alert of a superior",
    openapi_extra={"requestBody": {"required": True, "content": {"application/cap+xml": {"schema": {"type": "string"}}}}},
)  # fmt: skip
@needs("emergencies:write")
def bring(request: HttpRequest) -> Any:
    """Take a CAP 1.2 message (the body, XML). The same message twice is answered 200; senders are those that the town knows."""
    found, is_new = operations.take_alert(by=actor_of(request), at=timezone.now(), content=request.read(cap.MOST_BYTES + 1))
    return Status(201 if is_new else 200, _alert(found))


@router.get("/alerts/{alert_id}", response={200: AlertOut, 404: Problem}, summary="One alert")
def alert(request: HttpRequest, alert_id: Id) -> Any:
    """Give an alert."""
    return _alert(queries.alert_for(seen_by=actor_of(request), alert_id=alert_id))
