"""What feeds bring: messages kept as readings, refused ones with the reason, and how the connection stands."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.feeds import fitting, rules
from gongzhi.management_line.feeds.book import Book, Known, Message, some
from gongzhi.management_line.feeds.facts import FeedStateChanged, MessagesTaken
from gongzhi.management_line.feeds.mapping import Compiled, Row
from gongzhi.management_line.feeds.models import Feed, FeedSession, RefusedMessage
from gongzhi.management_line.feeds.said import kept, why
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing import queries as stations
from gongzhi.management_line.sensing.bounds import is_in_reach, is_measurable
from gongzhi.management_line.sensing.columns import micros

MOST_REFUSED = 10_000  # kept of one feed; older ones go
MOST_PAYLOAD = 16_000  # bytes of a refused message that are kept
MOST_RECENT = 4_096


@operation
def note_state(*, by: Actor, at: datetime, feed_id: int, state: str, error: str = "") -> Feed:
    """Keep how the connection stands."""
    ensure(rules.may_run)
    feed = Feed.objects.get(pk=feed_id)
    Feed.objects.filter(pk=feed_id).update(state=state, state_at=at, **({"last_error": error[:300], "last_said": []} if error else {}))
    announce([f"feed:{feed.pk}"], "feed")
    record(FeedStateChanged(subject=ref(feed), state=state))
    return feed


@operation
def forget_session(*, by: Actor, at: datetime, feed_id: int, client: str) -> int:
    """Forget which messages without a time came last: the broker has begun a new session, so their numbers mean others from now on."""
    ensure(rules.may_run)
    feed = Feed.objects.get(pk=feed_id)
    count = FeedSession.objects.filter(feed=feed, client=client).update(recent=b"")
    record(FeedStateChanged(subject=ref(feed), state=feed.state))
    return count


# ---- messages -------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Taken:
    """What became of messages."""

    messages: int = 0
    readings: int = 0
    refused: int = 0
    known: int = 0  # messages that a crash had let come twice


@dataclass(slots=True)
class _Columns:
    series: list[int] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def arrays(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return them as sensing takes them: ids, microseconds since 1970, values, one byte of mark each."""
        return np.array(self.series, np.int64), np.array(self.moments, np.int64), np.array(self.values, np.float64), np.array(self.flags, "S1")


@operation
def take_messages(*, by: Actor, at: datetime, book: Book, messages: Sequence[Message], client: str = "") -> Taken:
    """Keep the readings of messages that came together; what cannot be used is kept beside them with the reason. One transaction.

    Repeats change nothing: readings are known by series and moment. A message that has no time of its own takes the moment of
    receipt; that it came before is known by its number at the broker and its content, for as long as the broker may send it again.
    """
    ensure(rules.may_run)
    feed = Feed.objects.get(pk=book.feed_id)
    _refresh(book, by)
    taken, now = Taken(messages=len(messages)), micros(at)
    columns = _Columns()
    refused: list[RefusedMessage] = []
    recent: list[bytes] = []
    seen: set[bytes] = set()
    session: FeedSession | None = None
    whole: list[bytes] = []
    for message in messages:
        rows, faults, mapping = book.read(message)
        if mapping is not None and (not mapping.is_dated or faults) and message.qos:
            if session is None:
                session = FeedSession.objects.select_for_update().get_or_create(town_id=current_town(), feed=feed, client=client)[0]
                recent = [bytes(session.recent[n : n + 16]) for n in range(0, len(session.recent), 16)]
                seen = set(recent)
            mark = _mark(message)
            if message.dup and mark in seen:
                taken.known += 1
                continue
            recent.append(mark)
            seen.add(mark)  # a line that broke and came back within the batch brings it twice
        if mapping is not None:
            faults = faults + _fit(rows, book, mapping, columns, micros(message.received_at), now, by, at)
        if faults:
            refused.append(_refusal(feed, message, faults))
        whole.append(message.topic.encode() + b" " + message.payload)
    if columns.series:
        raw = b"\n".join(whole)
        arrays = columns.arrays()
        key = hashlib.blake2b(raw, digest_size=16)
        for array in arrays:
            key.update(array.tobytes())
        sensing.take_measurements(
            by=by, at=at, key=uuid.UUID(bytes=key.digest()), series_ids=arrays[0], moments=arrays[1], values=arrays[2], flags=arrays[3], raw=raw,
            from_stations=True,
        )
    if refused:
        RefusedMessage.objects.bulk_create(refused)
        last = RefusedMessage.objects.filter(feed=feed).order_by("-pk").values_list("pk", flat=True)[MOST_REFUSED : MOST_REFUSED + 1].first()
        if last is not None:
            RefusedMessage.objects.filter(feed=feed, pk__lte=last).delete()
    if session is not None and recent:
        session.recent = b"".join(recent[-MOST_RECENT:])
        session.save(update_fields=["recent"])
    taken.readings, taken.refused = len(columns.series), len(refused)
    Feed.objects.filter(pk=feed.pk).update(
        last_message_at=messages[-1].received_at if messages else feed.last_message_at, messages=F("messages") + len(messages) - taken.known,
        readings=F("readings") + taken.readings, refused=F("refused") + taken.refused,
        **({"last_error": refused[-1].reason, "last_said": refused[-1].said} if refused else {}),
    )  # fmt: skip
    announce([f"feed:{feed.pk}"], "feed")
    record(MessagesTaken(subject=ref(feed), messages=taken.messages, readings=taken.readings, refused=taken.refused))
    return taken


