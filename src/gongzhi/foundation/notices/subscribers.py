"""Queues what is to go out, in the transaction that gave the notice; tells of erasure, and forgets with it."""

from typing import Any

from django.utils.translation import gettext_noop as _

from gongzhi.foundation.notices import operations, queries, tasks
from gongzhi.foundation.notices.facts import NoticeDelivered, NoticeGiven
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people.facts import ErasureAsked, ErasureDecided, PersonErased, PhoneCodeMade
from gongzhi.foundation.territory import queries as territory
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


@on(PhoneCodeMade)
def queue_a_code_that_proves_a_number(entry: Entry) -> None:
    fact: Any = entry.fact
    tasks.send_phone_code.defer(town_id=entry.town_id, code_id=fact.code_id)


@on(ErasureAsked)
def tell_administrators_of_a_wish_for_erasure(entry: Entry) -> None:
    fact: Any = entry.fact
    if not fact.needs_decision:
        return
    day = territory.day_of(seen_by=CLOCK, at=entry.at)
    operations.give_notice(
        by=CLOCK, at=entry.at, person_ids=organs.holders(seen_by=CLOCK, role="administrator", on=day), kind="people.ErasureAsked",
        title=_("Somebody asks for the erasure of their details"), url="/administration/erasures/", dedupe=f"erasure:{fact.request_id}",
    )  # fmt: skip


@on(ErasureDecided)
def tell_a_person_that_erasure_was_declined(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.approved:
        return
    operations.give_notice(
        by=CLOCK, at=entry.at, person_ids=[int(fact.subject.rsplit(":", 1)[1])], kind="people.ErasureDecided",
        title=_("Your request for erasure was declined; the reason stands on its page"), url="/account/erase/", dedupe=f"erasure-declined:{fact.request_id}",
    )  # fmt: skip


@on(PersonErased)
def forget_what_was_given_to_a_person_who_is_erased(entry: Entry) -> None:
    fact: Any = entry.fact
    operations.forget_person(by=CLOCK, at=entry.at, person_id=int(fact.subject.rsplit(":", 1)[1]))
