"""What is kept as a reading, whatever way it comes: how large a value, how far from now its moment. Microseconds since 1970.

What lies outside these bounds and stands in the database all the same (it came before the bounds, or by a hand) counts in nothing, and stops nothing.
"""

from datetime import timedelta

MOST_VALUE = 1e15  # nothing that is measured is as large; sums over such values would overflow
_DAY = 86_400_000_000
# what lay further ahead would stand as the newest until its day comes; no months are kept before, and a month's table is made whole:
# ten years less a month
AHEAD, BEHIND = _DAY, 3615 * _DAY
# decibels: below the quietest room by far, above what air can carry (194 dB at sea level) by far; a power of ten of what lies outside means nothing
QUIETEST, LOUDEST = -100.0, 300.0
LONGEST_FLOW = 1_000.0  # hours from one point of water to the next: six weeks
MOST_VERSIONS = 1_000  # of one reading; who corrects it more often says nothing with it
MOST_PLANNED_AHEAD = timedelta(days=366)
LATE = timedelta(days=30)  # what a supervised unit sends of earlier moments is a claim; months are moved to the archive after that


def is_in_reach(moment: int, now: int) -> bool:
    """Return whether a reading measured then is kept."""
    return now - BEHIND < moment < now + AHEAD


def is_measurable(value: float) -> bool:
    """Return whether a value can be one that was measured; not a number is none."""
    return -MOST_VALUE < value < MOST_VALUE


def is_decibel(unit: str) -> bool:
    """Return whether values of a unit are levels, of which means are taken by energy."""
    return unit.upper().startswith("DB")
