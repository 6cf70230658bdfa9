"""Office hours as one straight line of seconds. Pure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from threading import Lock
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

Shift = tuple[time, time]
ORDINARY: tuple[Shift, ...] = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 0)))
BLOCK = 400  # days added at a time


class BadHours(ValueError):
    """Office hours that overlap, are empty, or end before they begin."""


def shifts(pairs: Sequence[Sequence[str]]) -> tuple[Shift, ...]:
    """Return office hours from texts such as [["08:30", "12:00"], ["13:30", "17:00"]]; raise BadHours."""
    try:
        read = tuple((_clock(begin), _clock(end)) for begin, end in pairs)
    except ValueError as error:
        raise BadHours(str(error)) from error
    if not read or any(begin >= end for begin, end in read):
        raise BadHours("each part of the day must end after it begins")
    if any(one[1] > other[0] for one, other in pairwise(read)):
        raise BadHours("the parts of the day must follow each other")
    return read


def _clock(text: str) -> time:
    """Return a time of day of the town; raise ValueError."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::00)?", text.strip())
    if found is None:
        raise ValueError(f"{text[:20]!r} is no time of day such as 08:30")
    return time(int(found[1]), int(found[2]))


def _seconds(clock: time) -> float:
    """Return the seconds of a day before a time of day."""
    return clock.hour * 3600.0 + clock.minute * 60 + clock.second


def _length(shift: Shift) -> float:
    begin, end = shift
    return _seconds(end) - _seconds(begin)


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of a day: whether it is worked, in which hours, and why it is off or works unexpectedly."""

    is_working: bool
    shifts: tuple[Shift, ...]
    zh: str = ""
    en: str = ""


@dataclass
class WorkingTime:
    """The working time of one town. Days are found once and added up, so that every question is a look-up.

    `hours` are office hours by the day from which they hold, in order; `exceptions` are the town's own days;
    `national` answers (is worked, reason zh, reason en); `provisional` says whether a year's notice is lacking.
    """

    zone: ZoneInfo
    hours: Sequence[tuple[date, tuple[Shift, ...]]]
    exceptions: Mapping[date, tuple[bool, str]]
    national: Callable[[date], tuple[bool, str, str]]
    provisional: Callable[[int], bool]
    first: date = date(2015, 1, 1)
    known_since: date | None = None  # days before `first` are added up apart, only when one is asked for: few towns have them
    _past: "WorkingTime | None" = field(default=None, repr=False)
    _before: list[float] = field(default_factory=lambda: [0.0], repr=False)
    _days: list[Day] = field(default_factory=list, repr=False)
    _spans: list[tuple[tuple[float, float], ...]] = field(default_factory=list, repr=False)  # the shifts of each day in seconds of it
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def seconds_a_day(self) -> float:
        """Return the working seconds of an ordinary day under the present office hours."""
        return sum(_length(shift) for shift in self.hours[-1][1]) if self.hours else sum(_length(shift) for shift in ORDINARY)

    def _find(self, day: date) -> Day:
        worked, zh, en = self.national(day)
        own = self.exceptions.get(day)
        if own is not None:
            worked, zh = own
            en = zh
        if not worked:
            return Day(False, (), zh, en)
        place = bisect_right(self.hours, day, key=lambda pair: pair[0]) - 1
        return Day(True, self.hours[max(place, 0)][1] if self.hours else ORDINARY, zh, en)

    def _reach(self, index: int) -> None:
        if index < len(self._days):
            return
        with self._lock:
            while index >= len(self._days):
                for _step in range(BLOCK):
                    found = self._find(self.first + timedelta(days=len(self._days)))
                    spans = tuple((_seconds(begin), _seconds(end)) for begin, end in found.shifts)
                    self._before.append(self._before[-1] + sum(end - begin for begin, end in spans))
                    self._spans.append(spans)
                    self._days.append(found)  # last: whoever finds the day finds the rest

    def day(self, day: date) -> Day:
        """Return what is known of a day."""
        index = (day - self.first).days
        if index < 0:
            return self._find(day)
        self._reach(index)
        return self._days[index]

    def seconds_before(self, at: datetime) -> float:
        """Return the working seconds between the first day of the count and the moment: below 0 before it, and before what is known as at its begin."""
        local = at.astimezone(self.zone)
        index = local.toordinal() - self.first.toordinal()
        if index < 0:
            past = self._earlier()
            return 0.0 if past is None else past.seconds_before(at) - past.seconds_before(self._begin())
        self._reach(index)
        clock = local.hour * 3600.0 + local.minute * 60 + local.second + local.microsecond / 1e6
        counted = self._before[index]
        for begin, end in self._spans[index]:
            if clock <= begin:
                break
            counted += (clock if clock < end else end) - begin
        return counted

    def _begin(self) -> datetime:
        return datetime.combine(self.first, time(0), self.zone)

    def _earlier(self) -> "WorkingTime | None":
        """Return the working time of the days before the count, None where nothing is known of them."""
        if self._past is None and self.known_since is not None and self.known_since < self.first:
            self._past = WorkingTime(
                zone=self.zone, hours=self.hours, exceptions=self.exceptions, national=self.national, provisional=self.provisional, first=self.known_since
            )
        return self._past

    def moment_of(self, seconds: float) -> datetime:
        """Return the earliest moment by which so many working seconds have passed since the first day of the count."""
        if seconds < 0 and (past := self._earlier()) is not None:
            return past.moment_of(seconds + past.seconds_before(self._begin()))
        seconds = max(0.0, seconds)
        while self._before[-1] < seconds:
            self._reach(len(self._days) + BLOCK)
        index = max(0, bisect_left(self._before, seconds) - 1)
        left = seconds - self._before[index]
        day = self.first + timedelta(days=index)
        for begin, end in self._days[index].shifts if self._days else ():
            length = _length((begin, end))
            if left <= length:
                return (datetime.combine(day, begin) + timedelta(seconds=round(left, 6))).replace(tzinfo=self.zone)
            left -= length
        return datetime.combine(day, time(0), self.zone)

    def is_working(self, day: date) -> bool:
        """Return whether the day is worked."""
        return self.day(day).is_working

    def is_provisional(self, day: date) -> bool:
        """Return whether the year's holidays have not been announced."""
        return self.provisional(day.year)

    def day_words(self, day: date) -> str:
        """Return why a day is off, or works unexpectedly, in the reader's language; "" for an ordinary day."""
        found = self.day(day)
        return found.en if (get_language() or "").startswith("en") else found.zh

    def hours_words(self) -> str:
        """Return the present office hours in words."""
        present = self.hours[-1][1] if self.hours else ORDINARY
        return ", ".join(f"{begin:%H:%M}–{end:%H:%M}" for begin, end in present)
