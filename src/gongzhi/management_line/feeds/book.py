"""What is known of a town while messages are read: its mappings made ready, its stations and series."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from gongzhi.management_line.feeds.mapping import Compiled, Row
from gongzhi.management_line.feeds.said import said as _
from gongzhi.management_line.feeds.said import why
from gongzhi.management_line.feeds.senml import BadPayload


@dataclass(slots=True)
class Message:
    """A message as it came. `mid`, `turn`: its number at the broker in one connection, for the acknowledgement.

    `retain`: the broker had kept it and sends it to whoever subscribes; it says nothing of when it was sent first.
    """

    topic: str
    payload: bytes
    received_at: datetime
    mid: int = 0
    qos: int = 0
    dup: bool = False
    turn: int = 0
    retain: bool = False


@dataclass(slots=True)
class Known:
    """A series: its id and unit."""

    id: int
    unit: str


@dataclass(slots=True, eq=False)
class Book:
    """A feed's mappings and what is known of the town's registry; `stations`: code → id, `series`: (station id, factor, aggregate) → Known."""

    feed_id: int
    mappings: Sequence[Compiled]
    zone: tzinfo
    stations: dict[str, int] = field(default_factory=dict)
    series: dict[tuple[int, str, str], Known] = field(default_factory=dict)
    version: int = -1
    _topics: dict[str, tuple[Compiled, dict[str, str]] | None] = field(default_factory=dict)
    _ready: dict[tuple[str, str, str, str], Any] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop what was looked up, because the registry changed or a transaction was given up."""
        self.version = -1
        self.stations.clear()
        self.series.clear()
        self._ready.clear()

    def mapping_of(self, topic: str) -> tuple[Compiled, dict[str, str]] | None:
        """Return the first mapping that fits a topic, with the named levels."""
        try:
            return self._topics[topic]
        except KeyError:
            pass
        found = next(((one, names) for one in self.mappings if (names := one.match(topic)) is not None), None)
        if len(self._topics) > 10_000:
            self._topics.clear()
        self._topics[topic] = found
        return found

    def read(self, message: Message) -> tuple[list[Row], list[str], Compiled | None]:
        """Return the rows of a message, and what of it cannot be used."""
        fitting = self.mapping_of(message.topic)
        if fitting is None:
            return [], [_("no mapping fits the topic")], None
        if message.retain and not fitting[0].is_dated:
            return [], [_("the broker had kept this message, and without a time in it nobody knows when it was measured")], fitting[0]
        try:
            read = fitting[0].read(fitting[1], message.payload)
        except BadPayload as error:
            return [], [why(error)], fitting[0]
        return read.rows, read.faults, fitting[0]


_NAME = re.compile(r"[\w\-]{1,40}", re.ASCII)
_AGGREGATE = re.compile(r"[a-z0-9.]{1,24}")


def is_name(text: str) -> bool:
    """Return whether a text can be a station's or a factor's code."""
    return _NAME.fullmatch(text) is not None


def is_aggregate(text: str) -> bool:
    """Return whether a text can be an aggregate, such as rtd or hour.avg."""
    return _AGGREGATE.fullmatch(text) is not None


def some(reasons: Iterable[str], most: int = 5) -> str:
    """Return reasons as one sentence, each once, cut to what a column holds."""
    each = list(dict.fromkeys(reasons))
    return ("; ".join(each[:most]) + (f"; … ({len(each)})" if len(each) > most else ""))[:300]
