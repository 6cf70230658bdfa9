"""Everybody matched with every benefit: when many changed or a benefit did, and every night, for ages and days pass."""

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.registers.benefits import operations, queries


@app.task(name="benefits.match_all", queue="imports")
def match_all(town_id: int, subject: str, since: str) -> None:
    """Match everybody of a subject in a town, unless that was done since the moment: one match answers for all changes before it."""
    with in_town(town_id):
        if not queries.is_judged_since(seen_by=CLOCK, subject=subject, since=datetime.fromisoformat(since)):
            operations.match_all(by=CLOCK, at=timezone.now(), subject=subject)


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
