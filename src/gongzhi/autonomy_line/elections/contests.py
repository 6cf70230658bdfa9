"""What is counted: a contest with its ballots, and what a count says of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Rank = tuple[str, ...]  # whom a voter put at one place: nobody (left out), one, or several (an overvote)

OVERVOTE = "\x00overvote"  # a place that the scanner read as marked twice, without saying for whom
WRITE_INS = "Undeclared Write-ins"


class Malformed(ValueError):
    """A file that cannot be counted: in which line (from 1; 0: the file as a whole) and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Ballot:
    """Ballots that say the same: how many, and whom they name in which order (or, where crosses are made, whom they chose)."""

    weight: Fraction
    ranks: tuple[Rank, ...]

    @property
    def chosen(self) -> tuple[str, ...]:
        """Everybody named, once each, in the order of the ballot."""
        return tuple(dict.fromkeys(name for rank in self.ranks for name in rank))


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Who stands for how many seats, and the ballots."""

    title: str = ""
    candidates: tuple[str, ...]
    seats: int
    ballots: tuple[Ballot, ...]
    withdrawn: frozenset[str] = frozenset()
    parties: Mapping[str, str] = field(default_factory=dict)
    lots: tuple[str, ...] = ()  # the order of a lot drawn before, first preferred

    @property
    def cast(self) -> Fraction:
        """How many ballots there are."""
        return sum((ballot.weight for ballot in self.ballots), Fraction(0))

    @property
    def standing(self) -> tuple[str, ...]:
        """The candidates who did not withdraw, in the order of the list."""
        return tuple(name for name in self.candidates if name not in self.withdrawn)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened in a count: a code of `words.py` and what it says of whom."""

    code: str
    given: Mapping[str, Any] = field(default_factory=dict)


def step(code: str, **given: Any) -> Step:
    """Return one step of a count."""
    return Step(code=code, given=given)


@dataclass(frozen=True, kw_only=True)
class Tie:
    """Candidates whom the votes do not part, what for, and how it was settled (`votes`: an earlier round; `lot`: given; `order`: nobody drew yet)."""

    round: int
    between: tuple[str, ...]
    about: str  # elected, excluded, transferred first
    settled_by: str
    for_: str = ""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round: what each has, what is needed, who was elected or left, where votes went."""

    number: int
    tally: Mapping[str, Fraction]
    needed: Fraction | None = None
    elected: tuple[str, ...] = ()
    eliminated: tuple[str, ...] = ()
    transfers: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)  # from → to; "exhausted" and "residual surplus" are no candidates
    inactive: Mapping[str, Fraction] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Count:
    """The outcome of a count. `elected` is in the order of election; `open_seats` could not be filled by this vote."""

    rule: str
    seats: int
    elected: tuple[str, ...]
    rounds: tuple[Round, ...]
    ties: tuple[Tie, ...] = ()
    cast: Fraction = Fraction(0)
    valid: Fraction = Fraction(0)
    void: Fraction = Fraction(0)
    blank: Fraction = Fraction(0)
    open_seats: int = 0
    second_round: tuple[str, ...] = ()  # who stands in it, where one is needed
    steps: tuple[Step, ...] = ()

    def winners(self, order: Sequence[str]) -> list[str]:
        """Return the elected in the order of the file."""
        return [name for name in order if name in self.elected] + [name for name in self.elected if name not in order]


def plain(value: Fraction | int | None) -> str | None:
    """Return an exact number as people write it: whole, with its finite decimals, or to six of them."""
    if value is None:
        return None
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives) if rest == 1 and max(twos, fives) <= 12 else 6
    sign = "-" if value < 0 else ""
    scaled = abs(value) * 10**places
    whole = scaled.numerator // scaled.denominator if rest == 1 and places > 6 else round(scaled)
    digits = str(whole).rjust(places + 1, "0")
    told = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
    return sign + told


def cut(value: Fraction, places: int | None) -> Fraction:
    """Return a value with what lies beyond so many decimals left away; None leaves it exact."""
    if places is None:
        return value
    return Fraction(value.numerator * 10**places // value.denominator, 10**places)


def by_earlier_rounds(tied: Iterable[str], rounds: Sequence[Mapping[str, Fraction]], *, highest: bool) -> tuple[str, ...]:
    """Return who of the tied stands out, looking back from the latest round; several where no round parts them."""
    left = list(tied)
    for tally in reversed(rounds):
        if len(left) < 2:
            break
        held = {name: tally.get(name, Fraction(0)) for name in left}
        best = max(held.values()) if highest else min(held.values())
        left = [name for name in left if held[name] == best]
    return tuple(left)
