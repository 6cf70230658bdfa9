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
    community_id, outline = community
    whole = shape(outline)
    shapes = [shape(boundary) for _grid_id, boundary in grids]
    found = []
    rest = whole.difference(unary_union(shapes)) if shapes else whole
    for piece in _pieces(rest):
        found.append(Fault("gap", (community_id,), square_metres(piece), mapping(piece)))
    tree = STRtree(shapes)
    for one, other in zip(*tree.query(shapes, predicate="overlaps"), strict=True) if shapes else ():
        if one < other:
            for piece in _pieces(shapely.intersection(shapes[one], shapes[other])):
                found.append(Fault("overlap", (grids[one][0], grids[other][0]), square_metres(piece), mapping(piece)))
    return sorted((fault for fault in found if fault.square_metres >= SMALLEST), key=lambda fault: -fault.square_metres)


def _pieces(geometry: Any) -> list[Any]:
    if geometry.is_empty:
        return []
    return [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type in ("Polygon", "MultiPolygon")]
