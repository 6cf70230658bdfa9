"""Everybody matched with every benefit: when many changed or a benefit did, and once a day, for ages and days pass."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.registers.benefits import operations, queries

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def numbered(at: datetime) -> int:
    """Return a moment as whole microseconds, as the queue holds it."""
    return (at - BEGINNING) // timedelta(microseconds=1)


def _match_all(town_id: int, subject: str, since: int) -> None:
    """Match everybody of a subject in a town, unless that was done since the moment: one match answers for all changes before it."""
    with in_town(town_id):
        if not queries.is_judged_since(seen_by=CLOCK, subject=subject, since=BEGINNING + timedelta(microseconds=since)):
            operations.match_all(by=CLOCK, at=timezone.now(), subject=subject)


@app.task(name="benefits.match_firms", queue="imports")
def match_firms(town_id: int, since: int) -> None:
    """Match every firm of a town; `since` as `numbered`."""
    _match_all(town_id, "firm", since)


@app.task(name="benefits.match_residents", queue="imports")
def match_residents(town_id: int, since: int) -> None:
    """Match every resident of a town; `since` as `numbered`."""
    _match_all(town_id, "resident", since)


TASK_OF = {"firm": match_firms, "resident": match_residents}


@app.periodic(cron="5 * * * *")
@app.task(name="benefits.match_at_night", queue="night", queueing_lock="benefits.match_at_night")
def match_at_night(timestamp: int) -> None:
    """Match everybody once a day of each town's own calendar, whichever hour it begins."""

    def look(town_id: int) -> int:
        at = timezone.now()
        on = queries.today(seen_by=CLOCK, at=at)
        stale = [subject for subject in ("firm", "resident") if queries.is_stale(seen_by=CLOCK, subject=subject, on=on)]
        return sum(operations.match_all(by=CLOCK, at=at, subject=subject) for subject in stale)

    serve_towns(towns_having("stale_benefits", timezone.now()), look)
