"""Queues what is to go out, in the transaction that gave the notice; tells of erasure, and forgets with it."""

from typing import Any

from django.utils.translation import gettext_noop as _

from gongzhi.foundation.notices import operations, queries, tasks
from gongzhi.foundation.notices.facts import NoticeDelivered, NoticeGiven
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.organs.facts import PostGiven, RoleChanged
from gongzhi.foundation.people import queries as people
from gongzhi.foundation.people.facts import (
    ErasureAsked,
    ErasureDecided,
    JointActAsked,
    LoginChanged,
    PasswordChanged,
    PersonErased,
    PhoneCodeMade,
    SecondFactorChanged,
)
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, known_to_subscribers, on


@on(NoticeGiven)
def queue_deliveries_when_notices_are_given(entry: Entry) -> None:
    fact: Any = entry.fact
    if not fact.notice_ids:
        return

    def find() -> list[int]:
        return list(queries.deliveries(seen_by=CLOCK).filter(notice_id__in=fact.notice_ids, state="waiting").values_list("pk", flat=True))

    for delivery_id in known_to_subscribers((operations.WAITING, fact.notice_ids), find):
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
        by=CLOCK, at=entry.at, person_ids=organs.able(seen_by=CLOCK, ability="may_erase_people", on=day), kind="people.ErasureAsked",
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


@on(PasswordChanged)
@on(LoginChanged)
def turn_devices_off_when_a_log_in_ends_everywhere(entry: Entry) -> None:
    fact: Any = entry.fact
    if getattr(fact, "change", "password") not in ("password", "locked", "sessions ended", "password reset"):
        return
    person_id = people.person_of_login(seen_by=CLOCK, user_id=int(fact.subject.rsplit(":", 1)[1]))
    if person_id is not None and queries.devices(seen_by=CLOCK, person_id=person_id):
        operations.remove_devices(by=CLOCK, at=entry.at, person_id=person_id)


@on(PersonErased)
def forget_what_was_given_to_a_person_who_is_erased(entry: Entry) -> None:
    fact: Any = entry.fact
    operations.forget_person(by=CLOCK, at=entry.at, person_id=int(fact.subject.rsplit(":", 1)[1]))


def _tell_able(entry: Entry, ability: str, title: str, url: str) -> None:
    """Tell those who hold an ability what one of them, or somebody else, has done; whoever did it knows."""
    if entry.by.kind != "person":
        return  # a town that is founded, or filled by an import, tells nobody of each step
    day = territory.day_of(seen_by=CLOCK, at=entry.at)
    told = [person_id for person_id in organs.able(seen_by=CLOCK, ability=ability, on=day) if person_id != entry.by.person_id]
    if told:
        operations.give_notice(by=CLOCK, at=entry.at, person_ids=told, kind=f"power.{entry.fact.kind}", title=title, url=url)


@on(JointActAsked)
def tell_those_who_may_confirm_an_act_of_two(entry: Entry) -> None:
    _tell_able(entry, "may_give_posts", _("Something waits for a second person"), "/administration/joint/")


@on(PostGiven)
def tell_administrators_of_a_post(entry: Entry) -> None:
    _tell_able(entry, "may_give_posts", _("A post was given"), "/administration/posts/")


@on(RoleChanged)
def tell_administrators_of_a_changed_role(entry: Entry) -> None:
    _tell_able(entry, "may_give_posts", _("What a role may do was changed"), "/administration/roles/")


@on(LoginChanged, SecondFactorChanged)
def tell_administrators_of_a_way_in_that_was_reset(entry: Entry) -> None:
    fact: Any = entry.fact
    number = int(fact.subject.rsplit(":", 1)[1])
    is_reset = fact.change == "password reset" or (fact.change == "off" and number != entry.by.user_id)
    if is_reset:
        words = _("A password was reset") if fact.change == "password reset" else _("A second factor was taken away")
        _tell_able(entry, "may_give_logins", words, f"/administration/logins/{number}/")
