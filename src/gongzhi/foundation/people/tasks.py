"""What is done for people at night."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.people import rotation
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town

BATCHES = 100  # of one town in one run; the rest follows in the next


@app.periodic(cron="10 2 * * *")
@app.task(name="people.reseal", queue="night", queueing_lock="people.reseal")
def reseal(timestamp: int) -> int:
    """Seal what is under an old key anew, in every town; return how many rows. It defers itself while some are left."""
    resealed, left = 0, False
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            if not rotation.is_needed():
                continue
            done = rotation.run(by=CLOCK, at=timezone.now(), batches=BATCHES)
            resealed, left = resealed + done.resealed, left or not done.is_whole
    if left:
        reseal.defer(timestamp=timestamp)
    return resealed
