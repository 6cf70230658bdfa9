"""The registers of sources for programs: what pages show and take, by the same queries and operations."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sources import operations, queries, rules
from gongzhi.management_line.sources.models import Permit, Return

router = Router(tags=["registers"])
Code = Field(..., max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")
Longitude = Field(..., ge=-180, le=180)
Latitude = Field(..., ge=-90, le=90)


def _today(request: HttpRequest) -> date:
    return sensing.day_of(seen_by=actor_of(request), at=timezone.now())


def _firm(actor: Actor, code: str) -> int:
    """Return the firm with this code; what is none is refused by the operation."""
    found = organs.organ_by_code(seen_by=actor, code=code)
    return found.pk if found is not None else 0


# ---- sources, outlets, permits --------------------------------------------------------------------------------------
class OutletOut(Schema):
    """An outlet of a source."""

    code: str
    name: str
    medium: str
    longitude: float
    latitude: float
    height: float | None
    receiving_water: str
    station: str | None
    downstream: str | None
    downstream_hours: float | None


class SourceOut(Schema):
    """A pollution source."""

    code: str
    name: str
    firm: str
    industry_code: str
    industry: str
    level: str
    longitude: float
    latitude: float
    outlets: list[OutletOut]


class LimitOut(Schema):
    """A limit of a permit, with what the outlet has used of it in the year that runs."""

    outlet: str
    factor: str
    concentration: float | None
    low: float | None
    unit: str
    standard: str
    keeps: bool | None
    tonnes_a_year: float | None
    tonnes_used: float
    covered: float
    why: str


class PermitOut(Schema):
    """A permit."""

    number: str
    source: str
    valid_from: date
    valid_to: date
    state: str


class PermitDetail(PermitOut):
    """A permit with its limits."""

    limits: list[LimitOut]


def _source(source: Any) -> dict[str, Any]:
    return {
        "code": source.code,
        "name": source.name,
        "firm": source.organ.code,
        "industry_code": source.industry_code,
        "industry": source.industry,
        "level": source.level,
        "longitude": source.longitude,
        "latitude": source.latitude,
        "outlets": [
            {
                "code": one.code,
                "name": one.name,
                "medium": one.medium,
                "longitude": one.longitude,
                "latitude": one.latitude,
                "height": one.height,
                "receiving_water": one.receiving_water,
                "station": one.station.code if one.station else None,
                "downstream": one.downstream.code if one.downstream else None,
                "downstream_hours": one.downstream_hours,
            }
            for one in source.outlets.all()
        ],
    }


@router.get("/sources", response=list[SourceOut], summary="Pollution sources with their outlets")
def sources(request: HttpRequest) -> Any:
    """List the sources in use; permits and sources are public."""
    return [_source(one) for one in queries.sources(seen_by=actor_of(request)).prefetch_related("outlets__station", "outlets__downstream")]


@router.get("/sources/{code}", response=SourceOut, summary="One pollution source")
def source(request: HttpRequest, code: str) -> Any:
    """Give one source with its outlets."""
    return _source(queries.source_for(seen_by=actor_of(request), code=code))


class SourceIn(Schema):
    """A source to register; `firm` is the code of its organ."""

    code: str = Code
    name: str = Field(..., min_length=1, max_length=80)
    name_en: str = Field("", max_length=120)
    firm: str = Field(..., max_length=40)
    industry_code: str = Field(..., pattern=r"^[A-T]?[0-9]{2,4}$")
    industry: str = Field(..., max_length=80)
    level: Literal["key", "simple", "registered"]
    longitude: float = Longitude
    latitude: float = Latitude
    address: str = Field("", max_length=200)


@router.post("/sources", response={201: SourceOut}, summary="Register a pollution source")
@needs("registers:write")
def register_source(request: HttpRequest, given: SourceIn) -> Any:
    """Register a source, or correct the one with this code."""
    actor = actor_of(request)
    words = given.dict()
    made = operations.register_source(by=actor, at=timezone.now(), organ_id=_firm(actor, words.pop("firm")), **words)
    return 201, _source(queries.source_for(seen_by=actor, code=made.code))


class OutletIn(Schema):
    """An outlet to register; stations are named by their codes."""

    code: str = Field(..., pattern=r"^D[AW][0-9]{3}$")
    name: str = Field(..., min_length=1, max_length=80)
    longitude: float = Longitude
    latitude: float = Latitude
    height: float | None = Field(None, ge=0, le=400)
    receiving_water: str = Field("", max_length=80)
    station: str | None = Field(None, max_length=40)
    downstream: str | None = Field(None, max_length=40)
    downstream_hours: float | None = Field(None, ge=0, le=1000)


@router.post("/sources/{code}/outlets", response={201: SourceOut}, summary="Register an outlet")
@needs("registers:write")
def register_outlet(request: HttpRequest, code: str, given: OutletIn) -> Any:
    """Register an outlet of a source, or correct the one with this code."""
    actor = actor_of(request)
    found = queries.source_for(seen_by=actor, code=code)
    words = given.dict()
    for name in ("station", "downstream"):
        wanted = words.pop(name)
        words[f"{name}_id"] = sensing.station_for(seen_by=actor, code=wanted).pk if wanted else None
    operations.register_outlet(by=actor, at=timezone.now(), source_id=found.pk, **words)
    return 201, _source(queries.source_for(seen_by=actor, code=code))


def _permit(permit: Permit, on: date) -> dict[str, Any]:
    return {
        "number": permit.number,
        "source": permit.source.code,
        "valid_from": permit.valid_from,
        "valid_to": permit.valid_to,
        "state": permit.state_on(on),
    }


@router.get("/permits", response=list[PermitOut], summary="Discharge permits")
def permits(request: HttpRequest, state: Literal["", "valid", "soon", "expired", "coming", "ended"] = "") -> Any:
    """List the permits, the newest first; `state` narrows to those in force, ending within sixty days, expired ..."""
    on = _today(request)
    return [found for one in queries.permits(seen_by=actor_of(request)) if (found := _permit(one, on)) and state in ("", found["state"])]


@router.get("/permits/{number}", response=PermitDetail, summary="One permit with what is used of it")
def permit(request: HttpRequest, number: str) -> Any:
    """Give a permit with its limits, and for each what was given off in the year that runs and how that is known."""
    actor, at = actor_of(request), timezone.now()
    found = queries.permit_for(seen_by=actor, number=number)
    limits = [
        {
            "outlet": one.limit.outlet.code,
            "factor": one.limit.factor,
            "concentration": one.limit.concentration,
            "low": one.limit.low,
            "unit": one.limit.unit,
            "standard": one.limit.standard,
            "keeps": one.judged.keeps if one.judged else None,
            "tonnes_a_year": float(one.limit.year_amount) if one.limit.year_amount is not None else None,
            "tonnes_used": one.tonnes,
            "covered": one.used.covered,
            "why": str(one.why),
        }
        for one in queries.usage(seen_by=actor, permit=found, at=at)
    ]
    return _permit(found, _today(request)) | {"limits": limits}


class LimitIn(Schema):
    """A limit of a permit: a concentration with its unit, tonnes a year, or both."""

    outlet: str = Field(..., pattern=r"^D[AW][0-9]{3}$")
    factor: str = Field(..., min_length=1, max_length=40)
    standard: str = Field(..., min_length=1, max_length=200)
    concentration: float | None = Field(None, ge=0, le=1e9)
    low: float | None = Field(None, ge=0, le=1e9)
    unit: str = Field("", max_length=20)
    reference_oxygen: float | None = Field(None, ge=0, lt=21)
    year_amount: Decimal | None = Field(None, gt=0, max_digits=14, decimal_places=6)


class PermitIn(Schema):
    """A permit to enter."""

    number: str = Field(..., pattern=r"^[0-9A-Za-z-]{6,40}$")
    issued_by: str = Field("", max_length=80)
    valid_from: date
    valid_to: date
    limits: list[LimitIn] = Field(..., max_length=200)


@router.post("/sources/{code}/permits", response={201: PermitOut}, summary="Enter a permit")
@needs("registers:write")
def enter_permit(request: HttpRequest, code: str, given: PermitIn) -> Any:
    """Enter a permit of a source. Permits of one source do not overlap in time."""
    actor = actor_of(request)
    found = queries.source_for(seen_by=actor, code=code)
    words = given.dict()
    limits = [operations.LimitLine(**line) for line in words.pop("limits")]
    made = operations.enter_permit(by=actor, at=timezone.now(), source_id=found.pk, limits=limits, **words)
    return 201, _permit(queries.permit_for(seen_by=actor, number=made.number), _today(request))


class EndIn(Schema):
    """From which day a permit no longer holds, and why."""

    ended_on: date
    reason: str = Field(..., min_length=1, max_length=200)


@router.post("/permits/{number}/end", response=PermitOut, summary="End a permit before its time")
@needs("registers:write")
def end_permit(request: HttpRequest, number: str, given: EndIn) -> Any:
    """End a permit that was withdrawn or replaced."""
    actor = actor_of(request)
    found = queries.permit_for(seen_by=actor, number=number)
    operations.end_permit(by=actor, at=timezone.now(), permit_id=found.pk, **given.dict())
    return _permit(queries.permit_for(seen_by=actor, number=number), _today(request))


# ---- returns, the three highs ---------------------------------------------------------------------------------------
class ReturnOut(Schema):
    """A firm's return."""

    id: int
    firm: str
    period: str
    starts_on: date
    ends_on: date
    output_value: float
    energy: float
    water: float
    state: str
    remark: str
    filed_at: datetime


