"""What happened to a case, who takes part in it, and what one may do with it now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Exists, F, Model, OuterRef, Prefetch, Q, QuerySet

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.lifecycle import WITH_DISPATCHER, Act, State, lawful_acts
from gongzhi.cases.models import Case, FollowUp, Party, Rating, Step, StepAttachment, Task
from gongzhi.cases.procedure import Result
from gongzhi.cases.queries.catalogue import procedure_of
from gongzhi.kernel.actors import Actor

Part = TypeVar("Part", bound=Model)


def steps(*, seen_by: Actor, case: Case) -> list[Step]:
    """Return the steps of a case, newest first, with their papers; internal texts only for those who work on it."""
    inside = rules.sees_internal(seen_by, case)
    papers = StepAttachment.objects.select_related("attachment").order_by("pk")
    if not inside:
        papers = papers if rules.has_raised(seen_by, case) else papers.filter(is_public=True)
    told = Step.objects.visible_to(seen_by).filter(case=case).select_related("organ", "person").prefetch_related(Prefetch("papers", papers))
    found = list(told.order_by("-pk"))
    if not inside:
        found = [step for step in found if not _is_internal(step)]
        for step in found:
            step.internal_text = ""
    return found


def _is_internal(step: Step) -> bool:
    """Return whether a step is a note that only those who work on the case read, with what hangs on it."""
    return step.act == Act.NOTE.value and bool(step.internal_text) and not step.public_text


def _of(case: Case, actor: Actor, what: type[Part]) -> "QuerySet[Part]":
    """Return what belongs to a case, for whoever may see the case."""
    found: QuerySet[Part] = what._default_manager.filter(case=case)
    return found if case.is_visible_to(actor) else found.none()


def tasks_of_case(*, seen_by: Actor, case: Case) -> QuerySet[Task]:
    """Return the tasks of a case, in the order they were asked for."""
    return _of(case, seen_by, Task).select_related("organ", "party__person").order_by("pk")


def task_for(*, seen_by: Actor, task_id: int) -> Task:
    """Return one task, of a case that the asker may see."""
    found = Task.objects.select_related("organ", "case").get(pk=task_id)
    Case.objects.visible_to(seen_by).only("pk").get(pk=found.case_id)
    return found


def paper_names(*, seen_by: Actor, case: Case) -> list[str]:
    """Return the names under which papers hang on a case, as its procedure calls them. Whoever asks: the procedure's words, no paper."""
    return list(StepAttachment.objects.filter(step__case=case).exclude(name="").order_by("name").values_list("name", flat=True).distinct())


def whole_of(*, seen_by: Actor, case: Case) -> Case | None:
    """Return the case that this one is a part of, if this actor may see it."""
    return Case.objects.visible_to(seen_by).filter(pk=case.part_of_id).first() if case.part_of_id is not None else None


def parts_of(*, seen_by: Actor, case: Case) -> QuerySet[Case]:
    """Return the cases that are parts of this one and that this actor may see, oldest first."""
    return Case.objects.visible_to(seen_by).filter(part_of=case).only(
        "pk", "number", "year", "serial", "title", "state", "kind", "town_id", "overdue_at", "lead_id"
    ).order_by("pk")  # fmt: skip


def follow_ups(*, seen_by: Actor, case: Case) -> QuerySet[FollowUp]:
    """Return the follow-ups of a case, oldest first."""
    return _of(case, seen_by, FollowUp).select_related("rating__party__person", "organ").order_by("pk")


def whose_contact(*, seen_by: Actor, case: Case) -> int | None:
    """Return the person whose contact those who work on the case may need: who is to be called back after a bad rating, else who raised it."""
    waiting = _of(case, seen_by, FollowUp).filter(state=FollowUp.State.TO_CALL, rating__party__person__isnull=False) if case.worst_rating else None
    rater = waiting.order_by("pk").values_list("rating__party__person_id", flat=True).first() if waiting is not None else None
    return rater or case.raised_by_id


def ratings(*, seen_by: Actor, case: Case) -> QuerySet[Rating]:
    """Return the ratings of a case; they are public with the case."""
    return _of(case, seen_by, Rating).order_by("pk")


def parties(*, seen_by: Actor, case: Case) -> QuerySet[Party]:
    """Return who raised or follows a case. Names are for those who work on it; the count is public."""
    return _of(case, seen_by, Party).filter(ended_at__isnull=True).select_related("person", "organ").order_by("pk")


