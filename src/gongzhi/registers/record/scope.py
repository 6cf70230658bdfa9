"""How far into a register an actor reaches: the areas of the posts that allow it. One place for pages, API, exports and operations."""

from collections.abc import Callable

from gongzhi.kernel.actors import Actor, Duty

ALLOWS: dict[str, Callable[[Duty], bool]] = {
    "may_keep_residents": lambda duty: duty.can("may_keep_residents"),
    "may_visit_homes": lambda duty: duty.can("may_visit_homes"),
    "may_keep_firms": lambda duty: duty.can("may_keep_firms"),
    "may_see_care": lambda duty: duty.can("may_see_care"),
    "may_see_control": lambda duty: duty.can("may_see_control"),
}
KEEP = {"residents": "may_keep_residents", "dwellings": "may_keep_residents", "firms": "may_keep_firms"}
VISIT = {"residents": "may_visit_homes", "dwellings": "may_visit_homes", "firms": "may_keep_firms"}


def paths(actor: Actor, *wanted: str) -> tuple[str, ...] | None:
    """Return the areas, as ltree paths, for which a post allows one of the abilities; None for the whole town, () for nothing."""
    if actor.kind in ("system", "clock"):
        return None
    found = {duty.area_path for duty in actor.duties if any(ALLOWS[one](duty) for one in wanted)}
    return None if "" in found else tuple(sorted(found))


def sees(actor: Actor, register: str) -> tuple[str, ...] | None:
    """Return the areas whose part of the register the actor may see by a right of their own."""
    return paths(actor, KEEP[register], VISIT[register])


def covers(reach: tuple[str, ...] | None, area_path: str) -> bool:
    """Return whether an area lies within a reach; what lies in no area is within the whole town only."""
    return reach is None or any(bool(area_path) and (area_path == path or area_path.startswith(path + ".")) for path in reach)


def keeps_town(actor: Actor, register: str) -> bool:
    """Return whether the actor keeps the register for the whole town."""
    return paths(actor, KEEP[register]) is None
