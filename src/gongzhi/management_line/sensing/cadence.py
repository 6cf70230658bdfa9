"""How many readings were due: what a series is said to bring, by its aggregate and its device. Pure.

rtd and state come as often as the device reports; minute.* every ten minutes (what loggers are usually set to), hour.*
every hour, day.* once a day.
"""

from datetime import datetime, timedelta

MINUTES = timedelta(minutes=10)
USUAL = 60  # seconds between reports of a device that nothing is known of


def interval(aggregate: str, report_seconds: int | None) -> timedelta:
    """Return the time from one due reading of a series to the next."""
    period = aggregate.split(".")[0]
    if period == "hour":
        return timedelta(hours=1)
    if period == "day":
        return timedelta(days=1)
    if period == "minute":
        return MINUTES
    return timedelta(seconds=max(1, report_seconds or USUAL))


def due(aggregate: str, report_seconds: int | None, since: datetime, until: datetime) -> int:
    """Return how many readings were due in [since, until): whole intervals only, none where the period has not begun."""
    return max(0, int((until - since) / interval(aggregate, report_seconds)))
