"""What keepers of stations and devices do, for programs: the same acts as on the pages."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.sensing import operations, queries, rules
from gongzhi.management_line.sensing.api.reading import StationOut, as_told, router
from gongzhi.management_line.sensing.models import Station

WRITE = "sensing:write"
KindCode = Literal[
    "surface_water", "waste_water", "level", "air", "flue_gas", "dust", "noise", "soil", "waste", "ecology"
]  # fmt: skip
assert set(KindCode.__args__) == set(Station.Kind.values)  # type: ignore[attr-defined]
Code = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,40}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _asker(request: HttpRequest) -> tuple[Actor, datetime]:
    return actor_of(request), timezone.now()


# ---- stations -------------------------------------------------------------------------------------------------------
class StationIn(Schema):
    """What is registered of a station. A PUT replaces all of it."""

    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field("", max_length=120)
    kind: KindCode
    longitude: float | None = Field(None, ge=-180, le=180, description="WGS-84 degrees")
    latitude: float | None = Field(None, ge=-90, le=90)
    address: str = Field("", max_length=200)
    organ: str = Field("", max_length=40, description="code of the organ that answers for it")
    is_public: bool = True
    flows_to: str = Field("", max_length=40, description="code of the next monitoring point downstream")
    flow_hours: float | None = Field(None, ge=0, le=1000)


class NewStation(StationIn):
    """A station that is not registered yet."""

    code: Code


class StationMade(Schema):
    """What was made, by the name that its address has."""

    id: int
    code: str
    url: str


def _register(request: HttpRequest, code: str, given: StationIn) -> Any:
    actor, at = _asker(request)
    fields = given.model_dump(exclude={"organ", "flows_to", "code"})
    organ = organs.organ_by_code(seen_by=actor, code=given.organ) if given.organ else None
    if given.organ and organ is None:
        return problem(422, _("There is no organ with this code."), field="organ")
    onward = queries.points_of_water(seen_by=actor).filter(code=given.flows_to).first() if given.flows_to else None
    if given.flows_to and onward is None:
        return problem(422, _("There is no point of water with this code."), field="flows_to")
    station = operations.register_station(
        by=actor, at=at, code=code, **fields, organ_id=organ.pk if organ else None, flows_to_id=onward.pk if onward else None
    )
    return {"id": station.pk, "code": station.code, "url": f"/stations/{station.code}/"}


@router.post("/stations", response={201: StationMade}, summary="Register a station")
@needs(WRITE)
def new_station(request: HttpRequest, given: NewStation) -> Any:
    """Register a monitoring station."""
    actor = actor_of(request)
    admit(rules.may_register, actor)
    if queries.stations(seen_by=actor).filter(code=given.code).exists():
        return problem(409, _("A station with this short name is registered already."), field="code")
    if queries.closed_stations(seen_by=actor).filter(code=given.code).exists():
        return problem(409, _("A closed station has this short name. Open that one again by a PUT to its address, or choose another name."), field="code")
    made = _register(request, given.code, given)
    return Status(201, made) if isinstance(made, dict) else made


@router.put("/stations/{code}", response=StationMade, summary="Correct a station")
@needs(WRITE)
def correct_station(request: HttpRequest, code: str, given: StationIn) -> Any:
    """Replace what is registered of a station; its code stays, for addresses lead to it. One that was closed is open again."""
    queries.station_for(seen_by=actor_of(request), code=code)
    return _register(request, code, given)


class ClosingIn(Schema):
    """That a station measures no more."""

    reason: str = Field(min_length=1, max_length=200)
    since: AwareDatetime | None = Field(None, description="where it stopped before now; not before its last reading")


@router.post("/stations/{code}/close", response=StationOut, summary="Close a station")
@needs(WRITE)
def close_station(request: HttpRequest, code: str, given: ClosingIn) -> Any:
    """Close a station: it leaves the lists and the early warnings, and its devices are retired. Its readings, alarms and limits stay."""
    actor, at = _asker(request)
    station = operations.close_station(by=actor, at=at, station_id=queries.station_for(seen_by=actor, code=code).pk, **given.model_dump())
    return as_told(queries.station_now(seen_by=actor, at=at, station=station))


class SeriesIn(Schema):
    """What a station measures."""

    factor: Code
    aggregate: str = Field("rtd", max_length=24, pattern=r"^[a-z]+(\.[a-z]+)?$")
    unit: str = Field("", max_length=20)


class SeriesOut(SeriesIn):
    """A series with its id."""

    id: int


@router.get("/stations/{code}/series", response=list[SeriesOut], summary="What a station measures")
def series(request: HttpRequest, code: str) -> Any:
    """List the series of a station."""
    actor = actor_of(request)
    return list(queries.series_of(seen_by=actor, station_id=queries.station_for(seen_by=actor, code=code).pk))


@router.post("/stations/{code}/series", response={201: SeriesOut}, summary="Define what a station measures")
@needs(WRITE)
def new_series(request: HttpRequest, code: str, given: SeriesIn) -> Any:
    """Define a series before its first reading; one that is there already is returned as it is."""
    actor, at = _asker(request)
    station = queries.station_for(seen_by=actor, code=code)
    return Status(201, operations.define_series(by=actor, at=at, station_id=station.pk, **given.model_dump()))


# ---- limits ---------------------------------------------------------------------------------------------------------
class StationLimitIn(Schema):
    """A limit of one station, in the unit of its series."""

    title: str = Field(min_length=1, max_length=60)
    factor: Code
    aggregate: str = Field("rtd", max_length=24)
    comparator: Literal["above", "below"] = "above"
    limit: Finite
    unit: str = Field(max_length=20)
    return_difference: float = Field(0, ge=0, allow_inf_nan=False)
    count: int = Field(2, ge=1, le=100)
    duration_seconds: int = Field(0, ge=0, le=86_400)
    clean_count: int = Field(3, ge=1, le=100)
    severity: int = Field(2, ge=1, le=4)
    clause: str = Field("", max_length=200, description="the standard that sets it, with its clause")
    valid_from: date


class StationLimitOut(Schema):
    """A limit as it is kept."""

    id: int
    title: str
    factor: str
    aggregate: str
    comparator: str
    limit: float
    unit: str
    return_difference: float
    count: int
    duration_seconds: int
    clean_count: int
    severity: int
    clause: str
    valid_from: date
    valid_to: date | None = Field(description="first day on which it holds no more")


class LimitEnd(Schema):
    """When a limit ends."""

    on: date = Field(description="first day on which it holds no more")


@router.get("/stations/{code}/limits", response=list[StationLimitOut], summary="Limits of a station, those that ended too")
def limits(request: HttpRequest, code: str) -> Any:
    """List a station's own limits and those of its kind, the newest first."""
    actor = actor_of(request)
    return list(queries.limits_ever(seen_by=actor, station=queries.station_for(seen_by=actor, code=code)))


