"""Completed years, months and days since a date, and the date at which so many are reached. Pure.

An age is reached on the day of the birthday; where the year has no such day, on the last day of the month 民法典第二百零二条
(born on 29 February: 28 February of common years).
"""

import calendar
from datetime import date, timedelta

MEASURES = ("years", "months", "days")


def shifted(day: date, months: int) -> date:
    """Return the day of the same number so many months later (or earlier), the month's last where it has none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return date.min if year < 1 else date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def reached(day: date, count: int, measure: str) -> date:
    """Return the day on which so many years, months or days since `day` are complete."""
    if measure == "days":
        ordinal = day.toordinal() + count
        return date.min if ordinal < 1 else date.max if ordinal > date.max.toordinal() else date.fromordinal(ordinal)
    return shifted(day, count * (12 if measure == "years" else 1))


def since(day: date, on: date, measure: str) -> int:
    """Return how many years, months or days are complete on a day; negative where `day` still lies ahead."""
    if measure == "days":
        return (on - day).days
    months = (on.year - day.year) * 12 + on.month - day.month
    if shifted(day, months) > on:
        months -= 1
    return months // 12 if measure == "years" else months


def latest(on: date, count: int, measure: str) -> int:
    """Return the latest day (its ordinal) since which at least `count` years, months or days are complete on a day; 0 where there is none."""
    found = reached(on, -count, measure)
    while found < date.max and reached(found + timedelta(days=1), count, measure) <= on:
        found += timedelta(days=1)
    while reached(found, count, measure) > on:
        if found == date.min:
            return 0
        found -= timedelta(days=1)
    return found.toordinal()
