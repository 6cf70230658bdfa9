"""Formulas of indicators: an aggregate of a declared figure, or one divided by another. Pure.

share(cases.on_time)      what part of a flag's observations are yes
median(cases.days)        the middle of an amount
mean(cases.rating)
count(cases.on_time)      how many were observed
sum(cases.returns) / count(cases.on_time)
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gongzhi.evaluation import statistics
from gongzhi.evaluation.statistics import Estimate
from gongzhi.kernel.figures import Figure

AGGREGATES: dict[str, tuple[str, ...]] = {
    "share": ("flag",),
    "median": ("amount",),
    "mean": ("amount",),
    "count": ("flag", "amount"),
    "sum": ("flag", "amount"),
}
_PART = re.compile(r"\s*(\w+)\s*\(\s*([a-z0-9_.]+)\s*\)\s*")


class BadFormula(ValueError):
    """The formula says nothing that can be worked out; the reason is a code with what it is about."""

    def __init__(self, reason: str, about: str) -> None:
        self.reason = reason  # unreadable | unknown_aggregate | unknown_figure | unfit
        self.about = about
        super().__init__(f"{reason}: {about}")


@dataclass(frozen=True, slots=True)
class Part:
    """An aggregate of one figure."""

    aggregate: str
    figure: str


@dataclass(frozen=True, slots=True)
class Formula:
    """What is worked out; `below` is what it is divided by, or None."""

    part: Part
    below: Part | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        return (self.part.figure,) if self.below is None else (self.part.figure, self.below.figure)


def parse(text: str, known: Mapping[str, Figure]) -> Formula:
    """Return the formula; raise BadFormula with what is wrong and with what."""
    pieces = text.split("/")
    if len(pieces) > 2:
        raise BadFormula("unreadable", text)
    parts = []
    for piece in pieces:
        match = _PART.fullmatch(piece)
        if match is None:
            raise BadFormula("unreadable", piece.strip() or text)
        aggregate, code = match[1], match[2]
        if aggregate not in AGGREGATES:
            raise BadFormula("unknown_aggregate", aggregate)
        if code not in known:
            raise BadFormula("unknown_figure", code)
        if known[code].sort not in AGGREGATES[aggregate]:
            raise BadFormula("unfit", f"{aggregate}({code})")
        parts.append(Part(aggregate, code))
    return Formula(*parts)


def _part(part: Part, values: Mapping[str, Sequence[float]]) -> Estimate:
    theirs = values[part.figure]
    ways: dict[str, Callable[[], Estimate]] = {
        "share": lambda: statistics.share(sum(theirs), len(theirs)),
        "median": lambda: statistics.middle(theirs),
        "mean": lambda: statistics.mean(theirs),
        "count": lambda: Estimate(float(len(theirs)), None, None, len(theirs)),
        "sum": lambda: Estimate(float(sum(theirs)), None, None, len(theirs)),
    }
    return ways[part.aggregate]()


def work_out(formula: Formula, values: Mapping[str, Sequence[float]]) -> Estimate | None:
    """Return what a formula gives for the values of its figures; None where there is nothing to say it of, or nothing to divide by."""
    try:
        above = _part(formula.part, values)
        if formula.below is None:
            return above
        below = _part(formula.below, values)
        return Estimate(above.value / below.value, None, None, below.n)
    except ZeroDivisionError:
        return None
