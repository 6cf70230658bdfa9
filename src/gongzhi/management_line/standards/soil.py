"""Soil: screening and control values of farm land (GB 15618) and building land (GB 36600). mg/kg."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.standards.edition import CannotAssess, Clause, Why, chosen, number, why
from gongzhi.management_line.standards.tables import soil as tables

NEGLIGIBLE, WATCH, MEASURES = "negligible", "watch", "measures"
LABELS: dict[str, Any] = {
    "As": _("Arsenic"), "Cd": _("Cadmium"), "Cr": _("Chromium"), "Cr6": _("Hexavalent chromium"), "Cu": _("Copper"), "Pb": _("Lead (metal)"),
    "Hg": _("Mercury"), "Ni": _("Nickel"), "petroleum": _("Petroleum hydrocarbons C10–C40"),
}  # fmt: skip
UNIT = "mg/kg"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoilFinding:
    """What a value means: "negligible" (at or below screening), "watch" (between), "measures" (above control)."""

    item: str
    value: float
    screening: float
    control: float
    unit: str
    finding: str
    clause: Clause
    why: Why


def farm(item: str, value: float, *, ph: float, on: date, use: str = "other") -> SoilFinding:
    """Judge farm land by its pH and use ("paddy" or "other"): As Cd Cr Hg Pb in mg/kg."""
    table = chosen(tables.FARM, on, None)
    if use not in ("paddy", "other"):
        raise CannotAssess(_now("The use of farm land is “paddy” or “other”, not “%(use)s”.") % {"use": use})
    if (item, use) not in table.screening:
        raise CannotAssess(_now("%(code)s has no item “%(item)s”.") % {"code": table.code, "item": item})
    acidity = number(ph, "pH")
    if not 0 <= acidity <= 14:
        raise CannotAssess(_now("A pH of %(value)s does not exist.") % {"value": ph})
    band = bisect_left(table.bands, acidity)
    return _found(item, value, table.screening[(item, use)][band], table.control[item][band], table.at(table.screening_table), table.at(table.control_table))


def building(item: str, value: float, *, land: int, on: date) -> SoilFinding:
    """Judge building land of class 1 (homes, schools, parks ...) or 2: As Cd Cr6 Cu Pb Hg Ni petroleum in mg/kg."""
    table = chosen(tables.BUILDING, on, None)
    if land not in (1, 2):
        raise CannotAssess(_now("The class of building land must be 1 or 2, not “%(land)s”.") % {"land": land})
    if item not in table.values:
        raise CannotAssess(_now("%(code)s has no item “%(item)s”.") % {"code": table.code, "item": item})
    row, clause = table.values[item], table.at(table.tables.get(item, "表 1"))
    return _found(item, value, row[land - 1], row[land + 1], clause, clause)


def _found(item: str, value: float, screening: float, control: float, screening_clause: Clause, control_clause: Clause) -> SoilFinding:
    amount = number(value, item)
    if amount < 0:
        raise CannotAssess(_now("%(item)s: the concentration %(value)s is negative.") % {"item": item, "value": value})
    words = {"item": LABELS[item], "value": amount, "unit": UNIT, "screening": screening, "control": control}
    if amount <= screening:
        finding, clause = NEGLIGIBLE, screening_clause
        text = _("%(item)s %(value)s %(unit)s is not above the screening value of %(screening)s: the risk is generally negligible (%(clause)s).")
    elif amount <= control:
        finding, clause = WATCH, screening_clause
        text = _(
            "%(item)s %(value)s %(unit)s is above the screening value of %(screening)s and not above the control value of %(control)s: "
            "to be watched and looked into (%(clause)s)."
        )
    else:
        finding, clause = MEASURES, control_clause
        text = _("%(item)s %(value)s %(unit)s is above the control value of %(control)s: measures are required (%(clause)s).")
    return SoilFinding(
        item=item,
        value=amount,
        screening=float(screening),
        control=float(control),
        unit=UNIT,
        finding=finding,
        clause=clause,
        why=why(text, clause=clause, **words),
    )
