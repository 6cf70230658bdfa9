"""Entering and leaving a stage: state, holder, clocks, tasks and what the clock will do come from the procedure, from nowhere else."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries
from gongzhi.cases.facts import CaseJoined, StageJoined
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, Clock, Party, Stop, Task
from gongzhi.cases.operations import _steps
from gongzhi.cases.procedure import END, JOINED, ProcedureDefinition, Stage, TaskRule
from gongzhi.cases.procedure_check import covers
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import Refused, record


class NobodyForTask(Refused):
    """The procedure gives a task to a unit or party that this case has not."""

    sentence = _("The procedure gives the task “%(task)s” to somebody whom this case does not have. Name them first.")


class PapersMissing(Refused):
    """An outcome needs papers that are not there."""

    sentence = _("Before this, add: %(papers)s.")
    field = "attachments"


def limit_of(case: Case) -> tuple[tuple[int, str], str, str] | None:
    """Return (amount, unit), its basis, and the rule with its version, or None for a case that has no clock of its own.

    By the list's line, the category, the kind's dossier, the procedure, the kind, in this order.
    """
    line = case.responsibility
    if line is not None and line.limit_amount:
        return (line.limit_amount, line.limit_unit), line.basis, f"{line.clause} v{line.version}"
    category = case.category
    if category is not None:
        return (category.limit_amount, category.limit_unit), category.basis, f"{line.clause} v{line.version}" if line else category.code
    kind = kinds.kind_of(case.kind)
    by_dossier = kind.limit_of(case) if kind.limit_of is not None else None
    if by_dossier is not None:
        return by_dossier
    definition = _steps.definition_of(case)
    rule = f"{case.kind} v{case.procedure.version}" if case.procedure else ""
    if definition.limit is not None:
        return definition.limit, definition.basis, rule
    return (kind.limit, "", rule) if kind.limit is not None else None


def place(case: Case, definition: ProcedureDefinition, code: str, at: datetime, *, dispatch_organ_id: int | None = None) -> tuple[Stage, list[Clock]]:
    """Set what the case is in this stage (state, holder, who is waited for, next due); return the stage and its new clocks, unsaved."""
    stage = definition.stage(code)
    case.stage, case.stage_since = code, at
    if State(case.state) not in covers(stage.state):
        case.state = stage.state
    case.waits_for = stage.party_role
    case.holder_id = case.lead_id if stage.owner == "lead" else owner_of(case, stage.owner, dispatch_organ_id=dispatch_organ_id)
    _steps.note_involved(case, case.holder_id)
    made = []
    rule = f"{case.kind} v{case.procedure.version}" if case.procedure else ""
    case.next_due_at = case.due_at if stage.limit == "case" else None
    if isinstance(stage.limit, tuple):
        clock = _steps.new_clock(case, Clock.Of.STAGE, stage.limit, at=at, stage=code, organ_id=case.holder_id, basis=stage.basis, rule=rule)
        case.next_due_at = clock.due_at
        made.append(clock)
    for timed in stage.after:
        if timed.limit is not None:
            clock = _steps.new_clock(case, Clock.Of.TIMED, timed.limit, at=at, stage=code, organ_id=case.holder_id, basis=stage.basis, rule=rule)
            clock.then = timed.then
            made.append(clock)
            if case.next_due_at is None:
                case.next_due_at = clock.due_at
    return stage, made


def enter(case: Case, code: str | None, at: datetime, *, dispatch_organ_id: int | None = None) -> Stage | None:
    """Leave the stage that the case is in and enter another (END or None: no more). Saves everything but the case itself."""
    leave(case, at)
    if code is None or code == END:
        case.stage, case.stage_since, case.holder_id, case.next_due_at, case.waits_for = END, at, None, None, ""
        return None
    definition = _steps.definition_of(case)
    if definition.clock_starts == code and not Clock.objects.filter(case=case, of=Clock.Of.CASE).exists():
        begin_clock(case, at)
    elif definition.stage(code).restarts:
        _steps.end_clocks(case, at, of=Clock.Of.CASE)
        begin_clock(case, at)
    stage, made = place(case, definition, code, at, dispatch_organ_id=dispatch_organ_id)
    for clock in made:
        clock.save(force_insert=True)
    arrive(case, stage, at)
    return stage


def arrive(case: Case, stage: Stage, at: datetime) -> None:
    """Begin what a stage brings besides clocks: its lawful stop, its tasks. May lead on at once, where no task is required."""
    if stage.stops is not None:
        ground, basis = stage.stops
        Stop.objects.create(town_id=case.town_id, case=case, stage=stage.code, ground=ground, basis=basis[:200], reason=stage.title["zh"][:300], began_at=at)
    if stage.tasks:
        case.save()  # a task's step and fact tell of the case as it is now
        open_tasks(case, stage, at)


def begin_clock(case: Case, at: datetime) -> Clock | None:
    """Start the case's own clock, if it has a limit."""
    found = limit_of(case)
    if found is None:
        return None
    limit, basis, rule = found
    clock = _steps.new_clock(case, Clock.Of.CASE, limit, at=at, organ_id=case.lead_id, basis=basis, rule=rule)
    clock.save(force_insert=True)
    case.due_at = clock.due_at
    return clock


