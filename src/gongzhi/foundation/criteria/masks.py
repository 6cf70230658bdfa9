"""Many subjects judged at once: two NumPy masks (yes, no) for each distinct clause, put together by group. Pure.

Numbers are whole ten-thousandths and dates are days, both as 64-bit integers, so a comparison is exact: each threshold is
turned into the integers that meet it. Fields of words are judged once for each distinct value. A value that does not
fit its field is unknown, and told in `Table.faults`; it stops nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongzhi.foundation.criteria import dates, language
from gongzhi.foundation.criteria.judging import compare, wanted_on
from gongzhi.foundation.criteria.language import PLACES, Asked, BadValue, Clause, Count, Group, Node, Parameters
from gongzhi.foundation.criteria.subjects import Field, Sort

Mask = NDArray[np.bool_]
Masks = tuple[Mask, Mask]  # yes, no; neither is unknown
FARTHEST = 2**62


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not fit its field."""

    row: int
    field: str
    words: str


class Table:
    """Rows as columns, each made when it is first asked for."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], confirmed: Mapping[str, Sequence[bool | None]] | None = None) -> None:
        self.rows, self.confirmed = rows, confirmed or {}
        self.faults: list[Fault] = []
        self._columns: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def values(self, about: Field) -> list[Any]:
        """Return the column as criteria compare it, None where it is not known or does not fit."""
        found: list[Any] = []
        keep, code = found.append, about.code
        is_number = about.sort is Sort.NUMBER
        for index, row in enumerate(self.rows):
            raw = row.get(code)
            if is_number and type(raw) is int and -language.MOST_NUMBER <= raw <= language.MOST_NUMBER:
                keep(raw * PLACES)
                continue
            try:
                keep(language.held(about, raw))
            except BadValue as bad:
                self.faults.append(Fault(index, code, str(bad)))
                keep(None)
        return found

    def column(self, about: Field) -> Any:
        """Return (integers, known) of a number or date, (places, distinct values) of words, (children, owners, known) of a list."""
        kept = self._columns.get(about.code)
        if kept is None:
            kept = self._columns[about.code] = self._made(about)
        return kept

    def _made(self, about: Field) -> Any:
        values = self.values(about)
        if about.sort in (Sort.NUMBER, Sort.DATE):
            known = np.fromiter((value is not None for value in values), np.bool_, len(values))
            if about.sort is Sort.DATE:
                numbers = np.fromiter((0 if value is None else value.toordinal() for value in values), np.int64, len(values))
            else:
                numbers = np.fromiter((0 if value is None else value for value in values), np.int64, len(values))
            return numbers, known
        if about.sort is Sort.LIST:
            known = np.fromiter((value is not None for value in values), np.bool_, len(values))
            owners = np.fromiter((index for index, value in enumerate(values) for _one in value or ()), np.int64)
            raw = [one for row, value in zip(self.rows, values, strict=True) if value is not None for one in row[about.code]]
            return Table(raw), owners, known
        places: dict[Any, int] = {}
        index = np.fromiter((-1 if value is None else places.setdefault(value, len(places)) for value in values), np.int64, len(values))
        return index, list(places)


def whole_range(op: str, threshold: Fraction) -> tuple[int, int, bool]:
    """Return (least, most, negated): the integers that stand so to a threshold."""
    up, down = math.ceil(threshold), math.floor(threshold)
    match op:
        case ">=":
            return up, FARTHEST, False
        case ">":
            return down + 1, FARTHEST, False
        case "<=":
            return -FARTHEST, down, False
        case "<":
            return -FARTHEST, up - 1, False
        case "=" | "!=":
            return (up, down, op == "!=") if up == down else (1, 0, op == "!=")
    raise ValueError(op)


def span_range(op: str, amount: Fraction, measure: str, on: date) -> tuple[int, int, bool]:
    """Return (least, most, negated): the days since which so many years, months or days are complete, as ordinals."""
    up, down = math.ceil(amount), math.floor(amount)

    def latest(count: int) -> int:
        return dates.latest(on, count, measure)

    match op:
        case ">=":
            return -FARTHEST, latest(up), False
        case ">":
            return -FARTHEST, latest(down + 1), False
        case "<":
            return latest(up) + 1, FARTHEST, False
        case "<=":
            return latest(down + 1) + 1, FARTHEST, False
        case "=" | "!=":
            return (latest(up + 1) + 1, latest(up), op == "!=") if up == down else (1, 0, op == "!=")
    raise ValueError(op)


@dataclass
class Compiler:
    """Judges conditions over a table on one day; a clause that several criteria share is judged once."""

    table: Table
    on: date
    parameters: Parameters
    kept: dict[Node, Masks] = field(default_factory=dict)
    below: "dict[str, Compiler]" = field(default_factory=dict)

    def masks(self, node: Node) -> Masks:
        """Return where the condition holds and where it does not."""
        found = self.kept.get(node)
        if found is None:
            made: dict[type, Callable[[Any], Masks]] = {Group: self._group, Clause: self._clause, Count: self._count, Asked: self._asked}
            found = self.kept[node] = made[type(node)](node)
        return found

    def _nowhere(self) -> Masks:
        return np.zeros(len(self.table), np.bool_), np.zeros(len(self.table), np.bool_)

    def _group(self, node: Group) -> Masks:
        parts = [self.masks(part) for part in node.parts]
        if node.how == "not":
            return parts[0][1], parts[0][0]
        holds, fails = (0, 1) if node.how == "all" else (1, 0)
        result = [np.ones(len(self.table), np.bool_), np.zeros(len(self.table), np.bool_)]  # of `all`; `any` is its mirror
        for part in parts:
            result[0] &= part[holds]
            result[1] |= part[fails]
        return (result[0], result[1]) if node.how == "all" else (result[1], result[0])

    def _asked(self, node: Asked) -> Masks:
        given = self.table.confirmed.get(node.code)
        if given is None:
            return self._nowhere()
        return np.array([one is True for one in given], np.bool_), np.array([one is False for one in given], np.bool_)

    def _clause(self, node: Clause) -> Masks:
        wanted = wanted_on(node.wanted, self.parameters, self.on)
        if wanted is None:
            return self._nowhere()
        if node.about.sort in (Sort.NUMBER, Sort.DATE):
            numbers, known = self.table.column(node.about)
            if node.measure:
                least, most, negated = span_range(node.op, wanted, node.measure, self.on)
            elif node.about.sort is Sort.DATE:
                least, most, negated = whole_range(node.op, Fraction(wanted.toordinal()))
            else:
                least, most, negated = whole_range(node.op, wanted * PLACES)
            within = np.ones(len(numbers), np.bool_) if least <= most else np.zeros(len(numbers), np.bool_)
            if least > -FARTHEST:
                within &= numbers >= max(least, -FARTHEST)
            if most < FARTHEST:
                within &= numbers <= min(most, FARTHEST)
            holds = ~within if negated else within
            return holds & known, ~holds & known
        places, distinct = self.table.column(node.about)
        judged = np.array([*(compare(value, node.op, wanted) for value in distinct), False], np.bool_)  # the last is for what is not known
        holds, known = judged[places], places >= 0
        return holds & known, ~holds & known

    def _count(self, node: Count) -> Masks:
        wanted = wanted_on(node.wanted, self.parameters, self.on)
        if wanted is None:
            return self._nowhere()
        children, owners, known = self.table.column(node.about)
        below = self.below.setdefault(node.code, Compiler(children, self.on, self.parameters))
        yes, no = below.masks(node.where)
        sure = np.bincount(owners[yes], minlength=len(self.table))
        perhaps = np.bincount(owners[~no], minlength=len(self.table))  # sure ones and those that are not known
        least, most, negated = whole_range(node.op, wanted)
        if node.op in ("=", "!="):
            inside = (sure == perhaps) & (sure >= least) & (sure <= most)
            outside = (perhaps < least) | (sure > most) if least <= most else np.ones(len(self.table), np.bool_)
        else:
            inside = (sure >= least) & (perhaps <= most)
            outside = (perhaps < least) | (sure > most)
        holds, fails = (outside, inside) if negated else (inside, outside)
        return holds & known, fails & known


def judge_many(
    nodes: Iterable[Node], rows: Sequence[Mapping[str, Any]] | Table, *, on: date, parameters: Parameters | None = None
) -> tuple[list[Masks], Table]:
    """Return for each condition where it holds and where it does not (neither: unknown), and the table with what did not fit."""
    table = rows if isinstance(rows, Table) else Table(rows)
    compiler = Compiler(table, on, parameters or {})
    return [compiler.masks(node) for node in nodes], table
