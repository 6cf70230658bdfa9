"""What is done for people at night."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.people import rotation
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town

BATCHES = 100  # of one town in one run; the rest follows an hour later


@app.periodic(cron="10 16-21 * * *")
@app.task(name="people.reseal", queue="night", queueing_lock="people.reseal")
def reseal(timestamp: int) -> int:
    """Seal what is under an old key anew, in every town, from midnight to six in Shanghai; return how many rows."""
    resealed = 0
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            if not rotation.is_needed():
                continue
            resealed += rotation.run(by=CLOCK, at=timezone.now(), batches=BATCHES).resealed
    return resealed
