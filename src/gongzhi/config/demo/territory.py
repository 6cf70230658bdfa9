"""Draws a town from a seed: a rounded outline, communities, irregular grids that cover it without gap or overlap. Pure."""

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point, Polygon, mapping
from shapely.ops import unary_union

METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn area with its key; `boundary` is a GeoJSON polygon."""

    key: str
    name: str
    boundary: dict[str, Any]
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A named place."""

    kind: str
    name: str
    name_en: str
    longitude: float
    latitude: float
    address: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a demo town looks like: where, how large, which communities with about how many grids."""

    seed: int
    centre: tuple[float, float]
    radius: float  # metres
    communities: tuple[tuple[str, str, int, tuple[float, float]], ...]  # key, name, grids, place within the town (−1…1)
    streets: tuple[tuple[str, str], ...]
    spots: tuple[tuple[str, str, str, str], ...]  # kind, name, name_en, community
    water: tuple[str, str, str]  # river or sea, name, English name


YUNXI = Plan(
    seed=20260101, centre=(120.02, 30.28), radius=2900,
    communities=(
        ("west", "溪西社区", 7, (-0.55, 0.05)), ("east", "溪东社区", 7, (0.45, 0.15)), ("old", "古镇社区", 6, (-0.05, 0.1)),
        ("hill", "青山社区", 5, (-0.35, 0.7)), ("mouth", "河口社区", 6, (0.15, -0.65)), ("school", "文昌社区", 6, (0.3, 0.72)),
        ("park", "数字园区", 5, (-0.5, -0.6)), ("dye", "织造园区", 4, (0.72, -0.45)),
    ),
    streets=(
        ("文昌路", "Wenchang Road"), ("河滨路", "Hebin Road"), ("云溪大道", "Yunxi Avenue"), ("桥西街", "Qiaoxi Street"), ("织造路", "Zhizao Road"),
        ("青山路", "Qingshan Road"), ("学士路", "Xueshi Road"), ("临溪路", "Linxi Road"), ("创新路", "Chuangxin Road"), ("古镇南街", "Old Town South Street"),
    ),
    spots=(
        ("public", "云溪小学", "Yunxi Primary School", "school"), ("public", "云溪中学", "Yunxi Middle School", "school"),
        ("public", "便民服务中心", "Service Centre", "old"), ("public", "古镇牌坊", "Old Town Gate", "old"), ("public", "农贸市场", "Food Market", "old"),
        ("public", "社区卫生服务站", "Health Station", "east"), ("public", "溪西社区工作站", "Xixi Community Station", "west"),
        ("estate", "溪西花苑", "Xixi Garden", "west"), ("estate", "临溪佳园", "Linxi Court", "east"), ("estate", "青山里", "Qingshanli", "hill"),
        ("estate", "河口新村", "Hekou New Village", "mouth"), ("estate", "文昌雅居", "Wenchang Residence", "school"),
        ("building", "数字园区一号楼", "Digital Park Building 1", "park"), ("building", "数字园区食堂", "Digital Park Canteen", "park"),
        ("firm", "云溪染整有限公司", "Yunxi Dyeing Co.", "dye"), ("firm", "锦程纺织", "Jincheng Textile", "dye"), ("firm", "灵犀智能", "Lingxi AI", "park"),
        ("nature", "云溪（石拱桥）", "Yunxi Stream (stone bridge)", "old"), ("nature", "青山公园", "Qingshan Park", "hill"),
        ("nature", "河口湿地", "Hekou Wetland", "mouth"), ("public", "公交首末站", "Bus Terminal", "east"), ("public", "文化礼堂", "Culture Hall", "hill"),
    ),
    water=("river", "云溪", "Yunxi Stream"),
)  # fmt: skip
LANWAN = Plan(
    seed=20260202, centre=(121.54, 29.78), radius=1800,
    communities=(("west", "渔港社区", 4, (-0.5, 0.1)), ("east", "望海社区", 4, (0.5, 0.2)), ("park", "临港园区", 4, (0.0, -0.6))),
    streets=(("望海路", "Wanghai Road"), ("渔港路", "Yugang Road"), ("兰湾大道", "Lanwan Avenue"), ("灯塔街", "Dengta Street")),
    spots=(
        ("public", "兰湾码头", "Lanwan Pier", "west"), ("estate", "望海花园", "Wanghai Garden", "east"), ("firm", "临港冷链", "Lingang Cold Chain", "park"),
    ),
    water=("sea", "兰湾", "Lan Bay"),
)  # fmt: skip


def draw(plan: Plan) -> tuple[list[Drawn], list[Spot]]:
    """Return (town, communities and grids; named places), the same on every machine."""
    chance = random.Random(plan.seed)
    outline = _outline(plan, chance)
    cells = _cells(plan, outline, chance)
    areas = [Drawn("town", "", mapping(unary_union([cell for _key, cell in cells])))]
    by_key: dict[str, list[Polygon]] = {}
    for key, cell in cells:
        by_key.setdefault(key, []).append(cell)
    for key, name, _count, _place in plan.communities:
        areas.append(Drawn(key, name, mapping(unary_union(by_key[key])), "town"))
        # numbered from west to east and from north to south, as GB/T 30428.1 does
        ordered = sorted(by_key[key], key=lambda cell: (-round(cell.centroid.y, 2), cell.centroid.x))
        for number, cell in enumerate(ordered, start=1):
            areas.append(Drawn(f"{key}-{number}", f"第{_number(number)}网格", mapping(cell), key))
    return areas, _spots(plan, by_key, outline, chance)


def _degrees(plan: Plan, x: float, y: float) -> tuple[float, float]:
    return (
        plan.centre[0] + x * plan.radius / METRES_A_DEGREE / math.cos(math.radians(plan.centre[1])),
        plan.centre[1] + y * plan.radius / METRES_A_DEGREE,
    )


def _outline(plan: Plan, chance: random.Random) -> Polygon:
    waves = [(n, chance.uniform(0.02, 0.11) / n**0.5, chance.uniform(0, math.tau)) for n in (2, 3, 4, 5, 7)]
    edge = []
    for step in range(120):
        angle = step / 120 * math.tau
        reach = 1 + sum(height * math.sin(n * angle + phase) for n, height, phase in waves)
        edge.append((1.12 * reach * math.cos(angle), 0.92 * reach * math.sin(angle)))
    return Polygon(edge)


def _cells(plan: Plan, outline: Polygon, chance: random.Random) -> list[tuple[str, Polygon]]:
    """Return (community, grid) pairs: seeds round each community's place, relaxed a little so that sizes are alike."""
    seeds, keys = [], []
    for key, _name, count, (x, y) in plan.communities:
        for _grid in range(count):
            seeds.append(_pulled_inside(x + chance.gauss(0, 0.2), y + chance.gauss(0, 0.2), outline))
            keys.append(key)
    points = np.array(seeds)
    for _round in range(6):
        pieces = _voronoi(points, outline)
        points = np.array([[0.25 * x + 0.75 * piece.centroid.x, 0.25 * y + 0.75 * piece.centroid.y] for (x, y), piece in zip(points, pieces, strict=True)])
    pieces = _voronoi(points, outline)
    places = {key: place for key, _name, _count, place in plan.communities}
    middles = [(piece.centroid.x, piece.centroid.y) for piece in pieces]
    chosen = [min((math.dist(middle, place), key) for key, place in places.items())[1] for middle in middles]
    scaled = [shapely.transform(piece, lambda xy: np.array([_degrees(plan, x, y) for x, y in xy]).round(6)) for piece in pieces]
    return [(chosen[index], piece) for index, piece in enumerate(scaled)]


