"""What else happens when something happens to a case: streams hear of it, and those whom it concerns are told.

Officers find new work on their desks, and hear of it: dispatched, to be put right after a bad rating, urged, returned,
running out, overdue. Whoever raised or follows a case hears of each step that they would ask about. A notice keeps its
msgid and is put into words when it is read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from gongzhi.cases import facts, queries
from gongzhi.cases import kind as kinds
from gongzhi.foundation.attachments import rules as attachments
from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.notices import push
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.papers import scopes as papers
from gongzhi.foundation.people import needs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Entry, known_to_subscribers, on

GRAVE = 3


def _short(case_id: int) -> queries.CaseInShort:
    return known_to_subscribers(queries.CaseInShort.known_as(case_id), lambda: queries.case_in_short(seen_by=CLOCK, case_id=case_id))


@push.register_closed
def is_closed_to_the_outside(case_id: int) -> bool:
    """Say that no word of a case that is not public may leave the product in a push."""
    return queries.is_closed(seen_by=CLOCK, case_id=case_id)


@attachments.register_holder
def sees_what_hangs_on_a_case(actor: Actor, attachment_id: int) -> bool:
    """Let those see a photo or paper who may see the step of the case that brought it."""
    return queries.attachment_is_open(seen_by=actor, attachment_id=attachment_id)


@papers.register_scope
def papers_of_cases_with_a_part_in_them(actor: Actor) -> Q:
    """Open the papers of a case to those who raised it or work on it."""
    return Q(case_id__in=queries.case_ids_taken_part_in(seen_by=actor))


def _needs(person_id: int, at: datetime) -> list[needs.Need]:
    """Name the open cases that a person raised or handles: they go on, and so do the person's details until their end."""
    return [
        needs.Need(title=case.number if case.is_restricted else f"{case.number} {case.title}", url=f"/cases/{case.slug}/", state=case.state_word)
        for case in queries.open_cases_of(seen_by=CLOCK, person_id=person_id)[:50]
    ]


def _needed_since(person_ids: Iterable[int], after: datetime, at: datetime) -> set[int]:
    return queries.people_with_cases_since(seen_by=CLOCK, person_ids=person_ids, since=after)


needs.register(_needs, _needed_since)


@on(facts.CaseFact)
def announce_what_happened_to_a_case(entry: Entry) -> None:
    """Tell the streams of the town, of the desks and of the case itself; ids and small words only."""
    fact: Any = entry.fact
    case = _short(fact.case_id)
    topics = [f"case:{fact.case_id}", *(f"desk:{organ_id}" for organ_id in case.involved)]
    if not case.is_restricted:
        topics.append("staff")
    if fact.public:
        topics.append("town")
    announce(
        topics, "case", what=fact.kind, case=case.slug, id=fact.case_id, state=case.state, area=case.area_id, life=case.life,
        late=case.is_late,
    )  # fmt: skip


def _tell(entry: Entry, person_ids: Iterable[int], title: str, text: str = "") -> None:
    """Give a notice about the case to each of these people but the one who acted."""
    fact: Any = entry.fact
    people = {person_id for person_id in person_ids if person_id != entry.by.person_id}
    if not people:
        return
    case = _short(fact.case_id)
    if case.is_restricted:  # a notice has the case's words in it: it reaches nobody for whom the page is not found
        people = set(queries.who_may_see(seen_by=CLOCK, case_id=case.pk, person_ids=sorted(people), at=entry.at))
        if not people:
            return
    notices.give_notice(
        by=CLOCK, at=entry.at, person_ids=sorted(people), kind=f"cases.{fact.kind}", title=title, params={"number": case.number},
        text=text or case.title, url=f"/cases/{case.slug}/", case_id=case.pk,
    )  # fmt: skip


def _officers(entry: Entry, organ_id: int | None) -> list[int]:
    return organs.people_of(seen_by=CLOCK, organ_id=organ_id, on=territory.day_of(seen_by=ANYONE, at=entry.at)) if organ_id else []


def _raisers(entry: Entry) -> list[int]:
    fact: Any = entry.fact
    return list(_short(fact.case_id).followers)


def _serving(entry: Entry, role: str) -> list[int]:
    return organs.holders(seen_by=CLOCK, role=role, on=territory.day_of(seen_by=ANYONE, at=entry.at))


@on(facts.CaseAssigned, facts.CaseSettled)
def tell_the_unit_when_a_case_comes(entry: Entry) -> None:
    fact: Any = entry.fact
    grave = _short(fact.case_id).severity >= GRAVE
    _tell(entry, _officers(entry, fact.organ_id), _("Grave case %(number)s is with your unit") if grave else _("Case %(number)s is with your unit"))


@on(facts.CaseTakenBack)
def tell_the_unit_when_a_case_was_not_meant_for_it(entry: Entry) -> None:
    fact: Any = entry.fact
    _tell(entry, _officers(entry, fact.organ_id), _("Case %(number)s is not with your unit after all"))


@on(facts.CaseReopened)
def tell_the_dispatcher_when_a_case_is_reopened(entry: Entry) -> None:
    _tell(entry, _serving(entry, "dispatcher"), _("Case %(number)s was reopened and waits for dispatch"))


