"""Noise of functional areas (GB 3096), Leq in dB(A)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from gongzhi.management_line.standards.edition import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseEdition(Edition):
    """`limits[area]` = (day, night). Sudden noise at night may have an Lmax of `sudden` above the limit."""

    limits: Mapping[str, tuple[float, float]]
    sudden: float
    day_from: time
    day_to: time
    table: str
    sudden_clause: str
    hours_clause: str


AREAS: tuple[NoiseEdition, ...] = (
    NoiseEdition(
        code="GB 3096-2008",
        since=date(2008, 10, 1),
        limits={"0": (50, 40), "1": (55, 45), "2": (60, 50), "3": (65, 55), "4a": (70, 55), "4b": (70, 60)},
        sudden=15,
        day_from=time(6),
        day_to=time(22),
        table="表 1",
        sudden_clause="5.4",
        hours_clause="",
    ),
)
