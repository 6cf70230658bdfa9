"""Amounts in whole cents. Pure.

An amount has at most two decimals; a third is refused, never rounded away. What is worked out from a rate is rounded half up to the cent
(四舍五入, GB/T 8170-2008, 3.2 with the exception of its note for money) by whoever works it out.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import numbers
from gongzhi.kernel.operation import Refused

CENT = Decimal("0.01")
MOST = Decimal("999999999999.99")  # what one posting may move, in yuan


class BadAmount(Refused):
    sentence = _("“%(text)s” is no amount in yuan with at most two decimals.")
    field = "amount"
    status = 422


class AmountTooLarge(BadAmount):
    sentence = _("“%(text)s” is more than one posting can move.")


def cents(amount: Any, *, place: str = "amount") -> int:
    """Return an amount in yuan as whole cents; raise BadAmount, naming `place`, where it is no number, has a third decimal or is too large."""
    if isinstance(amount, bool | float):
        raise BadAmount(field=place, text=numbers.shown(amount))
    try:
        value = amount if isinstance(amount, Decimal) else Decimal(amount) if isinstance(amount, int) else numbers.exact(str(amount))
    except numbers.BadNumber:
        raise BadAmount(field=place, text=numbers.shown(amount)) from None
    if not value.is_finite():
        raise BadAmount(field=place, text=numbers.shown(amount))
    if abs(value) > MOST:
        raise AmountTooLarge(field=place, text=numbers.shown(amount))
    if value != value.quantize(CENT):
        raise BadAmount(field=place, text=numbers.shown(amount))
    return int(value * 100)


def yuan(whole_cents: int) -> Decimal:
    """Return whole cents as an amount in yuan with two decimals."""
    return (Decimal(whole_cents) / 100).quantize(CENT)


def to_cent(exact: Fraction) -> int:
    """Return an exact amount in yuan as whole cents, half a cent rounded up (away from nought)."""
    scaled = exact * 100
    return int((Decimal(scaled.numerator) / Decimal(scaled.denominator)).to_integral_value(ROUND_HALF_UP))
