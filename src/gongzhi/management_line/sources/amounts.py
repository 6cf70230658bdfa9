"""What an outlet has given off in a year, from measured hours and from the firm's returns. Pure; kilograms.

A period for which a return was accepted counts as measured where flow and concentration were measured in at least three quarters of its
hours, else as reported; never both. Hours outside any such period count as measured. Hours that nobody measured or reported are not guessed:
the share that is covered is said beside the figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

ENOUGH = 0.75  # of a period's hours: from here on its measured quantity stands before the reported one


@dataclass(frozen=True, slots=True)
class Measured:
    """A day of an outlet: in how many hours flow and concentration were both measured, and the kilograms of those hours."""

    on: date
    hours: int
    kilograms: float


@dataclass(frozen=True, slots=True)
class Reported:
    """An accepted return: first and last day, kilograms, and what it is called."""

    since: date
    until: date
    kilograms: Decimal
    title: str = ""

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the year with where its figure comes from: measured, reported, or nothing."""

    since: date
    until: date
    source: str
    kilograms: float
    hours: int
    share: float  # of its hours that were measured
    title: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """A year so far: total, the parts it is made of in order of time, and the share of its days that they speak for."""

    kilograms: float
    parts: tuple[Part, ...]
    covered: float

    @property
    def measured_hours(self) -> int:
        return sum(part.hours for part in self.parts if part.source == "measured")

    @property
    def reported_parts(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.source == "reported")


def used(*, since: date, until: date, measured: Sequence[Measured], reported: Sequence[Reported]) -> Used:
    """Return what was given off from `since` to `until`, both included.

    `reported` periods do not overlap; one that reaches out of the span counts for the days inside it, in proportion.
    """
    days = {one.on: one for one in measured if since <= one.on <= until}
    parts: list[Part] = []
    at = since
    for period in sorted(reported, key=lambda one: one.since):
        first, last = max(period.since, since), min(period.until, until)
        if last < first:
            continue
        if at < first:
            parts.append(_measured(at, first - timedelta(days=1), days))
        own = _measured(first, last, days)
        if own.share >= ENOUGH:
            parts.append(Part(first, last, "measured", own.kilograms, own.hours, own.share, period.title))
        else:
            inside = (last - first).days + 1
            parts.append(Part(first, last, "reported", float(period.kilograms) * inside / period.days, own.hours, own.share, period.title))
        at = last + timedelta(days=1)
    if at <= until:
        parts.append(_measured(at, until, days))
    length = (until - since).days + 1
    told = sum((1.0 if part.source == "reported" else part.share) * ((part.until - part.since).days + 1) for part in parts)
    return Used(sum(part.kilograms for part in parts), tuple(parts), told / length if length > 0 else 0.0)


def _measured(since: date, until: date, days: dict[date, Measured]) -> Part:
    found = [days[on] for on in days if since <= on <= until]
    hours = sum(one.hours for one in found)
    length = ((until - since).days + 1) * 24
    return Part(since, until, "measured" if hours else "nothing", sum(one.kilograms for one in found), hours, min(1.0, hours / length))