def _pulled_inside(x: float, y: float, outline: Polygon) -> tuple[float, float]:
    while not outline.buffer(-0.05).contains(Point(x, y)):
        x, y = x * 0.9, y * 0.9
    return x, y


def _voronoi(points: Any, outline: Polygon) -> list[Polygon]:
    """Return the cell of each point inside the outline, in the order of the points."""
    raw = shapely.voronoi_polygons(MultiPoint(points), extend_to=outline.envelope.buffer(2))
    tree = shapely.STRtree(list(raw.geoms))
    cells = []
    for x, y in points:
        cell = raw.geoms[int(tree.nearest(Point(x, y)))].intersection(outline)
        cells.append(max(getattr(cell, "geoms", [cell]), key=lambda part: part.area))
    return cells


def _spots(plan: Plan, by_key: dict[str, list[Polygon]], outline: Polygon, chance: random.Random) -> list[Spot]:
    spots = []
    for kind, name, name_en, key in plan.spots:
        x, y = inside(chance.choice(by_key[key]), chance)
        spots.append(Spot(kind, name, name_en, x, y, next(n for k, n, _c, _p in plan.communities if k == key)))
    lines = _streets(plan, outline, chance)
    for name, name_en, line in lines:
        middle = line.interpolate(0.5, normalized=True)
        x, y = _degrees(plan, middle.x, middle.y)
        spots.append(Spot("street", name, name_en, round(x, 6), round(y, 6)))
    for i, (one, one_en, line) in enumerate(lines):
        for other, other_en, second in lines[i + 1 :]:
            crossing: Any = line.intersection(second)
            if not crossing.is_empty and crossing.geom_type == "Point":
                x, y = _degrees(plan, crossing.x, crossing.y)
                spots.append(Spot("crossing", f"{one}{other}路口", f"{one_en} / {other_en}", round(x, 6), round(y, 6)))
    return spots