def _return(one: Return) -> dict[str, Any]:
    return {
        "id": one.pk,
        "firm": one.organ.code,
        "period": one.period,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "output_value": float(one.output_value),
        "energy": float(one.energy),
        "water": float(one.water),
        "state": one.state,
        "remark": one.remark,
        "filed_at": one.filed_at,
    }


@router.get("/returns", response=list[ReturnOut], summary="Returns of firms")
@needs("registers:read")
def returns(request: HttpRequest, state: Literal["", "filed", "accepted", "returned"] = "", most: int = Query(200, ge=1, le=1000)) -> Any:
    """List the returns that the caller may see, the newest period first: staff all, a firm its own."""
    return [_return(one) for one in queries.returns(seen_by=actor_of(request), state=state)[:most]]


class AmountIn(Schema):
    """What an outlet gave off of a factor, in kilograms."""

    source: str = Field(..., max_length=40)
    outlet: str = Field(..., pattern=r"^D[AW][0-9]{3}$")
    factor: str = Field(..., min_length=1, max_length=40)
    kilograms: Decimal = Field(..., ge=0, max_digits=16, decimal_places=3)


class ReturnIn(Schema):
    """A return to file: output in 10,000 yuan, energy in tonnes of standard coal, water in m³."""

    firm: str = Field(..., max_length=40)
    period: Literal["month", "quarter"]
    starts_on: date
    output_value: Decimal = Field(..., ge=0, max_digits=14, decimal_places=2)
    energy: Decimal = Field(..., ge=0, max_digits=14, decimal_places=3)
    water: Decimal = Field(..., ge=0, max_digits=14, decimal_places=2)
    amounts: list[AmountIn] = Field([], max_length=500)
    note: str = Field("", max_length=400)


