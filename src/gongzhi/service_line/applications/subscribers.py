"""What follows from what happens to a case: figures are written down, a bundle ends with its last part, papers are seen by those who see the case."""

from typing import Any

from gongzhi.cases import facts
from gongzhi.foundation.attachments import rules as attachments
from gongzhi.foundation.drafts import queries as drafts
from gongzhi.foundation.people.facts import PersonErased
from gongzhi.kernel.actors import CLOCK, Actor, system
from gongzhi.kernel.operation import Entry, on
from gongzhi.service_line.applications import operations, queries

BUNDLES = system("applications")  # what follows from the last part is no silence of the clock


@attachments.register_holder
def sees_what_hangs_on_an_application(actor: Actor, attachment_id: int) -> bool:
    """Let those see a paper who may see the application that it belongs to, or whose draft it lies in."""
    return queries.holds_attachment(seen_by=actor, attachment_id=attachment_id) or drafts.holds(seen_by=actor, attachment_id=attachment_id)


@on(facts.CaseClosed)
def write_down_what_figures_count(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "application":
        operations.settle(by=CLOCK, at=entry.at, case_id=fact.case_id, end="decided", by_clock=entry.by.is_clock)
        _end_the_bundle(fact.case_id, entry)


@on(facts.CaseWithdrawn)
def count_what_was_withdrawn_apart(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "application":
        operations.settle(by=CLOCK, at=entry.at, case_id=fact.case_id, end="withdrawn")
        _end_the_bundle(fact.case_id, entry)


@on(facts.CaseReopened)
def count_what_is_open_again_no_more(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "application":
        operations.settle(by=CLOCK, at=entry.at, case_id=fact.case_id, end="reopened")


def _end_the_bundle(case_id: int, entry: Entry) -> None:
    last = queries.parts_to_settle(seen_by=CLOCK, case_id=case_id)
    if last is not None:
        operations.settle_bundle(by=BUNDLES, at=entry.at, case_id=last[0], results=last[1])


@on(PersonErased)
def forget_what_somebody_erased_answered(entry: Entry) -> None:
    fact: Any = entry.fact
    operations.forget_values(by=CLOCK, at=entry.at, person_id=int(fact.subject.rsplit(":", 1)[1]))
