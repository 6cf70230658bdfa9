"""What the clock does with policies."""

from contextlib import suppress

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns
from gongzhi.service_line.policies import operations, queries
from gongzhi.service_line.policies.operations.releasing import NothingExpired


@app.periodic(cron="10 */6 * * *")
@app.task(name="policies.expire", queue="clock", queueing_lock="policies.expire", pass_context=False)
def expire(timestamp: int) -> int:
    """Mark, in every town, the policies whose last day has passed; return how many."""
    at = timezone.now()

    def end(town_id: int) -> int:
        waiting = queries.to_expire(seen_by=CLOCK, on=territory.day_of(seen_by=CLOCK, at=at))
        with suppress(NothingExpired):
            return operations.expire_policies(by=CLOCK, at=at, policy_ids=waiting) if waiting else 0
        return 0

    return serve_towns(territory.town_ids(seen_by=CLOCK), end)
