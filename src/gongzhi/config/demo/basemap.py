"""The base map of the demo towns: vector tiles of their own drawn geometry in one PMTiles file.

Layer names and `kind` are those of the Protomaps basemap, so that maps draw this file and a town's own extract of
OpenStreetMap by the same style. Nothing is copied from a real map.
"""

import gzip
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from gongzhi.config.demo import territory

ZOOMS = range(9, 16)
MARGIN = 64 / 4096  # of a tile, so that lines do not end at its edge
LAYERS = ("earth", "landuse", "water", "buildings", "roads", "places")
FIELDS = {"kind": "String", "name": "String", "name:en": "String"}
METRE = 1 / territory.METRES_A_DEGREE  # degrees of latitude
FROM = {"places": {"locality": 9, "neighbourhood": 12, "spot": 14}, "roads": {"major_road": 9, "minor_road": 13}, "buildings": {"building": 14}}

Feature = tuple[str, dict[str, Any], Any]  # layer, properties, shape in degrees


def features(plan: territory.Plan, name: str, name_en: str) -> list[Feature]:
    """Return everything on the ground of a town, as (layer, properties, shape)."""
    ground = territory.ground(plan)
    found: list[Feature] = [("earth", {"kind": "earth"}, ground.outline.buffer(1500 * METRE))]
    for title, title_en, shape in ground.water:
        found.append(("water", {"kind": "river" if plan.water[0] == "river" else "ocean", "name": title, "name:en": title_en}, shape))
    for lane in ground.lanes:
        found.append(("roads", {"kind": "minor_road"}, lane))
    for title, title_en, line in ground.streets:
        found.append(("roads", {"kind": "major_road", "name": title, "name:en": title_en}, line))
    found.append(("places", {"kind": "locality", "name": name, "name:en": name_en}, shapely.Point(plan.centre)))
    for area in ground.areas:
        if area.parent == "town":
            found.append(("places", {"kind": "neighbourhood", "name": area.name}, shapely.geometry.shape(area.boundary).representative_point()))
    for spot in ground.spots:
        at = shapely.Point(spot.longitude, spot.latitude)
        if spot.kind == "nature" and (spot.name, spot.name_en) != plan.water[1:]:
            found.append(("landuse", {"kind": "park"}, at.buffer(170 * METRE)))
        elif spot.kind in ("estate", "building", "firm", "public"):
            found += [("buildings", {"kind": "building"}, block) for block in _blocks(at, 5 if spot.kind == "estate" else 2)]
        if spot.kind not in ("street", "crossing"):
            found.append(("places", {"kind": "spot", "name": spot.name, "name:en": spot.name_en}, at))
    return found


def _blocks(at: Any, count: int) -> Iterator[Any]:
    for n in range(count):
        x, y = at.x + (n % 3 - 1) * 38 * METRE * 1.15, at.y + (n // 3) * 42 * METRE
        yield shapely.box(x, y, x + 26 * METRE * 1.15, y + 16 * METRE)


def tiles(every: list[Feature], zooms: range = ZOOMS) -> Iterator[tuple[int, int, int, bytes]]:
    """Return (zoom, column, row, bytes of a Mapbox vector tile) for each tile that holds anything."""
    shapes = [shapely.transform(shape, _mercator) for _layer, _properties, shape in every]
    for zoom in zooms:
        side = 1 / 2**zoom
        shown = [n for n, (layer, properties, _shape) in enumerate(every) if zoom >= FROM.get(layer, {}).get(properties["kind"], 0)]
        tree = shapely.STRtree([shapes[n] for n in shown])
        west, south, east, north = shapely.total_bounds([shapes[n] for n in shown])
        for column in range(int(west / side), int(east / side) + 1):
            for row in range(int(south / side), int(north / side) + 1):
                left, top = column * side, row * side
                box = shapely.box(left - MARGIN * side, top - MARGIN * side, left + (1 + MARGIN) * side, top + (1 + MARGIN) * side)
                layers: dict[str, list[dict[str, Any]]] = {}
                for hit in sorted(tree.query(box, predicate="intersects")):
                    layer, properties, _shape = every[shown[hit]]
                    piece = shapely.simplify(shapes[shown[hit]].intersection(box), side / 4096)
                    if not piece.is_empty:
                        layers.setdefault(layer, []).append({"geometry": piece, "properties": properties})
                if layers:
                    options = {"quantize_bounds": (left, top, left + side, top + side), "y_coord_down": True, "extents": 4096}
                    drawn = [{"name": name, "features": held} for name, held in layers.items()]
                    yield zoom, column, row, mapbox_vector_tile.encode(drawn, default_options=options)


def _mercator(degrees: Any) -> Any:
    """Turn (longitude, latitude) into the unit square of web maps, y downwards."""
    out = degrees.copy()
    for n, (longitude, latitude) in enumerate(degrees):
        out[n] = (longitude + 180) / 360, (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return out


def write(target: Path) -> int:
    """Write the base map of both demo towns; return how many tiles it holds."""
    towns = [features(territory.YUNXI, "云溪小镇", "Yunxi"), features(territory.LANWAN, "兰湾小镇", "Lanwan")]
    bounds = shapely.total_bounds([shape for town in towns for _layer, _properties, shape in town])
    # the towns lie so far from each other that no tile of these zooms holds both
    made = sorted((zxy_to_tileid(zoom, column, row), data) for town in towns for zoom, column, row, data in tiles(town))
    with target.open("wb") as opened:
        writer = Writer(opened)
        for tile_id, data in made:
            writer.write_tile(tile_id, gzip.compress(data, mtime=0))
        e7 = [int(value * 10_000_000) for value in bounds]
        writer.finalize(
            {
                "tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_lon_e7": e7[0], "min_lat_e7": e7[1], "max_lon_e7": e7[2],
                "max_lat_e7": e7[3], "center_zoom": 13, "center_lon_e7": int(territory.YUNXI.centre[0] * 1e7),
                "center_lat_e7": int(territory.YUNXI.centre[1] * 1e7),
            },
            {"name": "gongzhi demo towns", "vector_layers": [{"id": layer, "fields": FIELDS} for layer in LAYERS]},
        )  # fmt: skip
    return len(made)
