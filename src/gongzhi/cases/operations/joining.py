"""Tasks of a case: asked for by a stage or by hand, answered, returned, given on, stopped; an order to a firm is one of them."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.facts import CaseJoinAnswered, TaskGivenOn, TaskResumed, TaskReturned, TaskStopped
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Case, Clock, Stop, Task
from gongzhi.cases.operations import _stages, _steps
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class UnitLeads(Refused):
    sentence = _("This unit leads the case; ask another one to join.")
    field = "organ"


class UnknownUnit(Refused):
    sentence = _("This unit does not exist or is closed.")
    field = "organ"


class AnsweredAlready(Refused):
    sentence = _("This task has been reported on already.")


class VerdictMissing(Refused):
    sentence = _("Say whether your unit agrees, agrees on conditions, or does not.")
    field = "verdict"


class NotStopped(Refused):
    sentence = _("The clock of this task is running.")


class NoLawfulGround(Refused):
    sentence = _("This is not a lawful ground for stopping the clock of such a task.")
    field = "ground"


def _locked(task_id: int) -> tuple[Case, Task]:
    case_id = Task.objects.values_list("case_id", flat=True).get(pk=task_id)
    case = _steps.locked(case_id)
    return case, Task.objects.select_for_update(of=("self",)).get(pk=task_id)


def _touch(case: Case, at: datetime) -> None:
    """Note that something happened to a task: what others are about to decide on the case still stands."""
    case.touched_at = at
    case.save(update_fields=["touched_at", "involved"])


def _unit(organ_id: int, case: Case) -> int:
    if not organs.organs(seen_by=ANYONE).filter(pk=organ_id, closed_on__isnull=True).exists():
        raise UnknownUnit(case)
    return organ_id


@operation
def join_case(
    *, by: Actor, at: datetime, case_id: int, organ_id: int, task: str, required: bool = True, is_order: bool = False,
    limit: tuple[int, str] | None = None,
) -> Task:  # fmt: skip
    """Ask a unit to join, or order a firm: its own task, its own clock; the case waits for it where `required`.

    `limit`: (amount, unit); three working days where none is given.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_join, case)
    _steps.check(case, Act.JOIN)
    task = _steps.required(task, "task")
    if organ_id == case.lead_id:
        raise UnitLeads(case)
    return _steps.ask_to_join(case, _unit(organ_id, case), task=task, required=required, is_order=is_order, limit=limit, by=by, at=at)


@operation
def answer_join(*, by: Actor, at: datetime, task_id: int, result: str, verdict: str = "", attachment_ids: Iterable[int] = ()) -> Task:
    """Report on a task; its clock ends, and the case goes on if the stage's tasks are joined by it.

    An opinion needs a `verdict`: agreed, conditional, refused.
    """
    case, task = _locked(task_id)
    ensure(rules.may_answer_join, task)
    if not task.is_waiting:
        raise AnsweredAlready(task)
    _steps.check(case, Act.JOIN_ANSWER)
    if verdict not in ("", *Task.Verdict.values) or (task.asks == "opinion" and not verdict):
        raise VerdictMissing(task)
    result = _steps.required(result, "result")
    _end_stop(case, task, at)
    task.state, task.answered_at, task.result, task.verdict = Task.State.ANSWERED, at, result, verdict
    task.save()
    _steps.end_clocks(case, at, task=task)
    _touch(case, at)
    _steps.add_step(case, Act.JOIN_ANSWER, by=by, at=at, organ_id=task.organ_id, public_text=result, attachment_ids=attachment_ids,
                    papers_public=False, details={"task": task.title, "verdict": verdict})  # fmt: skip
    record(CaseJoinAnswered(**_steps.about(case), organ_id=task.organ_id, verdict=verdict))
    if task.code and task.stage == case.stage:
        _stages.join_if_done(case, at)
    return task


