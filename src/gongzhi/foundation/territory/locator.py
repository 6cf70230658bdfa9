"""In which grid a point lies. Pure: shapes in, ids out."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import STRtree

BEYOND = 0.02  # degrees, some two kilometres: a pin on the far bank, or set roughly, is still of this town


class Locator:
    """An R-tree over grids. A point on a shared border belongs to the grid with the smaller id, so the answer is one."""

    def __init__(self, shapes: Iterable[tuple[int, dict[str, Any]]]) -> None:
        rows = sorted(shapes, key=lambda row: row[0])
        self.ids = np.array([area_id for area_id, _shape in rows], dtype=np.int64)
        self.shapes = np.array([shapely.geometry.shape(shape) for _area_id, shape in rows], dtype=object)
        shapely.prepare(self.shapes)
        self.tree = STRtree(self.shapes)
        self.bounds = shapely.total_bounds(self.shapes) if len(self.shapes) else None

    def locate(self, longitude: float, latitude: float) -> int | None:
        """Return the id of the grid that holds the point, or None."""
        hits = self.tree.query(shapely.points(longitude, latitude), predicate="intersects")
        return int(self.ids[hits.min()]) if len(hits) else None

    def is_far(self, longitude: float, latitude: float) -> bool:
        """Return whether a point lies beyond the town's edges by more than BEYOND degrees; never where no grid is drawn."""
        if self.bounds is None:
            return False
        west, south, east, north = self.bounds
        return not (west - BEYOND <= longitude <= east + BEYOND and south - BEYOND <= latitude <= north + BEYOND)

    def locate_many(self, longitudes: Sequence[float], latitudes: Sequence[float]) -> list[int | None]:
        """Return for each point the id of its grid, or None; points that are not finite lie nowhere."""
        x, y = np.asarray(longitudes, dtype=float), np.asarray(latitudes, dtype=float)
        usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        found = np.full(len(x), -1, dtype=np.int64)
        points, places = self.tree.query(shapely.points(x[usable], y[usable]), predicate="intersects")
        order = np.lexsort((places, points))[::-1]  # the smallest place of each point is written last
        found[usable[points[order]]] = places[order]
        return [int(self.ids[place]) if place >= 0 else None for place in found]
