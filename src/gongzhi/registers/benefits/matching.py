"""All with all: which of many firms or persons meet which of many benefits, by masks; what each gets; what excludes what. Pure.

For each benefit and row one bit a condition says where it holds and one where it does not; neither is unknown. From these bits the state follows,
and every reason can be told later without judging again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongzhi.foundation.criteria import masks
from gongzhi.foundation.criteria.language import Parameters
from gongzhi.registers.benefits.definitions import Benefit

NOT, NEARLY, ENTITLED, BESIDE = 0, 1, 2, 3  # does not meet it | something is missing | gets it | would, were it not for another or a limit
WORDS = {NOT: "not", NEARLY: "nearly", ENTITLED: "entitled", BESIDE: "beside"}


@dataclass(frozen=True, slots=True)
class Matched:
    """What came of it, by benefit and row: bits of conditions that hold and that do not, the state, the amount in cents."""

    benefits: Sequence[Benefit]
    yes: NDArray[np.uint64]
    no: NDArray[np.uint64]
    states: NDArray[np.uint8]
    cents: NDArray[np.int64]
    faults: Sequence[masks.Fault]

    def answers(self) -> NDArray[np.int8]:
        """Return by benefit and row whether the conditions are met: 1 yes, 0 no, -1 unknown."""
        return _answers(self.benefits, self.yes, self.no)


def _whole(benefits: Sequence[Benefit]) -> NDArray[np.uint64]:
    """Return for each benefit the bits of all its conditions."""
    return np.array([(1 << len(one.conditions)) - 1 for one in benefits], np.uint64)[:, None]


def _answers(benefits: Sequence[Benefit], yes: NDArray[np.uint64], no: NDArray[np.uint64]) -> NDArray[np.int8]:
    met = yes == _whole(benefits)
    return np.where(met, 1, np.where(no != 0, 0, -1)).astype(np.int8)


def match(benefits: Sequence[Benefit], table: masks.Table, *, on: date, parameters: Parameters | None = None) -> Matched:
    """Match every row of a table with every benefit on a day; each benefit is taken to hold on it."""
    many, n = len(benefits), len(table)
    yes, no = np.zeros((many, n), np.uint64), np.zeros((many, n), np.uint64)
    fails = np.zeros((many, n), np.uint8)
    compiler = masks.Compiler(table, on, parameters or {})
    for place, one in enumerate(benefits):
        for bit, condition in enumerate(one.conditions):
            holds, fails_here = compiler.masks(condition)
            mark = np.uint64(1 << bit)
            yes[place] |= holds * mark
            no[place] |= fails_here * mark
            fails[place] += fails_here
    whole = _whole(benefits)
    met = yes == whole
    unknown = (yes | no) != whole
    # nearly: nothing speaks against it but something is not known; or all is known and one of several conditions fails
    several = np.array([len(one.conditions) > 1 for one in benefits], np.bool_)[:, None]
    nearly = ~met & ((fails == 0) | ((fails == 1) & ~unknown & several))
    states = np.where(met, ENTITLED, np.where(nearly, NEARLY, NOT)).astype(np.uint8)
    cents = np.zeros((many, n), np.int64)
    for place, one in enumerate(benefits):
        rows = met[place].nonzero()[0]
        if one.rate is None:
            cents[place, rows] = one.cents or 0
        elif len(rows):
            numbers, known = table.column(one.rate.field)
            cents[place, rows] = [one.rate.cents(int(numbers[row])) if known[row] else 0 for row in rows]
            without = rows[~known[rows]]
            states[place, without] = NEARLY  # of what the amount is worked out is not known
    _set_off(benefits, states, cents)
    return Matched(benefits, yes, no, states, cents, table.faults)


def _set_off(benefits: Sequence[Benefit], states: NDArray[np.uint8], cents: NDArray[np.int64]) -> None:
    """Where several are met, let the greater amount stand where one excludes the other, and keep what a group comes to within its limit."""
    tied = [place for place, one in enumerate(benefits) if one.not_with or one.group]
    codes = {one.code for one in benefits}
    tied += [place for place, one in enumerate(benefits) if place not in tied and any(one.code in benefits[other].not_with for other in tied)]
    if not tied or not codes:
        return
    most: dict[str, int] = {}
    for one in benefits:
        if one.group and one.group_most is not None:
            most[one.group] = min(most.get(one.group, one.group_most), one.group_most)
    met = states[tied] == ENTITLED
    for row in (met.sum(axis=0) > 0).nonzero()[0]:
        had: list[Benefit] = []
        left = dict(most)
        for place in sorted((place for place in tied if states[place, row] == ENTITLED), key=lambda place: (-cents[place, row], benefits[place].code)):
            one = benefits[place]
            if any(one.code in other.not_with or other.code in one.not_with for other in had):
                states[place, row], cents[place, row] = BESIDE, 0
                continue
            if one.group in left:
                part = min(int(cents[place, row]), left[one.group])
                if part <= 0:
                    states[place, row], cents[place, row] = BESIDE, 0
                    continue
                left[one.group] -= part
                cents[place, row] = part
            had.append(one)


def one_row(benefits: Sequence[Benefit], values: dict[str, Any], *, on: date, parameters: Parameters | None = None, confirmed: Any = None) -> Matched:
    """Match one firm or person with every benefit."""
    given = {code: [answer] for code, answer in (confirmed or {}).items()}
    return match(benefits, masks.Table([values], given), on=on, parameters=parameters)
