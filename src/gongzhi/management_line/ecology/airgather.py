"""Days made of a file of hours: means with the least data that the standards ask for, ozone's largest 8 h mean, the index, and why it is missing. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from gongzhi.kernel import numbers
from gongzhi.management_line.ecology import airfile
from gongzhi.management_line.ecology.airfile import HOUR, BadFile, Plan
from gongzhi.management_line.sensing import units as measures
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.air import AirIndex, Mean
from gongzhi.management_line.standards.edition import CannotAssess

POLLUTANTS = ("SO2", "NO2", "PM10", "CO", "O3", "PM2.5")


@dataclass(slots=True)
class GatheredDay:
    """A day of a file: `means` in the standard's units, of ozone the largest 8 h mean; `absent` hours that have no row at all."""

    on: date
    means: dict[str, Mean] = field(default_factory=dict)
    index: AirIndex | None = None
    absent: int = 0
    note: str = ""


def days(made: Plan, rows: Sequence[Sequence[str]], *, edition: str = "") -> Iterator[GatheredDay]:
    """Yield the days that a file of hours has rows of, in order; raises BadFile where the rows tell no hour, or one hour twice."""
    if made.kind != HOUR or not made.day:
        raise BadFile(_("Days are made of a file of hours with dates."))
    by_day: dict[date, dict[int, Sequence[str]]] = {}
    for line, row in enumerate(rows, 2):
        day, hour = airfile.moment([row[place] for place in made.day])
        if made.hour is not None:
            hour = int(float(found[0])) if (found := re.fullmatch(r"[0-9]{1,2}(\.0*)?", row[made.hour].strip())) else None
        if day is None or hour is None or not 0 <= hour <= 23:
            raise BadFile(_("Line %(line)s tells no day and hour.") % {"line": line})
        if hour in by_day.setdefault(day, {}):
            raise BadFile(_("Line %(line)s: %(day)s has the hour %(hour)s twice.") % {"line": line, "day": day, "hour": hour})
        by_day[day][hour] = row
    for day, hours in sorted(by_day.items()):
        yield _day(made, day, hours, edition)


def _day(made: Plan, on: date, hours: dict[int, Sequence[str]], edition: str) -> GatheredDay:
    one = GatheredDay(on, absent=24 - len(hours))
    try:
        for pollutant in POLLUTANTS:
            factor = measures.convert(1.0, made.units[pollutant], air.UNITS[pollutant]) if pollutant in made.units else 1.0
            cells = [hours[hour][made.columns[pollutant]] if hour in hours else "" for hour in range(24)]
            values = [None if (number := _number(cell)) is None else number * factor for cell in cells]
            one.means[pollutant] = air.largest_eight_hours(values, on=on) if pollutant == "O3" else air.mean(values, period="day", on=on)
        one.index = air.daily({"O3_8h" if name == "O3" else name: mean.value for name, mean in one.means.items()}, on=on, edition=edition or None)
    except CannotAssess as fault:
        one.note = str(fault)
        return one
    short = [f"{name} {mean.count}/{mean.needed}" for name, mean in one.means.items() if not mean.is_valid]
    words = [str(one.index.why)] if one.index.value is None else []
    if short:
        words.append(_("too few hours: %(items)s") % {"items": ", ".join(short)})
    if one.absent:
        words.append(_("%(count)s hours have no row") % {"count": one.absent})
    one.note = "; ".join(words)
    return one


def _number(cell: str) -> float | None:
    """Return an hour's value; what is missing, no number or negative is lost."""
    try:
        return numbers.real(numbers.narrow(cell), least=0)
    except numbers.BadNumber:
        return None
