"""Times as people and spreadsheets write them. Pure.

Known are a spreadsheet's own dates and their serial numbers, ISO 8601, 2026/11/18 8:00, 2026年11月18日8时, 20261118080000, and times spread over
columns (date and hour; year, month, day and hour). 24:00 is the midnight that ends the day. Without an offset the town's zone holds.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gongzhi.kernel.moments import is_in_reach
from gongzhi.kernel.numbers import narrow, real
from gongzhi.kernel.sheets import SERIALS_1904, Cell, Serial
from gongzhi.management_line.feeds.said import said as _

_TEXT = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
    r"(?:\s*[T ]?\s*([0-9]{1,2})\s*(?:[:时点]\s*(?:([0-9]{1,2})\s*(?:[:分]\s*(?:([0-9]{1,2})(?:[.,]([0-9]{1,9}))?\s*秒?)?)?)?)?)?\s*"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\s?([0-9]{2})(?:([0-9]{2})(?:([0-9]{2}))?)?)?")
_HOUR = re.compile(r"([0-9]{1,2})(?:[:时点](?:([0-9]{1,2})(?:[:分](?:([0-9]{1,2})秒?)?)?)?)?")
_SERIALS = datetime(1899, 12, 30)
_WHOLE_DAY = (datetime(1900, 1, 1), datetime(1904, 1, 2))  # 24:00 of a cell that is a time: one day after its book's first


def moment_of(parts: Sequence[Cell], zone: tzinfo) -> datetime:
    """Return the moment that the cells give together; raise ValueError with the reason."""
    found = _together(parts, zone)
    if not is_in_reach(found):
        raise ValueError(_("a time beyond the calendar"))
    return found


def _together(parts: Sequence[Cell], zone: tzinfo) -> datetime:
    if len(parts) == 1:
        return _whole(parts[0], zone)
    if len(parts) == 2:
        return _at(_whole(parts[0], zone), *_of_day(parts[1]), zone)
    if len(parts) > 6:
        raise ValueError(_("a time stands in at most six columns"))
    year, month, day, hour, minute, second = (*(_number(part) for part in parts), *(0,) * (6 - len(parts)))
    return _at(datetime(year, month, day, tzinfo=zone), hour, minute, second, zone)


def _whole(cell: Cell, zone: tzinfo) -> datetime:
    if isinstance(cell, datetime):
        rounded = _rounded(cell)
        return rounded if rounded.tzinfo else rounded.replace(tzinfo=zone)
    if isinstance(cell, date):
        return datetime.combine(cell, time.min, tzinfo=zone)
    if isinstance(cell, bool) or cell is None or isinstance(cell, time | timedelta):
        raise ValueError(_("no time"))
    if isinstance(cell, int | float):
        if isinstance(cell, Serial):
            cell = float(cell) + SERIALS_1904
        if 20_000 <= cell < 80_000:  # a serial number of a spreadsheet: 1954 to 2119
            return _rounded(_SERIALS + timedelta(days=cell)).replace(tzinfo=zone)
        cell = str(int(cell)) if float(cell).is_integer() else str(cell)
    text = narrow(cell).strip()
    if not text:
        raise ValueError(_("no time"))
    found = _TEXT.fullmatch(text) or _DIGITS.fullmatch(text)
    if found is None:
        if re.fullmatch(r"[2-7][0-9]{4}(\.[0-9]+)?", text):  # a serial number that was kept as text
            return _whole(float(text), zone)
        raise ValueError(_("“%(text)s” is no time") % {"text": text[:40]})
    groups = (*found.groups(), None, None)[:8]
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in groups[:6])
    offset = str(groups[7] or "")
    if offset:
        zone = UTC if offset.upper() == "Z" else datetime.fromisoformat(f"2000-01-01T00:00:00{offset[:3]}:{offset[-2:]}").tzinfo or zone
    moment = _at(datetime(year, month, day, tzinfo=zone), hour, minute, second, zone)
    return moment + timedelta(microseconds=int(str(groups[6]).ljust(6, "0")[:6])) if groups[6] else moment


def _at(day: datetime, hour: int, minute: int, second: int, zone: tzinfo) -> datetime:
    """Return a time of a day; 24:00 is the next midnight. Wall-clock arithmetic: the zone is put on afterwards."""
    if not (0 <= hour < 24 or (hour == 24 and minute == second == 0)) or not 0 <= minute < 60 or not 0 <= second < 60:
        raise ValueError(_("%(hour)d:%(minute)02d is no time of a day") % {"hour": hour, "minute": minute})
    plain = day.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=hour, minutes=minute, seconds=second)
    return plain.replace(tzinfo=day.tzinfo or zone)


def _of_day(cell: Cell) -> tuple[int, int, int]:
    if isinstance(cell, datetime) and cell.replace(tzinfo=None) in _WHOLE_DAY:
        return 24, 0, 0
    if isinstance(cell, datetime | time):
        return cell.hour, cell.minute, cell.second
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return seconds // 3600, seconds // 60 % 60, seconds % 60
    if isinstance(cell, float) and 0 < cell < 1:
        seconds = round(cell * 86_400)
        return seconds // 3600, seconds // 60 % 60, seconds % 60
    if isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer():
        return int(cell), 0, 0
    text = narrow(cell).strip() if isinstance(cell, str) else ""
    found = _HOUR.fullmatch(text)
    if found is None:
        if re.fullmatch(r"[0-9]{1,2}\.0", text):
            return int(text[:-2]), 0, 0
        raise ValueError(_("“%(text)s” is no time of a day") % {"text": str("" if cell is None else cell)[:40]})
    hour, minute, second = (int(part) if part else 0 for part in found.groups())
    return hour, minute, second


def _number(cell: Cell) -> int:
    try:
        if isinstance(cell, str | int | float) and not isinstance(cell, bool):
            number = real(narrow(cell)) if isinstance(cell, str) else float(cell)
            if number.is_integer():
                return int(number)
    except ValueError:
        pass
    raise ValueError(_("“%(text)s” is no part of a time") % {"text": str("" if cell is None else cell)[:40]})


def _rounded(moment: datetime) -> datetime:
    """Return a spreadsheet's moment without the microseconds that its fractions of a day leave."""
    near = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    return near if abs(near - moment) <= timedelta(milliseconds=2) else moment
