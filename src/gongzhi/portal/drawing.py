"""Pictures as SVG numbers: areas on a screen, shades by count, a day's line. Pure: no database, no framework."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shapely.geometry import shape
from shapely.ops import polylabel

DEFAULT_BREAKS = (2, 5, 8, 12)  # the steps of a small town: 0-2, 3-5, 6-8, 9-12, 13 and more


# ---- shades ---------------------------------------------------------------------------------------------------------
def breaks(counts: Iterable[int]) -> tuple[int, int, int, int]:
    """Return the upper bounds of the first four of five shades, so that a busy town does not come out all dark.

    A town whose busiest area has at most 30 keeps the fixed steps, so that a picture can be compared with yesterday's.
    """
    known = sorted(counts)
    if not known or known[-1] <= 30:
        return DEFAULT_BREAKS
    found: list[int] = []
    for fifth in (1, 2, 3, 4):
        value = known[min(len(known) - 1, len(known) * fifth // 5)]
        magnitude = 10 ** max(0, int(math.log10(value)) - 1) if value else 1
        rounded = max(1, round(value / magnitude) * magnitude)
        found.append(max(rounded, found[-1] + 1 if found else 1))
    return found[0], found[1], found[2], found[3]


def shade(count: int, bounds: Sequence[int]) -> int:
    """Return the shade of a count, 1 (least) to 5."""
    return 1 + sum(count > bound for bound in bounds)


def shade_words(bounds: Sequence[int]) -> list[tuple[int, str]]:
    """Return each shade with the counts it stands for: (1, "0–2"), …, (5, "13+")."""
    lows = [0, *(bound + 1 for bound in bounds)]
    highs = [str(bound) for bound in bounds]
    words = [f"{low}–{high}" if str(low) != high else high for low, high in zip(lows, highs, strict=False)]
    return [*enumerate(words, start=1), (5, f"{lows[-1]}+")]


# ---- areas ----------------------------------------------------------------------------------------------------------
class Projection:
    """Longitude and latitude (WGS-84 degrees) to the units of a viewBox; equirectangular, true at the middle latitude.

    Good for a town or a district (tens of kilometres); nothing is measured on it.
    """

    def __init__(self, west: float, south: float, east: float, north: float, *, width: float, height: float, margin: float) -> None:
        self.squeeze = math.cos(math.radians((south + north) / 2))
        span_x = max((east - west) * self.squeeze, 1e-9)
        span_y = max(north - south, 1e-9)
        self.scale = min((width - 2 * margin) / span_x, (height - 2 * margin) / span_y)
        self.west, self.north = west, north
        self.left = (width - span_x * self.scale) / 2
        self.top = (height - span_y * self.scale) / 2

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point lies in the viewBox."""
        x = self.left + (longitude - self.west) * self.squeeze * self.scale
        y = self.top + (self.north - latitude) * self.scale
        return round(x, 1), round(y, 1)

    @property
    def degree(self) -> float:
        """Return how many degrees of latitude one unit of the viewBox is."""
        return 1 / self.scale


def _rings(geometry: Any) -> Iterable[Any]:
    polygons = getattr(geometry, "geoms", [geometry])
    for polygon in polygons:
        yield polygon.exterior
        yield from polygon.interiors


def path(geometry: Any, projection: Projection) -> str:
    """Return the d of an SVG path for a polygon or multipolygon."""
    parts = []
    for ring in _rings(geometry):
        points = [projection.point(x, y) for x, y, *_z in ring.coords[:-1]]
        kept = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
        if len(kept) >= 3:
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """One area in the viewBox. `parent` is the community it belongs to, by id."""

    id: int
    name: str
    path: str
    d: str
    x: float
    y: float
    top: float  # the least y near x: where a name may stand above it
    parent: int | None


@dataclass(frozen=True, slots=True)
class DrawnTown:
    """A town's areas ready for the page."""

    width: int
    height: int
    grids: tuple[DrawnArea, ...]
    communities: tuple[DrawnArea, ...]
    without_boundary: tuple[tuple[int, str, str], ...]  # id, name, path of grids (in a town without grids: communities) that have none

    def view_box(self, community: int | None = None) -> str:
        """Return the viewBox of the whole town, or of one community with a margin round it."""
        chosen = next((area for area in self.communities if area.id == community), None)
        if chosen is None:
            return f"0 0 {self.width} {self.height}"
        numbers = [float(part) for part in chosen.d.replace("M", " ").replace("L", " ").replace("Z", " ").split()]
        xs, ys = numbers[0::2], numbers[1::2]
        margin = 24
        left, top = min(xs) - margin, min(ys) - margin
        return f"{left:g} {top:g} {max(xs) - left + margin:g} {max(ys) - top + margin:g}"


def draw_town(areas: Sequence[Any], *, width: int = 960, height: int = 720, margin: int = 36) -> DrawnTown:
    """Draw grids and communities. Each area has id, name, path, parent_id, level, boundary (GeoJSON) and label_point."""
    shapes: dict[int, Any] = {area.pk: shape(area.boundary) for area in areas if area.boundary and area.level in ("grid", "community")}
    smallest = "grid" if any(area.level == "grid" for area in areas) else "community"  # a town that has drawn no grids yet counts by community
    nothing = tuple((area.pk, area.name, area.path) for area in areas if area.level == smallest and area.pk not in shapes)
    if not shapes:
        return DrawnTown(width, height, (), (), nothing)
    boxes = [geometry.bounds for geometry in shapes.values()]
    projection = Projection(
        min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes),
        width=width, height=height, margin=margin,
    )  # fmt: skip
    drawn: dict[str, list[DrawnArea]] = {"grid": [], "community": []}
    for area in areas:
        geometry = shapes.get(area.pk)
        if geometry is None:
            continue
        plain = geometry.simplify(projection.degree * 0.6, preserve_topology=True)
        x, y = projection.point(*(area.label_point or _middle(geometry)))
        drawn[area.level].append(
            DrawnArea(id=area.pk, name=area.name, path=area.path, d=path(plain, projection), x=x, y=y, top=_top(plain, projection, x), parent=area.parent_id)
        )
    return DrawnTown(width, height, tuple(drawn["grid"]), tuple(drawn["community"]), nothing)


