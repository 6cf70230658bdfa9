"""Whether grids cover their community: gaps and overlaps, as shapes that can be drawn. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import STRtree
from shapely.geometry import mapping, shape
from shapely.ops import unary_union

METRES_A_DEGREE = 111_195.0
SMALLEST = 25.0  # square metres: below it is the drawing, not the town


@dataclass(frozen=True, slots=True)
class Fault:
    """A piece of a community that no grid has (gap), or that two have (overlap)."""

    kind: str
    area_ids: tuple[int, ...]
    square_metres: float
    shape: dict[str, Any]


def square_metres(geometry: Any) -> float:
    """Return the area of a WGS-84 shape of a few kilometres, by the scale at its middle (within 0.1 %)."""
    if geometry.is_empty:
        return 0.0
    latitude = geometry.centroid.y
    return float(geometry.area * METRES_A_DEGREE**2 * math.cos(math.radians(latitude)))


def faults(community: tuple[int, dict[str, Any]], grids: Sequence[tuple[int, dict[str, Any]]]) -> list[Fault]:
    """Return the gaps and overlaps between the grids of a community, the largest first."""
    return _largest_first([*gaps(community, grids), *overlaps(grids)])


def gaps(community: tuple[int, dict[str, Any]], grids: Sequence[tuple[int, dict[str, Any]]]) -> list[Fault]:
    """Return the pieces of a community that none of its grids has, the largest first."""
    community_id, outline = community
    whole = shape(outline)
    shapes = [shape(boundary) for _grid_id, boundary in grids]
    rest = whole.difference(unary_union(shapes)) if shapes else whole
    return _largest_first([Fault("gap", (community_id,), square_metres(piece), mapping(piece)) for piece in _pieces(rest)])


def overlaps(grids: Sequence[tuple[int, dict[str, Any]]]) -> list[Fault]:
    """Return where two of the grids have the same ground, one within another too, the largest first."""
    shapes = [shape(boundary) for _grid_id, boundary in grids]
    found = []
    for one, other in zip(*STRtree(shapes).query(shapes, predicate="intersects"), strict=True) if shapes else ():
        if one < other:
            for piece in _pieces(shapely.intersection(shapes[one], shapes[other])):
                found.append(Fault("overlap", (grids[one][0], grids[other][0]), square_metres(piece), mapping(piece)))
    return _largest_first(found)


def _largest_first(found: Sequence[Fault]) -> list[Fault]:
    return sorted((fault for fault in found if fault.square_metres >= SMALLEST), key=lambda fault: -fault.square_metres)


def _pieces(geometry: Any) -> list[Any]:
    if geometry.is_empty:
        return []
    return [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type in ("Polygon", "MultiPolygon")]
