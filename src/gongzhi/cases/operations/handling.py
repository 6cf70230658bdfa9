"""The unit's and the dispatcher's acts between opening and answer."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries, rules
from gongzhi.cases.facts import (
    AmendmentProposed,
    CaseAccepted,
    CaseAnswered,
    CaseAssigned,
    CaseNoted,
    CaseReturned,
    CaseSettled,
    CaseTakenBack,
    CaseUrged,
)
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import AmendmentProposal, Case, Clock, Step, Task
from gongzhi.cases.operations import _stages, _steps
from gongzhi.cases.operations.closing import close_case
from gongzhi.cases.procedure import END
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record


class UnknownOrgan(Refused):
    sentence = _("This unit does not exist or is closed.")
    field = "organ"


class UnknownClause(Refused):
    """The clause that was cited is not one of the responsibility list of the day."""

    sentence = _("The responsibility list has no clause %(clause)s today; choose one of the list.")
    field = "clause"


class TooLateToTakeBack(Refused):
    sentence = _("This can be taken back for a minute only, by whoever assigned it, and only while nothing else has happened.")


class MustSettle(Refused):
    sentence = _("This case was returned twice: settle who is responsible, with a reason and the clause.")


class ReturnsExhausted(Refused):
    sentence = _("The committee's ruling binds; this case cannot be returned again.")


class NotInStage(Refused):
    """The procedure has no such way on from the stage that the case is in."""

    sentence = _("The case is at “%(stage)s”; a result is not reported here.")


class TasksWaiting(Refused):
    sentence = _("These tasks of this stage are not done yet: %(names)s.")


class JoinedUnitsWorking(Refused):
    sentence = _("Joined units have not reported yet: %(names)s.")


def _organ(organ_id: int) -> int:
    organ = organs.organs(seen_by=ANYONE).filter(pk=organ_id, closed_on__isnull=True).first()
    if organ is None:
        raise UnknownOrgan
    return int(organ.pk)


def _listed(clause: str, by: Actor, at: datetime) -> str:
    """Return the clause if the list has it today; what another system brings may cite the list that it had."""
    if by.kind != "system" and not queries.clause_is_listed(seen_by=ANYONE, clause=clause, on=territory.day_of(seen_by=ANYONE, at=at)):
        raise UnknownClause(clause=clause)
    return clause


def _former(case: Case, organ_id: int) -> dict[str, Any]:
    """Return what `take_back_case` needs to know of a case before it was handed over."""
    return {"lead": case.lead_id, "holder": case.holder_id, "stage": case.stage, "was_involved": organ_id in case.involved}


def _hand_over(case: Case, organ_id: int, act: Act, at: datetime) -> str:
    """Give the case to a unit; return the state it was in."""
    before = _steps.change_state(case, act, at)
    case.lead_id = organ_id
    case.handler_id = None
    _steps.note_involved(case, organ_id)
    clock = _steps.running_clock(case, of=Clock.Of.CASE)
    if clock is not None:
        clock.organ_id = organ_id
        clock.save(update_fields=["organ"])
    handle = _steps.definition_of(case).after(case.stage, act.value)
    stage = _steps.definition_of(case).stage_for_state(State.ASSIGNED.value)
    _stages.enter(case, handle or (stage.code if stage else case.stage), at)
    return before


@operation
def assign_case(*, by: Actor, at: datetime, case_id: int, organ_id: int, clause: str = "", text: str = "") -> Case:
    """Assign a case to the one unit that leads. A case returned twice must be settled instead."""
    case = _steps.locked(case_id)
    ensure(rules.may_assign, case)
    _steps.check(case, Act.ASSIGN)
    if case.state == State.RETURNED.value and case.returns >= 2:
        raise MustSettle(case)
    organ_id = _organ(organ_id)
    clause = _listed(clause.strip(), by, at) if clause.strip() else ""
    former = _former(case, organ_id)
    before = _hand_over(case, organ_id, Act.ASSIGN, at)
    case.save()
    if not clause and case.responsibility is not None and case.responsibility.lead_id == organ_id:
        clause = case.responsibility.clause
    _steps.add_step(case, Act.ASSIGN, by=by, at=at, before=before, internal_text=text, clause=clause, details={"organ": organ_id, "former": former})
    record(CaseAssigned(**_steps.about(case), organ_id=organ_id, clause=clause))
    return case


@operation
def take_back_case(*, by: Actor, at: datetime, case_id: int) -> Case:
    """Take back within a minute what one has just assigned or settled, as if it had not been: the clock of dispatch goes on.

    A ruling of the committee is not taken back; it binds.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_assign, case)
    _steps.check(case, Act.TAKE_BACK)
    step = queries.assigned_just_now(seen_by=by, case=case, at=at)
    if step is None:
        raise TooLateToTakeBack(case)
    former, organ_id = step.details["former"], step.details["organ"]
    before = _steps.change_state(case, Act.TAKE_BACK, at, back_to=step.from_state)
    _stages.leave(case, at)
    case.lead_id, case.holder_id, case.stage = former["lead"], former["holder"], former["stage"]
    if not former["was_involved"]:
        case.involved = [known for known in case.involved if known != organ_id]
    Clock.objects.filter(case=case, of=Clock.Of.CASE, ended_at__isnull=True).update(organ_id=case.lead_id)
    Clock.objects.filter(case=case, of=Clock.Of.STAGE, started_at=step.at).delete()  # a minute of another stage that never was
    waits = Clock.objects.filter(case=case, of=Clock.Of.STAGE, stage=case.stage, ended_at=step.at).order_by("-pk").first()
    if waits is not None:
        waits.ended_at = None
        waits.save(update_fields=["ended_at"])
    case.next_due_at = waits.due_at if waits is not None else case.due_at
    case.save()
    _steps.add_step(case, Act.TAKE_BACK, by=by, at=at, before=before, details={"organ": organ_id})
    record(CaseTakenBack(**_steps.about(case), organ_id=organ_id))
    return case