def _top(geometry: Any, projection: Projection, x: float) -> float:
    points = [projection.point(px, py) for ring in _rings(geometry) for px, py, *_z in ring.coords]
    width = max(px for px, _py in points) - min(px for px, _py in points)
    return min((py for px, py in points if abs(px - x) <= width * 0.15), default=min(py for _px, py in points))


def _middle(geometry: Any) -> tuple[float, float]:
    largest = max(getattr(geometry, "geoms", [geometry]), key=lambda part: part.area)
    inside = polylabel(largest, tolerance=max(math.sqrt(largest.area) / 100, 1e-9)) if largest.area else largest.representative_point()
    return inside.x, inside.y


# ---- lines ----------------------------------------------------------------------------------------------------------
def nice_step(span: float, most: int = 5) -> float:
    """Return a round distance between at most `most` lines over a span."""
    if span <= 0:
        return 1.0
    raw = span / most
    magnitude = 10 ** math.floor(math.log10(raw))
    for factor in (1, 2, 2.5, 5, 10):
        if raw <= factor * magnitude * (1 + 1e-9):
            return float(factor * magnitude)
    return 10.0 * magnitude


@dataclass(frozen=True, slots=True)
class Trend:
    """A line of values over time in a box of width × height."""

    line: str
    area: str
    last: tuple[float, float] | None
    limit_y: float | None
    levels: tuple[tuple[float, str], ...]  # y and its label
    hours: tuple[tuple[float, datetime], ...]  # x and its moment
    width: int
    height: int


def trend(
    readings: Sequence[tuple[datetime, float]], *, begin: datetime, end: datetime, limit: float | None = None, width: int = 380, height: int = 120,
    gap: timedelta = timedelta(hours=2),
) -> Trend:  # fmt: skip
    """Draw readings between two moments; a silence longer than `gap` breaks the line, so that missing is not shown as steady."""
    inside = [(at, value) for at, value in readings if begin <= at <= end and math.isfinite(value)]
    values = [value for _at, value in inside] + ([limit] if limit is not None else [])
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    step = nice_step((high - low) or abs(high) or 1.0, 4)
    bottom = math.floor(low / step) * step
    top = math.ceil(high / step) * step
    if top <= bottom:
        top = bottom + step
    seconds = (end - begin).total_seconds() or 1.0

    def x(at: datetime) -> float:
        return round((at - begin).total_seconds() / seconds * width, 1)

    def y(value: float) -> float:
        return round(height - (value - bottom) / (top - bottom) * height, 1)

    runs: list[list[tuple[float, float]]] = []
    before: datetime | None = None
    for at, value in inside:
        if before is None or at - before > gap:
            runs.append([])
        runs[-1].append((x(at), y(value)))
        before = at
    line = "".join("M" + "L".join(f"{px:g} {py:g}" for px, py in run) for run in runs)
    area = "".join(
        f"M{run[0][0]:g} {height}L" + "L".join(f"{px:g} {py:g}" for px, py in run) + f"L{run[-1][0]:g} {height}Z" for run in runs if len(run) > 1
    )
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step < 1 and round(step, decimals) != step:
        decimals += 1
    count = round((top - bottom) / step)
    return Trend(
        line=line, area=area, last=runs[-1][-1] if runs else None, limit_y=y(limit) if limit is not None else None,
        levels=tuple((y(bottom + i * step), f"{bottom + i * step:.{decimals}f}") for i in range(count + 1)),
        hours=tuple((round(width * i / 4, 1), begin + (end - begin) * i / 4) for i in range(5)), width=width, height=height,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a bar or ring: fractions of the whole."""

    key: Any
    count: int
    start: float
    share: float

    @property
    def x(self) -> str:
        return f"{self.start * 100:.2f}%"

    @property
    def width(self) -> str:
        return f"{self.share * 100:.2f}%"

    @property
    def dash(self) -> str:
        """Return stroke-dasharray for a ring with pathLength 100."""
        return f"{self.share * 100:.2f} 100"

    @property
    def offset(self) -> str:
        """Return stroke-dashoffset for a ring with pathLength 100."""
        return f"{-self.start * 100:.2f}"


def slices(counts: Mapping[Any, int] | Sequence[tuple[Any, int]], *, gap: float = 0.0) -> list[Slice]:
    """Cut a whole into parts in the given order; `gap` is what is left free between parts, as a fraction."""
    pairs = list(counts.items()) if isinstance(counts, Mapping) else list(counts)
    total = sum(count for _key, count in pairs)
    found, start = [], 0.0
    for key, count in pairs:
        share = count / total if total else 0.0
        shown = max(share - gap, share * 0.5) if share else 0.0
        found.append(Slice(key, count, start, shown))
        start += share
    return found


def bars(values: Sequence[float | None], *, width: int = 96, height: int = 28, space: float = 2.0) -> list[tuple[float, float, float, float]]:
    """Return (x, y, width, height) for small bars, 0 at the ground; None leaves a gap."""
    if not values:
        return []
    top = max((value for value in values if value is not None), default=0) or 1
    each = (width - space) / len(values)
    return [
        (round(space / 2 + i * each, 1), round(height - height * value / top, 1), round(each - space, 1), round(height * value / top, 1))
        for i, value in enumerate(values)
        if value is not None
    ]
