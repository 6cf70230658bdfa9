"""Days and moments as people and programs write them, read in one way everywhere.

The calendar of a town has an end on both sides: what lies outside of `FIRST` to `LAST` is a slip of the pen, and a moment at the edge of Python's own
calendar leaves it by the next addition or change of zone. So the range is judged where a text comes in, and nothing behind it needs to.
Forms are those of ISO 8601 that RFC 3339 takes: 2026-01-31, 2026-01-31T08:00[:00[.000000]] with Z or an offset, or without where a zone is given.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.numbers import shown
from gongzhi.kernel.operation import Unreadable

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)  # in any zone within the days above and one beside them
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


class BadDay(Unreadable):
    """A text that should be a day and is none of the calendar."""

    sentence = _("“%(text)s” is not a day such as 2026-01-31, from 1900 to 2199.")


class BadMonth(Unreadable):
    sentence = _("“%(text)s” is not a month such as 2026-01, from 1900 to 2199.")


class BadMoment(Unreadable):
    sentence = _("“%(text)s” is not a moment such as 2026-01-31T08:00:00+08:00, from 1900 to 2199.")


def is_in_reach(found: date | datetime) -> bool:
    """Return whether a day or moment lies in the calendar of towns; a moment without a zone is judged as if in UTC."""
    if isinstance(found, datetime):
        try:
            return EARLIEST <= (found if found.tzinfo else found.replace(tzinfo=UTC)) < LATEST
        except OverflowError:  # the offset leads out of Python's calendar
            return False
    return FIRST <= found <= LAST


def day(text: str, *, field: str | None = None) -> date:
    """Return a day, 2026-01-31; raise BadDay."""
    match = _DAY.fullmatch(text.strip())
    try:
        found = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        found = None
    if found is None or not is_in_reach(found):
        raise BadDay(text=shown(text), field=field)
    return found


def day_or(text: Any, otherwise: date | None = None) -> date | None:
    """Return a day, or `otherwise` where the text is none."""
    try:
        return day(text) if isinstance(text, str) else otherwise
    except BadDay:
        return otherwise


def month(text: str, *, field: str | None = None) -> date:
    """Return the first day of a month, 2026-01; raise BadMonth."""
    match = _MONTH.fullmatch(text.strip())
    try:
        found = date(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        found = None
    if found is None or not is_in_reach(found):
        raise BadMonth(text=shown(text), field=field)
    return found


def moment(text: str, zone: tzinfo | None = None, *, field: str | None = None) -> datetime:
    """Return a moment, aware; one without an offset is of `zone`, and where no zone is given it is refused. Raises BadMoment.

    24:00 is the midnight that ends the day (ISO 8601). Digits of a second beyond the sixth are dropped.
    """
    match = _MOMENT.fullmatch(text.strip())
    try:
        found = _built(match, zone) if match else None
    except (ValueError, OverflowError):
        found = None
    if found is None or not is_in_reach(found):
        raise BadMoment(text=shown(text), field=field)
    return found


def _built(match: re.Match[str], zone: tzinfo | None) -> datetime | None:
    on, hour, minute, second = date.fromisoformat(match[1]), int(match[2]), int(match[3]), int(match[4] or 0)
    micro = int((match[5] or "").ljust(6, "0")[:6])
    own = _offset(match[6]) if match[6] else zone
    if own is None:
        return None
    if hour == 24 and minute == second == micro == 0:
        on, hour = on + timedelta(days=1), 0
    return datetime.combine(on, time(hour, minute, second, micro), own)


def _offset(text: str) -> tzinfo:
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def moment_or(text: Any, zone: tzinfo | None = None, otherwise: datetime | None = None) -> datetime | None:
    """Return a moment, or `otherwise` where the text is none."""
    try:
        return moment(text, zone) if isinstance(text, str) else otherwise
    except BadMoment:
        return otherwise
