"""Questions about feeds, each scoped to who asks."""

from datetime import datetime

from django.db.models import QuerySet

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.feeds import rules
from gongzhi.management_line.feeds.book import Book, Known, Message
from gongzhi.management_line.feeds.mapping import Compiled, Row
from gongzhi.management_line.feeds.models import Feed, Mapping, RefusedMessage
from gongzhi.management_line.sensing import queries as sensing


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


def password_of(*, seen_by: Actor, feed: Feed) -> str:
    """Return the password for the broker; for the process that connects."""
    if not rules.may_run(seen_by):
        return ""
    return sealing.unseal_text(feed.sealed_password, "feed")


def book_of(*, seen_by: Actor, feed_id: int) -> Book:
    """Return a feed's mappings made ready."""
    zone = territory.town(seen_by=seen_by).zone
    return Book(feed_id, [Compiled(one.definition, zone) for one in Mapping.objects.filter(feed_id=feed_id).order_by("place")], zone)


def trial(*, seen_by: Actor, feed_id: int, topic: str, payload: bytes, at: datetime) -> tuple[list[tuple[Row, str]], list[str]]:
    """Return what would become of a message: each row with what would be done with it, and what cannot be used. Nothing is kept."""
    from gongzhi.management_line.feeds.fitting import explain

    book = book_of(seen_by=seen_by, feed_id=feed_id)
    rows, faults, mapping = book.read(Message(topic, payload, at))
    known = {station.code: station.pk for station in sensing.stations(seen_by=seen_by)}
    for code in {row.station for row in rows} & known.keys():
        for series in sensing.series_of(seen_by=seen_by, station_id=known[code]):
            book.series[(known[code], series.factor, series.aggregate)] = Known(series.pk, series.unit)
    book.stations = known
    return ([] if mapping is None else [(row, explain(row, book, mapping, at)) for row in rows]), faults
