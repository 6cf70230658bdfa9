"""Days on which the nation works.

`chinesecalendar` knows the State Council's notices, make-up days included, for the years it covers; for later years
`holidays` knows the statutory days, and the year is provisional until its notice is in a release of the first.
"""

from datetime import date
from functools import lru_cache

import chinese_calendar
import holidays

KNOWN_SINCE = date(2004, 1, 1)  # the first year of which every notice, make-up days included, is in chinesecalendar


@lru_cache(maxsize=8)
def _statutory(year: int, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays("CN", years=year, language=language).items())


@lru_cache(maxsize=64)
def is_provisional(year: int) -> bool:
    """Return whether the notice for this year is not known here."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return True
    return False


@lru_cache(maxsize=8192)
def day(on: date) -> tuple[bool, str, str]:
    """Return (is worked, reason in Chinese, reason in English); the reason is "" for ordinary days."""
    weekend = on.weekday() >= 5
    if is_provisional(on.year):
        name = _statutory(on.year, "zh_CN").get(on)
        if name:
            return False, name, _statutory(on.year, "en_US").get(on, "Public holiday")
        return (False, "周末", "weekend") if weekend else (True, "", "")
    off, name = chinese_calendar.get_holiday_detail(on)
    if off:
        if name is None:
            return False, "周末", "weekend"
        return False, chinese_calendar.Holiday(name).chinese, name
    if weekend:
        chinese = chinese_calendar.Holiday(name).chinese if name else ""
        return True, f"{chinese}调休上班", f"make-up day for {name}" if name else "make-up day"
    return True, "", ""
