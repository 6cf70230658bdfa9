"""Towns, areas, and where a point or an address lies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest, StrIndex

from gongzhi.foundation.territory import coverage as covering
from gongzhi.foundation.territory.locator import Locator
from gongzhi.foundation.territory.models import Area, Place, Town
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town


# ---- towns ----------------------------------------------------------------------------------------------------------
def town(*, seen_by: Actor) -> Town:
    """Return the present town. Whoever asks: the town is public."""
    return remember("territory.town", lambda: Town.objects.get(pk=current_town()))


def day_of(*, seen_by: Actor, at: datetime) -> date:
    """Return the day of the town's own calendar on which a moment lies: what holds "today" is asked by it, never by the day in UTC."""
    return town(seen_by=seen_by).local(at).date()


def town_for_host(host: str, *, seen_by: Actor = ANYONE) -> Town | None:
    """Return the town that answers at a host name: by its list of hosts, by the first label, else the default one. Whoever asks: the town is public."""
    named = Town.objects.filter(hosts__contains=[host]).first()
    if named is None:
        named = Town.objects.filter(code=host.split(".", 1)[0]).first()
    return named or Town.objects.filter(is_default=True).first() or Town.objects.order_by("pk").first()


def towns(*, seen_by: Actor) -> QuerySet[Town]:
    """Return all towns of the installation in the order they were founded. Whoever asks: the towns are public."""
    return Town.objects.order_by("pk")


def town_ids(*, seen_by: Actor) -> list[int]:
    """Return the ids of all towns; tasks that serve every town go through them."""
    return list(towns(seen_by=seen_by).values_list("pk", flat=True))


def town_by_code(*, seen_by: Actor, code: str) -> Town:
    """Return a town by its code; raise Town.DoesNotExist. Whoever asks: the towns are public."""
    return Town.objects.get(code=code)


# ---- areas ----------------------------------------------------------------------------------------------------------
def areas(*, seen_by: Actor, level: str = "", parent_id: int | None = None, within: str = "") -> QuerySet[Area]:
    """Return the areas that hold now, parents before children; `within` is the path of an area."""
    found = Area.objects.visible_to(seen_by).filter(valid_to__isnull=True)
    if level:
        found = found.filter(level=level)
    if parent_id is not None:
        found = found.filter(parent_id=parent_id)
    if within:
        found = found.filter(Q(path=within) | Q(path__startswith=within + "."))
    return found.order_by("path", "pk")


def area_for(*, seen_by: Actor, area_id: int) -> Area:
    """Return an area, present or past; raise Area.DoesNotExist."""
    known = _known(seen_by).get(area_id)
    return known if known is not None else Area.objects.visible_to(seen_by).get(pk=area_id)


def areas_by_id(*, seen_by: Actor, area_ids: Iterable[int | None]) -> dict[int, Area]:
    """Return these areas, present or past, by their ids; None is left out."""
    wanted = {area_id for area_id in area_ids if area_id is not None}
    known = _known(seen_by) if wanted else {}
    past = [area_id for area_id in wanted if area_id not in known]
    found = {area_id: known[area_id] for area_id in wanted if area_id in known}
    return found | Area.objects.visible_to(seen_by).in_bulk(past) if past else found


def present_areas(*, seen_by: Actor) -> list[Area]:
    """Return the areas that hold now, parents before children, as they are remembered: without their boundaries."""
    return list(_known(seen_by).values())


def area_ids_within(*, seen_by: Actor, path: str) -> list[int]:
    """Return the id of the area with this path and of all that lie or ever lay in it, as they are remembered; none for a path that no area has."""
    kept: dict[int, str] = remember("territory.paths", lambda: dict(Area.objects.visible_to(seen_by).values_list("pk", "path")))
    return sorted(pk for pk, each in kept.items() if each == path or each.startswith(path + "."))


def area_by_code(*, seen_by: Actor, code: str) -> Area | None:
    """Return the area that holds now under this code, or None."""
    return Area.objects.visible_to(seen_by).filter(code=code, valid_to__isnull=True).first()


def grid_words(*, seen_by: Actor, area: Area | None) -> str:
    """Return an area with those above it below the town, in words: 溪西社区 · 第三网格."""
    if area is None:
        return ""
    known = _known(seen_by)
    line = [known[int(part)] for part in area.path.split(".") if int(part) in known]
    return " · ".join(one.name for one in line if one.level in ("community", "park", "grid")) or area.name


