"""Receipts are kept for thirty days."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.receipts import operations
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town


@app.periodic(cron="40 3 * * *")
@app.task(name="receipts.clean", queue="night", queueing_lock="receipts.clean")
def clean(timestamp: int) -> None:
    """Throw old receipts of every town away."""
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            operations.clean_receipts(by=CLOCK, at=timezone.now())
