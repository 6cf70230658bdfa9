"""The town's areas and places for programs."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.territory import datum as datums
from gongzhi.foundation.territory import operations, queries, rules
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem

router = Router(tags=["town"])


class TownOut(Schema):
    """The town that answers at this host."""

    code: str
    name: str
    name_en: str
    division_code: str
    time_zone: str


class AreaOut(Schema):
    """A node of the territory."""

    id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    path: str


class NamedPlaceOut(Schema):
    """A named place."""

    name: str
    address: str
    longitude: float
    latitude: float
    area_id: int | None


class Point(Schema):
    """A point on the Earth."""

    longitude: float = Field(ge=-180, le=180)
    latitude: float = Field(ge=-90, le=90)
    datum: str = Field("wgs84", pattern="^(wgs84|gcj02|bd09)$")


@router.get("/town", response=TownOut, summary="The town")
def town(request: HttpRequest) -> Any:
    """Tell which town answers here."""
    return queries.town(seen_by=ANYONE)


@router.get("/areas", response=list[AreaOut], summary="Areas, parents before children")
def areas(request: HttpRequest, level: str = "") -> Any:
    """List the areas that hold now; boundaries are at /areas.geojson."""
    return list(queries.areas(seen_by=ANYONE, level=level).defer("boundary"))


@router.get("/locate", response={200: AreaOut | None}, summary="The grid of a point")
def locate(request: HttpRequest, point: Query[Point]) -> Any:
    """Tell in which grid a point lies; null outside every grid."""
    try:
        longitude, latitude = datums.to_wgs84(point.longitude, point.latitude, point.datum)
    except datums.UnknownDatum:
        return problem(422, "unknown datum", field="datum")
    return queries.locate(seen_by=ANYONE, longitude=longitude, latitude=latitude)


@router.get("/places", response=list[NamedPlaceOut], summary="Places by name or address text")
def places(request: HttpRequest, q: str = Query(..., min_length=1, max_length=80)) -> Any:
    """Find places whose name or address fits a text."""
    return queries.places_like(seen_by=ANYONE, text=q)


# ---- administration -------------------------------------------------------------------------------------------------
class TownIn(Schema):
    """What the town is called and which hosts lead to it."""

    name: str = Field(max_length=80)
    short_name: str = Field(max_length=12)
    name_en: str = Field("", max_length=120)
    division_code: str = Field("", max_length=12)
    hosts: list[str] = []


class RulesIn(Schema):
    """Some of the town's rules; those that are left out stay, null takes one away."""

    dispatch_organ: str | None = None
    open311_keys: dict[str, str] | list[str] | None = None
    openid: dict[str, Any] | None = None
    webhook: dict[str, str] | None = None
    attachment_limits: dict[str, int] | None = None
    raw_packet_days: int | None = None
    raw_reading_days: int | None = None
    longest_maintenance_hours: int | None = None
    erasure: dict[str, Any] | None = None
    retention: dict[str, dict[str, Any]] | None = None


class AreaIn(Schema):
    """An area; the one with this code is corrected, or drawn anew from now on."""

    level: str
    code: str = Field(max_length=20)
    name: str = Field(max_length=80)
    parent_id: int | None = None
    boundary: dict[str, Any] | None = None


class FaultOut(Schema):
    """A piece of a community that no grid has (gap), or that two have (overlap)."""

    kind: str
    area_ids: list[int]
    square_metres: float
    shape: dict[str, Any]


@router.put("/town", response=TownOut, summary="Name the town")
@needs("town:write")
def name_town(request: HttpRequest, given: TownIn) -> Any:
    """Name the town anew and say which hosts lead to it."""
    return operations.name_town(by=actor_of(request), at=timezone.now(), **given.dict())


@router.get("/town/rules", response=dict[str, Any], summary="The town's rules")
@needs("town:read")
def town_rules(request: HttpRequest) -> Any:
    """Show the town's rules; for the committee and the administrator."""
    admit(rules.may_set_town_rules, actor_of(request))
    return queries.town(seen_by=actor_of(request)).settings


@router.patch("/town/rules", response=dict[str, Any], summary="Set some of the town's rules")
@needs("town:write")
def set_rules(request: HttpRequest, given: RulesIn) -> Any:
    """Set the rules that are named; the others stay."""
    return operations.set_town_rules(by=actor_of(request), at=timezone.now(), **given.dict(exclude_unset=True)).settings


@router.post("/areas", response={201: AreaOut}, summary="Draw an area")
@needs("town:write")
def define_area(request: HttpRequest, given: AreaIn) -> Any:
    """Define an area, or correct the one with this code; a new boundary (GeoJSON, WGS-84) holds from now on."""
    return 201, operations.define_area(by=actor_of(request), at=timezone.now(), **given.dict())


@router.post("/areas/{int:area_id}/end", response=AreaOut, summary="End an area")
@needs("town:write")
def end_area(request: HttpRequest, area_id: int) -> Any:
    """End an area that has none below it; cases taken in under it keep it."""
    return operations.end_area(by=actor_of(request), at=timezone.now(), area_id=area_id)


@router.get("/coverage", response=list[FaultOut], summary="Gaps and overlaps between grids")
@needs("town:read")
def coverage(request: HttpRequest) -> Any:
    """List where grids leave gaps in their community or overlap, the largest first."""
    admit(rules.may_define_territory, actor_of(request))
    return queries.coverage(seen_by=actor_of(request))