@router.post("/stations/{code}/limits", response={201: StationLimitOut}, summary="Set a limit")
@needs(WRITE)
def new_limit(request: HttpRequest, code: str, given: StationLimitIn) -> Any:
    """Set a limit for a station from a day on."""
    actor, at = _asker(request)
    station = queries.station_for(seen_by=actor, code=code)
    return Status(201, operations.set_limit(by=actor, at=at, station_id=station.pk, **given.model_dump()))


@router.post("/limits/{limit_id}/end", response=StationLimitOut, summary="End a limit")
@needs(WRITE)
def end_limit(request: HttpRequest, limit_id: Id, given: LimitEnd) -> Any:
    """Let a limit hold no more from a day on; what it judged stays."""
    actor, at = _asker(request)
    return operations.end_limit(by=actor, at=at, limit_id=limit_id, on=given.on)


# ---- devices --------------------------------------------------------------------------------------------------------
class NewDevice(Schema):
    """A logger that is not registered yet."""

    station: str = Field(description="code of the station it reports for")
    mn: str = Field(pattern=r"^[0-9A-Za-z]{4,40}$")
    password: str = Field(min_length=4, max_length=40)
    report_seconds: int = Field(60, ge=1, le=86_400)
    series: dict[Code, Annotated[str, StringConstraints(max_length=20)]] = Field({}, description="factor code → unit of what it reports")


class RequestIn(Schema):
    """What a device is asked for."""

    command: Literal["1012", "2051", "2061", "2031"] = Field(description="CN of HJ 212: set the clock, minutes, hours or days again")
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class RequestOut(Schema):
    """A request and what came of it."""

    id: int
    command: str
    begins_at: datetime | None
    ends_at: datetime | None
    state: str
    result: str
    asked_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


class WindowIn(Schema):
    """A time in which a device is worked on."""

    begins_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str = Field(min_length=1, max_length=200)


STATE = "proposed: the supervised unit said it and no officer has confirmed it yet, so it does not count; confirmed; declined"


class WindowOut(WindowIn):
    """A planned time of work."""

    id: int
    state: Literal["proposed", "confirmed", "declined"] = Field(description=STATE)
    answer: str = Field("", description="why it was declined")


class CalibrationIn(Schema):
    """A comparison with a reference."""

    factor: Code
    done_on: date
    reference: Finite
    found: Finite
    passed: bool
    next_due_on: date | None = None
    note: str = Field("", max_length=200)