@operation
def accept_case(*, by: Actor, at: datetime, case_id: int, text: str = "") -> Case:
    """Begin work; whoever accepts becomes the handler."""
    case = _steps.locked(case_id)
    ensure(rules.may_accept, case)
    _steps.check(case, Act.ACCEPT)
    before = _steps.change_state(case, Act.ACCEPT, at)
    case.handler_id = by.person_id
    case.save()
    _steps.add_step(case, Act.ACCEPT, by=by, at=at, before=before, public_text=text, organ_id=case.lead_id)
    record(CaseAccepted(**_steps.about(case), organ_id=case.lead_id))
    return case


@operation
def return_case(*, by: Actor, at: datetime, case_id: int, reason: str, clause: str) -> Case:
    """Return a case that is not the unit's, with the reason and the clause of the responsibility list.

    The first two go to the dispatcher (the second must be settled), the third to the committee; its ruling binds.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_return, case)
    _steps.check(case, Act.RETURN)
    reason = _steps.required(reason, "reason")
    clause = _listed(_steps.required(clause, "clause"), by, at)
    if case.returns >= 3:
        raise ReturnsExhausted(case)
    organ_id = case.lead_id
    before = _steps.change_state(case, Act.RETURN, at)
    case.returns += 1
    case.handler_id = None
    case.save(update_fields=["returns"])
    _stages.follow_outcome(case, Act.RETURN, at, _steps.definition_of(case).start)
    if case.returns >= 3:
        case.holder_id = queries.committee_id(seen_by=ANYONE) or case.holder_id
        _steps.note_involved(case, case.holder_id)
    case.save()
    _steps.add_step(case, Act.RETURN, by=by, at=at, before=before, reason=reason, clause=clause, organ_id=organ_id, details={"times": case.returns})
    record(CaseReturned(**_steps.about(case), organ_id=organ_id, times=case.returns, clause=clause))
    return case


@operation
def settle_case(*, by: Actor, at: datetime, case_id: int, organ_id: int, reason: str, clause: str) -> Case:
    """Settle who is responsible for a returned case. The committee's ruling (third return) binds and, where it differs
    from the list, becomes a proposal to amend the list.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_settle, case)
    _steps.check(case, Act.SETTLE)
    reason = _steps.required(reason, "reason")
    clause = _listed(_steps.required(clause, "clause"), by, at)
    organ_id = _organ(organ_id)
    binding = case.returns >= 3
    former = _former(case, organ_id)
    before = _hand_over(case, organ_id, Act.SETTLE, at)
    case.save()
    _steps.add_step(case, Act.SETTLE, by=by, at=at, before=before, reason=reason, clause=clause, public_text="",
                    details={"organ": organ_id, "binding": binding} | ({} if binding else {"former": former}))  # fmt: skip
    record(CaseSettled(**_steps.about(case), organ_id=organ_id, clause=clause, binding=binding))
    listed = case.responsibility.lead_id if case.responsibility else None
    if binding and case.category is not None and listed != organ_id:
        proposal = AmendmentProposal.objects.create(
            town_id=case.town_id, category=case.category, area=None, present=case.responsibility, proposed_lead_id=organ_id, case=case,
            reason=reason, made_at=at,
        )  # fmt: skip
        record(AmendmentProposed(subject=ref(proposal), category=case.category.code, proposed_lead_id=organ_id))
    return case


