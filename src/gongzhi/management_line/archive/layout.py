"""Where the files lie: town=<id>/month=<YYYY-MM>/<first series>-<generation>-<digest>.parquet below the archive's folder."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from gongzhi.kernel.towns import current_town

DEFAULT_DAYS = 400  # thirteen months stay at hand, so that this month meets the same month a year ago
LEAST_DAYS = 31
SUFFIX = ".parquet"
UNFINISHED = ".writing"


class BadTerm(ValueError):
    """The town's rule says something that is no term."""


def days_of(rule: object) -> int:
    """Return the term in days that a town's rule `raw_reading_days` says; the default where it says nothing."""
    if rule is None:
        return DEFAULT_DAYS
    if isinstance(rule, bool) or not isinstance(rule, int | str):
        raise BadTerm(rule)
    try:
        days = int(rule)
    except ValueError as error:
        raise BadTerm(rule) from error
    if days < LEAST_DAYS:
        raise BadTerm(rule)
    return days


def root() -> Path:
    """Return the archive's folder."""
    return Path(settings.ARCHIVE).resolve()


def town_folder() -> Path:
    """Return the folder of the present town: nobody names another."""
    return root() / f"town={current_town()}"


def folder_of(month: date) -> Path:
    """Return the folder of a month of the present town."""
    return town_folder() / f"month={month:%Y-%m}"


def file_at(path: str) -> Path:
    """Return the file that a manifest's path (relative to the town's folder) names; refuse one that leads out of it."""
    folder = town_folder()
    found = (folder / path).resolve()
    if not found.is_relative_to(folder):
        raise ValueError(f"{path!r} is no path of this town")
    return found


def start_of(month: date) -> datetime:
    """Return the first moment of a month; months are those of UTC, as the tables of readings are."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_of(moment: datetime) -> date:
    """Return the first day of the UTC month in which a moment lies."""
    return moment.astimezone(UTC).date().replace(day=1)


def months_between(since: datetime, until: datetime) -> list[date]:
    """Return the months that a period [since, until) touches."""
    found = []
    month = month_of(since)
    while start_of(month) < until:
        found.append(month)
        month = next_month(month)
    return found


def is_due(month: date, at: datetime, days: int) -> bool:
    """Return whether the whole month is older than the term."""
    return start_of(next_month(month)) + timedelta(days=days) <= at
