"""Ratings 好差评: five levels, the two lowest are bad (standards of government service evaluation; kept editable)."""

from collections.abc import Iterable
from dataclasses import dataclass

BAD = frozenset({1, 2})
TAGS = ("solved_well", "quick", "friendly", "explained", "slow", "not_solved", "rude", "not_told")


def is_bad(level: int) -> bool:
    """Return whether a rating of this level sets a follow-up going."""
    return level in BAD


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Share of ratings that are not bad. `asked` counts parties who were asked, so that silence is not hidden."""

    rated: int
    bad: int
    asked: int

    @property
    def share(self) -> float | None:
        """Return satisfied ÷ rated in 0…1, or None while nobody has rated."""
        return None if not self.rated else (self.rated - self.bad) / self.rated

    @property
    def answered(self) -> float | None:
        """Return rated ÷ asked in 0…1."""
        return None if not self.asked else min(1.0, self.rated / self.asked)


def satisfaction(levels: Iterable[int], asked: int) -> Satisfaction:
    """Return the satisfaction that these levels show."""
    counted = list(levels)
    return Satisfaction(rated=len(counted), bad=sum(1 for level in counted if is_bad(level)), asked=asked)