class CalibrationOut(CalibrationIn):
    """A recorded calibration."""

    id: int
    deviation: float | None
    state: Literal["proposed", "confirmed", "declined"] = Field(description=STATE)
    answer: str = Field("", description="why it was declined")


class KeepingNoticeOut(Schema):
    """What a device told beside readings."""

    command: str = Field(description="CN of HJ 212: 2081 it was started, 2071 and 2072 an alarm of its own")
    told_at: datetime
    received_at: datetime
    content: str = Field(description="CP as it came")


class NewPassword(Schema):
    """Another password of a device."""

    password: str = Field(min_length=4, max_length=40)


@router.post("/devices", response={201: StationMade}, summary="Register a device")
@needs(WRITE)
def new_device(request: HttpRequest, given: NewDevice) -> Any:
    """Register a logger of a station; its password is sealed and never given back."""
    actor, at = _asker(request)
    station = queries.station_for(seen_by=actor, code=given.station)
    device = operations.register_device(by=actor, at=at, station_id=station.pk, **given.model_dump(exclude={"station"}))
    return Status(201, {"id": device.pk, "code": device.mn, "url": f"/stations/devices/{device.mn}/"})


@router.put("/devices/{mn}/password", response={204: None}, summary="Change a device's password")
@needs(WRITE)
def new_password(request: HttpRequest, mn: str, given: NewPassword) -> Any:
    """Give a device another password; the old one no longer opens."""
    actor, at = _asker(request)
    operations.rotate_device_password(by=actor, at=at, device_id=queries.device_for(seen_by=actor, mn=mn).pk, password=given.password)
    return Status(204, None)


@router.get("/devices/{mn}/requests", response=list[RequestOut], summary="What a device was asked for")
def requests(request: HttpRequest, mn: str) -> Any:
    """List the newest hundred requests to a device, with what came of them."""
    actor = actor_of(request)
    return list(queries.requests_of(seen_by=actor, device_id=queries.device_for(seen_by=actor, mn=mn).pk)[:100])


@router.post("/devices/{mn}/requests", response={201: RequestOut}, summary="Ask a device")
@needs(WRITE)
def ask(request: HttpRequest, mn: str, given: RequestIn) -> Any:
    """Ask a device to set its clock or to send a stretch again; it is asked as soon as it is connected."""
    actor, at = _asker(request)
    return Status(201, operations.ask_device(by=actor, at=at, device_id=queries.device_for(seen_by=actor, mn=mn).pk, **given.model_dump()))


@router.get("/devices/{mn}/maintenance", response=list[WindowOut], summary="Planned times of work on a device")
def windows(request: HttpRequest, mn: str) -> Any:
    """List the newest hundred times in which a device is or was worked on."""
    actor = actor_of(request)
    return list(queries.maintenance_of(seen_by=actor, device_id=queries.device_for(seen_by=actor, mn=mn).pk)[:100])


@router.post("/devices/{mn}/maintenance", response={201: WindowOut}, summary="Plan work on a device")
@needs(WRITE)
def plan(request: HttpRequest, mn: str, given: WindowIn) -> Any:
    """Announce a time of work, from now on: what the device sends in it is kept with the mark M and judged by nothing.

    Announced by the unit that is supervised, it is a proposal and counts once an officer has confirmed it.
    """
    actor, at = _asker(request)
    return Status(201, operations.plan_maintenance(by=actor, at=at, device_id=queries.device_for(seen_by=actor, mn=mn).pk, **given.model_dump()))


@router.get("/devices/{mn}/calibrations", response=list[CalibrationOut], summary="Calibrations of a device")
def calibrations(request: HttpRequest, mn: str) -> Any:
    """List the newest hundred calibrations of a device."""
    actor = actor_of(request)
    return list(queries.calibrations_of(seen_by=actor, device_id=queries.device_for(seen_by=actor, mn=mn).pk)[:100])


@router.post("/devices/{mn}/calibrations", response={201: CalibrationOut}, summary="Record a calibration")
@needs(WRITE)
def calibrate(request: HttpRequest, mn: str, given: CalibrationIn) -> Any:
    """Record that a device was compared with a reference. Entered by the unit that is supervised, it is a proposal."""
    actor, at = _asker(request)
    return Status(201, operations.record_calibration(by=actor, at=at, device_id=queries.device_for(seen_by=actor, mn=mn).pk, **given.model_dump()))


@router.get("/devices/{mn}/notices", response=list[KeepingNoticeOut], summary="What a device told beside readings")
def notices(request: HttpRequest, mn: str) -> Any:
    """List the newest hundred notices of a device: its starts, its own alarms, what else it said."""
    actor = actor_of(request)
    return list(queries.notices_of(seen_by=actor, device_id=queries.device_for(seen_by=actor, mn=mn).pk)[:100])