@router.post("/returns", response={201: ReturnOut}, summary="File a firm's return")
@needs("registers:write")
def file_return(request: HttpRequest, given: ReturnIn) -> Any:
    """File a return for the caller's firm, for a month or quarter that is over."""
    actor = actor_of(request)
    words = given.dict()
    firm = _firm(actor, words.pop("firm"))
    known = {(one.source.code, one.code): one.pk for one in queries.outlets_of_firm(seen_by=actor, organ_id=firm)}
    amounts = [
        operations.AmountLine(outlet_id=known.get((line["source"], line["outlet"]), 0), factor=line["factor"], kilograms=line["kilograms"])
        for line in words.pop("amounts")
    ]
    made = operations.file_return(by=actor, at=timezone.now(), organ_id=firm, amounts=amounts, **words)
    return 201, _return(queries.return_for(seen_by=actor, return_id=made.pk))


class CheckIn(Schema):
    """The check of a return."""

    accepted: bool
    remark: str = Field("", max_length=400)


@router.post("/returns/{return_id}/check", response=ReturnOut, summary="Accept a return or send it back")
@needs("registers:write")
def check_return(request: HttpRequest, return_id: int, given: CheckIn) -> Any:
    """Accept a return, or send it back with what is to be put right."""
    actor = actor_of(request)
    if not 0 < return_id < 2**62:
        return problem(404, "Not found", code="NotFound")
    found = queries.return_for(seen_by=actor, return_id=return_id)
    operations.check_return(by=actor, at=timezone.now(), return_id=found.pk, **given.dict())
    return _return(queries.return_for(seen_by=actor, return_id=found.pk))


