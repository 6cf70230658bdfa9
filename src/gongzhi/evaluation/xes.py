"""Event logs as XES (IEEE 1849-2016, and XES 1.0 before it): read as a stream, written whole. Pure.

Read are `concept:name`, `time:timestamp`, `org:resource` (where there is none `org:group`, then `org:role`) and
`lifecycle:transition` of each event and `concept:name` of each trace; elements with a namespace and without. A document
type or an entity is refused, as nothing of XES needs one and both are ways to attack a reader.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from gongzhi.evaluation.mining import Event

CHUNK = 1 << 18
_TAKEN = frozenset({"concept:name", "time:timestamp", "org:resource", "org:group", "org:role", "lifecycle:transition"})


class NotXes(ValueError):
    """A file that cannot be read as an event log; says where, and what would do."""


class Trace:
    """A case of a log: its name ("" where it has none) and its events as the file has them."""

    __slots__ = ("events", "name")

    def __init__(self, name: str, events: list[Event]) -> None:
        self.name = name
        self.events = events


class _Reader:
    """Holds where the stream is; traces that are complete lie in `ready`."""

    def __init__(self) -> None:
        self.ready: list[Trace] = []
        self.loose = 0  # events outside every trace, which belong to no case
        self.traces = 0
        self._depth = 0
        self._trace: int | None = None  # depth of the open trace
        self._event: int | None = None
        self._name = ""
        self._events: list[Event] = []
        self._told: dict[str, str] = {}
        self._line = 0
        self._event_line = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_entity
        self.parser.UnparsedEntityDeclHandler = self._refuse_entity
        self.parser.ExternalEntityRefHandler = self._refuse_entity

    def _where(self) -> str:
        return f"line {self.parser.CurrentLineNumber}"

    def _refuse_doctype(self, *given: Any) -> None:
        raise NotXes(f"{self._where()}: the file declares a document type. An event log needs none; take the line out.")

    def _refuse_entity(self, *given: Any) -> int:
        raise NotXes(f"{self._where()}: the file declares or uses an entity of its own. An event log needs none.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        depth = self._depth
        if depth > 200:
            raise NotXes(f"{self._where()}: elements stand in each other more than 200 deep.")
        event = self._event
        if event is not None:
            if depth == event + 1:
                key = attributes.get("key")
                if key in _TAKEN:
                    self._told[key] = attributes.get("value", "")
            return
        tag = tag.rpartition("}")[2]
        if depth == 1:
            if tag != "log":
                raise NotXes(f"{self._where()}: the file begins with <{tag}>, an event log begins with <log>.")
        elif tag == "event":
            if self._trace is None and depth == 2:
                self.loose += 1
            elif self._trace == depth - 1:
                self._event, self._told, self._event_line = depth, {}, self.parser.CurrentLineNumber
        elif tag == "trace" and depth == 2:
            self._trace, self._name, self._events = depth, "", []
            self.traces += 1
            self._line = self.parser.CurrentLineNumber
        elif self._trace is not None and depth == self._trace + 1 and attributes.get("key") == "concept:name":
            self._name = attributes.get("value", "")

    def _end(self, tag: str) -> None:
        depth = self._depth
        self._depth -= 1
        if depth == self._event:
            self._event = None
            self._events.append(self._made(self._told))
        elif depth == self._trace:
            self._trace = None
            self.ready.append(Trace(self._name, self._events))

    def _made(self, told: dict[str, str]) -> Event:
        activity = told.get("concept:name")
        if not activity:
            raise NotXes(f"{self._place()}: the event has no concept:name, so nobody knows what was done.")
        given = told.get("time:timestamp")
        if not given:
            raise NotXes(f"{self._place()}: the event “{activity}” has no time:timestamp, so nobody knows when it was.")
        try:
            moment = datetime.fromisoformat(given.strip())
        except ValueError:
            raise NotXes(f"{self._place()}: “{given[:60]}” is no moment; one looks like 2026-11-30T16:00:00+08:00.") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        who = told.get("org:resource") or told.get("org:group") or told.get("org:role") or ""
        return Event(activity, moment.timestamp(), who, told.get("lifecycle:transition", "").lower())

    def _place(self) -> str:
        name = f" ({self._name})" if self._name else ""
        return f"line {self._event_line}, trace {self.traces}{name}, event {len(self._events) + 1}"


class Log:
    """An event log that is being read: iterate over its traces once; then `loose` and `empty` are known."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened
        self._reader = _Reader()
        self.empty = 0

    @property
    def loose(self) -> int:
        """Return how many events stood outside every trace."""
        return self._reader.loose

    def __iter__(self) -> Iterator[Trace]:
        reader = self._reader
        try:
            while chunk := self._opened.read(CHUNK):
                reader.parser.Parse(chunk, False)
                yield from self._ready()
            reader.parser.Parse(b"", True)
        except expat.ExpatError as error:
            if error.code == 3:  # XML_ERROR_NO_ELEMENTS
                raise NotXes("the file holds nothing.") from error
            raise NotXes(f"line {error.lineno}, column {error.offset + 1}: this is no well-formed XML ({expat.ErrorString(error.code)}).") from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise NotXes(f"the compressed file is damaged or cut off after line {reader.parser.CurrentLineNumber}.") from error
        yield from self._ready()
        if not reader.traces:
            raise NotXes("the log has no trace, so there is no case in it.")

    def _ready(self) -> Iterator[Trace]:
        done, self._reader.ready = self._reader.ready, []
        for trace in done:
            if trace.events:
                yield trace
            else:
                self.empty += 1


def opened(file: Path) -> IO[bytes]:
    """Open a log, compressed by gzip or not, by what it holds and not by its name; raises OSError."""
    raw = file.open("rb")
    head = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if head == b"\x1f\x8b" else raw  # type: ignore[return-value]


# ---- writing --------------------------------------------------------------------------------------------------------
EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Organizational", "org"), ("Lifecycle", "lifecycle"))


def written(log: Iterable[tuple[str, Iterable[tuple[str, datetime, str]]]]) -> Iterator[str]:
    """Yield a log as XES: of each case its name and its events (activity, moment, resource)."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for name, prefix in EXTENSIONS:
        yield f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
    yield '<classifier name="Activity" keys="concept:name"/>\n'
    for case, events in log:
        parts = [f'<trace><string key="concept:name" value={_quoted(case)}/>\n']
        for activity, moment, resource in events:
            who = f'<string key="org:resource" value={_quoted(resource)}/>' if resource else ""
            parts.append(
                f'<event><string key="concept:name" value={_quoted(activity)}/><date key="time:timestamp" value="{moment.isoformat(timespec="milliseconds")}"/>'
                f'{who}<string key="lifecycle:transition" value="complete"/></event>\n'
            )
        parts.append("</trace>\n")
        yield "".join(parts)
    yield "</log>\n"


def _quoted(value: str) -> str:
    """Return a value in quotes, without what XML cannot hold at all."""
    return quoteattr("".join(letter for letter in value if letter >= " " or letter in "\t\n"))


def read(text: bytes) -> Log:
    """Return a log that is at hand."""
    return Log(io.BytesIO(text))
