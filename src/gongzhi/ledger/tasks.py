"""Sealing goes by itself, every few seconds."""

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.kernel.towns import in_town
from gongzhi.ledger import sealing


@app.periodic(cron="* * * * * */5")
@app.task(name="ledger.seal", queue="ledger", queueing_lock="ledger.seal")
def seal(timestamp: int) -> int:
    """Seal, in every town, what has committed; return how many towns got a new head."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM territory_town ORDER BY id")  # only the numbers of the towns: the ledger knows nothing else of them
        town_ids = [row[0] for row in cursor.fetchall()]
    sealed = 0
    for town_id in town_ids:
        with in_town(town_id):
            while (head := sealing.seal(town_id, timezone.now())) is not None:
                sealed += 1
                if head.size % sealing.BATCH:
                    break
    return sealed