class MeasureOut(Schema):
    """A firm's intensity in one measure, per 10,000 yuan of output, beside the town's threshold."""

    measure: str
    amount: float
    value: float | None
    threshold: float | None
    basis: str
    high: bool


class HighOut(Schema):
    """A firm over its last year of accepted returns."""

    firm: str
    since: date
    until: date
    returns: int
    output: float
    high: bool
    measures: list[MeasureOut]


@router.get("/three-highs", response=list[HighOut], summary="Firms by energy, water and emissions per output")
@needs("registers:read")
def highs(request: HttpRequest) -> Any:
    """List the firms with their intensities, those highest above a threshold first; for the town's staff."""
    actor = actor_of(request)
    admit(rules.may_trace, actor)
    return [
        {
            "firm": one.organ.code,
            "since": one.since,
            "until": one.until,
            "returns": one.returns,
            "output": float(one.measures[0].output),
            "high": one.is_high,
            "measures": [
                {
                    "measure": each.measure,
                    "amount": float(each.amount),
                    "value": float(each.value) if each.value is not None else None,
                    "threshold": float(each.limit) if each.limit is not None else None,
                    "basis": each.basis,
                    "high": each.is_high,
                }
                for each in one.measures
            ],
        }
        for one in queries.highs(seen_by=actor, on=_today(request))
    ]


class ThresholdIn(Schema):
    """A threshold of the three highs: energy, water, or a factor's code."""

    measure: str = Field(..., min_length=1, max_length=40)
    limit: Decimal = Field(..., gt=0, max_digits=14, decimal_places=5)
    basis: str = Field(..., min_length=1, max_length=200)
    valid_from: date


class ThresholdOut(Schema):
    """A threshold with its days."""

    measure: str
    limit: float
    unit: str
    basis: str
    valid_from: date
    valid_to: date | None


@router.get("/three-highs/thresholds", response=list[ThresholdOut], summary="Thresholds of the three highs")
@needs("registers:read")
def thresholds(request: HttpRequest) -> Any:
    """List the thresholds with their days and basis."""
    admit(rules.may_trace, actor_of(request))
    return list(queries.thresholds(seen_by=actor_of(request)))


@router.post("/three-highs/thresholds", response={201: ThresholdOut}, summary="Set a threshold")
@needs("registers:write")
def set_threshold(request: HttpRequest, given: ThresholdIn) -> Any:
    """Set a threshold from a day on; the one before it ends the day before."""
    return 201, operations.set_threshold(by=actor_of(request), at=timezone.now(), **given.dict())


# ---- risks and sensitive places -------------------------------------------------------------------------------------
class SubstanceOut(Schema):
    """A substance at a risk source, in tonnes."""

    name: str
    cas: str
    quantity: float
    threshold: float
    basis: str


class RiskOut(Schema):
    """A risk source with its substances and the state of its plan."""

    code: str
    name: str
    firm: str
    longitude: float
    latitude: float
    q: float
    substances: list[SubstanceOut]
    plan: str
    plan_revision_due_on: date | None
    last_drill_on: date | None


