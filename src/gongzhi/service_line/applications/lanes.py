"""Both clocks and every department on one axis of working time. Arithmetic only; what is drawn are percentages of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gongzhi.cases.clock import Pause, WorkingTime


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane: used or stopped, from and how wide, in percent of the axis."""

    kind: str
    begin: float
    width: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lane as it is drawn."""

    begin: float
    width: float
    spans: tuple[Span, ...]
    due: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a lane is about: when it began, is due, ended (None: still runs), and where it stood still."""

    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    pauses: tuple[Pause, ...]


class Axis:
    """Working time from the first beginning to the last due moment, or to now where that is later."""

    def __init__(self, stretches: Sequence[Stretch], now: datetime, working_time: WorkingTime) -> None:
        self._of = working_time.seconds_before
        self._now = now
        self.start = min(one.started_at for one in stretches)
        self.end = max(
            [
                *(one.due_at for one in stretches),
                *(one.ended_at for one in stretches if one.ended_at),
                *([now] if any(not one.ended_at for one in stretches) else []),
            ]
        )
        self._begin = self._of(self.start)
        self._length = max(1.0, self._of(self.end) - self._begin)

    def at(self, moment: datetime) -> float:
        """Return where a moment stands on the axis, in percent."""
        return round(min(100.0, max(0.0, (self._of(moment) - self._begin) * 100 / self._length)), 2)

    @property
    def now(self) -> float:
        return self.at(self._now)

    def drawn(self, stretch: Stretch) -> Drawn:
        """Return a lane: its track up to its due moment, what is used of it, and where it stood still."""
        until = stretch.ended_at or self._now
        spans: list[Span] = []
        place = stretch.started_at
        for pause in _in_order(stretch.pauses, stretch.started_at, until):
            if pause.began_at > place:
                spans.append(self._span("used", place, pause.began_at))
            ended = min(pause.ended_at or until, until)
            spans.append(self._span("stopped", max(pause.began_at, place), ended))
            place = max(place, ended)
        if until > place:
            spans.append(self._span("used", place, until))
        begin, due = self.at(stretch.started_at), self.at(stretch.due_at)
        return Drawn(begin, round(max(0.0, due - begin), 2), tuple(span for span in spans if span.width > 0), due)

    def _span(self, kind: str, since: datetime, until: datetime) -> Span:
        begin = self.at(since)
        return Span(kind, begin, round(max(0.0, self.at(until) - begin), 2))


def _in_order(pauses: Iterable[Pause], start: datetime, until: datetime) -> list[Pause]:
    inside = [one for one in pauses if one.began_at < until and (one.ended_at is None or one.ended_at > start)]
    return sorted(inside, key=lambda one: one.began_at)
