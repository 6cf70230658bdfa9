"""Drafts are kept for thirty days after they were last touched."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.drafts import operations
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town


@app.periodic(cron="50 3 * * *")
@app.task(name="drafts.expire", queue="night", queueing_lock="drafts.expire")
def expire(timestamp: int) -> None:
    """Throw old drafts of every town away."""
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            operations.expire_drafts(by=CLOCK, at=timezone.now())
