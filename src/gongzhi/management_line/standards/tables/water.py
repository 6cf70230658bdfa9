"""Surface water: limits of the five classes (GB 3838-2002 table 1), and what the assessment leaves out (环办〔2011〕22号). mg/L."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.standards.edition import Edition


class Item(NamedTuple):
    """A row of the table. `more_is_better`: dissolved oxygen. A range (pH) has `low` and `high` in every class."""

    code: str
    label: Any
    limits: tuple[float, ...]
    unit: str = "mg/L"
    more_is_better: bool = False
    low: float | None = None
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceEdition(Edition):
    """GB 3838: rows by code, and the items that a body's class is not decided by, with the rule that says so."""

    items: tuple[Item, ...]
    saturation: float
    left_out: Mapping[str, Mapping[str, str]]
    table: str = "表 1"


FACTORS: Mapping[str, str] = {
    "w01001": "pH",
    "w01009": "DO",
    "w01019": "CODMn",
    "w01018": "COD",
    "w01017": "BOD5",
    "w21003": "NH3-N",
    "w21011": "TP",
    "w21001": "TN",
    "w01010": "temperature",
}
_CIRCULAR = "环办〔2011〕22号"
SURFACE: tuple[SurfaceEdition, ...] = (
    SurfaceEdition(
        code="GB 3838-2002",
        since=date(2002, 6, 1),
        saturation=90,
        items=(
            Item("pH", _("pH value"), (9, 9, 9, 9, 9), "", low=6),
            Item("DO", _("Dissolved oxygen"), (7.5, 6, 5, 3, 2), more_is_better=True),
            Item("CODMn", _("Permanganate index"), (2, 4, 6, 10, 15)),
            Item("COD", _("Chemical oxygen demand"), (15, 15, 20, 30, 40)),
            Item("BOD5", _("Five-day biochemical oxygen demand"), (3, 3, 4, 6, 10)),
            Item("NH3-N", _("Ammonia nitrogen"), (0.15, 0.5, 1.0, 1.5, 2.0)),
            Item("TP", _("Total phosphorus"), (0.02, 0.1, 0.2, 0.3, 0.4), body="river"),
            Item("TP", _("Total phosphorus"), (0.01, 0.025, 0.05, 0.1, 0.2), body="lake"),
            Item("TN", _("Total nitrogen"), (0.2, 0.5, 1.0, 1.5, 2.0)),
            Item("Cu", _("Copper"), (0.01, 1, 1, 1, 1)),
            Item("Zn", _("Zinc"), (0.05, 1, 1, 2, 2)),
            Item("F", _("Fluoride"), (1, 1, 1, 1.5, 1.5)),
            Item("Se", _("Selenium"), (0.01, 0.01, 0.01, 0.02, 0.02)),
            Item("As", _("Arsenic"), (0.05, 0.05, 0.05, 0.1, 0.1)),
            Item("Hg", _("Mercury"), (0.00005, 0.00005, 0.0001, 0.001, 0.001)),
            Item("Cd", _("Cadmium"), (0.001, 0.005, 0.005, 0.005, 0.01)),
            Item("Cr6", _("Hexavalent chromium"), (0.01, 0.05, 0.05, 0.05, 0.1)),
            Item("Pb", _("Lead (metal)"), (0.01, 0.01, 0.05, 0.05, 0.1)),
            Item("CN", _("Cyanide"), (0.005, 0.05, 0.2, 0.2, 0.2)),
            Item("phenol", _("Volatile phenols"), (0.002, 0.002, 0.005, 0.01, 0.1)),
            Item("oil", _("Petroleum"), (0.05, 0.05, 0.05, 0.5, 1.0)),
            Item("LAS", _("Anionic surfactants"), (0.2, 0.2, 0.2, 0.3, 0.3)),
            Item("S", _("Sulphide"), (0.05, 0.1, 0.2, 0.5, 1.0)),
            Item("coliform", _("Faecal coliforms"), (200, 2000, 10000, 20000, 40000), "个/L"),
        ),
        left_out={
            "river": {"TN": _CIRCULAR, "coliform": _CIRCULAR, "temperature": _CIRCULAR},
            "lake": {"coliform": _CIRCULAR, "temperature": _CIRCULAR},
        },
    ),
)
