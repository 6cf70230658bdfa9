"""Where each audience may go. An entry is shown if its rule says so; its count is asked only where it is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people.rules import may_see_logins
from gongzhi.kernel.actors import Actor
from gongzhi.portal.rules import anybody, follows_by_code, may_administer, may_use_cockpit, may_use_desk, may_use_field, may_use_firm_home, signed_in

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


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An entry as one reader sees it on one page."""

    title: Any
    url: str
    icon: str
    is_here: bool
    is_late: bool
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
            title=entry.title, url=entry.url, icon=entry.icon, is_here=entry is here, is_late=entry.is_late,
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
    for entry in entries:
        wanted = urlsplit(entry.url)
        asked = set(parse_qsl(wanted.query))
        if not asked <= words:
            continue
        for prefix in (wanted.path, *entry.also):
            fits = present.path == prefix if prefix == "/" else present.path.startswith(prefix)
            if fits and (len(prefix), len(asked)) > best:
                best, found = (len(prefix), len(asked)), entry
    return found


PORTAL = (
    Entry(title=_("Home"), url="/", icon="house"),
    Entry(title=_("My firm"), url="/firm/", icon="building-2", may=may_use_firm_home),
    Entry(title=_("Report"), url="/report/", icon="camera"),
    Entry(title=_("Follow"), url="/follow/", icon="search"),
    Entry(title=_("Map"), url="/map/", icon="map"),
    Entry(title=_("Environment"), url="/environment/", icon="leaf", also=("/air-and-water/", "/opendata/")),
    Entry(title=_("Open figures"), url="/open/", icon="chart-column", also=("/responsibilities/", "/procedures/", "/stations/")),
    Entry(title=_("Ledger"), url="/ledger/", icon="stamp"),
)
TABS = (
    Entry(title=_("Home"), url="/", icon="house"),
    Entry(title=_("Report"), url="/report/", icon="camera"),
    Entry(title=_("Follow"), url="/follow/", icon="search", may=follows_by_code),
    Entry(title=_("My firm"), url="/firm/", icon="building-2", may=may_use_firm_home),
    Entry(
        title=_("Open"), url="/open/", icon="chart-column",
        also=("/responsibilities/", "/procedures/", "/stations/", "/map/", "/ledger/", "/environment/", "/air-and-water/", "/opendata/"),
    ),
    Entry(title=_("Mine"), url="/account/", icon="user", also=("/sign-in/", "/notices/")),
)
DESK: tuple[tuple[Any, tuple[Entry, ...]], ...] = (
    (
        _("My work"),
        (
            Entry(title=_("My due work"), url="/desk/", icon="inbox", may=may_use_desk, also=("/cases/",)),
            Entry(title=_("Notices"), url="/notices/", icon="bell", may=signed_in),
        ),
    ),
    (
        _("Whole town"),
        (
            Entry(title=_("Map"), url="/map/", icon="map"),
            Entry(title=_("Command screen"), url="/cockpit/", icon="activity", may=may_use_cockpit),
            Entry(title=_("Field app"), url="/field/", icon="smartphone", may=may_use_field),
            Entry(title=_("Responsibility list"), url="/responsibilities/", icon="book-open-check"),
            Entry(title=_("Environment"), url="/environment/", icon="leaf", also=("/air-and-water/", "/opendata/")),
            Entry(title=_("Stations"), url="/stations/", icon="radio-tower"),
            Entry(title=_("Devices"), url="/stations/devices/", icon="activity", may=may_use_desk),
            Entry(title=_("MQTT feeds"), url="/stations/feeds/", icon="radio", may=may_use_desk),
            Entry(title=_("Import readings"), url="/stations/import/", icon="file-up", may=may_use_desk),
            Entry(title=_("Public ledger"), url="/ledger/", icon="stamp"),
        ),
    ),
    (
        _("Settings"),
        (
            Entry(title=_("Administration"), url="/administration/", icon="settings", may=may_administer, also=("/categories/", "/procedures/")),
            Entry(title=_("Areas and boundaries"), url="/administration/areas/", icon="layers", may=may_administer),
            Entry(title=_("Organs"), url="/administration/organs/", icon="network", may=may_administer),
            Entry(title=_("Posts"), url="/administration/posts/", icon="user-check", may=may_administer),
            Entry(title=_("Log-ins"), url="/administration/logins/", icon="users", may=may_see_logins),
        ),
    ),
)
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
