"""Queues what is to go out, in the transaction that gave the notice."""

from typing import Any

from gongzhi.foundation.notices import queries, tasks
from gongzhi.foundation.notices.facts import NoticeDelivered, NoticeGiven
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on


@on(NoticeGiven)
def queue_deliveries_when_notices_are_given(entry: Entry) -> None:
    fact: Any = entry.fact
    if not fact.notice_ids:
        return
    for delivery_id in queries.deliveries(seen_by=CLOCK).filter(notice_id__in=fact.notice_ids, state="waiting").values_list("pk", flat=True):
        tasks.deliver.defer(town_id=entry.town_id, delivery_id=delivery_id)


@on(NoticeDelivered)
def queue_a_delivery_that_is_to_be_tried_again(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.outcome == "again":
        tasks.deliver.defer(town_id=entry.town_id, delivery_id=int(fact.subject.rsplit(":", 1)[1]))
