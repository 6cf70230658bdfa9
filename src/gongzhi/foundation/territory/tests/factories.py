"""A small square town for tests, made through operations: two communities of two grids each."""

from datetime import datetime
from typing import Any

from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel import memory
from gongzhi.kernel.actors import system

MAKER = system("tests")
WEST, SOUTH, STEP = 120.00, 30.26, 0.01


def square(column: int, row: int, *, width: int = 1, height: int = 1) -> dict[str, Any]:
    """Return a GeoJSON polygon of whole steps from the south-west corner."""
    x, y = WEST + column * STEP, SOUTH + row * STEP
    right, top = x + width * STEP, y + height * STEP
    return {"type": "Polygon", "coordinates": [[[x, y], [right, y], [right, top], [x, top], [x, y]]]}


def middle(column: int, row: int) -> tuple[float, float]:
    """Return (longitude, latitude) of the middle of a step."""
    return WEST + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP


def make_areas(at: datetime) -> dict[str, Any]:
    """Return the areas by short name: town, west, east, w1, w2, e1, e2."""

    def area(level: str, code: str, name: str, parent: Any, boundary: dict[str, Any]) -> Any:
        return territory.define_area(by=MAKER, at=at, level=level, code=code, name=name, parent_id=parent.pk if parent else None, boundary=boundary)

    made = {"town": area("town", "330110100", "云溪小镇", None, square(0, 0, width=2, height=2))}
    for column, (key, name) in enumerate((("west", "溪西社区"), ("east", "溪东社区"))):
        made[key] = area("community", f"33011010000{column + 1}", name, made["town"], square(column, 0, height=2))
        for row in range(2):
            grid = f"{key[0]}{row + 1}"
            made[grid] = area("grid", f"33011010000{column + 1}00{row + 1}", f"第{'一二'[row]}网格", made[key], square(column, row))
    return made


def keep_old_rule(town: Any, **settings: Any) -> None:
    """Put rules into a town's settings as they stood before they were checked on the way in: readers must bear them still."""
    town.settings = {**(town.settings or {}), **settings}
    town.save(update_fields=["settings"])
    memory.forget()
