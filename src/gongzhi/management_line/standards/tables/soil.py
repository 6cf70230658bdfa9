"""Soil: screening and control values of building land (GB 36600) and farm land (GB 15618), mg/kg."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gongzhi.management_line.standards.edition import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingEdition(Edition):
    """`values[item]` = (screening class 1, class 2, control class 1, class 2)."""

    values: Mapping[str, tuple[float, float, float, float]]
    tables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmEdition(Edition):
    """Values by pH band; `bands` are the upper ends, included, of all but the last."""

    bands: tuple[float, ...]
    screening: Mapping[tuple[str, str], tuple[float, ...]]
    control: Mapping[str, tuple[float, ...]]
    screening_table: str = "表 1"
    control_table: str = "表 3"


BUILDING: tuple[BuildingEdition, ...] = (
    BuildingEdition(
        code="GB 36600-2018",
        since=date(2018, 8, 1),
        values={
            "As": (20, 60, 120, 140),
            "Cd": (20, 65, 47, 172),
            "Cr6": (3.0, 5.7, 30, 78),
            "Cu": (2000, 18000, 8000, 36000),
            "Pb": (400, 800, 800, 2500),
            "Hg": (8, 38, 33, 82),
            "Ni": (150, 900, 600, 2000),
            "petroleum": (826, 4500, 5000, 9000),
        },
        tables={"petroleum": "表 2"},
    ),
)
FARM: tuple[FarmEdition, ...] = (
    FarmEdition(
        code="GB 15618-2018",
        since=date(2018, 8, 1),
        bands=(5.5, 6.5, 7.5),
        screening={
            ("Cd", "paddy"): (0.3, 0.4, 0.6, 0.8),
            ("Cd", "other"): (0.3, 0.3, 0.3, 0.6),
            ("Hg", "paddy"): (0.5, 0.5, 0.6, 1.0),
            ("Hg", "other"): (1.3, 1.8, 2.4, 3.4),
            ("As", "paddy"): (30, 30, 25, 20),
            ("As", "other"): (40, 40, 30, 25),
            ("Pb", "paddy"): (80, 100, 140, 240),
            ("Pb", "other"): (70, 90, 120, 170),
            ("Cr", "paddy"): (250, 250, 300, 350),
            ("Cr", "other"): (150, 150, 200, 250),
        },
        control={
            "Cd": (1.5, 2.0, 3.0, 4.0),
            "Hg": (2.0, 2.5, 4.0, 6.0),
            "As": (200, 150, 120, 100),
            "Pb": (400, 500, 700, 1000),
            "Cr": (800, 850, 1000, 1300),
        },
    ),
)
