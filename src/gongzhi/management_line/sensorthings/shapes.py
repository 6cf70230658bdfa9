"""Geometries: WKT of questions, GeoJSON of entities, in longitude and latitude (EPSG:4326). Planar, as the standard's examples are."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

MOST_VERTICES = 20_000
GEOJSON = frozenset({"application/geo+json", "application/vnd.geo+json"})
_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"})

RELATIONS: Mapping[str, Callable[[BaseGeometry, BaseGeometry], Any]] = {
    "geo.intersects": shapely.intersects, "st_intersects": shapely.intersects, "st_equals": shapely.equals, "st_disjoint": shapely.disjoint,
    "st_touches": shapely.touches, "st_within": shapely.within, "st_overlaps": shapely.overlaps, "st_crosses": shapely.crosses, "st_contains": shapely.contains,
}  # fmt: skip


def from_wkt(text: str) -> BaseGeometry:
    """Return the geometry of a WKT literal, `SRID=4326;` before it allowed; raise ValueError."""
    head, semicolon, rest = text.partition(";")
    wkt = rest if semicolon and head.strip().upper().startswith("SRID=") else text
    try:
        found = shapely.from_wkt(wkt)
    except (shapely.GEOSException, ValueError, TypeError) as error:
        raise ValueError(text) from error
    if found is None or not _is_bounded(found):
        raise ValueError(text)
    return found


def from_geojson(content: Any) -> BaseGeometry | None:
    """Return the geometry of GeoJSON (a geometry or a feature), or None where there is none."""
    if isinstance(content, dict) and content.get("type") == "Feature":
        content = content.get("geometry")
    if not isinstance(content, dict) or content.get("type") not in _TYPES:
        return None
    try:
        found = shapely.from_geojson(json.dumps(content, allow_nan=False))
    except (shapely.GEOSException, ValueError, TypeError, RecursionError):
        return None
    return found if found is not None and _is_bounded(found) else None


def _is_bounded(found: BaseGeometry) -> bool:
    return int(shapely.get_num_coordinates(found)) <= MOST_VERTICES and (found.is_empty or all(map(math.isfinite, found.bounds)))


def is_on_earth(found: BaseGeometry) -> bool:
    """Return whether all of it lies within longitude and latitude."""
    if found.is_empty:
        return False
    west, south, east, north = found.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def point_of(content: Any) -> tuple[float, float] | None:
    """Return (longitude, latitude) of a GeoJSON point, or None for anything else."""
    found = from_geojson(content)
    if not isinstance(found, shapely.Point) or found.is_empty:
        return None
    return float(found.x), float(found.y)


def relates(one: BaseGeometry, other: BaseGeometry, pattern: str) -> bool:
    """Return whether two geometries relate as the DE-9IM pattern says; raise ValueError for a pattern that is none."""
    if len(pattern) != 9 or set(pattern.upper()) - set("012TF*"):
        raise ValueError(pattern)
    return bool(shapely.relate_pattern(one, other, pattern.upper()))
