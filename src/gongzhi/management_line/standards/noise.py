"""Noise: levels by energy, day and night, limits of functional areas (GB 3096). dB(A)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.standards.edition import CannotAssess, Judgement, against, chosen, number
from gongzhi.management_line.standards.tables import noise as tables

DAY, NIGHT = "day", "night"
UNIT = "dB(A)"
_LABELS = {DAY: _("Equivalent level by day"), NIGHT: _("Equivalent level by night")}
_LABEL_MAX = _("Sudden noise at night")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNight:
    """Levels of a day and night; None where no value fell into the period. `ldn` counts the night 10 dB higher."""

    ld: float | None
    ln: float | None
    ldn: float | None
    day_count: int
    night_count: int


def leq(levels: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Return the equivalent level: the mean of the energies, weighted by their durations if given.

    Decibels are never averaged themselves: 50 and 60 make 57.4, not 55.
    """
    if not len(levels):
        raise CannotAssess(_now("There is no level to average."))
    if weights is not None and len(weights) != len(levels):
        raise CannotAssess(_now("Levels and durations differ in number."))
    parts = [1.0] * len(levels) if weights is None else [number(weight, UNIT) for weight in weights]
    if min(parts) < 0 or not (total := math.fsum(parts)):
        raise CannotAssess(_now("Durations must be positive."))
    values = [number(value, UNIT) for value in levels]
    top = max(values)  # taken out, so that no power overflows
    return top + 10 * math.log10(math.fsum(weight * 10 ** ((value - top) / 10) for value, weight in zip(values, parts, strict=True)) / total)


def exceeded(levels: Sequence[float], percent: float) -> float:
    """Return the level that was exceeded for a share of the time: L10, L50, L90."""
    if not len(levels) or not 0 < percent < 100:
        raise CannotAssess(_now("There is no level to average."))
    ordered = sorted((number(value, UNIT) for value in levels), reverse=True)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def period(moment: time, *, on: date, day_from: time | None = None, day_to: time | None = None) -> str:
    """Return whether a time of day, in the town's time, is day or night; the county government may set other hours."""
    table = chosen(tables.AREAS, on, None)
    return DAY if (day_from or table.day_from) <= moment < (day_to or table.day_to) else NIGHT


def day_night(levels: Iterable[tuple[datetime, float]], *, on: date, day_from: time | None = None, day_to: time | None = None) -> DayNight:
    """Return Ld, Ln and Ldn of equal intervals, each with its start in the town's time."""
    table = chosen(tables.AREAS, on, None)
    first, last = day_from or table.day_from, day_to or table.day_to
    parts: dict[str, list[float]] = {DAY: [], NIGHT: []}
    for moment, value in levels:
        parts[period(moment.time(), on=on, day_from=first, day_to=last)].append(value)
    ld = leq(parts[DAY]) if parts[DAY] else None
    ln = leq(parts[NIGHT]) if parts[NIGHT] else None
    hours = (last.hour * 60 + last.minute - first.hour * 60 - first.minute) / 60
    ldn = leq([ld, ln + 10], [hours, 24 - hours]) if ld is not None and ln is not None else None
    return DayNight(ld=ld, ln=ln, ldn=ldn, day_count=len(parts[DAY]), night_count=len(parts[NIGHT]))


def limit(area: str, when: str, *, on: date) -> float:
    """Return the limit of a functional area (0, 1, 2, 3, 4a, 4b) by "day" or "night"."""
    table = chosen(tables.AREAS, on, None)
    if area not in table.limits:
        raise CannotAssess(_now("There is no functional area “%(area)s” for noise; known: %(known)s.") % {"area": area, "known": ", ".join(table.limits)})
    if when not in (DAY, NIGHT):
        raise CannotAssess(_now("Noise is judged by day or by night, not “%(period)s”.") % {"period": when})
    return float(table.limits[area][0 if when == DAY else 1])


def judge(level: float | None, *, area: str, when: str, on: date) -> Judgement:
    """Judge an equivalent level by the limit of its functional area."""
    table = chosen(tables.AREAS, on, None)
    return against(
        item="Leq", label=_LABELS.get(when, when), value=level, limit=limit(area, when, on=on), unit=UNIT, clause=table.at(table.table), in_times=False
    )


def judge_sudden(largest: float | None, *, area: str, on: date) -> Judgement:
    """Judge the largest level of a sudden noise at night: up to 15 dB(A) above the night's limit."""
    table = chosen(tables.AREAS, on, None)
    return against(
        item="Lmax",
        label=_LABEL_MAX,
        value=largest,
        limit=limit(area, NIGHT, on=on) + table.sudden,
        unit=UNIT,
        clause=table.at(table.sudden_clause),
        in_times=False,
    )
