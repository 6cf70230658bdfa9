"""Quarters of a year. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

_WRITTEN = re.compile(r"(20\d\d|2100)-?[qQ]([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months, such as 2026 Q3."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def after(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def span(self, zone: Any) -> tuple[datetime, datetime]:
        """Return its first moment and that of the next quarter, in a zone."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.after.first, time(), zone)


def quarter_of(day: date) -> Quarter:
    """Return the quarter in which a day lies."""
    return Quarter(day.year, (day.month + 2) // 3)


def read(text: str) -> Quarter | None:
    """Return the quarter that an address names (2026q3), or None."""
    match = _WRITTEN.fullmatch(text.strip())
    return Quarter(int(match[1]), int(match[2])) if match else None
