"""Hazardous waste: the ledger must balance, and the code of a waste must be one. Tonnes, exact decimals.

Law on the prevention of pollution by solid waste (2020), chapter 6: the producer keeps a ledger of kind, amount, flow, storage, use, disposal.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.standards.edition import CannotAssess, Clause, Why, why

LAW = Clause("《固体废物污染环境防治法》（2020）", "第六章")
UNIT = "t"
Amount = Decimal | int | float | str
_CODE = re.compile(r"(\d{3})-(\d{3})-(\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A ledger over a period. `difference` = opening + produced + received - (closing + moved out + used + disposed): missing if positive."""

    opening: Decimal
    produced: Decimal
    received: Decimal
    closing: Decimal
    moved_out: Decimal
    used: Decimal
    disposed: Decimal
    difference: Decimal
    balances: bool
    unit: str
    clause: Clause
    why: Why


@dataclass(frozen=True, slots=True)
class WasteCode:
    """`HW49 900-041-49`: the category, the branch of industry, the waste."""

    category: str
    code: str

    def __str__(self) -> str:
        return f"{self.category} {self.code}"


def balance(
    *,
    opening: Amount,
    produced: Amount,
    closing: Amount,
    moved_out: Amount = 0,
    disposed: Amount = 0,
    received: Amount = 0,
    used: Amount = 0,
    tolerance: Amount = 0,
) -> Balance:
    """Return whether what came in is what is there or went out: opening + produced (+ received) = closing + moved out + disposed (+ used).

    tolerance in tonnes is for scales; by default there is none. Raises CannotAssess that names an amount that is negative or no number.
    """
    amounts = {
        name: _tonnes(name, value)
        for name, value in (
            ("opening", opening),
            ("produced", produced),
            ("received", received),
            ("closing", closing),
            ("moved_out", moved_out),
            ("used", used),
            ("disposed", disposed),
        )
    }
    allowed = _tonnes("tolerance", tolerance)
    came = amounts["opening"] + amounts["produced"] + amounts["received"]
    went = amounts["closing"] + amounts["moved_out"] + amounts["used"] + amounts["disposed"]
    difference = came - went
    words = {"came": _plain(came), "went": _plain(went), "difference": _plain(abs(difference)), "unit": UNIT, "clause": LAW}
    if abs(difference) <= allowed:
        text = _("The ledger balances: %(came)s %(unit)s came in, %(went)s %(unit)s are stored or went out (%(clause)s).")
    elif difference > 0:
        text = _("%(difference)s %(unit)s are missing: %(came)s %(unit)s came in, but only %(went)s %(unit)s are stored or went out (%(clause)s).")
    else:
        text = _("%(difference)s %(unit)s too much: %(came)s %(unit)s came in, but %(went)s %(unit)s are stored or went out (%(clause)s).")
    return Balance(**amounts, difference=difference, balances=abs(difference) <= allowed, unit=UNIT, clause=LAW, why=why(text, **words))


def _tonnes(name: str, value: Amount) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise CannotAssess(_now("%(name)s: “%(value)s” is no amount in tonnes.") % {"name": name, "value": value})
    return amount


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def store_until(since: date) -> date:
    """Return the last day that an operator with a licence may store waste without an approval: one year."""
    try:
        return since.replace(year=since.year + 1)
    except ValueError:  # 29 February
        return since.replace(year=since.year + 1, day=28)


def waste_code(text: str) -> WasteCode:
    """Return the code of a hazardous waste from `900-041-49` or `HW49 900-041-49`; its last two digits are the category, HW01 to HW50."""
    found = re.fullmatch(r"(?:HW(\d{2}))?[\s,，/]*(" + _CODE.pattern + r")", text.strip().upper())
    if not found or not 1 <= int(found[5]) <= 50 or found[1] not in (None, found[5]):
        raise CannotAssess(_now("“%(code)s” is no code of a hazardous waste: HW01 to HW50 with eight digits, such as HW49 900-041-49.") % {"code": text})
    return WasteCode(f"HW{found[5]}", found[2])
