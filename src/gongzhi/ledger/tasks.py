"""Sealing goes by itself, every few seconds."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import towns_having
from gongzhi.ledger import sealing
from gongzhi.ledger.keys import KeyUnusable

log = logging.getLogger(__name__)
MOST_BATCHES = 40  # of one town in one turn, so that a flood there does not keep the others waiting


@app.periodic(cron="* * * * * */5")
@app.task(name="ledger.seal", queue="ledger", queueing_lock="ledger.seal")
def seal(timestamp: int) -> int:
    """Seal, in every town where something has, what has committed; return how many heads were signed."""
    sealed, broken = 0, []
    for town_id in towns_having("entries_to_seal", timezone.now()):
        with in_town(town_id):
            try:
                for _batch in range(MOST_BATCHES):
                    if sealing.seal(town_id, timezone.now()) is None:
                        break
                    sealed += 1
            except (sealing.LogBroken, KeyUnusable) as error:  # one town's trouble does not keep the others from being sealed
                log.error("%s", error)
                broken.append(town_id)
    if broken:
        raise sealing.LogBroken(f"not sealed: towns {broken}")
    return sealed
