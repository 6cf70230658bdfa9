"""Named results of a kind, and acts of a kind that leave a step like any other."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import rules
from gongzhi.cases.facts import CaseDecided, CaseStepTaken
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, Step, Task
from gongzhi.cases.operations import _stages, _steps
from gongzhi.cases.operations.handling import TasksWaiting
from gongzhi.cases.procedure import END, JOINED
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class NoSuchResult(Refused):
    """The stage that the case is in has no such outcome."""

    sentence = _("Case %(number)s is now at “%(stage)s”; this result cannot be given here.")
    field = "result"


@operation
def decide_case(
    *, by: Actor, at: datetime, case_id: int, result: str, public_text: str = "", internal_text: str = "", clause: str = "",
    attachment_ids: Iterable[int] = (), papers: Mapping[str, int] | None = None, submission_key: str | None = None,
) -> Case:  # fmt: skip
    """Take a named result of the kind; the procedure says who may, what it needs, and where it leads.

    `papers`: attachments under the names by which the procedure asks for them. A result that ends the case closes it and is
    how figures count it. What is not a mere way on waits for the stage's required tasks. Raises NoSuchResult, TasksWaiting,
    Missing, PapersMissing.
    """
    case = _steps.locked(case_id)
    definition = _steps.definition_of(case)
    stage, named = definition.stages.get(case.stage), definition.results.get(result)
    ensure(rules.may_decide, case, stage=stage, result=named, on=territory.day_of(seen_by=ANYONE, at=at))
    if submission_key and Step.objects.filter(case=case, submission_key=submission_key).exists():
        record(CaseDecided(**_steps.about(case), result=result, result_type=case.result_type, stage=case.stage, by_clock=by.is_clock))
        return case
    _steps.check(case, Act.DECIDE)
    if stage is None or named is None or result not in stage.outcomes:
        raise NoSuchResult(case, number=case.number, stage=stage.title["zh"] if stage else case.state_word)
    if case.is_stopped and stage.stops is None:
        raise _steps.NotNow(case, number=case.number, state=case.state_word)
    if named.text == "required" and not by.is_clock:
        public_text = _steps.required(public_text, "text")
    if named.clause == "required" and not by.is_clock:
        clause = _steps.required(clause, "clause")
    if named.type and JOINED in stage.outcomes and not by.is_clock:  # silence does not wait for those who are silent
        _refuse_while_tasks_wait(case)
    given = dict(papers or {})
    _stages.check_papers(case, stage, result, tuple(given))
    before, goal = case.state, stage.outcomes[result]
    case.touched_at = at
    case.version += 1
    if named.type:
        case.result, case.result_type = result, named.type
    if not by.is_clock and case.holder_id is not None:
        case.handler_id = by.person_id or case.handler_id
    on_time = None
    if goal == END:
        on_time = _stages.end_case(case, at, act=None, unverified=False, outcome=named.title["zh"])
    else:
        _stages.enter(case, goal, at)
    case.save()
    step = _steps.add_step(
        case, Act.DECIDE, by=by, at=at, before=before, public_text=public_text, internal_text=internal_text, clause=clause,
        details={"result": result, "type": named.type, "title": dict(named.title)}, submission_key=submission_key, attachment_ids=attachment_ids,
        papers_public=False,
    )  # fmt: skip
    _steps.hang_named(step, given)
    record(CaseDecided(**_steps.about(case), result=result, result_type=named.type, stage=stage.code, by_clock=by.is_clock))
    if on_time is not None:
        record(_steps.closed_fact(case, unverified=False, on_time=on_time))
    return case


def _refuse_while_tasks_wait(case: Case) -> None:
    waiting = [task.title for task in Task.objects.waiting().filter(case=case, required=True).order_by("pk")]
    if waiting:
        raise TasksWaiting(case, names="、".join(waiting))


@operation
def take_step(
    *, by: Actor, at: datetime, case_id: int, act: str, public_text: str = "", internal_text: str = "", reason: str = "", clause: str = "",
    details: dict[str, Any] | None = None, attachment_ids: Iterable[int] = (), papers: Mapping[str, int] | None = None,
) -> Case:  # fmt: skip
    """Leave the step of an act of a kind (`act`: "kind.code"); called by the kind's own operation, whose rule has been asked."""
    case = _steps.locked(case_id)
    ensure(rules.may_take_step, case, act)
    if State(case.state) not in _steps.STEPS_IN:
        raise _steps.NotNow(case, number=case.number, state=case.state_word)
    case.touched_at = at
    case.version += 1
    case.save(update_fields=["touched_at", "version"])
    step = _steps.add_step(
        case, act, by=by, at=at, public_text=public_text, internal_text=internal_text, reason=reason, clause=clause, details=details,
        attachment_ids=attachment_ids, papers_public=False,
    )  # fmt: skip
    _steps.hang_named(step, dict(papers or {}))
    record(CaseStepTaken(**_steps.about(case), act=act))
    return case