def may_now(*, seen_by: Actor, case: Case) -> list[str]:
    """Return the acts that the table allows in this state and the rules allow this actor, most useful first."""
    lawful = lawful_acts(case.state)
    handled_by = frozenset({case.handler_id} if case.handler_id else set())
    verify = kinds.kind_of(case.kind).verify
    by_reading = verify == "reading"
    stage = procedure_of(seen_by=seen_by, case=case).stages.get(case.stage) if case.procedure_id and case.is_open else None

    def leads_on(act: Act) -> bool:
        """Return whether the procedure has this way on from the stage that the case is in."""
        return stage is None or act.value in stage.outcomes

    unchecked = case.state == State.ANSWERED.value and verify != "none"  # closing it now leaves out the check
    asks: list[tuple[Act, bool]] = [
        (Act.ANSWER, leads_on(Act.ANSWER) and rules.may_answer(seen_by, case)),
        (Act.ACCEPT, rules.may_accept(seen_by, case)),
        (Act.VERIFY_PASS, not by_reading and rules.may_verify(seen_by, case, handled_by=handled_by)),
        (Act.VERIFY_FAIL, not by_reading and rules.may_verify(seen_by, case, handled_by=handled_by)),
        (Act.SETTLE, rules.may_settle(seen_by, case)),
        (Act.ASSIGN, rules.may_assign(seen_by, case) and not (case.state == State.RETURNED.value and case.returns >= 2)),
        (Act.RESUME, (stage is None or stage.stops is None) and rules.may_resume(seen_by, case)),
        (Act.JOIN, rules.may_join(seen_by, case)),
        (Act.SUSPEND, rules.may_suspend(seen_by, case)),
        (Act.RETURN, leads_on(Act.RETURN) and rules.may_return(seen_by, case) and case.returns < 3),
        (Act.EXTEND, rules.may_extend(seen_by, case)),
        (Act.CLOSE, not unchecked and (leads_on(Act.CLOSE) or case.state == State.VERIFIED.value) and rules.may_close(seen_by, case)),
        (Act.CLOSE_UNVERIFIED, unchecked and rules.may_close(seen_by, case)),
        (Act.RECLASSIFY, rules.may_reclassify(seen_by, case)),
        (Act.MERGE, rules.may_merge(seen_by, case)),
        (Act.REJECT, rules.may_reject(seen_by, case)),
        (Act.REFER, rules.may_refer(seen_by, case) and bool(kinds.referable(case.kind))),
        (Act.RATE, rules.may_rate(seen_by, case)),
        (Act.REOPEN, rules.may_reopen(seen_by, case)),
        (Act.NOTE, rules.may_note(seen_by, case)),
        (Act.URGE, rules.may_urge(seen_by, case)),
        (Act.WITHDRAW, rules.may_withdraw(seen_by, case)),
    ]
    if case.is_merged:
        return []
    return [act.value for act, allowed in asks if allowed and act in lawful]


TAKE_BACK_WITHIN = timedelta(minutes=1)


def assigned_just_now(*, seen_by: Actor, case: Case, at: datetime) -> Step | None:
    """Return the step by which this actor assigned the case within the last minute, if nothing has been decided since; else None."""
    if not case.is_visible_to(seen_by) or case.state != State.ASSIGNED.value or case.touched_at + TAKE_BACK_WITHIN < at:
        return None
    last = Step.objects.filter(case=case, details__version=case.version).order_by("-pk").first()
    if last is None or last.by != seen_by.ref or "former" not in last.details or not timedelta(0) <= at - last.at <= TAKE_BACK_WITHIN:
        return None
    return last if State(last.from_state) in WITH_DISPATCHER else None


def just_assigned(*, seen_by: Actor, at: datetime) -> list[Case]:
    """Return the cases that this actor has assigned within the last minute and may still take back, newest first."""
    recent = Case.objects.visible_to(seen_by).filter(touched_at__gte=at - TAKE_BACK_WITHIN, state=State.ASSIGNED.value).select_related("lead")
    found = recent.defer("search").order_by("-touched_at", "-pk")[:50]
    return [case for case in found if assigned_just_now(seen_by=seen_by, case=case, at=at) is not None]


def last_returns(*, seen_by: Actor, cases: Sequence[Case]) -> dict[int, Step]:
    """Return, by case, the step of its last return, for those that wait for dispatch because a unit returned them (one query for the whole list)."""
    wanted = [case.pk for case in cases if case.state == State.RETURNED.value and case.is_visible_to(seen_by)]
    found = Step.objects.filter(case_id__in=wanted, act=Act.RETURN.value).select_related("organ").order_by("pk") if wanted else ()
    return {step.case_id: step for step in found}


