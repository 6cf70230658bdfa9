"""When a stretch beyond a limit begins, grows, and is over. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ABOVE, BELOW = "above", "below"


def is_beyond(comparator: str, limit: float, value: float) -> bool:
    """Return whether a value is beyond a limit; one exactly at it keeps it (limits of standards and permits are 不大于, 不小于)."""
    return value > limit if comparator == ABOVE else value < limit


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit as the arithmetic needs it; a value at the limit keeps it."""

    comparator: str
    limit: float
    return_difference: float
    count: int
    duration: timedelta
    clean_count: int
    severity: int
    steps: tuple[float, float] = (2.0, 5.0)  # times the limit at which it is one and two steps graver

    def is_beyond(self, value: float) -> bool:
        """Return whether the value is beyond the limit."""
        return is_beyond(self.comparator, self.limit, value)

    def is_clean(self, value: float) -> bool:
        """Return whether the value is inside the limit by the return difference."""
        return value <= self.limit - self.return_difference if self.comparator == ABOVE else value >= self.limit + self.return_difference

    def worse(self, one: float, other: float) -> float:
        """Return the value that is further beyond."""
        return max(one, other) if self.comparator == ABOVE else min(one, other)


Point = tuple[datetime, float]


def begins(rule: Rule, newest_first: Sequence[Point]) -> datetime | None:
    """Return since when the limit is passed, if that is long and often enough to be a stretch; else None.

    `newest_first`: valid readings, the newest first, at least `count` of them where there are so many.
    """
    run = []
    for at, value in newest_first:
        if not rule.is_beyond(value):
            break
        run.append(at)
    if len(run) < rule.count or run[0] - run[-1] < rule.duration:
        return None
    return run[-1]


def first_beginning(rule: Rule, newest_first: Sequence[Point], fresh: Collection[datetime]) -> int | None:
    """Return the place in `newest_first` of the earliest fresh reading with which a stretch begins, or None.

    Readings can come many at once, such as after a time without connection: a stretch may have begun and ended among
    them. `fresh`: the moments of those that have just come; with an older reading alone nothing begins.
    """
    begun_at, run = None, 0
    for place in range(len(newest_first) - 1, -1, -1):
        at, value = newest_first[place]
        if not rule.is_beyond(value):
            run, begun_at = 0, None
            continue
        run += 1
        begun_at = begun_at or at
        if run >= rule.count and at - begun_at >= rule.duration and at in fresh:
            return place
    return None


def is_over(rule: Rule, newest_first: Sequence[Point], *, after: datetime | None = None) -> datetime | None:
    """Return since when it is clean, if the newest `clean_count` readings (all after `after`) are; else None."""
    run = [point for point in newest_first[: rule.clean_count] if rule.is_clean(point[1]) and (after is None or point[0] > after)]
    if len(run) < rule.clean_count:
        return None
    return run[-1][0]


def severity(rule: Rule, peak: float) -> int:
    """Return how serious a peak is, 1 to 4: one step up at twice the limit, two at five times, or where its `steps` lie (for limits above zero)."""
    if rule.comparator != ABOVE or rule.limit <= 0:
        return rule.severity
    ratio = peak / rule.limit
    return min(4, rule.severity + (2 if ratio >= rule.steps[1] else 1 if ratio >= rule.steps[0] else 0))
