"""Sources, their outlets and permits."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Schema

from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sources import operations, queries
from gongzhi.management_line.sources.api.sharing import Code, Latitude, Longitude, _firm, _today, router
from gongzhi.management_line.sources.models import Permit


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
