"""Air: index breakpoints (HJ 633), ambient limits and the least data of a mean (GB 3095).

ug/m³, CO in mg/m³. Gases at 298.15 K and 1013.25 hPa, particles at the actual state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

from gongzhi.management_line.standards.edition import Edition

Averaging = Literal["hour", "8h", "day"]
INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
UNITS: Mapping[str, str] = {"SO2": "ug/m3", "NO2": "ug/m3", "PM10": "ug/m3", "CO": "mg/m3", "O3": "ug/m3", "PM2.5": "ug/m3", "TSP": "ug/m3"}
FACTORS: Mapping[str, str] = {"a21026": "SO2", "a21004": "NO2", "a34002": "PM10", "a21005": "CO", "a05024": "O3", "a34004": "PM2.5", "a34001": "TSP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEdition(Edition):
    """HJ 633. `breakpoints[(pollutant, averaging)]` stand under INDEX, from the left; a short row ends early.

    above: what a concentration beyond a short row means; an index, or None where another averaging takes its place.
    missing: when an index is published though a pollutant is missing.
      "particulate": from those present, if PM10 or PM2.5 is among them (not in the text; how the national network published in 2020)
      "above_100": only if the index of those present is above 100
    daily: the columns of the daily index. over_limit: whether "pollutants over the limit" are named.
    """

    breakpoints: Mapping[tuple[str, Averaging], tuple[int, ...]]
    above: Mapping[tuple[str, Averaging], int | None]
    missing: Literal["particulate", "above_100"]
    missing_clause: str
    daily: tuple[tuple[str, Averaging], ...]
    over_limit: bool


_DAILY: tuple[tuple[str, Averaging], ...] = (("SO2", "day"), ("NO2", "day"), ("PM10", "day"), ("CO", "day"), ("O3", "8h"), ("PM2.5", "day"))
_2012: dict[tuple[str, Averaging], tuple[int, ...]] = {
    ("SO2", "day"): (0, 50, 150, 475, 800, 1600, 2100, 2620),
    ("SO2", "hour"): (0, 150, 500, 650, 800),
    ("NO2", "day"): (0, 40, 80, 180, 280, 565, 750, 940),
    ("NO2", "hour"): (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    ("PM10", "day"): (0, 50, 150, 250, 350, 420, 500, 600),
    ("CO", "day"): (0, 2, 4, 14, 24, 36, 48, 60),
    ("CO", "hour"): (0, 5, 10, 35, 60, 90, 120, 150),
    ("O3", "hour"): (0, 160, 200, 300, 400, 800, 1000, 1200),
    ("O3", "8h"): (0, 100, 160, 215, 265, 800),
    ("PM2.5", "day"): (0, 35, 75, 115, 150, 250, 350, 500),
}
INDEXES: tuple[IndexEdition, ...] = (
    IndexEdition(
        code="HJ 633-2012",
        issued=date(2012, 2, 29),
        since=date(2016, 1, 1),
        until=date(2026, 2, 28),
        breakpoints=_2012,
        above={("SO2", "hour"): None, ("O3", "8h"): None},
        missing="particulate",
        missing_clause="",
        daily=(*_DAILY, ("O3", "hour")),
        over_limit=True,
    ),
    IndexEdition(
        code="HJ 633-2026",
        since=date(2026, 3, 1),
        breakpoints=_2012 | {("PM10", "day"): (0, 50, 120, 250, 350, 420, 500, 600), ("PM2.5", "day"): (0, 35, 60, 115, 150, 250, 350, 500)},
        above={("SO2", "hour"): 200, ("O3", "8h"): 300},
        missing="above_100",
        missing_clause="5.3.1",
        daily=_DAILY,
        over_limit=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbientEdition(Edition):
    """GB 3095. `limits[(pollutant, period)]` = (class 1, class 2); the stages of one edition are entries of their own."""

    limits: Mapping[tuple[str, str], tuple[float, float]]
    table: str = "表 1"


_SAME = {
    ("SO2", "year"): (20, 60), ("SO2", "day"): (50, 150), ("SO2", "hour"): (150, 500),
    ("NO2", "year"): (40, 40), ("NO2", "day"): (80, 80), ("NO2", "hour"): (200, 200),
    ("CO", "day"): (4, 4), ("CO", "hour"): (10, 10),
    ("O3", "8h"): (100, 160), ("O3", "hour"): (160, 200),
    ("TSP", "year"): (80, 200), ("TSP", "day"): (120, 300),
}  # fmt: skip
AMBIENT: tuple[AmbientEdition, ...] = (
    AmbientEdition(
        code="GB 3095-2012",
        issued=date(2012, 2, 29),
        since=date(2016, 1, 1),
        until=date(2026, 2, 28),
        limits=_SAME | {("PM10", "year"): (40, 70), ("PM10", "day"): (50, 150), ("PM2.5", "year"): (15, 35), ("PM2.5", "day"): (35, 75)},
    ),
    AmbientEdition(
        code="GB 3095-2026",
        since=date(2026, 3, 1),
        until=date(2030, 12, 31),
        limits=_SAME | {("PM10", "year"): (40, 60), ("PM10", "day"): (50, 120), ("PM2.5", "year"): (15, 30), ("PM2.5", "day"): (35, 60)},
    ),
    AmbientEdition(
        code="GB 3095-2026",
        since=date(2031, 1, 1),
        limits=_SAME
        | {
            ("SO2", "year"): (20, 20),
            ("SO2", "day"): (50, 50),
            ("SO2", "hour"): (150, 150),
            ("NO2", "year"): (30, 30),
            ("NO2", "day"): (50, 50),
            ("PM10", "year"): (20, 50),
            ("PM10", "day"): (50, 100),
            ("PM2.5", "year"): (10, 25),
            ("PM2.5", "day"): (25, 50),
        },
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityEdition(Edition):
    """The least data of a mean: minutes of an hour, hours of 8, hours of a day, days of a month, days of a year."""

    hour_minutes: int
    eight_hours: int
    day_hours: int
    month_days: int
    february_days: int
    year_days: int
    eight_hour_means_of_day: int
    table: str


_validity = partial(
    ValidityEdition, hour_minutes=45, eight_hours=6, day_hours=20, month_days=27, february_days=25, year_days=324,
    # HJ 663: the daily maximum of the 8 h mean wants 14 of the 17 means that end from 8 to 24 o'clock, unless it is over the limit anyway
    eight_hour_means_of_day=14,
)  # fmt: skip
VALIDITY: tuple[ValidityEdition, ...] = (
    _validity(code="GB 3095-2012", issued=date(2012, 2, 29), since=date(2016, 1, 1), until=date(2026, 2, 28), table="表 4"),
    _validity(code="GB 3095-2026", since=date(2026, 3, 1), table=""),
)
