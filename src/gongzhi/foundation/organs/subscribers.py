"""A post needs its holder: details of somebody who serves are not erased."""

from collections.abc import Iterable
from datetime import datetime

from gongzhi.foundation.organs import queries
from gongzhi.foundation.people import needs, standing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK


def _needs(person_id: int, at: datetime) -> list[needs.Need]:
    day = territory.day_of(seen_by=CLOCK, at=at)
    return [
        needs.Need(title=f"{post.organ} · {post.get_role_display()}", blocks=True) for post in queries.posts_of(seen_by=CLOCK, person_id=person_id, on=day)
    ]


def _needed_since(person_ids: Iterable[int], after: datetime, at: datetime) -> set[int]:
    return queries.people_serving_since(seen_by=CLOCK, person_ids=person_ids, since=territory.day_of(seen_by=CLOCK, at=after))


needs.register(_needs, _needed_since)
standing.register(lambda person_id, at: queries.actor_for_person(seen_by=CLOCK, person_id=person_id, at=at))
