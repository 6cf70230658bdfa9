"""The clock's own work."""

from contextlib import suppress
from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.cases import operations, queries
from gongzhi.cases.operations.time import NothingDue
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having

BATCH = 50


@app.periodic(cron="* * * * *")
@app.task(name="cases.mark_time", queue="clock", queueing_lock="cases.mark_time", pass_context=False)
def mark_time(timestamp: int) -> int:
    """Mark, in every town, the clocks that have come to their yellow line or their end; return how many marks."""
    at = max(timezone.now(), datetime.fromtimestamp(timestamp, UTC))

    def mark(town_id: int) -> int:
        marks = 0
        waiting = queries.clocks_to_mark(seen_by=CLOCK, at=at)
        for begin in range(0, len(waiting), BATCH):
            with suppress(NothingDue):  # another worker was quicker
                marks += operations.mark_overdue(by=CLOCK, at=at, clock_ids=waiting[begin : begin + BATCH])
        return marks

    return serve_towns(towns_having("clocks_to_mark", at), mark)