def _known(seen_by: Actor) -> dict[int, Area]:
    """Return the present areas without their boundaries, by id."""
    return remember("territory.areas", lambda: {area.pk: area for area in areas(seen_by=seen_by).defer("boundary")})


# ---- where a point lies ---------------------------------------------------------------------------------------------
_locators: dict[int, tuple[tuple[int, ...], Locator]] = {}


def _locator(seen_by: Actor) -> Locator:
    """Return the R-tree of the present town, built anew when a grid has been drawn."""

    def find() -> Locator:
        ids = tuple(areas(seen_by=seen_by, level="grid").filter(boundary__isnull=False).order_by("pk").values_list("pk", flat=True))
        kept = _locators.get(current_town())
        if kept is not None and kept[0] == ids:
            return kept[1]
        drawn = areas(seen_by=seen_by, level="grid").filter(boundary__isnull=False).values_list("pk", "boundary")
        built = Locator((pk, boundary) for pk, boundary in drawn if boundary is not None)
        _locators[current_town()] = (ids, built)
        return built

    return remember("territory.locator", find)


def locate(*, seen_by: Actor, longitude: float, latitude: float) -> Area | None:
    """Return the grid that holds a point (WGS-84 degrees), or None: it is never guessed."""
    area_id = _locator(seen_by).locate(longitude, latitude)
    return None if area_id is None else area_for(seen_by=seen_by, area_id=area_id)


def is_elsewhere(*, seen_by: Actor, longitude: float, latitude: float) -> bool:
    """Return whether a point (WGS-84 degrees) lies outside the town altogether, and not only between its grids or just beyond them."""
    return _locator(seen_by).is_far(longitude, latitude)


def locate_many(*, seen_by: Actor, longitudes: Sequence[float], latitudes: Sequence[float]) -> list[int | None]:
    """Return for each point the id of its grid, or None."""
    return _locator(seen_by).locate_many(longitudes, latitudes)


def coverage(*, seen_by: Actor) -> list[covering.Fault]:
    """Return the gaps of every community, and the overlaps between any two grids of the town."""
    grids = list(areas(seen_by=seen_by, level="grid").filter(boundary__isnull=False).values_list("pk", "boundary", "parent_id"))
    found: list[covering.Fault] = covering.overlaps([(pk, boundary) for pk, boundary, _parent_id in grids])  # type: ignore[misc]
    for community in areas(seen_by=seen_by).filter(level__in=["community", "park"], boundary__isnull=False):
        own = [(pk, boundary) for pk, boundary, parent_id in grids if parent_id == community.pk]
        found += covering.gaps((community.pk, community.boundary), own)  # type: ignore[arg-type]
    return sorted(found, key=lambda fault: -fault.square_metres)


def geojson(*, seen_by: Actor, level: str = "") -> dict[str, Any]:
    """Return the present areas as a GeoJSON FeatureCollection."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature", "id": area.pk, "geometry": area.boundary,
                "properties": {"id": area.pk, "code": area.code, "name": area.name, "level": area.level, "parent": area.parent_id,
                               "path": area.path, "label_point": area.label_point},
            }
            for area in areas(seen_by=seen_by, level=level) if area.boundary
        ],
    }  # fmt: skip


def has_boundaries(*, seen_by: Actor) -> bool:
    """Return whether any present area has a boundary, so that there is something to draw."""
    return areas(seen_by=seen_by).filter(boundary__isnull=False).exists()


# ---- addresses ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Found:
    """A place that fits an address text."""

    name: str
    address: str
    longitude: float
    latitude: float
    area_id: int | None


_HOUSE = re.compile(r"[0-9]+\s*(号|弄|幢|栋|单元|室|#).*$")


def places_like(*, seen_by: Actor, text: str, most: int = 8) -> list[Found]:
    """Return places whose name or address holds the text, or stands in it; the longest match first."""
    wanted = text.strip()[:80]
    plain = _HOUSE.sub("", wanted).strip() or wanted
    if len(plain) < 2:
        return []
    inside = Q(name__icontains=plain) | Q(name_en__icontains=plain) | Q(address__icontains=plain)
    found = (
        Place.objects.visible_to(seen_by)
        .annotate(stands=Greatest(StrIndex(Value(wanted), F("name")), Value(0)))
        .filter(inside | Q(stands__gt=0))
    )
    ranked = sorted(found[:60], key=lambda place: (-len(place.name) if place.stands else 0, plain not in place.name, len(place.name), place.pk))
    return [Found(place.label, place.address, place.longitude, place.latitude, place.area_id) for place in ranked[:most]]
