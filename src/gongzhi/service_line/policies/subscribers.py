"""Who is told when a policy is released, ends, or everybody is asked about a draft."""

from typing import Any

from django.utils.translation import gettext_noop as _

from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.service_line.policies import queries
from gongzhi.service_line.policies.facts import ConsultationOpened, ConsultationResultPublished, PolicyEnded, PolicyReleased

ENDED = {"repealed": _("Repealed: %(title)s"), "replaced": _("Replaced: %(title)s"), "expired": _("Ran out: %(title)s")}


def _tell(entry: Entry, people: list[int], title: str, about: Any, dedupe: str) -> None:
    told = [person_id for person_id in people if person_id != entry.by.person_id]
    if told:
        notices.give_notice(by=CLOCK, at=entry.at, person_ids=told, kind=f"policies.{entry.fact.kind}", title=title, params={"title": about.title},
                            url=about.url, dedupe=dedupe)  # fmt: skip


@on(PolicyReleased)
def tell_subscribers_of_a_new_policy(entry: Entry) -> None:
    fact: Any = entry.fact
    policy = queries.policy_for(seen_by=CLOCK, code=fact.code)
    people = queries.subscribers(seen_by=CLOCK, topics=policy.topics, area_path=policy.area.path if policy.area else "")
    _tell(entry, people, _("New policy: %(title)s"), policy, f"policy:{fact.code}:released")


@on(PolicyEnded)
def tell_of_a_policy_that_ends(entry: Entry) -> None:
    """Tell its subscribers, and those who adopt criteria where one of these rests on it."""
    fact: Any = entry.fact
    policy = queries.policy_for(seen_by=CLOCK, code=fact.code)
    people = queries.subscribers(seen_by=CLOCK, topics=policy.topics, area_path=policy.area.path if policy.area else "", policy_id=policy.pk)
    key = f"policy:{fact.code}:{fact.how}:{fact.since}"
    _tell(entry, people, ENDED[fact.how], policy, key)
    if any(link.startswith("criterion:") for link in fact.links):
        today = territory.day_of(seen_by=CLOCK, at=entry.at)
        _tell(entry, organs.able(seen_by=CLOCK, ability="may_adopt_criteria", on=today),
              _("Criteria rest on a policy that ends; look at them: %(title)s"), policy, f"{key}:criteria")  # fmt: skip


@on(ConsultationOpened)
def tell_subscribers_of_a_draft(entry: Entry) -> None:
    fact: Any = entry.fact
    asked = queries.consultation_for(seen_by=CLOCK, code=fact.code)
    _tell(entry, queries.subscribers(seen_by=CLOCK, topics=asked.topics), _("Your opinion is asked for: %(title)s"), asked, f"draft:{fact.code}:opened")


@on(ConsultationResultPublished)
def tell_of_the_result_of_a_draft(entry: Entry) -> None:
    """Tell those who gave an opinion signed in, and subscribers."""
    fact: Any = entry.fact
    asked = queries.consultation_for(seen_by=CLOCK, code=fact.code)
    gave = {one.person_id for one in queries.opinions(seen_by=CLOCK, consultation=asked) if one.person_id is not None}
    people = sorted(gave | set(queries.subscribers(seen_by=CLOCK, topics=asked.topics)))
    _tell(entry, people, _("What became of the opinions: %(title)s"), asked, f"draft:{fact.code}:told")
