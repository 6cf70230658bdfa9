"""What is kept as a reading, whatever way it comes: how large a value, how far from now its moment. Microseconds since 1970."""

MOST_VALUE = 1e15  # nothing that is measured is as large; sums over such values would overflow
_DAY = 86_400_000_000
# what lay further ahead would stand as the newest until its day comes; no months are kept before, and a month's table is made whole:
# ten years less a month
AHEAD, BEHIND = _DAY, 3615 * _DAY


def is_in_reach(moment: int, now: int) -> bool:
    """Return whether a reading measured then is kept."""
    return now - BEHIND < moment < now + AHEAD


def is_measurable(value: float) -> bool:
    """Return whether a value can be one that was measured; not a number is none."""
    return -MOST_VALUE < value < MOST_VALUE
