"""Where each audience may go. An entry is shown if its rule says so; its count is asked only where it is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import doors
from gongzhi.kernel.actors import Actor
from gongzhi.portal.rules import anybody

Count = Callable[[Actor, datetime], int | None]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One way to go. `also` are further path prefixes that belong to it."""

    title: Any
    url: str
    icon: str
    may: Callable[[Actor], bool] = anybody
    count: Count | None = None
    is_late: bool = False
    also: tuple[str, ...] = ()
    counted: str = ""  # the queue whose number the page asks for after it is drawn


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An entry as one reader sees it on one page."""

    title: Any
    url: str
    icon: str
    is_here: bool
    is_late: bool
    counted: str
    _count: Count | None
    _actor: Actor
    _at: datetime

    @property
    def number(self) -> int | None:
        """Return how many things wait behind the entry, or None."""
        return self._count(self._actor, self._at) if self._count else None


def shown(entries: Sequence[Entry], actor: Actor, path: str, at: datetime) -> list[Shown]:
    """Return the entries that this actor may use, with the one marked that the present page belongs to."""
    allowed = [entry for entry in entries if entry.may(actor)]
    here = _closest(allowed, path)
    return [
        Shown(
            title=entry.title, url=entry.url, icon=entry.icon, is_here=entry is here, is_late=entry.is_late, counted=entry.counted,
            _count=entry.count, _actor=actor, _at=at,
        )
        for entry in allowed
    ]  # fmt: skip


def _closest(entries: Sequence[Entry], path: str) -> Entry | None:
    """Return the entry whose address fits the present one best: longest path, then most query words in common."""
    present = urlsplit(path)
    words = set(parse_qsl(present.query))
    best: tuple[int, int] = (0, 0)
    found = None
    needed: set[tuple[str, str]]
    for entry in entries:
        wanted = urlsplit(entry.url)
        asked = set(parse_qsl(wanted.query))
        for prefix, needed in ((wanted.path, asked), *((prefix, set()) for prefix in entry.also)):
            fits = present.path == prefix if prefix == "/" else present.path.startswith(prefix)
            if fits and needed <= words and (len(prefix), len(needed)) > best:
                best, found = (len(prefix), len(needed)), entry
    return found


HOME = Entry(title=_("Home"), url="/", icon="house")
# The groups of the desk's sidebar, in order; a group that nobody has hung a door in, or whose doors are not for the reader, is not shown.
DESK: tuple[tuple[str, Any], ...] = (
    ("desk:work", _("My work")), ("desk:management", pgettext_lazy("line of work", "Management")),
    ("desk:service", pgettext_lazy("line of work", "Services")), ("desk:self", pgettext_lazy("line of work", "Self-government")),
    ("desk:town", _("Whole town")), ("desk:settings", _("Settings")),
)  # fmt: skip


def entries(place: str) -> tuple[Entry, ...]:
    """Return the ways on that modules have hung in a place."""
    return tuple(_entry(door) for door in doors.hung(place))


def _entry(door: doors.Door, also: tuple[str, ...] = ()) -> Entry:
    counted = door.key if door.url.startswith("/desk/?queue=") else ""
    return Entry(title=door.title, url=door.url, icon=door.icon, may=door.may, also=(*door.also, *also), counted=counted)


def public() -> tuple[Entry, ...]:
    """Return the entries of the navigation of everybody; each covers the pages of what hangs below it."""
    return tuple(_entry(door, tuple(url for below in doors.hung(f"public:{door.key}") for url in (below.url, *below.also))) for door in doors.hung("public"))


def below(path: str, actor: Actor, at: datetime) -> list[Shown]:
    """Return what stands beside the present page under the same entry of the navigation; nothing where it is alone."""
    here = _closest([entry for entry in public() if entry.may(actor)], path)
    key = next((door.key for door in doors.hung("public") if here is not None and door.url == here.url), "")
    found = shown(entries(f"public:{key}"), actor, path, at) if key else []
    return found if len(found) > 1 else []


FIELD = (
    Entry(title=_("Tasks"), url="/field/", icon="clipboard-list"),
    Entry(title=_("Patrol"), url="/field/patrol/", icon="camera"),
    Entry(title=_("To send"), url="/field/outbox/", icon="cloud-upload"),
    Entry(title=_("Map"), url="/map/", icon="map"),
    Entry(title=_("Mine"), url="/account/", icon="user"),
)


def organ_name(actor: Actor) -> str:
    """Return the name of the organ of the actor's first post, or ""."""
    if not actor.duties:
        return ""
    from gongzhi.foundation.organs import queries as organs

    organ_id = actor.duties[0].organ_id
    return str(organs.organs_by_id(seen_by=actor, organ_ids=[organ_id])[organ_id])


def unread(actor: Actor) -> int:
    """Return how many notices the actor has not read."""
    if not actor.person_id:
        return 0
    from gongzhi.foundation.notices import queries as notices

    return notices.unread_count(seen_by=actor)