@on(facts.RatingFollowedUp)
def tell_the_unit_when_it_must_put_something_right(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.step == "called":
        _tell(entry, _officers(entry, _short(fact.case_id).holder_id), _("Case %(number)s was rated badly: put it right, it is on your desk with its time"))


@on(facts.CaseReturned)
def tell_the_dispatcher_when_a_case_comes_back(entry: Entry) -> None:
    fact: Any = entry.fact
    role = "committee_member" if fact.times >= 3 else "dispatcher"
    _tell(entry, _serving(entry, role), _("Case %(number)s was returned") if fact.times < 3 else _("Case %(number)s was returned a third time: settle it"))


@on(facts.CaseUrged)
def tell_the_holder_when_a_case_is_urged(entry: Entry) -> None:
    fact: Any = entry.fact
    case = _short(fact.case_id)
    _tell(entry, _officers(entry, case.holder_id or case.lead_id), _("Case %(number)s is urged"))


@on(facts.CaseWarned, facts.CaseFellDue)
def tell_the_holder_when_time_runs_out(entry: Entry) -> None:
    fact: Any = entry.fact
    case = _short(fact.case_id)
    people = _officers(entry, case.holder_id or case.lead_id)
    if isinstance(fact, facts.CaseFellDue):
        _tell(entry, [*people, *_serving(entry, "supervisor")], _("Case %(number)s is overdue"))
    else:
        _tell(entry, people, _("Three quarters of the time of case %(number)s are used"))


@on(facts.CaseJoined)
def tell_the_unit_when_it_is_asked_to_join(entry: Entry) -> None:
    fact: Any = entry.fact
    title = _("Your firm is ordered to act in case %(number)s") if fact.is_order else _("Your unit is asked to join case %(number)s")
    _tell(entry, _officers(entry, fact.organ_id), title)


@on(facts.CaseJoinAnswered)
def tell_the_lead_when_a_joined_unit_reports(entry: Entry) -> None:
    fact: Any = entry.fact
    case = _short(fact.case_id)
    _tell(entry, _officers(entry, case.lead_id), _("A joined unit reported on case %(number)s"))


@on(facts.CaseVerified)
def tell_the_unit_when_its_result_does_not_pass(entry: Entry) -> None:
    fact: Any = entry.fact
    if not fact.passed:
        case = _short(fact.case_id)
        _tell(entry, _officers(entry, case.lead_id), _("Case %(number)s was checked and is not solved yet"))


@on(facts.RatingFollowUpOpened)
def tell_who_calls_back_when_a_rating_is_bad(entry: Entry) -> None:
    people = [*_serving(entry, "dispatcher"), *_serving(entry, "supervisor")]
    _tell(entry, people, _("A bad rating for case %(number)s: call back or answer within one working day"))


@on(facts.TaskReturned)
def tell_the_lead_when_a_task_comes_back(entry: Entry) -> None:
    fact: Any = entry.fact
    _tell(entry, _officers(entry, _short(fact.case_id).lead_id), _("A task of case %(number)s came back: give it to another unit"))


@on(facts.TaskGivenOn)
def tell_the_unit_that_is_given_a_task(entry: Entry) -> None:
    fact: Any = entry.fact
    _tell(entry, _officers(entry, fact.organ_id), _("Your unit is asked to join case %(number)s"))


@on(facts.CaseDecided, facts.StageJoined)
def tell_who_has_the_case_now(entry: Entry) -> None:
    """Entering a stage tells whoever must act in it: the party that is waited for, else the unit that holds it."""
    fact: Any = entry.fact
    waited = queries.waited_for(seen_by=CLOCK, case_id=fact.case_id)
    if waited.is_over:
        return
    if waited.person_ids:
        _tell(entry, waited.person_ids, _("Your case %(number)s needs you now; what to do is on its page"))
    elif waited.holder_id is not None:
        _tell(entry, _officers(entry, waited.holder_id), _("Case %(number)s is with your unit now"))


@on(facts.CaseDecided)
def tell_those_who_raised_it_what_came_out(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.result_type:
        _tell(entry, _raisers(entry), _("Your case %(number)s was decided; the result is on its page"))


@on(facts.CasePartyAdded)
def tell_whoever_was_given_a_part(entry: Entry) -> None:
    fact: Any = entry.fact
    _tell(entry, queries.people_of_party(seen_by=CLOCK, party_id=fact.party_id), _("You were named in case %(number)s"))


FOR_RAISERS: dict[type[facts.CaseFact], str] = {
    facts.CaseAccepted: _("Work on your case %(number)s has begun"),
    facts.CaseAnswered: _("The unit has reported a result for your case %(number)s; it is being checked"),
    facts.CaseClosed: _("Your case %(number)s is closed. How was it?"),
    facts.CaseRejected: _("Your case %(number)s was not accepted; the reason is on its page"),
    facts.CaseSuspended: _("The clock of your case %(number)s was stopped; the reason is on its page"),
    facts.CaseExtended: _("More time was granted for your case %(number)s"),
    facts.CaseReopened: _("Your case %(number)s was reopened"),
    facts.CaseMerged: _("Your case %(number)s was merged into another one, which you now follow"),
    facts.CaseReferred: _("Your case %(number)s was referred"),
}


@on(*FOR_RAISERS)
def tell_those_who_raised_it(entry: Entry) -> None:
    fact: Any = entry.fact
    title = FOR_RAISERS[type(fact)]
    if isinstance(fact, facts.CaseClosed) and not kinds.kind_of(fact.kind_of_case).rated:
        title = _("Your case %(number)s is closed")  # nobody is asked for a rating that the kind does not take
    _tell(entry, _raisers(entry), _(title))


@on(facts.RatingFollowedUp)
def tell_those_who_raised_it_when_it_is_put_right(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.step == "put_right":
        _tell(entry, _raisers(entry), _("What you rated badly in case %(number)s was put right; the result is on its page"))