def _refusal(feed: Feed, message: Message, faults: Sequence[str]) -> RefusedMessage:
    """Return what is kept of a message that cannot be used, with why: as msgids with parameters, and in the words of this process; not saved yet."""
    return RefusedMessage(
        town_id=current_town(), feed=feed, received_at=message.received_at, topic=message.topic[:400].replace("\0", ""),
        reason=some(faults).replace("\0", ""), said=kept(faults), payload=message.payload[:MOST_PAYLOAD], size=len(message.payload),
    )  # fmt: skip


def _mark(message: Message) -> bytes:
    return hashlib.blake2b(f"{message.mid} {message.topic} ".encode() + message.payload, digest_size=16).digest()


def _refresh(book: Book, by: Actor) -> None:
    """Drop what was looked up if the registry has changed since."""
    version = stations.registry_version(seen_by=by)
    if version != book.version:
        book.forget()
        book.version = version


def _fit(rows: Sequence[Row], book: Book, mapping: Compiled, columns: _Columns, received: int, now: int, by: Actor, at: datetime) -> list[str]:
    """Put rows into the columns; return why some cannot be."""
    faults: list[str] = []
    series, moments, values, flags, ready = columns.series, columns.moments, columns.values, columns.flags, book._ready
    for row in rows:
        station, factor, aggregate, unit, value, moment, flag = row
        moment = received if moment is None else moment
        if not is_in_reach(moment, now):
            faults.append(fitting.too_far())
            continue
        name = (station, factor, aggregate, unit)
        target = ready.get(name)
        if target is None:
            target = ready[name] = _target(row, book, mapping, by, at)
        if isinstance(target, str):
            faults.append(target)
            continue
        place, turn = target
        if turn is not None:
            value = turn(value)
            if not is_measurable(value):
                faults.append(_number_fault())
                continue
        series.append(place)
        moments.append(moment)
        values.append(value)
        flags.append(flag)
    return faults


def _number_fault() -> str:
    return str(sensing.NotMeasurable.sentence)


def _target(row: Row, book: Book, mapping: fitting.Policy, by: Actor, at: datetime) -> Any:
    """Return (series id, converter) of a row, or why it cannot be kept; station and series are defined where the mapping says so."""
    try:
        if not book.stations:
            book.stations.update(stations.stations(seen_by=by).values_list("code", "pk"))
        station = book.stations.get(row.station)
        if station is None and mapping.unknown_station != "define":
            return fitting.unknown_station(row.station)
        fitting.check_names(row)
        if station is None:
            made = sensing.register_station(by=by, at=at, code=row.station, name=row.station, kind=mapping.station_kind, is_public=False)
            station = book.stations[row.station] = made.pk
        name = (station, row.factor, row.aggregate)
        if name not in book.series:
            for one in stations.series_of(seen_by=by, station_id=station):
                book.series[(station, one.factor, one.aggregate)] = Known(one.pk, one.unit)
        known = book.series.get(name)
        if known is None:
            if mapping.unknown_series != "define" and mapping.unknown_station != "define":
                return fitting.unknown_series(row)
            fresh = sensing.define_series(by=by, at=at, station_id=station, factor=row.factor, aggregate=row.aggregate, unit=row.unit)
            known = book.series[name] = Known(fresh.pk, fresh.unit)
        return known.id, fitting.converter(row.unit, known.unit)
    except fitting.DoesNotFit as error:
        return why(error)


@operation
def refuse_message(*, by: Actor, at: datetime, feed_id: int, message: Message, reason: str) -> RefusedMessage:
    """Keep a message that could not be used at all, with the reason."""
    ensure(rules.may_run)
    feed = Feed.objects.get(pk=feed_id)
    refusal = _refusal(feed, message, [reason])
    refusal.save()
    Feed.objects.filter(pk=feed_id).update(
        messages=F("messages") + 1, refused=F("refused") + 1, last_message_at=message.received_at, last_error=refusal.reason, last_said=refusal.said
    )
    record(MessagesTaken(subject=ref(feed), messages=1, readings=0, refused=1))
    return refusal
