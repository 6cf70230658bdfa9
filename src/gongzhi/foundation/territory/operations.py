"""Acts on towns and their territory."""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon, mapping, shape

from gongzhi.foundation.territory import queries, rules, town_rules
from gongzhi.foundation.territory.facts import AreaDefined, AreaEnded, PlaceDefined, TownFounded, TownNamed, TownRulesSet
from gongzhi.foundation.territory.models import Area, Place, Town
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town, enter_town


class TownExists(Refused):
    sentence = _("There is a town with this code already.")
    field = "code"


class BadTownRule(Refused):
    sentence = _("%(why)s")


class NoName(Refused):
    sentence = _("Give it a name.")
    field = "name"


class NoShortName(Refused):
    sentence = _("Give the short name that stands in case numbers, at most twelve characters.")
    field = "short_name"


class BadHost(Refused):
    sentence = _("%(host)s is no host name; write it without https:// and without a path.")
    field = "hosts"


class HostTaken(Refused):
    sentence = _("%(host)s leads to another town of this installation.")
    field = "hosts"


class NoCode(Refused):
    sentence = _("Give the code: digits, letters and dashes.")
    field = "code"


class UnknownLevel(Refused):
    sentence = _("Choose what sort of area it is.")
    field = "level"


class BadBoundary(Refused):
    sentence = _("The boundary cannot be used: %(why)s")
    field = "boundary"


class UnknownParent(Refused):
    sentence = _("The area above it does not exist.")
    field = "parent"


class HasChildren(Refused):
    sentence = _("This area has others below it; draw those anew, not the area itself.")
    field = "boundary"


class StillHolds(Refused):
    sentence = _("Other areas lie in this one; end them first.")


class BadPoint(Refused):
    sentence = _("The place is not usable: longitude must be −180 to 180 and latitude −90 to 90.")
    field = "place"


@operation
def found_town(
    *, by: Actor, at: datetime, code: str, name: str, short_name: str, name_en: str = "", division_code: str = "",
    hosts: tuple[str, ...] = (), is_default: bool = False, time_zone: str = "Asia/Shanghai", settings: dict[str, Any] | None = None,
) -> Town:  # fmt: skip
    """Found a town and go on working in it: what follows in this context is for the new town."""
    ensure(rules.may_found_town)
    if Town.objects.filter(code=code).exists():
        raise TownExists
    if not name.strip():
        raise NoName
    if not 0 < len(short_name.strip()) <= 12:
        raise NoShortName
    town = Town.objects.create(
        code=code, name=name, short_name=short_name, name_en=name_en, division_code=division_code, hosts=list(hosts), is_default=is_default,
        time_zone=time_zone, settings=settings or {},
    )  # fmt: skip
    enter_town(town.pk)
    record(TownFounded(subject=ref(town), code=code))
    return town


@operation
def set_town_rules(*, by: Actor, at: datetime, **rules_of_town: Any) -> Town:
    """Set some of the town's own rules (docs/running/town.md names them); the others stay. None takes one away."""
    ensure(rules.may_set_town_rules)
    for name, value in rules_of_town.items():
        try:
            town_rules.check(name, value)
        except town_rules.BadRule as bad:
            raise BadTownRule(field=name, why=str(bad)) from bad
    town = Town.objects.select_for_update().get(pk=current_town())
    town.settings = {name: value for name, value in (town.settings | rules_of_town).items() if value is not None}
    town.save(update_fields=["settings"])
    forget("territory.town")
    record(TownRulesSet(subject=ref(town), names=tuple(sorted(rules_of_town))))
    return town


@operation
def name_town(*, by: Actor, at: datetime, name: str, short_name: str, name_en: str = "", division_code: str = "", hosts: Iterable[str] = ()) -> Town:
    """Name the present town anew and say which hosts lead to it; numbers of cases given before keep the short name of then."""
    ensure(rules.may_set_town_rules)
    town = Town.objects.select_for_update().get(pk=current_town())
    if not name.strip():
        raise NoName
    if not 0 < len(short_name.strip()) <= 12:
        raise NoShortName
    wanted = list(dict.fromkeys(host.strip().lower() for host in hosts if host.strip()))
    for host in wanted:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", host):
            raise BadHost(host=host)
        if Town.objects.filter(hosts__contains=[host]).exclude(pk=town.pk).exists():
            raise HostTaken(host=host)
    town.name, town.short_name, town.name_en, town.division_code, town.hosts = (
        name.strip()[:80], short_name.strip(), name_en.strip()[:120], division_code.strip()[:12], wanted
    )  # fmt: skip
    town.save(update_fields=["name", "short_name", "name_en", "division_code", "hosts"])
    forget()
    record(TownNamed(subject=ref(town), short_name=town.short_name))
    return town