@router.get("/risks", response=list[RiskOut], summary="Risk sources")
@needs("registers:read")
def risks(request: HttpRequest) -> Any:
    """List the risk sources that the caller may see: staff all, a firm its own."""
    actor, on = actor_of(request), _today(request)
    admit(rules.sees_registers, actor)
    return [
        {
            "code": one.risk.code,
            "name": one.risk.name,
            "firm": one.risk.organ.code,
            "longitude": one.risk.longitude,
            "latitude": one.risk.latitude,
            "q": float(one.ratio),
            "substances": one.substances,
            "plan": one.plan_state(on),
            "plan_revision_due_on": one.plan.revision_due_on if one.plan else None,
            "last_drill_on": one.drill.held_on if one.drill else None,
        }
        for one in queries.risks(seen_by=actor)
    ]


class RiskIn(Schema):
    """A risk source to register."""

    code: str = Code
    name: str = Field(..., min_length=1, max_length=80)
    firm: str = Field(..., max_length=40)
    longitude: float = Longitude
    latitude: float = Latitude
    contact_post: str = Field("", max_length=80)
    note: str = Field("", max_length=400)


class Made(Schema):
    """What was made, by its id."""

    id: int


@router.post("/risks", response={201: Made}, summary="Register a risk source")
@needs("registers:write")
def register_risk(request: HttpRequest, given: RiskIn) -> Any:
    """Register a risk source, or correct the one with this code."""
    actor = actor_of(request)
    words = given.dict()
    return 201, {"id": operations.register_risk_source(by=actor, at=timezone.now(), organ_id=_firm(actor, words.pop("firm")), **words).pk}


class SubstanceIn(Schema):
    """A substance to list, in tonnes; the threshold with its basis."""

    name: str = Field(..., min_length=1, max_length=80)
    cas: str = Field("", pattern=r"^([0-9]{2,7}-[0-9]{2}-[0-9])?$")
    quantity: Decimal = Field(..., ge=0, max_digits=12, decimal_places=4)
    threshold: Decimal = Field(..., gt=0, max_digits=12, decimal_places=4)
    basis: str = Field(..., min_length=1, max_length=120)


@router.post("/risks/{code}/substances", response={201: Made}, summary="List a substance")
@needs("registers:write")
def list_substance(request: HttpRequest, code: str, given: SubstanceIn) -> Any:
    """List a substance of a risk source with the most that is there at a time."""
    actor = actor_of(request)
    risk = queries.risk_for(seen_by=actor, code=code)
    return 201, {"id": operations.list_substance(by=actor, at=timezone.now(), risk_id=risk.pk, **given.dict()).pk}


class PlanIn(Schema):
    """An emergency plan to file; its document is added on the page."""

    title: str = Field(..., min_length=1, max_length=120)
    number: str = Field(..., min_length=1, max_length=60)
    filed_on: date
    revision_due_on: date


@router.post("/risks/{code}/plans", response={201: Made}, summary="File an emergency plan")
@needs("registers:write")
def file_plan(request: HttpRequest, code: str, given: PlanIn) -> Any:
    """File an emergency plan of a risk source."""
    actor = actor_of(request)
    risk = queries.risk_for(seen_by=actor, code=code)
    return 201, {"id": operations.file_plan(by=actor, at=timezone.now(), risk_id=risk.pk, **given.dict()).pk}


class DrillIn(Schema):
    """A drill that was held."""

    held_on: date
    scenario: str = Field(..., min_length=1, max_length=200)
    finding: str = Field("", max_length=400)


@router.post("/risks/{code}/drills", response={201: Made}, summary="Record a drill")
@needs("registers:write")
def record_drill(request: HttpRequest, code: str, given: DrillIn) -> Any:
    """Record a drill of a risk source."""
    actor = actor_of(request)
    risk = queries.risk_for(seen_by=actor, code=code)
    return 201, {"id": operations.record_drill(by=actor, at=timezone.now(), risk_id=risk.pk, **given.dict()).pk}


