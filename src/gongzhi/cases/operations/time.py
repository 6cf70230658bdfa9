"""Lawful stops, extensions, and the clock's own marks. Nothing else moves a due time."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.facts import CaseExtended, CaseFellDue, CaseMovedToProcedure, CaseResumed, CaseSuspended, CaseTimeRan, CaseWarned, StageJoined
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, Clock, Procedure, Stop
from gongzhi.cases.operations import _stages, _steps
from gongzhi.cases.operations.closing import close_case
from gongzhi.cases.operations.deciding import decide_case
from gongzhi.cases.procedure import JOINED
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused, attempt, ensure, operation, record


class NoLawfulGround(Refused):
    sentence = _("This is not a lawful ground for stopping the clock of such a case.")
    field = "ground"


class TooLate(Refused):
    sentence = _("More time must be asked for before the due time.")


class BeyondCeiling(Refused):
    sentence = _("At most %(most)s more may be granted, %(times)s time(s) in all.")
    field = "amount"


class StoppedByStage(Refused):
    sentence = _("The clock stands because of the stage that the case is in; it runs again when that ends.")


class NoClock(Refused):
    sentence = _("No clock of this case is running.")


@operation
def suspend_case(*, by: Actor, at: datetime, case_id: int, ground: str, basis: str, reason: str) -> Case:
    """Stop the clocks of a case on a lawful ground, with its basis."""
    case = _steps.locked(case_id)
    ensure(rules.may_suspend, case)
    _steps.check(case, Act.SUSPEND)
    if ground not in kinds.kind_of(case.kind).suspendable_on or ground not in Stop.Ground.values:
        raise NoLawfulGround(case)
    basis = _steps.required(basis, "basis")
    reason = _steps.required(reason, "reason")
    before = _steps.change_state(case, Act.SUSPEND, at)
    Stop.objects.create(town_id=case.town_id, case=case, ground=ground, basis=basis[:200], reason=reason[:300], began_at=at)
    case.next_due_at = None
    case.save()
    _steps.add_step(case, Act.SUSPEND, by=by, at=at, before=before, reason=reason, clause=basis, details={"ground": ground})
    record(CaseSuspended(**_steps.about(case), ground=ground, basis=basis))
    return case


@operation
def resume_case(*, by: Actor, at: datetime, case_id: int, text: str = "") -> Case:
    """Let the clocks run again; due times move by the time that was stopped."""
    case = _steps.locked(case_id)
    ensure(rules.may_resume, case)
    _steps.check(case, Act.RESUME)
    if not Stop.objects.filter(case=case, task__isnull=True, stage="", ended_at__isnull=True).exists():
        raise StoppedByStage(case)
    stopped_in = case.steps.filter(act=Act.SUSPEND.value).order_by("-pk").values_list("from_state", flat=True).first()
    before = _steps.change_state(case, Act.RESUME, at, back_to=stopped_in)  # nobody takes a case in hand by letting its clock run
    Stop.objects.filter(case=case, task__isnull=True, ended_at__isnull=True).update(ended_at=at)
    _stages.rewind(case)
    stage_clock = _steps.running_clock(case, of=Clock.Of.STAGE)
    case.next_due_at = stage_clock.due_at if stage_clock else case.due_at
    case.save()
    _steps.add_step(case, Act.RESUME, by=by, at=at, before=before, public_text=text)
    record(CaseResumed(**_steps.about(case), due_at=case.due_at))
    return case


@operation
def extend_case(*, by: Actor, at: datetime, case_id: int, amount: int, basis: str, reason: str) -> Case:
    """Grant more time before the due moment, in the unit of the rule and below its ceiling."""
    case = _steps.locked(case_id)
    ensure(rules.may_extend, case)
    _steps.check(case, Act.EXTEND)
    basis = _steps.required(basis, "basis")
    reason = _steps.required(reason, "reason")
    clock = _steps.running_clock(case, of=Clock.Of.CASE)
    if clock is None:
        raise NoClock(case)
    if at >= clock.due_at:
        raise TooLate(case)
    definition = _steps.definition_of(case)
    most = clock.amount * definition.extension_at_most_percent // 100
    granted = case.steps.filter(act=Act.EXTEND.value, at__gte=clock.started_at).count()
    if amount < 1 or clock.extended_by + amount > most or granted >= definition.extension_times:
        raise BeyondCeiling(case, most=f"{most} {clock.get_unit_display()}", times=definition.extension_times)
    clock.extended_by += amount
    clock.extension_basis = basis[:200]
    _steps.recompute(clock, list(case.stops.order_by("began_at")))
    case.due_at = clock.due_at
    case.extended_at = at
    case.version += 1
    if definition.stage(case.stage).limit == "case":
        case.next_due_at = case.due_at
    case.touched_at = at
    case.save()
    _steps.add_step(case, Act.EXTEND, by=by, at=at, reason=reason, clause=basis, details={"amount": amount, "unit": clock.unit})
    record(CaseExtended(**_steps.about(case), due_at=clock.due_at, basis=basis))
    return case


@operation
def mark_overdue(*, by: Actor, at: datetime, clock_ids: list[int]) -> int:
    """Mark the clocks among these that have used three quarters of their time or all of it; return how many marks.

    Called by the periodic task with the ids that `queries.clocks_to_mark` found; a clock that another worker is
    marking is skipped, one that is marked already stays as it is.
    """
    ensure(rules.may_mark_time)
    marks = 0
    found = Clock.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=clock_ids, ended_at__isnull=True)
    for clock in found.order_by("pk"):
        case = _steps.locked(clock.case_id)
        if _stands(case, clock):
            continue
        if clock.of == Clock.Of.TIMED:
            if clock.due_at <= at:
                clock.ended_at = at
                clock.save(update_fields=["ended_at"])
                _do_by_itself(case, clock.then, by=by, at=at)
                marks += 1
        elif clock.overdue_at is None and clock.due_at <= at:
            clock.overdue_at = at
            clock.warned_at = clock.warned_at or at
            clock.save(update_fields=["overdue_at", "warned_at"])
            if case.overdue_at is None and clock.of in (Clock.Of.CASE, Clock.Of.STAGE):
                case.overdue_at = at
                case.save(update_fields=["overdue_at"])
            _steps.add_step(case, Act.OVERDUE, by=by, at=at, organ_id=clock.organ_id, details={"of": clock.of, "stage": clock.stage})
            record(CaseFellDue(**_steps.about(case), clock_of=clock.of, due_at=clock.due_at))
            marks += 1
            if clock.of == Clock.Of.CASE:
                _at_due(case, by=by, at=at)
        elif clock.warned_at is None and clock.warn_at <= at < clock.due_at:
            clock.warned_at = at
            clock.save(update_fields=["warned_at"])
            if clock.of == Clock.Of.CASE:
                case.warned_at = at
                case.save(update_fields=["warned_at"])
            _steps.add_step(case, Act.WARN, by=by, at=at, organ_id=clock.organ_id, details={"of": clock.of, "stage": clock.stage})
            record(CaseWarned(**_steps.about(case), clock_of=clock.of, due_at=clock.due_at))
            marks += 1
    if not marks:
        raise NothingDue
    return marks


def _stands(case: Case, clock: Clock) -> bool:
    """Return whether a lawful stop holds this clock now: one by hand holds all that the case has, a stage's the case's own, a task's its own."""
    if not case.is_stopped and clock.task_id is None:
        return False
    running = Stop.objects.filter(case=case, ended_at__isnull=True)
    return any(stop.holds(clock) for stop in running)