@operation
def end_area(*, by: Actor, at: datetime, area_id: int) -> Area:
    """End an area: from now on nothing lies in it. Cases that were taken in under it keep it."""
    ensure(rules.may_define_territory)
    area = Area.objects.select_for_update(of=("self",)).get(pk=area_id, valid_to__isnull=True)
    if Area.objects.filter(parent=area, valid_to__isnull=True).exists():
        raise StillHolds
    area.valid_to = at
    area.save(update_fields=["valid_to"])
    _forget()
    record(AreaEnded(subject=ref(area), code=area.code))
    return area


@operation
def define_area(*, by: Actor, at: datetime, level: str, code: str, name: str, parent_id: int | None = None, boundary: dict[str, Any] | None = None) -> Area:
    """Define an area, or rename or redraw the one that has this code.

    `boundary`: GeoJSON Polygon or MultiPolygon, WGS-84. Redrawing a leaf makes a new version from now; cases that were
    taken in under the old one keep it.
    """
    ensure(rules.may_define_territory)
    if level not in Area.Level.values:
        raise UnknownLevel
    if not re.fullmatch(r"[0-9A-Za-z-]{1,20}", code):
        raise NoCode
    if not name.strip():
        raise NoName
    parent = None
    if parent_id is not None:
        parent = Area.objects.filter(pk=parent_id, valid_to__isnull=True).first()
        if parent is None:
            raise UnknownParent
    drawn, label = _drawn(boundary)
    former = Area.objects.select_for_update(of=("self",)).filter(code=code, valid_to__isnull=True).first()
    if former is not None and drawn in (None, former.boundary) and former.parent_id == parent_id:
        former.name, former.level = name, level
        former.save(update_fields=["name", "level"])
        _forget()
        record(AreaDefined(subject=ref(former), code=code, level=level))
        return former
    if former is not None:
        if Area.objects.filter(parent=former, valid_to__isnull=True).exists():
            raise HasChildren
        former.valid_to = at
        former.save(update_fields=["valid_to"])
    area = Area.objects.create(
        town_id=current_town(), level=level, code=code, name=name, parent=parent, boundary=drawn, label_point=label, valid_from=at, path=""
    )
    area.path = f"{parent.path}.{area.pk}" if parent else str(area.pk)
    area.save(update_fields=["path"])
    _forget()
    record(AreaDefined(subject=ref(area), code=code, level=level, replaces=former.pk if former else None))
    return area


def _forget() -> None:
    forget("territory.areas", "territory.paths", "territory.locator")


def _drawn(boundary: dict[str, Any] | None) -> tuple[dict[str, Any] | None, list[float] | None]:
    """Return the boundary as a valid MultiPolygon with a point inside it for its label; refuse what is none."""
    if boundary is None:
        return None, None
    try:
        given = shape(boundary)
    except (ShapelyError, ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise BadBoundary(why=str(_("it is not GeoJSON"))) from error
    if not isinstance(given, Polygon | MultiPolygon) or given.is_empty:
        raise BadBoundary(why=str(_("it must be a polygon")))
    west, south, east, north = given.bounds
    if not (all(map(math.isfinite, given.bounds)) and west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise BadBoundary(why=str(_("its coordinates are not degrees")))
    if not given.is_valid:
        raise BadBoundary(why=str(_("it crosses itself")))
    inside = given.representative_point()
    whole = given if isinstance(given, MultiPolygon) else MultiPolygon([given])
    return _lists(mapping(whole)), [round(inside.x, 6), round(inside.y, 6)]


def _lists(value: Any) -> Any:
    """Return the same with lists for tuples, as JSON gives it back."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_lists(item) for item in value]
    return value


@operation
def define_place(*, by: Actor, at: datetime, kind: str, name: str, longitude: float, latitude: float, address: str = "", name_en: str = "") -> Place:
    """Put a named place on the map, so that address texts find it."""
    ensure(rules.may_define_territory)
    if not (math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        raise BadPoint
    place, _made = Place.objects.update_or_create(
        town_id=current_town(), name=name[:80], address=address[:200],
        defaults={"kind": kind, "name_en": name_en, "longitude": longitude, "latitude": latitude,
                  "area": queries.locate(seen_by=by, longitude=longitude, latitude=latitude)},
    )  # fmt: skip
    record(PlaceDefined(subject=ref(place), area_id=place.area_id))
    return place
