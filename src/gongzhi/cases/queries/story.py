"""What happened to a case, who takes part in it, and what one may do with it now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, Prefetch, QuerySet

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.lifecycle import WITH_DISPATCHER, Act, State, lawful_acts
from gongzhi.cases.models import Case, CoHandling, FollowUp, Party, Rating, Step, StepAttachment
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


def co_handlings(*, seen_by: Actor, case: Case) -> QuerySet[CoHandling]:
    """Return the units that joined a case, in the order they were asked."""
    return _of(case, seen_by, CoHandling).select_related("organ").order_by("pk")


def co_handling_for(*, seen_by: Actor, co_handling_id: int) -> CoHandling:
    """Return one joined unit's task, of a case that the asker may see."""
    found = CoHandling.objects.select_related("organ", "case").get(pk=co_handling_id)
    Case.objects.visible_to(seen_by).only("pk").get(pk=found.case_id)
    return found


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
    return _of(case, seen_by, Party).select_related("person").order_by("pk")


def may_now(*, seen_by: Actor, case: Case) -> list[str]:
    """Return the acts that the table allows in this state and the rules allow this actor, most useful first."""
    lawful = lawful_acts(case.state)
    handled_by = frozenset({case.handler_id} if case.handler_id else set())
    verify = kinds.kind_of(case.kind).verify
    by_reading = verify == "reading"
    unchecked = case.state == State.ANSWERED.value and verify != "none"  # closing it now leaves out the check
    asks: list[tuple[Act, bool]] = [
        (Act.ANSWER, rules.may_answer(seen_by, case)),
        (Act.ACCEPT, rules.may_accept(seen_by, case)),
        (Act.VERIFY_PASS, not by_reading and rules.may_verify(seen_by, case, handled_by=handled_by)),
        (Act.VERIFY_FAIL, not by_reading and rules.may_verify(seen_by, case, handled_by=handled_by)),
        (Act.SETTLE, rules.may_settle(seen_by, case)),
        (Act.ASSIGN, rules.may_assign(seen_by, case) and not (case.state == State.RETURNED.value and case.returns >= 2)),
        (Act.RESUME, rules.may_resume(seen_by, case)),
        (Act.JOIN, rules.may_join(seen_by, case)),
        (Act.SUSPEND, rules.may_suspend(seen_by, case)),
        (Act.RETURN, rules.may_return(seen_by, case) and case.returns < 3),
        (Act.EXTEND, rules.may_extend(seen_by, case)),
        (Act.CLOSE, not unchecked and rules.may_close(seen_by, case)),
        (Act.CLOSE_UNVERIFIED, unchecked and rules.may_close(seen_by, case)),
        (Act.RECLASSIFY, rules.may_reclassify(seen_by, case)),
        (Act.MERGE, rules.may_merge(seen_by, case)),
        (Act.REJECT, rules.may_reject(seen_by, case)),
        (Act.REFER, rules.may_refer(seen_by, case) and len(kinds.kinds()) > 1),
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
