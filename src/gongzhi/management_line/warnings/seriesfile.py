"""Hourly series of a CSV file, whatever its columns are called: a moment or its parts, places, values. Pure.

Known for the moment: one column (datetime, time, timestamp, measured_at, at, 时间, 监测时间), or year month day hour, or Date and
Hour. Known for the place: station, WatchPoint, site, series, code, 站点, 监测点. What stands in the first line says which.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongzhi.kernel import numbers

MONDAY = datetime(1970, 1, 5)
MOMENTS = ("datetime", "timestamp", "time", "measured_at", "at", "时间", "监测时间")
PLACES = ("station", "watchpoint", "site", "series", "code", "站点", "监测点")
FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
LONGEST = 24 * 366 * 20  # hours


class Unreadable(ValueError):
    """What the file lacks, in words."""


def read(lines: Iterable[str], factor: str) -> dict[str, tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """Return by place (values, hours): consecutive hours since Monday 1970-01-05 of the file's own clock, NaN where nothing was measured.

    Two values of one hour are averaged. Raises Unreadable when columns are missing or nothing can be read.
    """
    rows = csv.DictReader(line.lstrip("\ufeff") for line in lines)
    names = {name.strip().lower(): name for name in rows.fieldnames or () if name}
    column = names.get(factor.strip().lower())
    if column is None:
        raise Unreadable(f"there is no column {factor}; there are: {', '.join(names.values()) or 'none'}")
    place = next((names[name] for name in PLACES if name in names), None)
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        moment = _moment(row, names)
        if moment is None:
            continue
        try:
            value = numbers.real(row[column] or "")
        except numbers.BadNumber:
            value = float("nan")
        hour = int((moment - MONDAY).total_seconds() // 3600)
        found[str(row[place]) if place else ""][hour].append(value if abs(value) < 1e15 else float("nan"))
    if not found:
        raise Unreadable("no line has a moment that can be read: give datetime, or Date and Hour, or year month day hour")
    series = {}
    for name, hours in sorted(found.items()):
        first, last = min(hours), max(hours)
        if last - first > LONGEST:
            raise Unreadable(f"{name or 'the series'} spans more than twenty years")
        values = np.full(last - first + 1, np.nan)
        for hour, given in hours.items():
            known = [value for value in given if value == value]  # NaN is not itself
            if known:
                values[hour - first] = sum(known) / len(known)
        series[name] = (values, first + np.arange(len(values), dtype=np.int64))
    return series


def _moment(row: Mapping[str, Any], names: Mapping[str, str]) -> datetime | None:
    def given(name: str) -> str:
        return str(row.get(names.get(name, ""), "") or "").strip()

    try:
        if "year" in names:
            year, month, day_of_month, hour = (numbers.whole(given(name) or "0", least=0, most=9_000) for name in ("year", "month", "day", "hour"))
            return datetime(year, month, day_of_month, hour)
        if "date" in names:
            day = _read(given("date"))
            return day.replace(hour=numbers.whole(given("hour") or "0")) if day else None
        return next((_read(given(name)) for name in MOMENTS if name in names), None)
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> datetime | None:
    """Return a moment by the file's own clock; an offset that stands with it is left aside."""
    for form in FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
