"""Risk sources, their substances, plans and drills, and sensitive places."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Schema

from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit
from gongzhi.management_line.sources import operations, queries, rules
from gongzhi.management_line.sources.api.sharing import Code, Latitude, Longitude, _firm, _today, router


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
