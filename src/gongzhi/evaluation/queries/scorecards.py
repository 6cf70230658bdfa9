"""Scorecards: what organs are measured by in a quarter, with intervals, targets and the cases behind each figure.

Figures are worked out from the record whenever they are asked for and remembered for a minute, so that a page never shows half
a recompute. For everybody an indicator is silent where fewer than its `least` (never fewer than three) were observed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.cases import queries as cases
from gongzhi.evaluation import formula as formulas
from gongzhi.evaluation import statistics
from gongzhi.evaluation.models import Indicator
from gongzhi.evaluation.quarters import Quarter
from gongzhi.evaluation.statistics import Estimate
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import figures
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.figures import Observation
from gongzhi.kernel.memory import remember


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator of one organ, in its unit. `estimate` is None where too little was observed; `verdict`: reached, missed, unsure or ""."""

    indicator: Indicator
    estimate: Estimate | None
    observed: int
    hits: int | None  # of a share: how many were yes
    verdict: str


@dataclass(frozen=True, slots=True)
class Compared:
    """An organ beside others: `estimate` with the town's mix of cases; `band`: hi, lo or mid."""

    organ: Any
    estimate: Estimate
    band: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All organs on one share, against the town's. Within a band nobody is before anybody."""

    indicator: Indicator
    town: float
    rows: tuple[Compared, ...]


def indicators(*, seen_by: Actor) -> list[Indicator]:
    """Return the indicators that hold, hard before soft, in their order. Whoever asks: by what the town measures itself is public."""
    found = Indicator.objects.visible_to(seen_by).in_force().select_related("owner")
    return sorted(found, key=lambda one: (not one.is_hard, one.rank, one.code))


def indicator(*, seen_by: Actor, code: str) -> Indicator:
    """Return an indicator that holds; raise DoesNotExist."""
    return Indicator.objects.visible_to(seen_by).in_force().select_related("owner").get(code=code)


def observations(*, seen_by: Actor, code: str, quarter: Quarter, at: datetime) -> list[Observation]:
    """Return what was observed of a declared figure in a quarter; remembered for a minute."""
    since, until = quarter.span(territory.town(seen_by=seen_by).zone)
    sight = "all" if seen_by.is_clock else "town" if seen_by.can("may_see_town_cases") else "open"
    figure = figures.known()[code]
    return remember(
        f"evaluation.observed:{code}:{quarter}:{sight}", lambda: list(figure.read(seen_by=seen_by, since=since, until=min(until, at), at=at)), age=60
    )  # fmt: skip


def _by_organ(seen_by: Actor, one: Indicator, quarter: Quarter, at: datetime) -> dict[int, dict[str, list[float]]]:
    """Return, by organ, the values of each figure of an indicator."""
    found: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for code in formulas.parse(one.formula, figures.known()).figures:
        for seen in observations(seen_by=seen_by, code=code, quarter=quarter, at=at):
            if seen.organ_id is not None:
                found[seen.organ_id][code].append(seen.value)
    return found


def _least(seen_by: Actor, one: Indicator) -> int:
    return one.least if not cases.least_span(seen_by=seen_by) else max(one.least, cases.LEAST_NUMBER)


def _scaled(estimate: Estimate, scale: float) -> Estimate:
    return Estimate(
        estimate.value * scale, None if estimate.low is None else estimate.low * scale, None if estimate.high is None else estimate.high * scale, estimate.n
    )


def _measured(one: Indicator, values: dict[str, list[float]], least: int) -> Measured:
    formula = formulas.parse(one.formula, figures.known())
    theirs = values.get(formula.part.figure, [])
    found = formulas.work_out(formula, {code: values.get(code, []) for code in formula.figures}) if len(theirs) >= least else None
    if found is None:
        return Measured(one, None, len(theirs), None, "")
    found = _scaled(found, one.scale)
    hits = round(sum(theirs)) if formula.part.aggregate == "share" else None
    return Measured(one, found, len(theirs), hits, statistics.against(found, one.target, one.direction))