@operation
def answer_case(*, by: Actor, at: datetime, case_id: int, public_text: str, internal_text: str = "", attachment_ids: Iterable[int] = (),
                submission_key: str | None = None) -> Case:  # fmt: skip
    """Report the result. The case's clock ends here; required joined units must have reported first."""
    case = _steps.locked(case_id)
    ensure(rules.may_answer, case)
    if submission_key and Step.objects.filter(case=case, submission_key=submission_key).exists():
        record(CaseAnswered(**_steps.about(case), organ_id=case.lead_id))
        return case
    if case.state == State.ASSIGNED.value:  # handled at once: beginning work is part of reporting
        accept_case(by=by, at=at, case_id=case_id)
        case = _steps.locked(case_id)
    _steps.check(case, Act.ANSWER)
    public_text = _steps.required(public_text, "public_text")
    tasks = Task.objects.waiting().filter(case=case, required=True).select_related("organ").order_by("pk")
    waiting = [str(task.organ) if task.organ else task.title for task in tasks]
    if waiting:
        raise JoinedUnitsWorking(case, names="、".join(waiting))
    definition = _steps.definition_of(case)
    if definition.after(case.stage, Act.ANSWER.value) is None and case.stage in definition.stages:
        raise NotInStage(case, stage=definition.stage(case.stage).title["zh"])
    ends = definition.after(case.stage, Act.ANSWER.value) == END
    before = _steps.change_state(case, Act.ANSWER, at)
    case.answered_at = at
    case.handler_id = by.person_id or case.handler_id
    _steps.end_clocks(case, at, of=Clock.Of.CASE)
    case.save(update_fields=["answered_at"])
    _stages.follow_outcome(case, Act.ANSWER, at, None)
    case.save()
    _steps.add_step(case, Act.ANSWER, by=by, at=at, before=before, public_text=public_text, internal_text=internal_text, organ_id=case.lead_id,
                    attachment_ids=attachment_ids, papers_public=case.visibility == Case.Visibility.PUBLIC,
                    submission_key=submission_key)  # fmt: skip
    record(CaseAnswered(**_steps.about(case), organ_id=case.lead_id))
    return close_case(by=CLOCK, at=at, case_id=case_id) if ends else case


@operation
def note_case(*, by: Actor, at: datetime, case_id: int, text: str, internal: bool = True, attachment_ids: Iterable[int] = ()) -> Case:
    """Add a note: internal for those who work on it, or for everybody. What a raiser adds is read by the unit."""
    case = _steps.locked(case_id)
    ensure(rules.may_note, case)
    _steps.check(case, Act.NOTE)
    text = _steps.required(text, "text")
    inside = rules.sees_internal(by, case)
    case.touched_at = at
    case.save(update_fields=["touched_at"])
    _steps.add_step(
        case, Act.NOTE, by=by, at=at, internal_text=text if internal and inside else "", public_text="" if internal and inside else text,
        attachment_ids=attachment_ids, papers_public=not (internal and inside) and case.visibility == Case.Visibility.PUBLIC,
    )  # fmt: skip
    record(CaseNoted(**_steps.about(case)))
    return case


@operation
def urge_case(*, by: Actor, at: datetime, case_id: int, text: str = "") -> Case:
    """Urge whoever holds the case 催办."""
    case = _steps.locked(case_id)
    ensure(rules.may_urge, case)
    _steps.check(case, Act.URGE)
    case.touched_at = at
    case.save(update_fields=["touched_at"])
    _steps.add_step(case, Act.URGE, by=by, at=at, public_text=text)
    record(CaseUrged(**_steps.about(case)))
    return case