def _at_due(case: Case, *, by: Actor, at: datetime) -> None:
    """Do what the procedure says for a case whose own clock has run out in this stage (silence that decides)."""
    definition = _steps.definition_of(case)
    stage = definition.stages.get(case.stage)
    for timed in stage.after if stage is not None else ():
        if timed.limit is None:
            _do_by_itself(case, timed.then, by=by, at=at)
            return


def _do_by_itself(case: Case, then: str, *, by: Actor, at: datetime) -> None:
    """Do a timed outcome. What is refused (a paper is missing, nobody has a task) is left to people, and they are told."""
    try:
        with attempt():
            if then == Act.CLOSE.value:
                close_case(by=by, at=at, case_id=case.pk)
            elif then == JOINED:
                _stages.follow_outcome(case, JOINED, at, None)
                case.version += 1
                case.save()
                _steps.add_step(case, Act.JOINED, by=by, at=at)
                record(StageJoined(**_steps.about(case), stage=case.stage))
            else:
                decide_case(by=by, at=at, case_id=case.pk, result=then)
    except Refused as refused:
        case = _steps.locked(case.pk)
        case.overdue_at = case.overdue_at or at
        case.touched_at = at
        case.save(update_fields=["overdue_at", "touched_at"])
        _steps.add_step(case, Act.OVERDUE, by=by, at=at, internal_text=str(refused), details={"of": Clock.Of.TIMED.value, "stage": case.stage, "then": then})
        record(CaseFellDue(**_steps.about(case), clock_of=Clock.Of.TIMED.value, due_at=at))
        record(CaseTimeRan(**_steps.about(case), then=then, done=False))
        return
    record(CaseTimeRan(**_steps.about(case), then=then, done=True))


class NothingDue(Refused):
    """No clock of these is due any more: another worker was faster."""

    sentence = _("Nothing is due.")


@operation
def move_to_procedure(*, by: Actor, at: datetime, case_id: int, procedure_id: int, reason: str) -> Case:
    """Move a running case to another version of its procedure, keeping its stage if the version has it."""
    case = _steps.locked(case_id)
    ensure(rules.may_move_procedure, case)
    _steps.check(case, Act.MOVE_PROCEDURE)
    reason = _steps.required(reason, "reason")
    procedure = Procedure.objects.get(pk=procedure_id, kind=case.kind, variant=case.procedure.variant if case.procedure else "")
    old = case.procedure
    case.procedure = procedure
    definition = _steps.definition_of(case)
    if case.stage not in definition.stages:
        stage = definition.stage_for_state(State.ASSIGNED.value if case.state == State.IN_HAND.value else case.state)
        _stages.enter(case, stage.code if stage else definition.start, at)
    case.version += 1
    case.touched_at = at
    case.save()
    _steps.add_step(case, Act.MOVE_PROCEDURE, by=by, at=at, reason=reason, details={"from": old.version if old else 0, "to": procedure.version})
    record(CaseMovedToProcedure(**_steps.about(case), version=procedure.version))
    return case
