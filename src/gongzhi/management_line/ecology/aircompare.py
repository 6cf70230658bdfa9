"""An index that stands in a file beside the one that is computed: how many agree, and what the others show of how it was made. Pure.

Each row is of one kind, the first that fits:
  same        the computed index
  particles   the index of PM2.5 and PM10 alone: what is taken from the other columns does not count
  rounding    at most 2 beside that: a mean of indices that were rounded before
  range       further off, but that index lies in the range which the file gives beside its own (AQI_range): a mean of other, finer values
  outside     none of these: unexplained
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gongzhi.management_line.ecology import airfile
from gongzhi.management_line.ecology.airfile import DAY, Plan
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.edition import CannotAssess

KINDS = ("same", "particles", "rounding", "range", "outside")
NEAR = 2
_RANGES = {"aqirange", "aqi范围", "aqi区间"}
_LEVELS = {"level", "质量等级", "空气质量等级", "级别"}


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What a comparison found. `rows`: by kind, (line, in the file, computed, what the first cell says).

    Of files with a range: `in_range` how often the file's index lies in it; `ozone_hour_*`: how often the one-hour sub-index of the ozone column is
    the upper end of the range, and above it; `ozone_eight_above`: how often its 8 h sub-index is above it. `at_step`: of the rows whose level is not
    that of their index, how many have an index of exactly 50, 100, 150, 200 or 300.
    """

    rows: dict[str, list[tuple[int, int, int | None, str]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    without: int = 0
    in_range: int = 0
    ranged: int = 0
    ozone_hour_top: int = 0
    ozone_hour_above: int = 0
    ozone_eight_above: int = 0
    other_level: int = 0
    at_step: int = 0
    outside_months: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(found) for kind, found in self.rows.items()}

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def compare(made: Plan, header: Sequence[str], rows: Sequence[Sequence[str]], *, edition: str = "") -> Comparison:
    """Return how the index of a file stands to the computed one; rows without an index in the file count as `without`."""
    found = Comparison()
    tidied = [airfile.tidy(name) for name in header]
    ranges = next((place for place, name in enumerate(tidied) if name in _RANGES), None)
    levels = next((place for place, name in enumerate(tidied) if name in _LEVELS), None)
    for line, (row, (index, _note)) in enumerate(zip(rows, airfile.compute(made, rows, edition=edition), strict=True), 2):
        official = _whole(row[made.official]) if made.official is not None else None
        if official is None:
            found.without += 1
            continue
        reach = _reach(row[ranges]) if ranges is not None else None
        particles = max((sub.value for sub in index.subs if sub.pollutant in ("PM2.5", "PM10") and sub.value is not None), default=None) if index else None
        kind = _kind(official, index.value if index else None, particles, reach)
        found.rows[kind].append((line, official, index.value if index else None, " ".join(row[:2])))
        if kind == "outside":
            found.outside_months.update([_month(made, row)])
        if reach is not None:
            found.ranged += 1
            found.in_range += reach[0] <= official <= reach[1]
            _ozone(found, made, index, reach)
        if levels is not None and row[levels].strip() and not _says(row[levels], official):
            found.other_level += 1
            found.at_step += official in (50, 100, 150, 200, 300)
    return found


def _kind(official: int, computed: int | None, particles: int | None, reach: tuple[int, int] | None) -> str:
    if computed == official:
        return "same"
    if particles is None:
        return "outside"
    if particles == official:
        return "particles"
    if abs(particles - official) <= NEAR:
        return "rounding"
    return "range" if reach is not None and reach[0] <= particles <= reach[1] else "outside"


def _ozone(found: Comparison, made: Plan, index: air.AirIndex | None, reach: tuple[int, int]) -> None:
    ozone = next((sub for sub in index.subs if (sub.pollutant, sub.averaging) == ("O3", "8h")), None) if index and made.kind == DAY else None
    if ozone is None or index is None:
        return
    try:
        hour = air.iaqi("O3", ozone.concentration, averaging="hour", edition=index.edition).value
    except CannotAssess:
        return
    found.ozone_hour_top += hour == reach[1]
    found.ozone_hour_above += hour is not None and hour > reach[1]
    found.ozone_eight_above += ozone.value is not None and ozone.value > reach[1]


def _says(word: str, index: int) -> bool:
    """Return whether a level's word or number is that of an index, in either language."""
    from django.utils import translation

    level = air.level(index)
    names = {level.roman, str(level.number)}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            names.add(str(level.name))
    return word.strip() in names


def _whole(text: str) -> int | None:
    return int(float(text)) if re.fullmatch(r"\s*[0-9]+(\.0+)?\s*", text) else None


def _reach(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"\s*([0-9]+)\s*[~～\-–—]\s*([0-9]+)\s*", text)
    return (int(match[1]), int(match[2])) if match else None


def _month(made: Plan, row: Sequence[str]) -> str:
    day = airfile.moment([row[place] for place in made.day])[0] if made.day else None
    return f"{day:%Y-%m}" if day else ""