def leave(case: Case, at: datetime) -> None:
    """End what the present stage has running: its clocks, its tasks nobody waits for any more, the stop that it brought."""
    _steps.end_clocks(case, at, of__in=[Clock.Of.STAGE, Clock.Of.TIMED])
    left = list(Task.objects.waiting().filter(case=case, stage=case.stage).exclude(code="").values_list("pk", flat=True))
    if left:
        Task.objects.filter(pk__in=left).update(state=Task.State.CANCELLED)
        Clock.objects.filter(task_id__in=left, ended_at__isnull=True).update(ended_at=at)
        Stop.objects.filter(task_id__in=left, ended_at__isnull=True).update(ended_at=at)
    if Stop.objects.filter(case=case, task__isnull=True, ended_at__isnull=True).exclude(stage="").update(ended_at=at):
        rewind(case)


def rewind(case: Case) -> None:
    """Compute the due moments of the case's running clocks again, after a stop has begun or ended."""
    stops = list(case.stops.order_by("began_at"))
    for clock in Clock.objects.filter(case=case, ended_at__isnull=True).exclude(of__in=[Clock.Of.TIMED, Clock.Of.FOLLOW_UP]):
        _steps.recompute(clock, [stop for stop in stops if stop.holds(clock)])
        if clock.of == Clock.Of.CASE:
            case.due_at = clock.due_at


def follow_outcome(case: Case, outcome: Act | str, at: datetime, fallback: str | None) -> Stage | None:
    """Go where the procedure says this outcome leads from the present stage."""
    goal = _steps.definition_of(case).after(case.stage, str(outcome))
    return enter(case, goal if goal is not None else fallback, at)


def owner_of(case: Case, owner: str, *, dispatch_organ_id: int | None = None) -> int | None:
    """Return the organ that a word of the procedure means for this case; None for a party, the clock and nobody."""
    match owner:
        case "lead":
            return case.lead_id
        case "dispatcher":
            return dispatch_organ_id or queries.dispatch_organ_id(seen_by=ANYONE)
        case "committee":
            return queries.committee_id(seen_by=ANYONE)
        case "station":
            return queries.station_id(seen_by=ANYONE, area_path=case.area_path) or queries.dispatch_organ_id(seen_by=ANYONE)
        case "raiser" | "clock" | "nobody":
            return None
    if owner.startswith("party:"):
        return None
    if owner.startswith("list:"):
        return queries.lead_for_category(
            seen_by=ANYONE, code=owner.removeprefix("list:"), area_path=case.area_path, on=territory.day_of(seen_by=ANYONE, at=case.touched_at)
        )
    return organs.organs(seen_by=ANYONE).filter(code=owner.removeprefix("organ:")).values_list("pk", flat=True).first()


# ---- tasks ----------------------------------------------------------------------------------------------------------
DEFAULT_LIMIT = (3, "working_days")


def open_tasks(case: Case, stage: Stage, at: datetime) -> None:
    """Open the tasks of a stage whose condition the dossier meets; where none of them is required, the stage is joined at once."""
    if not stage.tasks:
        return
    facts = kinds.kind_of(case.kind).facts_of(case)
    wanted = [rule for rule in stage.tasks if meets(rule.when, facts)]
    for rule in wanted:
        _open_task(case, stage, rule, at)
    join_if_done(case, at)


