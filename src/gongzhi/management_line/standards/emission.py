"""Emissions of an outlet against its permit: concentrations (flue gas at the reference oxygen), hourly and daily means, amounts.

The limits are those of the permit and the standard it names; this module holds no limit of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.sensing import units as measures
from gongzhi.management_line.standards.edition import CannotAssess, Clause, Judgement, Why, against, number, why

AIR_OXYGEN = 21.0
NORMAL = "N"
_D = Clause("HJ 212-2017", "附录 D")
_FLUE = {"hour": 45, "day": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletLimit:
    """One limit of a permit. `low` is for ranges (pH). `reference_oxygen` in %: values are converted to it before they are judged.

    `permit` is how the permit calls it (its number and item); `since` and `until` are its days in force.
    """

    factor: str
    label: Any
    limit: float
    unit: str
    permit: str
    since: date
    until: date | None = None
    low: float | None = None
    reference_oxygen: float | None = None
    standard: str = ""

    @property
    def clause(self) -> Clause:
        """Return what the limit rests on."""
        return Clause(self.permit, self.standard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A concentration at the reference oxygen."""

    measured: float
    value: float
    oxygen: float
    reference: float
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMean:
    """A mean of a period with the flag that the period gets: N when it counts, D when too few values are normal."""

    value: float | None
    count: int
    total: int
    flag: str
    clause: Clause
    why: Why


def at_reference_oxygen(value: float, *, oxygen: float, reference: float) -> Converted:
    """Return a concentration at the reference oxygen: measured x (21 - reference) / (21 - measured oxygen).

    Raises CannotAssess when the gas is air (21 % oxygen and more): then there is nothing to convert.
    """
    amount, found, wanted = number(value, "value"), number(oxygen, "O2"), number(reference, "O2")
    if not 0 <= wanted < AIR_OXYGEN:
        raise CannotAssess(_now("The reference oxygen must be from 0 to below 21 %%, not %(value)s.") % {"value": reference})
    if not 0 <= found < AIR_OXYGEN:
        raise CannotAssess(_now("With %(value)s %% of oxygen the gas is air or the analyser is wrong: it cannot be converted.") % {"value": oxygen})
    converted = amount * (AIR_OXYGEN - wanted) / (AIR_OXYGEN - found)
    sentence = why(
        _("%(value)s at %(oxygen)s %% oxygen is %(converted)s at the reference of %(reference)s %%."),
        value=amount,
        oxygen=found,
        converted=round(converted, 4),
        reference=wanted,
    )
    return Converted(measured=amount, value=converted, oxygen=found, reference=wanted, why=sentence)


def judge(limit: OutletLimit, value: float | None, *, unit: str, on: date, oxygen: float | None = None, is_converted: bool = False) -> Judgement:
    """Judge a value by a permit's limit, in the limit's unit and at its reference oxygen.

    `is_converted` says that the device did it (`-ZsAvg`). Without an oxygen value it is not judged, and says so: a diluted gas would always keep.
    """
    if on < limit.since or (limit.until is not None and on > limit.until):
        raise CannotAssess(
            _now("The limit for %(item)s of %(permit)s was not in force on %(day)s.") % {"item": limit.factor, "permit": limit.permit, "day": on}
        )
    made = partial(Judgement, item=limit.factor, limit=limit.limit, unit=limit.unit, clause=limit.clause)
    if value is None or value != value:
        return against(item=limit.factor, label=limit.label, value=None, limit=limit.limit, unit=limit.unit, clause=limit.clause)
    amount = number(value, limit.factor)
    amount = amount if measures.same(unit, limit.unit) else measures.convert(amount, unit, limit.unit)
    if limit.low is not None and not limit.low <= amount <= limit.limit:
        sentence = why(
            _("%(item)s %(value)s lies outside %(low)s to %(high)s (%(clause)s)."),
            item=limit.label,
            value=amount,
            low=limit.low,
            high=limit.limit,
            clause=limit.clause,
        )
        return made(limit=limit.low if amount < limit.low else limit.limit, value=amount, keeps=False, why=sentence)
    if limit.low is not None:
        sentence = why(
            _("%(item)s %(value)s lies within %(low)s to %(high)s (%(clause)s)."),
            item=limit.label,
            value=amount,
            low=limit.low,
            high=limit.limit,
            clause=limit.clause,
        )
        return made(value=amount, keeps=True, why=sentence)
    if limit.reference_oxygen is not None and not is_converted:
        if oxygen is None or oxygen != oxygen:
            sentence = why(
                _("%(item)s cannot be judged: without the oxygen content it cannot be converted to %(reference)s %% (%(clause)s)."),
                item=limit.label,
                reference=limit.reference_oxygen,
                clause=limit.clause,
            )
            return made(value=amount, keeps=None, why=sentence)
        amount = at_reference_oxygen(amount, oxygen=oxygen, reference=limit.reference_oxygen).value
    return against(item=limit.factor, label=limit.label, value=amount, limit=limit.limit, unit=limit.unit, clause=limit.clause)