def results_now(*, seen_by: Actor, case: Case) -> list[Result]:
    """Return the named results that this actor may give at the stage that the case is in, in the procedure's order; not those that acts of the kind give."""
    if not case.is_open or case.procedure_id is None:
        return []
    definition = procedure_of(seen_by=seen_by, case=case)
    stage = definition.stages.get(case.stage)
    if stage is None or (case.is_stopped and stage.stops is None):
        return []
    own = kinds.kind_of(case.kind).own_results
    return [
        result for result in definition.results_of(case.stage)
        if result.code not in own and rules.may_decide(seen_by, case, stage=stage, result=result)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """Who must act in a case now: people in the role that its stage names, or an organ."""

    person_ids: list[int]
    holder_id: int | None
    is_over: bool


def waited_for(*, seen_by: Actor, case_id: int) -> WaitedFor:
    """Return who must act in a case now, for notices."""
    case = Case.objects.visible_to(seen_by).only("pk", "waits_for", "holder_id", "state", "town_id").get(pk=case_id)
    people: list[int] = []
    if case.waits_for and case.is_open:
        named = Party.objects.filter(case=case, ended_at__isnull=True, person__isnull=False).exclude(via=Party.Via.FOLLOWS)
        people = list(named.filter(Q(role=case.waits_for) | Q(acts_for__role=case.waits_for)).values_list("person_id", flat=True))
    return WaitedFor(people, case.holder_id, not case.is_open)


def people_of_party(*, seen_by: Actor, party_id: int) -> list[int]:
    """Return the person who has a part in a case, for notices; none where an organ has it."""
    return list(Party.objects.filter(pk=party_id, person__isnull=False).values_list("person_id", flat=True)) if seen_by.is_clock else []


def cases_waiting_for(*, seen_by: Actor, person_id: int, on: date) -> list[Case]:
    """Return the open cases in which this person must act now: the stage is theirs, or a task is; due first."""
    theirs = Q(person_id=person_id) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on)) & (Q(valid_from__isnull=True) | Q(valid_from__lte=on))
    mine = Party.objects.filter(theirs, case=OuterRef("pk"), ended_at__isnull=True).exclude(via=Party.Via.FOLLOWS)
    stage = Exists(mine.filter(Q(role=OuterRef("waits_for")) | Q(acts_for__role=OuterRef("waits_for"))))
    task = Exists(Task.objects.waiting().filter(case=OuterRef("pk"), party__person_id=person_id, party__ended_at__isnull=True))
    parts = Party.objects.filter(person_id=person_id, ended_at__isnull=True).order_by().values("case_id")
    found = Case.objects.visible_to(seen_by).open().filter(pk__in=parts).filter((~Q(waits_for="") & stage) | task).defer("search")
    return list(found.order_by(F("next_due_at").asc(nulls_last=True), "pk")[:50])


def parties_to_end(*, seen_by: Actor, case: Case) -> list[Party]:
    """Return the named parts in a case that this actor may end now: agents whom they sent, parts that they have."""
    if len(kinds.kind_of(case.kind).roles) < 2 or not (rules.is_party(seen_by, case) or seen_by.duties):
        return []
    named = _of(case, seen_by, Party).filter(via=Party.Via.NAMED, ended_at__isnull=True).select_related("person", "organ", "acts_for").order_by("pk")
    return [party for party in named if rules.may_end_party(seen_by, case, party)]


def attachment_is_open(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether this actor may see an attachment because it hangs on a case that they may see."""
    for paper in StepAttachment.objects.filter(attachment_id=attachment_id).select_related("step__case"):
        case = Case.objects.visible_to(seen_by).filter(pk=paper.step.case_id).first()
        if case is not None and (paper.is_public or rules.sees_internal(seen_by, case) or (rules.has_raised(seen_by, case) and not _is_internal(paper.step))):
            return True
    return False


def merged_into(*, seen_by: Actor, case: Case) -> QuerySet[Case]:
    """Return the cases that were merged into this one or referred as it, oldest first."""
    return Case.objects.visible_to(seen_by).filter(merged_into=case).only("pk", "number", "year", "serial", "title", "town_id").order_by("pk")


def is_closed(*, seen_by: Actor, case_id: int) -> bool:
    """Return whether a case is anything but public, so that its words stay within the product; one that is not there is closed.

    Whoever asks: yes or no, for whatever leaves the product.
    """
    return not Case.objects.filter(pk=case_id, visibility=Case.Visibility.PUBLIC).exists()


def case_ids_taken_part_in(*, seen_by: Actor) -> QuerySet[Any]:
    """Return the numbers of the cases that this actor raised or works on, as a question to be asked within another."""
    return Case.objects.taken_part_in_by(seen_by).order_by().values("pk")