def meets(when: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Return whether a dossier's facts meet a condition: each field equals a value, is one of a list, or lies within at_least, at_most.

    A fact that is not known meets nothing but `{known: false}`.
    """
    for name, wanted in when.items():
        value = facts.get(name)
        if isinstance(wanted, dict):
            if "known" in wanted and (value is not None) != bool(wanted["known"]):
                return False
            if ("at_least" in wanted or "at_most" in wanted) and value is None:
                return False
            if "at_least" in wanted and value < wanted["at_least"]:
                return False
            if "at_most" in wanted and value > wanted["at_most"]:
                return False
        elif isinstance(wanted, list):
            if value not in wanted:
                return False
        elif value != wanted:
            return False
    return True


def _open_task(case: Case, stage: Stage, rule: TaskRule, at: datetime) -> None:
    organ_id, party = None, None
    if rule.unit == "raiser" or rule.unit.startswith("party:"):
        role = "raiser" if rule.unit == "raiser" else rule.unit.removeprefix("party:")
        party = Party.objects.filter(case=case, role=role, ended_at__isnull=True).order_by("pk").first()
    else:
        organ_id = owner_of(case, rule.unit)
    if organ_id is None and party is None:
        raise NobodyForTask(case, task=rule.title["zh"])
    title = rule.title["zh"][:200]
    task = Task.objects.create(
        town_id=case.town_id, case=case, organ_id=organ_id, party=party, stage=stage.code, code=rule.code, asks=rule.asks, title=title,
        required=rule.required, asked_at=at,
    )  # fmt: skip
    clock = _steps.new_clock(case, Clock.Of.JOIN, rule.limit or DEFAULT_LIMIT, at=at, organ_id=organ_id, task_id=task.pk, stage=stage.code,
                             rule=f"{case.kind} v{case.procedure.version}" if case.procedure else case.number)  # fmt: skip
    clock.save(force_insert=True)
    _steps.note_involved(case, organ_id)
    _steps.add_step(case, Act.JOIN, by=CLOCK, at=at, public_text=title, details={"organ": organ_id, "required": rule.required, "asks": rule.asks})
    if organ_id is not None:
        record(CaseJoined(**_steps.about(case), organ_id=organ_id, required=rule.required, is_order=rule.asks == "order"))


def join_if_done(case: Case, at: datetime) -> bool:
    """Go on from a stage whose tasks are joined as it asks (all, any, a number); return whether it was left."""
    definition = _steps.definition_of(case)
    stage = definition.stages.get(case.stage)
    if stage is None or not stage.tasks or JOINED not in stage.outcomes:
        return False
    theirs = Task.objects.filter(case=case, stage=stage.code, asked_at__gte=case.stage_since or case.opened_at, required=True).exclude(code="")
    states = list(theirs.values_list("state", flat=True))
    answered = sum(1 for state in states if state == Task.State.ANSWERED)
    waiting = sum(1 for state in states if state in Task.WAITING)
    enough = {"all": waiting == 0, "any": answered >= 1 or waiting == 0}.get(str(stage.join))
    if enough is None:
        enough = answered >= int(stage.join) or waiting == 0
    if not enough or any(state == Task.State.RETURNED for state in states):
        return False  # a task that came back waits until somebody gives it to another unit
    before = case.state
    enter(case, stage.outcomes[JOINED], at)
    case.touched_at = at
    case.version += 1
    case.save()
    _steps.add_step(case, Act.JOINED, by=CLOCK, at=at, before=before)
    record(StageJoined(**_steps.about(case), stage=stage.code))
    return True


def check_papers(case: Case, stage: Stage, outcome: str, given: tuple[str, ...] = ()) -> None:
    """Refuse an outcome whose papers neither hang on the case nor are given with it."""
    wanted = [name for name in stage.needs.get(outcome, []) if name not in given]
    if wanted:
        there = set(queries.paper_names(seen_by=ANYONE, case=case))
        missing = [name for name in wanted if name not in there]
        if missing:
            raise PapersMissing(case, papers="、".join(str(kinds.kind_of(case.kind).word(f"paper.{name}", name)) for name in missing))


def end_case(case: Case, at: datetime, *, act: Act | None, unverified: bool, outcome: str) -> bool:
    """Close a case that is at hand: by an act of the table, or (None) by a named result. Return whether it was on time. The caller saves it."""
    if act is not None:
        _steps.change_state(case, act, at)
    else:
        case.state, case.touched_at = State.CLOSED.value, at
    case.closed_at = at
    case.closed_unverified = unverified
    case.outcome = outcome[:200]
    own = Clock.objects.filter(case=case, of=Clock.Of.CASE).order_by("-pk").first()
    enter(case, END, at)
    _steps.finish(case, at)
    _steps.hold_for_follow_up(case)
    Task.objects.waiting().filter(case=case).update(state=Task.State.CANCELLED)
    if kinds.kind_of(case.kind).rated:
        Party.objects.filter(case=case, asked_to_rate_at__isnull=True, ended_at__isnull=True).exclude(via=Party.Via.FOLLOWS).update(asked_to_rate_at=at)
    return own is None or own.overdue_at is None