class PlaceOut(Schema):
    """A place to be protected."""

    name: str
    kind: str
    population: int | None
    longitude: float
    latitude: float


class NearOut(PlaceOut):
    """A place near a risk source."""

    metres: float
    degrees: float


def _place(place: Any) -> dict[str, Any]:
    return {name: getattr(place, name) for name in ("name", "kind", "population", "longitude", "latitude")}


@router.get("/risks/{code}/near", response=list[NearOut], summary="Sensitive places within a radius of a risk source")
@needs("registers:read")
def near(request: HttpRequest, code: str, radius: float = Query(1000, gt=0, le=50_000)) -> Any:
    """List the places to be protected within a radius in metres, the nearest first."""
    actor = actor_of(request)
    risk = queries.risk_for(seen_by=actor, code=code)
    return [
        _place(one.place) | {"metres": one.metres, "degrees": one.degrees}
        for one in queries.near(seen_by=actor, longitude=risk.longitude, latitude=risk.latitude, radius=radius)
    ]


@router.get("/sensitive-places", response=list[PlaceOut], summary="Sensitive places")
@needs("registers:read")
def places(request: HttpRequest) -> Any:
    """List the places to be protected, for staff and firms."""
    actor = actor_of(request)
    admit(rules.sees_registers, actor)
    return [_place(one) for one in queries.sensitive_places(seen_by=actor)]


class PlaceIn(Schema):
    """A place to register."""

    name: str = Field(..., min_length=1, max_length=80)
    name_en: str = Field("", max_length=120)
    kind: Literal["school", "hospital", "intake", "village", "reserve"]
    population: int | None = Field(None, ge=0, le=1_000_000)
    longitude: float = Longitude
    latitude: float = Latitude
    closed_on: date | None = Field(None, description="day since which it is no longer there; it is listed no more")


@router.post("/sensitive-places", response={201: PlaceOut}, summary="Register a sensitive place")
@needs("registers:write")
def register_place(request: HttpRequest, given: PlaceIn) -> Any:
    """Register a place to be protected, or correct the one of this name."""
    return 201, _place(operations.register_sensitive_place(by=actor_of(request), at=timezone.now(), **given.dict()))


# ---- tracing --------------------------------------------------------------------------------------------------------
class SuspectOut(Schema):
    """A likely source with its weight and why."""

    source: str
    outlet: str | None
    firm: str
    share: float
    weight: float
    metres: float
    hours: float | None
    certain: bool
    reasons: list[str]


class TraceOut(Schema):
    """Where an exceedance may come from. A reason to look, not a proof."""

    way: str
    station: str
    factor: str
    since: datetime
    until: datetime
    case: str | None
    notes: list[str]
    suspects: list[SuspectOut]


@router.get("/episodes/{episode_id}/trace", response=TraceOut, summary="Likely sources of a stretch beyond a limit")
@needs("registers:read")
def trace(request: HttpRequest, episode_id: int) -> Any:
    """Give the likely sources by wind, stream or distance, the heaviest first; for the town's staff."""
    actor = actor_of(request)
    admit(rules.may_trace, actor)
    if not 0 < episode_id < 2**62:
        return problem(404, "Not found", code="NotFound")
    found = queries.trace(seen_by=actor, episode_id=episode_id, at=timezone.now())
    return {
        "way": found.way,
        "station": found.station.code,
        "factor": found.episode.factor,
        "since": found.since,
        "until": found.until,
        "case": found.episode.case.number if found.episode.case else None,
        "notes": [str(note) for note in found.notes],
        "suspects": [
            {
                "source": one.source.code,
                "outlet": one.outlet.code if one.outlet else None,
                "firm": one.organ.code,
                "share": one.share,
                "weight": one.weight,
                "metres": one.metres,
                "hours": one.hours,
                "certain": one.is_certain,
                "reasons": [str(reason) for reason in one.reasons],
            }
            for one in found.suspects
        ],
    }
