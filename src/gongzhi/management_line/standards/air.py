"""Air: sub-indices and index (HJ 633), ambient limits and the least data of a mean (GB 3095).

Concentrations are in the standard's units (UNITS: ug/m³, CO mg/m³) unless `units` says otherwise. They are rounded half to even
first, to integers, CO to one decimal; then the sub-index is rounded up.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.management_line.sensing import units as measures
from gongzhi.management_line.standards.edition import CannotAssess, Clause, Judgement, Why, against, chosen, number, why
from gongzhi.management_line.standards.tables import air as tables
from gongzhi.management_line.standards.tables.air import FACTORS, INDEX, UNITS, Averaging, IndexEdition

POLLUTANTS = ("SO2", "NO2", "PM10", "CO", "O3", "PM2.5")
HOURLY: tuple[tuple[str, Averaging], ...] = (("SO2", "hour"), ("NO2", "hour"), ("PM10", "day"), ("CO", "hour"), ("O3", "hour"), ("PM2.5", "day"))


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the index. `token` is the colour's name in the style sheet; never shown by colour alone."""

    number: int
    roman: str
    name: Any
    low: int
    high: int | None
    token: str
    rgb: tuple[int, int, int]


LEVELS = (
    Level(1, "I", pgettext_lazy("air quality level", "Excellent"), 0, 50, "aqi-1", (0, 228, 0)),
    Level(2, "II", pgettext_lazy("air quality level", "Good"), 51, 100, "aqi-2", (255, 255, 0)),
    Level(3, "III", pgettext_lazy("air quality level", "Lightly polluted"), 101, 150, "aqi-3", (255, 126, 0)),
    Level(4, "IV", pgettext_lazy("air quality level", "Moderately polluted"), 151, 200, "aqi-4", (255, 0, 0)),
    Level(5, "V", pgettext_lazy("air quality level", "Heavily polluted"), 201, 300, "aqi-5", (153, 0, 76)),
    Level(6, "VI", pgettext_lazy("air quality level", "Severely polluted"), 301, None, "aqi-6", (126, 0, 35)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubIndex:
    """A pollutant's own index. `value` is None where the column ends and another averaging takes its place.

    `low` and `high` are (concentration, index) of the step it stands on.
    """

    pollutant: str
    averaging: Averaging
    concentration: float
    unit: str
    value: int | None
    low: tuple[int, int] | None
    high: tuple[int, int] | None
    beyond: bool
    clause: Clause
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class AirIndex:
    """An hour's or a day's index. `value` is None when it may not be published; `why` says the reason.

    `primary`: those with the largest sub-index, only above 50. `over_limit`: sub-index above 100 (an idea of the 2012 edition).
    """

    value: int | None
    level: Level | None
    primary: tuple[str, ...]
    over_limit: tuple[str, ...]
    subs: tuple[SubIndex, ...]
    missing: tuple[str, ...]
    beyond: bool
    edition: str
    clause: Clause
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean with the data it rests on; `value` is None when they are too few."""

    value: float | None
    count: int
    needed: int
    period: str
    is_valid: bool
    clause: Clause
    why: Why


def level(index: int) -> Level:
    """Return the level of an index."""
    return next(one for one in LEVELS if one.high is None or index <= one.high)


def rounded(pollutant: str, concentration: float) -> Decimal:
    """Return a concentration as the index takes it: half to even, CO to one decimal, the others to integers."""
    step = Decimal("0.1") if pollutant == "CO" else Decimal(1)
    return Decimal(repr(number(concentration, pollutant))).quantize(step, rounding=ROUND_HALF_EVEN)


def iaqi(
    pollutant: str, concentration: float, *, averaging: Averaging, on: date | None = None, edition: str | IndexEdition | None = None, unit: str = ""
) -> SubIndex:
    """Return the sub-index of one concentration, by the edition of a day or a named one.

    The one-hour means of PM2.5 and PM10 go through the 24 h column: give `averaging="day"` for them.
    Raises CannotAssess for a negative value, a pollutant or a period that the table does not have.
    """
    table = chosen(tables.INDEXES, on, edition)
    if (pollutant, averaging) not in table.breakpoints:
        raise CannotAssess(_now("%(code)s has no column for %(item)s (%(period)s).") % {"code": table.code, "item": pollutant, "period": averaging})
    value = number(concentration, pollutant)
    if unit:
        value = measures.convert(value, unit, UNITS[pollutant])
    if value < 0:
        raise CannotAssess(_now("%(item)s: the concentration %(value)s is negative.") % {"item": pollutant, "value": concentration})
    return _sub(table.code, pollutant, averaging, rounded(pollutant, value))


@lru_cache(maxsize=65536)
def _sub(code: str, pollutant: str, averaging: Averaging, value: Decimal) -> SubIndex:
    table = chosen(tables.INDEXES, None, code)
    steps = table.breakpoints[(pollutant, averaging)]
    clause, unit = table.at("表 1"), UNITS[pollutant]
    made = partial(SubIndex, pollutant=pollutant, averaging=averaging, concentration=float(value), unit=unit, clause=clause)
    words = {"item": pollutant, "value": str(value), "unit": unit, "clause": clause}
    if value > steps[-1]:
        if len(steps) == len(INDEX):
            sentence = why(_("%(item)s %(value)s %(unit)s is beyond the table's end of %(end)s: sub-index 500 (%(clause)s)."), end=steps[-1], **words)
            return made(value=500, low=None, high=(steps[-1], 500), beyond=True, why=sentence)
        index = table.above[(pollutant, averaging)]
        if index is None:
            sentence = why(
                _("%(item)s %(value)s %(unit)s is above %(end)s: this column ends, the other averaging time counts (%(clause)s)."), end=steps[-1], **words
            )
        else:
            sentence = why(
                _("%(item)s %(value)s %(unit)s is above %(end)s, where the sub-index stays %(index)s (%(clause)s)."), end=steps[-1], index=index, **words
            )
        return made(value=index, low=None, high=(steps[-1], INDEX[len(steps) - 1]), beyond=True, why=sentence)
    upper = next(place for place in range(1, len(steps)) if value <= steps[place])
    (low, high), (first, last) = steps[upper - 1 : upper + 1], INDEX[upper - 1 : upper + 1]
    # exact: with binary fractions a value on a breakpoint may be rounded up one too far
    index = math.ceil(Fraction(last - first, high - low) * (Fraction(value) - low) + first)
    sentence = why(
        _("%(item)s %(value)s %(unit)s lies between %(low)s and %(high)s, so its sub-index lies between %(first)s and %(last)s: "
            "%(index)s, rounded up (%(clause)s)."),
        low=low, high=high, first=first, last=last, index=index, **words,
    )  # fmt: skip
    return made(value=index, low=(low, first), high=(high, last), beyond=False, why=sentence)


def hourly(means: Mapping[str, float | None], *, on: date | None = None, edition: str | None = None, units: Mapping[str, str] | None = None) -> AirIndex:
    """Return the index of an hour from one-hour means: keys SO2 NO2 PM10 CO O3 PM2.5, or their HJ 212 codes.

    SO2_24h takes the place of an SO2 above 800 ug/m³ in the edition of 2012. None and NaN count as missing.
    """
    table = chosen(tables.INDEXES, on, edition)
    given = _given(means, units)
    return _index(table, given, HOURLY, instead={("SO2", "hour"): ("SO2_24h", "SO2", "day")})


def daily(means: Mapping[str, float | None], *, on: date | None = None, edition: str | None = None, units: Mapping[str, str] | None = None) -> AirIndex:
    """Return the index of a day from 24 h means of SO2 NO2 PM10 CO PM2.5 and O3_8h, the day's largest 8 h mean.

    O3_1h, the day's largest hour, counts in the edition of 2012 only, and is not missed when it is not given.
    """
    table = chosen(tables.INDEXES, on, edition)
    return _index(table, _given(means, units), table.daily, instead={("O3", "8h"): ("O3_1h", "O3", "hour")})


_KEYS = {("O3", "8h"): "O3_8h"}


def _given(means: Mapping[str, float | None], units: Mapping[str, str] | None) -> dict[str, float]:
    found = {}
    for key, value in means.items():
        if value is None or value != value:
            continue
        name = FACTORS.get(key, key)
        pollutant = name.split("_")[0]
        if pollutant not in UNITS:
            raise CannotAssess(_now("“%(item)s” is no pollutant of the index.") % {"item": key})
        amount = number(value, name)
        if units and key in units:
            amount = measures.convert(amount, units[key], UNITS[pollutant])
        if amount < 0:
            raise CannotAssess(_now("%(item)s: the concentration %(value)s is negative.") % {"item": name, "value": value})
        found[name] = amount
    return found


def _index(
    table: IndexEdition, given: Mapping[str, float], columns: Sequence[tuple[str, Averaging]], instead: Mapping[Any, tuple[str, str, Averaging]]
) -> AirIndex:
    subs: list[SubIndex] = []
    missing: list[str] = []
    for pollutant, averaging in columns:
        is_extra = (pollutant, averaging) == ("O3", "hour") and ("O3", "8h") in columns
        key = "O3_1h" if is_extra else _KEYS.get((pollutant, averaging), pollutant)
        if key == "O3" and "O3" not in given:
            key = "O3_1h"
        if key not in given:
            if not is_extra:
                missing.append(pollutant)
            continue
        sub = _sub(table.code, pollutant, averaging, rounded(pollutant, given[key]))
        subs.append(sub)
        if sub.value is None:
            other, name, period = instead[(pollutant, averaging)]
            if other not in given:
                missing.append(pollutant)
            elif (name, period) not in columns:
                subs.append(_sub(table.code, name, period, rounded(name, given[other])))
    counted = [sub for sub in subs if sub.value is not None]
    value = max((sub.value for sub in counted if sub.value is not None), default=None)
    made = partial(AirIndex, subs=tuple(subs), missing=tuple(missing), edition=table.code)
    clause, refusal = table.at("表 1"), None
    if value is None:
        refusal = why(_("No pollutant was measured, so there is no index (%(clause)s)."), clause=clause)
    elif missing and table.missing == "above_100" and value <= 100:
        clause = table.at(table.missing_clause)
        refusal = why(
            _("%(missing)s is missing and the others stay at or below 100, so no index is given (%(clause)s)."), missing=tuple(missing), clause=clause
        )
    elif missing and table.missing == "particulate" and not {sub.pollutant for sub in counted} & {"PM10", "PM2.5"}:
        refusal = why(_("Neither PM10 nor PM2.5 was measured; as the national network does, no index is given (%(code)s)."), code=table.code)
    if refusal is not None or value is None:
        return made(value=None, level=None, primary=(), over_limit=(), beyond=False, clause=clause, why=refusal or why(""))
    largest = tuple(dict.fromkeys(sub.pollutant for sub in counted if sub.value == value))
    primary = largest if value > 50 else ()
    over = tuple(dict.fromkeys(sub.pollutant for sub in counted if sub.value is not None and sub.value > 100)) if table.over_limit else ()
    is_beyond = any(sub.beyond and sub.value == 500 for sub in counted)
    if primary:
        sentence = why(_("%(items)s has the largest sub-index, %(index)s, so the index is %(index)s (%(clause)s)."), items=primary, index=value, clause=clause)
    else:
        sentence = why(_("The largest sub-index is %(index)s; at 50 and below there is no primary pollutant (%(clause)s)."), index=value, clause=clause)
    return made(value=value, level=level(value), primary=primary, over_limit=over, beyond=is_beyond, clause=clause, why=sentence)


def ambient(pollutant: str, concentration: float | None, *, period: str, on: date, zone: int = 2) -> Judgement:
    """Judge a mean by GB 3095: period is hour, 8h, day or year; zone 1 or 2 is the functional class of the area."""
    table = chosen(tables.AMBIENT, on, None)
    name = FACTORS.get(pollutant, pollutant)
    if zone not in (1, 2):
        raise CannotAssess(_now("The functional class of air must be 1 or 2, not “%(zone)s”.") % {"zone": zone})
    if (name, period) not in table.limits:
        raise CannotAssess(_now("%(code)s has no limit for %(item)s (%(period)s).") % {"code": table.code, "item": name, "period": period})
    return against(
        item=name, label=name, value=concentration, limit=float(table.limits[(name, period)][zone - 1]), unit=UNITS[name], clause=table.at(table.table)
    )


def needed(period: str, *, on: date) -> tuple[int, Clause]:
    """Return how many values a mean needs: minutes of an "hour", hours of "8h" and "day", days of "month" and "year"."""
    table = chosen(tables.VALIDITY, on, None)
    numbers = {
        "hour": table.hour_minutes, "8h": table.eight_hours, "day": table.day_hours, "year": table.year_days,
        "month": table.february_days if on.month == 2 else table.month_days,
    }  # fmt: skip
    if period not in numbers:
        raise CannotAssess(_now("“%(period)s” is no period; known: %(known)s.") % {"period": period, "known": ", ".join(numbers)})
    return numbers[period], table.at(table.table)


def mean(values: Sequence[float | None], *, period: str, on: date) -> Mean:
    """Return the mean of a period's valid values, None and NaN being lost ones: minutes of an hour, hours of a day, days of a year.

    For a year, see also `year_mean`, which asks every month too.
    """
    present = [number(value, period) for value in values if value is not None and value == value]
    return counted(math.fsum(present) / len(present) if present else None, len(present), period=period, on=on)


def counted(value: float | None, count: int, *, period: str, on: date) -> Mean:
    """Return a mean that was taken elsewhere from `count` valid values, if they are enough for its period."""
    least, clause = needed(period, on=on)
    words = {"count": count, "needed": least, "clause": clause}
    is_valid = count >= least and value is not None
    sentence = _("%(count)s values, at least %(needed)s are needed (%(clause)s).")
    if not is_valid:
        sentence = _("%(count)s values are too few: at least %(needed)s are needed (%(clause)s).")
    return Mean(
        value=value if is_valid else None, count=count, needed=least, period=period, is_valid=is_valid, clause=clause, why=why(sentence, **words)
    )


def year_mean(days: Mapping[date, float | None], *, year: int) -> Mean:
    """Return a year's mean of daily means: enough days in the year, and in every month."""
    whole = mean([value for day, value in days.items() if day.year == year], period="year", on=date(year, 12, 31))
    for month in range(1, 13):
        part = mean([value for day, value in days.items() if (day.year, day.month) == (year, month)], period="month", on=date(year, month, 1))
        if whole.is_valid and not part.is_valid:
            sentence = why(
                _("Month %(month)s has %(count)s daily means, at least %(needed)s are needed (%(clause)s)."),
                month=month,
                count=part.count,
                needed=part.needed,
                clause=part.clause,
            )
            return Mean(value=None, count=whole.count, needed=whole.needed, period="year", is_valid=False, clause=part.clause, why=sentence)
    return whole


def eight_hour_means(hours: Sequence[float | None], *, on: date) -> list[float | None]:
    """Return the 8 h mean that ends with each hour of a sequence without gaps; None where fewer than 6 of the 8 are there."""
    return [mean(hours[max(0, place - 7) : place + 1], period="8h", on=on).value for place in range(len(hours))]


def largest_eight_hours(hours: Sequence[float | None], *, on: date) -> Mean:
    """Return a day's largest 8 h mean of ozone from its 24 hourly means (the hour from 0 to 1 first).

    Means that end from 8 to 24 o'clock count. Fewer than 14 of them are too few, unless the largest is above the limit anyway (HJ 663).
    """
    if len(hours) != 24:
        raise CannotAssess(_now("A day has 24 hours, not %(count)s.") % {"count": len(hours)})
    table = chosen(tables.VALIDITY, on, None)
    clause = Clause("HJ 663")
    means = [value for value in eight_hour_means(hours, on=on)[7:] if value is not None]
    least, top = table.eight_hour_means_of_day, max(means, default=None)
    words = {"count": len(means), "needed": least, "clause": clause}
    limit = chosen(tables.AMBIENT, on, None).limits[("O3", "8h")][1]
    if top is None or (len(means) < least and top <= limit):
        return Mean(
            value=None,
            count=len(means),
            needed=least,
            period="8h",
            is_valid=False,
            clause=clause,
            why=why(_("%(count)s values are too few: at least %(needed)s are needed (%(clause)s)."), **words),
        )
    if len(means) < least:
        sentence = why(_("%(count)s values are too few, but the largest is above the limit of %(limit)s and counts (%(clause)s)."), limit=limit, **words)
    else:
        sentence = why(_("%(count)s values, at least %(needed)s are needed (%(clause)s)."), **words)
    return Mean(value=top, count=len(means), needed=least, period="8h", is_valid=True, clause=clause, why=sentence)
