"""The town's areas and places for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.territory import datum as datums
from gongzhi.foundation.territory import queries
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import problem

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


class PlaceOut(Schema):
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


@router.get("/places", response=list[PlaceOut], summary="Places by name or address text")
def places(request: HttpRequest, q: str = Query(..., min_length=1, max_length=80)) -> Any:
    """Find places whose name or address fits a text."""
    return queries.places_like(seen_by=ANYONE, text=q)
