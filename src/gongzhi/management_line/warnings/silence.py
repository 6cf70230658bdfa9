"""How long a device has been silent. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def silent_since(at: datetime, heard_at: datetime, windows: Iterable[tuple[datetime, datetime]]) -> datetime | None:
    """Return since when it should have been heard: since it was heard last, or since the last work on it ended; None while it is worked on."""
    since = heard_at
    for begins, ends in windows:
        if begins <= at < ends:
            return None
        if ends <= at:
            since = max(since, ends)
    return since


def allowed(minutes: float, missed: int, report_seconds: int) -> float:
    """Return how many minutes of silence are borne: so many, and so many missed reports, whichever is longer."""
    return max(minutes, missed * report_seconds / 60)


def minutes_of(at: datetime, since: datetime | None) -> float:
    """Return for how many minutes it has been silent."""
    return 0.0 if since is None else max(0.0, (at - since) / timedelta(minutes=1))