def _streets(plan: Plan, outline: Polygon, chance: random.Random) -> list[tuple[str, str, shapely.LineString]]:
    """Return (name, English name, line) of each street, in the plan's own measure."""
    lines = []
    for index, (name, name_en) in enumerate(plan.streets):
        angle = (index % 2) * math.pi / 2 + chance.uniform(-0.35, 0.35)
        shift = chance.uniform(-0.6, 0.6)
        begin = (-1.3 * math.cos(angle) - shift * math.sin(angle), -1.3 * math.sin(angle) + shift * math.cos(angle))
        end = (1.3 * math.cos(angle) - shift * math.sin(angle), 1.3 * math.sin(angle) + shift * math.cos(angle))
        line = shapely.LineString([begin, end]).intersection(outline)
        line = max(getattr(line, "geoms", [line]), key=lambda part: part.length)
        lines.append((name, name_en, line))
    return lines


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies under the areas on a map, in degrees: its outline, streets, lanes along the grids, water, and named places."""

    outline: Polygon
    streets: list[tuple[str, str, shapely.LineString]]
    lanes: list[shapely.LineString]
    water: list[tuple[str, str, Polygon]]
    areas: list[Drawn]
    spots: list[Spot]


def ground(plan: Plan) -> Ground:
    """Return the ground of a town, on the same streets as its places (`draw`)."""
    chance = random.Random(plan.seed)
    outline = _outline(plan, chance)
    cells = _cells(plan, outline, chance)
    by_key: dict[str, list[Polygon]] = {}
    for key, cell in cells:
        by_key.setdefault(key, []).append(cell)
    for _kind, _name, _name_en, key in plan.spots:  # the same draws in the same order, so that the streets come out the same
        inside(chance.choice(by_key[key]), chance)
    streets = [(name, name_en, _scaled(plan, line)) for name, name_en, line in _streets(plan, outline, chance)]
    areas, spots = draw(plan)
    edges = unary_union([cell.boundary for _key, cell in cells])
    lanes = [line for line in getattr(edges, "geoms", [edges]) if line.length > 0.0003]
    return Ground(_scaled(plan, outline), streets, lanes, _water(plan, outline), areas, spots)


def _scaled(plan: Plan, shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.array([_degrees(plan, x, y) for x, y in xy]).round(6))


def _water(plan: Plan, outline: Polygon) -> list[tuple[str, str, Polygon]]:
    """Return (name, English name, shape) of the town's water: a river that winds through it, or the sea before it."""
    kind, name, name_en = plan.water
    if kind == "sea":
        shore = [(1.02 + 0.05 * math.sin(5 * y), y) for y in np.linspace(-1.6, 1.6, 60)]
        shape = Polygon([*shore, (2.2, 1.6), (2.2, -1.6)])
        return [(name, name_en, _scaled(plan, shape.difference(outline)))]
    middle = [(x, -0.18 * x + 0.16 * math.sin(2.6 * x + 0.6)) for x in np.linspace(-1.6, 1.6, 90)]
    return [(name, name_en, _scaled(plan, shapely.LineString(middle).buffer(0.022)))]


def inside(cell: Any, chance: random.Random) -> tuple[float, float]:
    """Return a point inside a shape, (longitude, latitude)."""
    west, south, east, north = cell.bounds
    for _try in range(200):
        x, y = chance.uniform(west, east), chance.uniform(south, north)
        if cell.contains(Point(x, y)):
            return round(x, 6), round(y, 6)
    middle = cell.representative_point()
    return round(middle.x, 6), round(middle.y, 6)


def _number(number: int) -> str:
    digits = "零一二三四五六七八九十"
    return digits[number] if number <= 10 else f"十{digits[number - 10]}"
