"""Drafts go with whoever wrote them; the papers in them are seen by their owner."""

from typing import Any

from gongzhi.foundation.drafts import operations
from gongzhi.foundation.people.facts import PersonErased
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on


@on(PersonErased)
def forget_the_drafts_of_somebody_erased(entry: Entry) -> None:
    fact: Any = entry.fact
    operations.forget_drafts(by=CLOCK, at=entry.at, person_id=int(fact.subject.rsplit(":", 1)[1]))
