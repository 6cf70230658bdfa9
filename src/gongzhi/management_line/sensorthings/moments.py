"""Moments and intervals as ISO 8601 has them; an offset must be given, for without it a reading is hours wrong."""

from datetime import UTC, datetime, timedelta

from gongzhi.kernel.moments import moment as read_moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read(text: str) -> datetime:
    """Return an aware moment in UTC; raise ValueError."""
    if len(text) > 40 or "T" not in text:
        raise ValueError(text)
    return read_moment(text).astimezone(UTC)


def read_span(text: str) -> tuple[datetime, datetime | None]:
    """Return (begin, end) of `a/b`, or (moment, None); raise ValueError, also when it ends before it begins."""
    begin, slash, end = text.partition("/")
    if not slash:
        return read(begin), None
    first, last = read(begin), read(end)
    if last < first:
        raise ValueError(text)
    return first, last


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without an offset is taken as UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def write(moment: datetime) -> str:
    """Return a moment as 2026-11-18T04:00:00Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def write_span(begin: datetime | None, end: datetime | None) -> str | None:
    """Return `a/b`, a moment, or None."""
    if begin is None:
        return None
    return write(begin) if end is None else f"{write(begin)}/{write(end)}"


def micros(moment: datetime) -> int:
    """Return an aware moment in microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


def of_micros(value: int) -> datetime:
    """Return the moment (UTC) of microseconds since 1970; raise OverflowError."""
    return EPOCH + timedelta(microseconds=value)
