"""The evaluation's own work: once a week it looks through the record of every town."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.evaluation import operations, queries
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns


@app.periodic(cron="20 19 * * 0")  # Monday 3:20 in the morning, Shanghai
@app.task(name="evaluation.look_through", queue="night", queueing_lock="evaluation.look_through", pass_context=False)
def look_through(timestamp: int) -> int:
    """Look through the record of each town and keep what is found; return how many findings."""
    at = max(timezone.now(), datetime.fromtimestamp(timestamp, UTC))

    def look(town_id: int) -> int:
        found = queries.look_through(seen_by=CLOCK, at=at)
        return len(operations.make_findings(by=CLOCK, at=at, week=queries.week_of(seen_by=CLOCK, at=at), found=found))

    return serve_towns([town.pk for town in territory.towns(seen_by=CLOCK)], look)