@operation
def return_task(*, by: Actor, at: datetime, task_id: int, reason: str) -> Task:
    """Return a task that is not the unit's; the lead gives it on or does without it."""
    case, task = _locked(task_id)
    ensure(rules.may_answer_join, task)
    if not task.is_waiting:
        raise AnsweredAlready(task)
    _steps.check(case, Act.JOIN_RETURN)
    reason = _steps.required(reason, "reason")
    _end_stop(case, task, at)
    task.state, task.answered_at = Task.State.RETURNED, at
    task.save()
    _steps.end_clocks(case, at, task=task)
    _touch(case, at)
    _steps.add_step(case, Act.JOIN_RETURN, by=by, at=at, organ_id=task.organ_id, reason=reason, details={"task": task.title})
    record(TaskReturned(**_steps.about(case), organ_id=task.organ_id))
    return task


@operation
def give_task_on(*, by: Actor, at: datetime, task_id: int, organ_id: int, reason: str = "") -> Task:
    """Give a task that came back to another unit, with its whole time."""
    case, old = _locked(task_id)
    ensure(rules.may_join, case)
    if old.state != Task.State.RETURNED:
        raise AnsweredAlready(old)
    _steps.check(case, Act.NOTE)
    organ_id = _unit(organ_id, case)
    before = Clock.objects.filter(task=old).order_by("-pk").first()
    old.state = Task.State.CANCELLED
    old.save(update_fields=["state"])
    task = Task.objects.create(
        town_id=case.town_id, case=case, organ_id=organ_id, stage=old.stage, code=old.code, asks=old.asks, title=old.title, required=old.required, asked_at=at,
    )  # fmt: skip
    limit = (before.amount, before.unit) if before is not None else _steps.DEFAULT_LIMIT
    _steps.new_clock(case, Clock.Of.JOIN, limit, at=at, organ_id=organ_id, task_id=task.pk, stage=old.stage, rule=before.rule if before else case.number).save(
        force_insert=True
    )
    _steps.note_involved(case, organ_id)
    _touch(case, at)
    _steps.add_step(case, Act.JOIN, by=by, at=at, public_text=old.title, reason=reason, details={"organ": organ_id, "required": task.required})
    record(TaskGivenOn(**_steps.about(case), organ_id=organ_id))
    return task


@operation
def stop_task(*, by: Actor, at: datetime, task_id: int, ground: str, basis: str, reason: str) -> Task:
    """Stop one task's clock on a lawful ground: the unit waits for something; the clock of whoever applied runs on."""
    case, task = _locked(task_id)
    ensure(rules.may_answer_join, task)
    if task.state != Task.State.ASKED:
        raise AnsweredAlready(task)
    _steps.check(case, Act.JOIN_STOP)
    if ground not in kinds.kind_of(case.kind).suspendable_on or ground not in Stop.Ground.values:
        raise NoLawfulGround(task)
    basis, reason = _steps.required(basis, "basis"), _steps.required(reason, "reason")
    Stop.objects.create(town_id=case.town_id, case=case, task=task, ground=ground, basis=basis[:200], reason=reason[:300], began_at=at)
    task.state = Task.State.STOPPED
    task.save(update_fields=["state"])
    _touch(case, at)
    _steps.add_step(case, Act.JOIN_STOP, by=by, at=at, organ_id=task.organ_id, reason=reason, clause=basis, details={"ground": ground, "task": task.title})
    record(TaskStopped(**_steps.about(case), organ_id=task.organ_id, ground=ground, basis=basis))
    return task


@operation
def resume_task(*, by: Actor, at: datetime, task_id: int, text: str = "") -> Task:
    """Let a task's clock run again; its due moment moves by the time that was stopped."""
    case, task = _locked(task_id)
    ensure(rules.may_answer_join, task)
    if not task.is_stopped:
        raise NotStopped(task)
    _steps.check(case, Act.JOIN_RESUME)
    _end_stop(case, task, at)
    task.state = Task.State.ASKED
    task.save(update_fields=["state"])
    clock = _steps.running_clock(case, task=task)
    _touch(case, at)
    _steps.add_step(case, Act.JOIN_RESUME, by=by, at=at, organ_id=task.organ_id, public_text=text, details={"task": task.title})
    record(TaskResumed(**_steps.about(case), organ_id=task.organ_id, due_at=clock.due_at if clock else at))
    return task


def _end_stop(case: Case, task: Task, at: datetime) -> None:
    """End a stop of the task's own clock, if one runs; the clock's due moment moves by it."""
    if Stop.objects.filter(task=task, ended_at__isnull=True).update(ended_at=at):
        _stages.rewind(case)
