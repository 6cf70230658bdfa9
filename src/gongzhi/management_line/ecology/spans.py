"""Spans of time on charts: which steps they are shown in, and what lies in them or is missing. Pure.

A span that is shown as every reading has a step of nought. Steps begin at whole multiples from the town's own midnight; days are the
town's own days, whatever their length.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import moments
from gongzhi.kernel.operation import Refused, Unreadable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERY = timedelta()
LENGTHS = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
# the longest span that is shown in a step; beyond the last, days
STEPS = ((2 * HOUR, EVERY), (2 * DAY, timedelta(minutes=10)), (16 * DAY, HOUR), (62 * DAY, 4 * HOUR))
MOST = timedelta(days=3700)
ENOUGH = 0.75  # of the readings that were due: below it a step is shown as thin, as an hour needs 45 of its 60 minutes (GB 3095 table 4)


class BadSpan(Unreadable):
    sentence = _("“%(value)s” is no date. Write it as 2026-11-20 or 2026-11-20T08:00.")
    field = "from"


class EmptySpan(Refused):
    sentence = _("The span must end after it begins.")
    field = "to"


class TooLong(Refused):
    sentence = _("A span may be ten years long at most.")
    field = "from"


@dataclass(frozen=True, slots=True)
class Span:
    """A time [since, until) and the step it is shown in. `name` is one of LENGTHS, "" for a span from a day to another."""

    name: str
    since: datetime
    until: datetime
    step: timedelta

    @property
    def is_every(self) -> bool:
        """Return whether every reading is shown."""
        return self.step == EVERY

    @property
    def is_days(self) -> bool:
        return self.step == DAY


def step_for(length: timedelta) -> timedelta:
    """Return the step in which a span of a length is shown: some two hundred steps, at most a few hundred."""
    return next((step for most, step in STEPS if length <= most), DAY)


def span_of(name: str, *, at: datetime, zone: tzinfo, begin: str = "", end: str = "") -> Span:
    """Return the span of a name that ends now, or, where `begin` is given, that from there to the end of `end` (a day counts whole).

    Raises BadSpan, EmptySpan, TooLong; an unknown name is a day.
    """
    if not begin and not end:
        name = name if name in LENGTHS else "day"
        return Span(name, at - LENGTHS[name], at, step_for(LENGTHS[name]))
    until = _moment(end, zone, "to", is_end=True) if end else at
    since = _moment(begin, zone, "from") if begin else until - DAY
    if since >= until:
        raise EmptySpan
    if until - since > MOST:
        raise TooLong
    return Span("", since, until, step_for(until - since))


def _moment(text: str, zone: tzinfo, name: str, *, is_end: bool = False) -> datetime:
    try:
        if len(text.strip()) == 10:
            return datetime.combine(moments.day(text) + timedelta(days=is_end), time(), zone)
        return moments.moment(text, zone)
    except Unreadable as error:
        raise BadSpan(value=text[:40], field=name) from error


def coarser(span: Span, interval: timedelta) -> Span:
    """Return the span in steps that are no finer than a series' readings come; as it is where it shows every reading."""
    if span.is_every or span.step >= interval:
        return span
    return replace(span, step=HOUR if interval <= HOUR else DAY)


def begins(span: Span, zone: tzinfo) -> list[datetime]:
    """Return the begins of the steps that touch the span, in order; nothing for a span of every reading.

    Days are given in the zone, shorter steps in UTC: they are of equal length also where clocks are changed.
    """
    if span.is_every:
        return []
    midnight = datetime.combine(span.since.astimezone(zone).date(), time(), zone)
    if span.is_days:
        days = (span.until.astimezone(zone).date() - midnight.date()).days + 1
        found = [datetime.combine(midnight.date() + timedelta(days=number), time(), zone) for number in range(days)]
        return [day for day in found if day < span.until]
    first = begin_of(span.since, span.step, zone)
    return [first + number * span.step for number in range(-(-(span.until - first) // span.step))]


def begin_of(moment: datetime, step: timedelta, zone: tzinfo) -> datetime:
    """Return the begin of the step in which a moment lies."""
    midnight = datetime.combine(moment.astimezone(zone).date(), time(), zone)
    if step >= DAY:
        return midnight
    start = midnight.astimezone(UTC)
    return start + (moment - start) // step * step


@dataclass(slots=True)
class Step:
    """What lies in one step: its mean and reach, how many readings came, how many are valid, how many were due, and which marks the others carry."""

    at: datetime
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0
    valid: int = 0
    due: int = 0
    marks: Mapping[str, int] = field(default_factory=dict)
    value: float | None = None  # of a single reading that is not valid: where it is drawn

    @property
    def state(self) -> str:
        """Return "missing" (nothing came), "invalid" (nothing valid came), "thin" (too few valid ones came) or ""."""
        if not self.count:
            return "missing" if self.due else ""
        if not self.valid:
            return "invalid"
        return "thin" if self.valid < ENOUGH * self.due else ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A row of steps, by their places, without a valid mean; `marks` are those of its readings."""

    first: int
    last: int
    state: str
    marks: tuple[tuple[str, int], ...]


def gaps(steps: Sequence[Step]) -> Iterator[Gap]:
    """Yield the rows of steps that are alike in having nothing, or nothing valid."""
    begin = 0
    while begin < len(steps):
        state = steps[begin].state
        end = begin
        if state in ("missing", "invalid"):
            while end + 1 < len(steps) and steps[end + 1].state == state:
                end += 1
            marks: Counter[str] = Counter()
            for step in steps[begin : end + 1]:
                marks.update(step.marks)
            yield Gap(begin, end, state, tuple(sorted(marks.items())))
        begin = end + 1


@dataclass(frozen=True, slots=True)
class Share:
    """How complete a span is: of what was due, what is valid, what came and is not valid, what did not come."""

    due: int
    valid: int
    count: int

    @property
    def missing(self) -> int:
        return max(0, self.due - self.count)

    @property
    def invalid(self) -> int:
        return self.count - self.valid

    @property
    def part(self) -> float | None:
        """Return the valid part of what was due, at most 1; None where nothing was due."""
        return min(1.0, self.valid / self.due) if self.due else None


def share(steps: Iterable[Step]) -> Share:
    """Return how complete steps are together. What came beyond what was due in one step makes up for nothing in another."""
    due = valid = count = 0
    for step in steps:
        due += step.due
        valid += min(step.valid, step.due)
        count += min(step.count, step.due)
    return Share(due, valid, max(count, valid))


def month_after(day: date) -> date:
    """Return the first day of the month after that of a day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
