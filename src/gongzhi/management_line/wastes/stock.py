"""What is in stock, day by day, and since when it lies there. Pure; tonnes, exact decimals.

What goes out goes out oldest first, as a store is emptied; so the oldest that is left says whether the storage term is kept.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Move:
    """What came in (above nought) or went out (below) on a day."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of what came in on a day."""

    since: date
    amount: Decimal


def level(moves: Iterable[Move], until: date | None = None) -> Decimal:
    """Return what is in stock at the end of a day, or in the end."""
    return sum((move.amount for move in moves if until is None or move.on <= until), ZERO)


def lowest(moves: Sequence[Move]) -> Decimal:
    """Return the lowest stock at the end of any day; nought where nothing moved."""
    total, least = ZERO, None
    for on in sorted({move.on for move in moves}):
        total += sum((move.amount for move in moves if move.on == on), ZERO)
        least = total if least is None else min(least, total)
    return least if least is not None else ZERO


def lots(moves: Iterable[Move]) -> list[Lot]:
    """Return what is left, oldest first. What goes out beyond what is there (within the weighing tolerance) is taken from what comes next."""
    kept: deque[list] = deque()
    owed = ZERO
    for move in sorted(moves, key=lambda one: (one.on, one.amount < 0)):
        if move.amount > 0:
            rest = max(ZERO, move.amount - owed)
            owed = max(ZERO, owed - move.amount)
            if rest > 0:
                kept.append([move.on, rest])
            continue
        out = -move.amount
        while out > 0 and kept:
            part = min(out, kept[0][1])
            kept[0][1] -= part
            out -= part
            if kept[0][1] == 0:
                kept.popleft()
        owed += out
    return [Lot(since, amount) for since, amount in kept]
