"""Questions about feeds, each scoped to who asks."""

from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.feeds import rules
from gongzhi.management_line.feeds.book import Book, Known, Message
from gongzhi.management_line.feeds.fitting import explain
from gongzhi.management_line.feeds.mapping import Compiled, Row
from gongzhi.management_line.feeds.models import Feed, Mapping, RefusedMessage
from gongzhi.management_line.feeds.topics import covers
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.columns import moment_of


def feeds(*, seen_by: Actor) -> QuerySet[Feed]:
    """Return the town's feeds for those who may look at them."""
    found = Feed.objects.order_by("code", "pk")
    return found if rules.may_look_at(seen_by) else found.none()


def feed_for(*, seen_by: Actor, code: str) -> Feed:
    """Return a feed by its code; what one may not see is not found."""
    return feeds(seen_by=seen_by).get(code=code)


def mappings_of(*, seen_by: Actor, feed_id: int) -> list[Mapping]:
    """Return a feed's mappings in the order in which they are tried."""
    return list(Mapping.objects.filter(feed__in=feeds(seen_by=seen_by), feed_id=feed_id).order_by("place"))


def refused_messages(*, seen_by: Actor, feed_id: int) -> QuerySet[RefusedMessage]:
    """Return what of a feed could not be used, newest first."""
    return RefusedMessage.objects.filter(feed__in=feeds(seen_by=seen_by), feed_id=feed_id).order_by("-received_at", "-pk")


def refused_reasons(*, seen_by: Actor, feed_id: int, most: int = 5) -> list[tuple[str, int]]:
    """Return the commonest reasons with how often each stands among what was refused."""
    found = refused_messages(seen_by=seen_by, feed_id=feed_id).values_list("reason").annotate(n=Count("pk"))
    return [(reason, n) for reason, n in found.order_by("-n", "reason")[:most]]


def password_of(*, seen_by: Actor, feed: Feed) -> str:
    """Return the password for the broker; for the process that connects."""
    if not rules.may_run(seen_by):
        return ""
    return sealing.unseal_text(feed.sealed_password, "feed")


def book_of(*, seen_by: Actor, feed_id: int) -> Book:
    """Return a feed's mappings made ready."""
    return _book(seen_by, feed_id, [one.definition for one in Mapping.objects.filter(feed_id=feed_id).order_by("place")])


def _book(seen_by: Actor, feed_id: int, definitions: Sequence[Fields[str, Any]]) -> Book:
    zone = territory.town(seen_by=seen_by).zone
    return Book(feed_id, [Compiled(one, zone) for one in definitions], zone)


@dataclass(frozen=True, slots=True)
class Tried:
    """A value of a message that was only tried: would it be kept, and as what or why not."""

    row: Row
    moment: datetime
    is_kept: bool
    words: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a message. `mapping`: place of the mapping that fits its topic, from 1; None: none does."""

    mapping: int | None
    pattern: str
    is_subscribed: bool
    rows: list[Tried]
    faults: list[str]

    @property
    def kept(self) -> int:
        return sum(one.is_kept for one in self.rows)


def trial(*, seen_by: Actor, feed: Feed, topic: str, payload: bytes, at: datetime, definitions: Sequence[Fields[str, Any]] | None = None) -> Trial:
    """Return what would become of a message, by the feed's mappings or by these instead. Nothing is kept. Raises BadMapping."""
    book = book_of(seen_by=seen_by, feed_id=feed.pk) if definitions is None else _book(seen_by, feed.pk, definitions)
    rows, faults, mapping = book.read(Message(topic, payload, at))
    known = {station.code: station.pk for station in sensing.stations(seen_by=seen_by)}
    for code in {row.station for row in rows} & known.keys():
        for series in sensing.series_of(seen_by=seen_by, station_id=known[code]):
            book.series[(known[code], series.factor, series.aggregate)] = Known(series.pk, series.unit)
    book.stations = known
    tried = [] if mapping is None else [Tried(row, at if row.moment is None else moment_of(row.moment), *explain(row, book, mapping, at)) for row in rows]
    place = None if mapping is None else list(book.mappings).index(mapping) + 1
    return Trial(place, mapping.topic if mapping else "", any(covers(one, topic) for one in feed.topics), tried, faults)