Pairs = list[tuple[Measured, Measured]]


def scorecard(*, seen_by: Actor, organ_id: int, quarter: Quarter, at: datetime) -> Pairs:
    """Return an organ's scorecard: each hard indicator with the soft one that stands beside it, in the order of the hard ones."""
    pairs, cards = _cards(seen_by, quarter, at)
    return cards.get(organ_id) or [(_measured(hard, {}, 1), _measured(soft, {}, 1)) for hard, soft in pairs]


def organs_measured(*, seen_by: Actor, quarter: Quarter, at: datetime) -> list[tuple[Any, Pairs]]:
    """Return every organ of which something was observed in the quarter, with its scorecard, in order of their ids."""
    _pairs, cards = _cards(seen_by, quarter, at)
    known = organs.organs_by_id(seen_by=seen_by, organ_ids=cards)
    return [(known[pk], cards[pk]) for pk in sorted(known)]


def _cards(seen_by: Actor, quarter: Quarter, at: datetime) -> tuple[list[tuple[Indicator, Indicator]], dict[int, Pairs]]:
    """Return which indicators stand beside each other, and the scorecard of each organ of which something was observed."""
    every = [one for one in indicators(seen_by=seen_by) if one.in_scorecard]
    soft = {one.code: one for one in every if not one.is_hard}
    pairs = [(one, soft[one.counterpart]) for one in every if one.is_hard and one.counterpart in soft]
    grouped = {one.code: _by_organ(seen_by, one, quarter, at) for pair in pairs for one in pair}
    seen = {organ_id for found in grouped.values() for organ_id in found}

    def of(one: Indicator, organ_id: int) -> Measured:
        return _measured(one, grouped[one.code].get(organ_id, {}), _least(seen_by, one))

    return pairs, {organ_id: [(of(hard, organ_id), of(beside, organ_id)) for hard, beside in pairs] for organ_id in seen}


def comparison(*, seen_by: Actor, code: str, quarter: Quarter, at: datetime) -> Comparison | None:
    """Return how organs stand to the town on an indicator that is a share, with the mix of cases taken out; None where it is none or nothing was seen."""
    one = indicator(seen_by=seen_by, code=code)
    formula = formulas.parse(one.formula, figures.known())
    if formula.below is not None or formula.part.aggregate != "share":
        return None
    seen = [
        (each.organ_id, each.value, each.stratum)
        for each in observations(seen_by=seen_by, code=formula.part.figure, quarter=quarter, at=at) if each.organ_id is not None
    ]  # fmt: skip
    if len(seen) < _least(seen_by, one):
        return None
    overall, found = statistics.adjusted_shares(seen)
    known = organs.organs_by_id(seen_by=seen_by, organ_ids=found)
    rank = {"hi": 0, "mid": 1, "lo": 2}
    rows = [
        Compared(known[pk], _scaled(estimate, 100.0), statistics.band(estimate, overall))
        for pk, estimate in found.items() if pk in known and estimate.n >= _least(seen_by, one)
    ]  # fmt: skip
    return Comparison(one, overall * 100, tuple(sorted(rows, key=lambda row: (rank[row.band], row.organ.pk))))


def behind(*, seen_by: Actor, code: str, organ_id: int, quarter: Quarter, at: datetime) -> Sequence[Observation]:
    """Return the observations from which an organ's figure was counted, those that pulled it down first; none where too few were observed."""
    one = indicator(seen_by=seen_by, code=code)
    formula = formulas.parse(one.formula, figures.known())
    theirs = [each for each in observations(seen_by=seen_by, code=formula.part.figure, quarter=quarter, at=at) if each.organ_id == organ_id]
    if len(theirs) < _least(seen_by, one):
        return []
    worst_first = 1 if one.direction != Indicator.Direction.DOWN else -1
    return sorted(theirs, key=lambda each: (worst_first * each.value, each.number))
