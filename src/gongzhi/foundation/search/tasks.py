"""The index follows by itself, every few seconds; at night it looks for what it has never seen."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.search import indexing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having

MOST_BATCHES = 20  # of one town in one turn, so that a flood there does not keep the others waiting


def _follow(town_id: int) -> int:
    done = 0
    for _batch in range(MOST_BATCHES):
        taken = indexing.follow()
        done += taken
        if not taken:
            break
    return done


@app.periodic(cron="* * * * * */5")
@app.task(name="search.follow", queue="search", queueing_lock="search.follow")
def follow(timestamp: int) -> int:
    """Read the words of what has changed in every town where something has; return how many things."""
    return serve_towns(towns_having("things_to_index", timezone.now()), _follow)


@app.periodic(cron="40 2 * * *")
@app.task(name="search.catch_up", queue="night", queueing_lock="search.catch_up")
def catch_up(timestamp: int) -> int:
    """Read the words of what the index has never seen; return how many things."""
    return serve_towns(territory.town_ids(seen_by=CLOCK), lambda town_id: indexing.catch_up())
