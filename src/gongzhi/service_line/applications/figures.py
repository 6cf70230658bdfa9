"""The arithmetic of the supervision board. Pure; every rate has its fraction."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_BARS = 13  # 0 … 10, 11–20, above


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its fraction; `percent` is None where there is nothing to count."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """Return the share in percent, cut (never rounded up) to one decimal: 999 of 1,000 are not all."""
        return math.floor(self.part * 1000 / self.whole) / 10 if self.whole else None

    @property
    def missing(self) -> int:
        return self.whole - self.part


def quantile(days: Sequence[int], share: float) -> int | None:
    """Return the smallest number of days within which at least this share was decided (nearest rank); None of none."""
    if not days:
        return None
    return sorted(days)[max(0, math.ceil(share * len(days)) - 1)]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the distribution."""

    label: str
    count: int
    height: float  # percent of the highest

    @property
    def top(self) -> float:
        return 100.0 - self.height


def histogram(days: Iterable[int]) -> list[Bar]:
    """Return how many took how many whole working days: 0 … 10 each, then 11–20, then more."""
    counts = [0] * MOST_BARS
    for one in days:
        counts[one if one <= 10 else 11 if one <= 20 else 12] += 1
    highest = max(counts) or 1
    labels = [*(str(n) for n in range(11)), "11–20", "20+"]
    return [Bar(label, count, round(count * 100 / highest, 1)) for label, count in zip(labels, counts, strict=True)]
