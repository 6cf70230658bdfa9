"""Doors 入口: ways that a module adds to a page of another module, without either importing the other.

The page names its place; whoever has something to show there brings a file `doors.py`, which is found at start like
`kinds` and `subscribers`, and hangs a door in it:

    # management_line/warnings/doors.py
    from django.utils.translation import gettext_lazy as _

    from gongzhi.kernel.doors import Door, Told, hang
    from gongzhi.management_line.warnings import queries, rules

    def _told(actor, at):
        n = queries.open_warnings(seen_by=actor, at=at).count()
        return Told(ngettext("%(n)d warning stands", "%(n)d warnings stand", n) % {"n": n}, "warn" if n else "ok")

    hang("environment", Door(key="warnings", title=_("Early warnings"), text=_("What may be exceeded before it is"), url="/environment/warnings/",
                             icon="siren", may=rules.may_see_warnings, told=_told, rooms=("air", "water"), rank=10))

Places: "environment" (the environment's home; its `rooms` are the compartments air, water, noise, soil, waste, ecology; a door
with rooms stands on the pages of those compartments too, a door without stands on the home only); "station" (a station's page; its
`rooms` are kinds of station, and its url may hold {code}: "/stations/{code}/forecast/"); "criterion" (a criterion's page; its
url holds {code}); "registers" (the tabs above each register of the
environment); "public" (the navigation of everybody: serve 办事, report 报事, open 公开, self 自治, firm 企业, mine 我的; a door is hung there by
whoever has a page to lead to), "public:open", "public:report" … (what such an entry leads to, shown below it), "desk:work", "desk:town",
"banner" (what stands at the head of every page while it holds: a door that tells nothing is not shown; its figure is the chip's word),
"desk:management", "desk:service", "desk:self", "desk:settings" (the groups of the desk's sidebar: own work, then line by line).

A door is shown where its `may` says yes to the reader. `told` is asked when the page is drawn, so it costs the page what it
costs: one small query; None shows no words. A door hung twice in one place under one key is refused.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in. `rank` orders the doors of a place, small first; `icon` is of the sprite; pages below `also` belong to it too."""

    key: str
    title: Any
    url: str
    icon: str
    text: Any = ""
    rooms: tuple[str, ...] = ()
    may: Callable[[Actor], bool] = lambda actor: True
    told: "Callable[[Actor, datetime], Told | None] | None" = None
    rank: int = 50
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What stands behind a door now, in a few words; `state` is a chip's: "", ok, warn, late, stop, open, work.

    `figure`: the one amount or count that stands for the whole, where a page has room for no more ("12.4 t").
    """

    words: Any
    state: str = ""
    figure: Any = ""

    @property
    def icon(self) -> str:
        """Return the chip's shape, so that its colour is never alone."""
        return {"ok": "circle-check", "warn": "clock", "late": "triangle-alert", "stop": "circle-pause"}.get(self.state, "circle-dot")


@dataclass(frozen=True, slots=True)
class Shown:
    """A door as one reader sees it at a moment."""

    door: Door
    told: Told | None
    url: str


_places: dict[str, dict[str, Door]] = defaultdict(dict)


class HungTwice(ValueError):
    """Two doors of one place have the same key."""


def hang(place: str, door: Door) -> Door:
    """Add a door to a place; raises HungTwice."""
    known = _places[place].get(door.key)
    if known is not None and known != door:
        raise HungTwice(f"{place}: {door.key}")
    _places[place][door.key] = door
    return door


def hung(place: str) -> list[Door]:
    """Return all doors of a place in order, whoever may use them; nothing is asked of what is behind."""
    return sorted(_places[place].values(), key=lambda door: (door.rank, door.key))


def shown(place: str, *, actor: Actor, at: datetime, room: str = "", **about: str) -> list[Shown]:
    """Return the doors of a place that this actor may use, in order; with `room`, only those that stand in that room.

    `about` fills in what their addresses leave open.
    """
    found = [door for door in hung(place) if door.may(actor) and (not room or room in door.rooms)]
    return [Shown(door, door.told(actor, at) if door.told else None, door.url.format(**about) if about else door.url) for door in found]


def tabs(place: str, *, actor: Actor, at: datetime, here: str) -> list[tuple[str, Any, bool]]:
    """Return the doors of a place as tabs: (address, title, whether it is the page that is shown)."""
    return [(one.door.url, one.door.title, one.door.url == here) for one in shown(place, actor=actor, at=at)]
