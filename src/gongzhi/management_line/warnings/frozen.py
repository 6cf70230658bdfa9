"""Whether a value that should vary stands still. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

Point = tuple[datetime, float]


def run(newest_first: Sequence[Point], tolerance: float = 0.0) -> int:
    """Return how many of the newest readings lie within `tolerance` of each other, in a row."""
    low = high = None
    for count, (_moment, value) in enumerate(newest_first):
        low = value if low is None else min(low, value)
        high = value if high is None else max(high, value)
        if high - low > tolerance:
            return count
    return len(newest_first)


def minutes_of(newest_first: Sequence[Point], least: int, tolerance: float = 0.0) -> float:
    """Return for how many minutes the newest readings have stood still, 0 where fewer than `least` of them have."""
    count = run(newest_first, tolerance)
    return 0.0 if count < max(2, least) else (newest_first[0][0] - newest_first[count - 1][0]) / timedelta(minutes=1)