def flue_mean(values: Sequence[float | None], flags: Sequence[str] = (), *, period: str = "hour") -> PeriodMean:
    """Return the mean of a flue gas: an hour of 60 minute values needs 45 normal ones, a day of 24 hours needs 20."""
    if period not in _FLUE:
        raise CannotAssess(_now("“%(period)s” is no period; known: %(known)s.") % {"period": period, "known": ", ".join(_FLUE)})
    normal = _normal(values, flags)
    words = {"count": len(normal), "needed": _FLUE[period], "clause": _D}
    if len(normal) < _FLUE[period]:
        return PeriodMean(
            value=None,
            count=len(normal),
            total=len(values),
            flag="D",
            clause=_D,
            why=why(_("%(count)s normal values are too few: at least %(needed)s are needed (%(clause)s)."), **words),
        )
    return PeriodMean(
        value=math.fsum(normal) / len(normal),
        count=len(normal),
        total=len(values),
        flag=NORMAL,
        clause=_D,
        why=why(_("%(count)s normal values, at least %(needed)s are needed (%(clause)s)."), **words),
    )


def waste_water_mean(values: Sequence[float | None], flags: Sequence[str] = ()) -> PeriodMean:
    """Return the mean of waste water: one abnormal value makes the whole period abnormal."""
    normal = _normal(values, flags)
    words = {"count": len(normal), "total": len(values), "clause": _D}
    if not values or len(normal) < len(values):
        bad = next((flag for flag in flags if flag != NORMAL), "D")
        return PeriodMean(
            value=None,
            count=len(normal),
            total=len(values),
            flag=bad,
            clause=_D,
            why=why(_("%(count)s of %(total)s values are normal; one abnormal value makes the period abnormal (%(clause)s)."), **words),
        )
    return PeriodMean(
        value=math.fsum(normal) / len(normal),
        count=len(normal),
        total=len(values),
        flag=NORMAL,
        clause=_D,
        why=why(_("All %(total)s values are normal (%(clause)s)."), **words),
    )


def _normal(values: Sequence[float | None], flags: Sequence[str]) -> list[float]:
    if flags and len(flags) != len(values):
        raise CannotAssess(_now("Values and flags differ in number."))
    return [
        number(value, "value")
        for value, flag in zip(values, flags or [NORMAL] * len(values), strict=True)
        if flag == NORMAL and value is not None and value == value
    ]


def mass(concentration: float, unit: str, *, flow: float, flow_unit: str, seconds: float) -> float:
    """Return kilograms: a concentration in a flow during a time."""
    grams = (
        measures.convert(number(concentration, "concentration"), unit, "g/m3")
        * measures.convert(number(flow, "flow"), flow_unit, "m3/s")
        * number(seconds, "seconds")
    )
    return grams / 1000


def judge_amount(*, factor: str, label: Any, emitted: float, permitted: float, unit: str, permit: str) -> Judgement:
    """Judge what an outlet or a firm has emitted in a period by the amount that its permit grants."""
    return against(item=factor, label=label, value=emitted, limit=number(permitted, factor), unit=unit, clause=Clause(permit))
