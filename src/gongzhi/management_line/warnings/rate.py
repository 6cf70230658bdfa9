"""How fast a value changes. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

Point = tuple[datetime, float]
UP, DOWN, EITHER = "up", "down", "either"


def middle(points: Sequence[Point]) -> Point:
    """Return the middle moment and the median value, so that one stray reading makes no change."""
    begin = min(moment for moment, _value in points)
    seconds = sum((moment - begin).total_seconds() for moment, _value in points) / len(points)
    return begin + timedelta(seconds=seconds), median(value for _moment, value in points)


def per_hour(new: Sequence[Point], old: Sequence[Point]) -> float | None:
    """Return the change an hour from some old readings to some new ones, in the unit of the values; None where it cannot be said."""
    if not new or not old:
        return None
    (later, after), (earlier, before) = middle(new), middle(old)
    hours = (later - earlier).total_seconds() / 3600
    return (after - before) / hours if hours > 0 else None


def measured(change: float, direction: str) -> float:
    """Return how far a change goes in the direction that is watched; against it is less than nought."""
    return change if direction == UP else -change if direction == DOWN else abs(change)
