"""Rows fitted to the town's registry: which series each goes to, in that series' unit. Pure but for the units' tables."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gongzhi.management_line.feeds.book import Book, is_aggregate, is_name
from gongzhi.management_line.feeds.mapping import Row
from gongzhi.management_line.feeds.said import said as _
from gongzhi.management_line.feeds.said import why
from gongzhi.management_line.sensing import units
from gongzhi.management_line.sensing.bounds import is_in_reach
from gongzhi.management_line.sensing.columns import micros


class Policy(Protocol):
    """What is done with names that the town does not know: refuse or define; kind of a station that is defined so."""

    unknown_station: str
    unknown_series: str
    station_kind: str


Converter = Callable[[float], float] | None


class DoesNotFit(ValueError):
    """A row that cannot be kept; the text says why."""


def converter(from_unit: str, to_unit: str) -> Converter:
    """Return what turns values into the series' unit, None when nothing is to be done; raise DoesNotFit."""
    if not from_unit or not to_unit or units.same(from_unit, to_unit):
        return None
    try:
        units.convert(1.0, from_unit, to_unit)
    except ValueError as error:
        raise DoesNotFit(str(error)) from error
    return lambda value: units.convert(value, from_unit, to_unit)


def check_names(row: Row) -> None:
    """Raise DoesNotFit when the names cannot be those of a series."""
    if not is_name(row.station):
        raise DoesNotFit(_("“%(code)s” cannot be a station's code") % {"code": row.station[:60]})
    if not is_name(row.factor):
        raise DoesNotFit(_("“%(code)s” cannot be a factor") % {"code": row.factor[:60]})
    if not is_aggregate(row.aggregate):
        raise DoesNotFit(_("“%(code)s” cannot be an aggregate") % {"code": row.aggregate[:60]})
    if len(row.unit) > 20:
        raise DoesNotFit(_("the unit “%(unit)s” is not known") % {"unit": row.unit[:60]})


def too_far() -> str:
    """Return why a reading of a far moment is refused."""
    return _("a reading is kept from ten years back to a day ahead")


def unknown_station(code: str) -> str:
    """Return why a row of an unknown station is refused."""
    return _("there is no station “%(code)s”") % {"code": code[:60]}


def unknown_series(row: Row) -> str:
    """Return why a row of an unknown series is refused."""
    return _("station “%(code)s” has no series %(factor)s %(aggregate)s") % {"code": row.station, "factor": row.factor, "aggregate": row.aggregate}


def explain(row: Row, book: Book, mapping: Policy, at: datetime) -> tuple[bool, str]:
    """Return whether a row would be kept, and in words: as what, what is defined first, or why not."""
    now = micros(at)
    try:
        if row.station not in book.stations and mapping.unknown_station != "define":
            return False, unknown_station(row.station)
        check_names(row)
        if row.moment is not None and not is_in_reach(row.moment, now):
            return False, too_far()
        defines_series = "define" in (mapping.unknown_series, mapping.unknown_station)
        station = book.stations.get(row.station)
        if station is None:
            return True, _("stored, station and series are defined first")
        series = book.series.get((station, row.factor, row.aggregate))
        if series is None:
            return (True, _("stored, the series is defined first")) if defines_series else (False, unknown_series(row))
        turn = converter(row.unit, series.unit)
    except DoesNotFit as error:
        return False, why(error)
    value = row.value if turn is None else turn(row.value)
    return True, _("stored as %(value)s %(unit)s") % {"value": f"{value:g}", "unit": series.unit}
