"""Units of numbers and their exact conversion. Pure: a unit is a short code, a factor a fraction."""

import re
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

MU = Fraction(2000, 3)  # one 亩 in square metres
_KNOWN: dict[str, tuple[str, Fraction]] = {
    "": ("count", Fraction(1)), "person": ("persons", Fraction(1)), "household": ("households", Fraction(1)),
    "%": ("share", Fraction(1, 100)), "share": ("share", Fraction(1)),
    "m2": ("area", Fraction(1)), "mu": ("area", MU), "ha": ("area", Fraction(10_000)), "km2": ("area", Fraction(1_000_000)),
    "m": ("length", Fraction(1)), "km": ("length", Fraction(1_000)),
    "day": ("days", Fraction(1)), "month": ("months", Fraction(1)), "year": ("months", Fraction(12)),
    "kWh": ("energy", Fraction(1)), "kg": ("mass", Fraction(1)), "t": ("mass", Fraction(1_000)),
    "kWh/year": ("energy a year", Fraction(1)), "t/year": ("mass a year", Fraction(1)),
}  # fmt: skip
_MONEY = re.compile(r"([A-Z]{3})(10k)?(/month|/year)?(/person)?")  # CNY, CNY10k (万元), CNY/month, CNY/year/person
WORDS: dict[str, Any] = {
    "person": _("persons"), "household": _("households"), "%": "%", "share": "", "m2": _("m²"), "mu": _("mu"), "ha": _("ha"), "km2": _("km²"), "m": _("m"),
    "km": _("km"), "day": _("days"), "month": _("months"), "year": _("years"), "kWh": "kWh", "kg": "kg", "t": _("tonnes"), "kWh/year": _("kWh a year"),
    "t/year": _("tonnes a year"), "CNY": _("yuan"), "CNY10k": _("ten thousand yuan"), "CNY/month": _("yuan a month"), "CNY/year": _("yuan a year"),
    "CNY10k/year": _("ten thousand yuan a year"), "CNY/month/person": _("yuan a month and head"), "CNY/year/person": _("yuan a year and head"), "": "",
}  # fmt: skip


class BadUnit(ValueError):
    """A unit that is not known, or of another quantity."""


def measure(unit: str) -> tuple[str, Fraction]:
    """Return (quantity, factor to its base) of a unit; raise BadUnit where it is not known."""
    known = _KNOWN.get(unit)
    if known is not None:
        return known
    money = _MONEY.fullmatch(unit)
    if money is None:
        raise BadUnit(unit)
    currency, myriad, per, head = money.groups()
    factor = Fraction(10_000 if myriad else 1)
    if per == "/year":
        factor /= 12
    return f"{currency}{' a month' if per else ''}{' and head' if head else ''}", factor


def factor(given: str, wanted: str) -> Fraction:
    """Return by what a number in one unit is multiplied to stand in another; raise BadUnit for another quantity."""
    (one, a), (other, b) = measure(given), measure(wanted)
    if one != other:
        raise BadUnit(given)
    return a / b


def word(unit: str) -> str:
    """Return the unit as people read it."""
    return str(WORDS.get(unit, unit))
