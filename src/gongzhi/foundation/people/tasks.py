"""What is done for people at night."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.people import operations, queries, rotation
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import serve_towns, towns_having

TERM_BATCHES = 20
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


@app.periodic(cron="25 * * * *")
@app.task(name="people.erase", queue="night", queueing_lock="people.erase")
def erase(timestamp: int) -> int:
    """Carry out requests for erasure whose time has come, and apply the towns' terms; return how many acts that took."""

    def carry_out(town_id: int) -> int:
        done = 0
        at = timezone.now()
        for request_id in queries.erasures_to_carry_out(seen_by=CLOCK, at=at):
            operations.carry_out_erasure(by=CLOCK, at=at, request_id=request_id)
            done += 1
        for _batch in range(TERM_BATCHES):
            kinds = queries.kinds_past_their_term(seen_by=CLOCK, at=at)
            for kind in kinds:
                operations.erase_by_term(by=CLOCK, at=at, kind=kind)
                done += 1
            if not kinds:
                break
        return done

    return serve_towns(towns_having("erasures", timezone.now()), carry_out)


@app.periodic(cron="50 19 * * *")
@app.task(name="people.forget", queue="night", queueing_lock="people.forget")
def forget(timestamp: int) -> int:
    """Throw away ended sessions and old tries of every town, before four in the morning in Shanghai; return how many rows."""
    forgotten = 0
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            at = timezone.now()
            if queries.has_old_traces(seen_by=CLOCK, at=at):
                forgotten += operations.forget_traces(by=CLOCK, at=at)
    return forgotten
