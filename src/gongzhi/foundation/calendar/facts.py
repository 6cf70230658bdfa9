"""What the calendar leaves in the ledger."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DaySet(Fact):
    day: date
    is_working: bool


@dataclass(frozen=True, kw_only=True)
class OfficeHoursSet(Fact):
    valid_from: date
    shifts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DayCleared(Fact):
    day: date
