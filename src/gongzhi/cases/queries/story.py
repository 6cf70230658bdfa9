"""What happened to a case, who takes part in it, and what one may do with it now."""

from django.db.models import Prefetch, QuerySet

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.lifecycle import Act, State, lawful_acts
from gongzhi.cases.models import Case, CoHandling, FollowUp, Party, Rating, Step, StepAttachment
from gongzhi.kernel.actors import Actor


def steps(*, seen_by: Actor, case: Case) -> list[Step]:
    """Return the steps of a case, newest first, with their papers; internal texts only for those who work on it."""
    inside = rules.sees_internal(seen_by, case)
    papers = StepAttachment.objects.select_related("attachment").order_by("pk")
    if not inside:
        papers = papers.filter(is_public=True) if not rules.is_party(seen_by, case) else papers
    told = Step.objects.visible_to(seen_by).filter(case=case).select_related("organ", "person").prefetch_related(Prefetch("papers", papers))
    found = list(told.order_by("-pk"))
    if not inside:
        found = [step for step in found if not (step.act == Act.NOTE.value and step.internal_text and not step.public_text)]
        for step in found:
            step.internal_text = ""
    return found


def co_handlings(*, seen_by: Actor, case: Case) -> QuerySet[CoHandling]:
    """Return the units that joined a case, in the order they were asked."""
    return CoHandling.objects.filter(case=case).select_related("organ").order_by("pk")


def co_handling_for(*, seen_by: Actor, co_handling_id: int) -> CoHandling:
    """Return one joined unit's task, of a case that the asker may see."""
    found = CoHandling.objects.select_related("organ", "case").get(pk=co_handling_id)
    Case.objects.visible_to(seen_by).only("pk").get(pk=found.case_id)
    return found


def follow_ups(*, seen_by: Actor, case: Case) -> QuerySet[FollowUp]:
    """Return the follow-ups of a case, oldest first."""
    return FollowUp.objects.filter(case=case).select_related("rating", "organ").order_by("pk")


def ratings(*, seen_by: Actor, case: Case) -> QuerySet[Rating]:
    """Return the ratings of a case; they are public with the case."""
    return Rating.objects.filter(case=case).order_by("pk")


def parties(*, seen_by: Actor, case: Case) -> QuerySet[Party]:
    """Return who raised or follows a case. Names are for those who work on it; the count is public."""
    return Party.objects.filter(case=case).select_related("person").order_by("pk")


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


def attachment_is_open(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether this actor may see an attachment because it hangs on a case that they may see."""
    for paper in StepAttachment.objects.filter(attachment_id=attachment_id).select_related("step__case"):
        case = Case.objects.visible_to(seen_by).filter(pk=paper.step.case_id).first()
        if case is not None and (paper.is_public or rules.sees_internal(seen_by, case) or rules.is_party(seen_by, case)):
            return True
    return False


def merged_into(*, seen_by: Actor, case: Case) -> QuerySet[Case]:
    """Return the cases that were merged into this one or referred as it, oldest first."""
    return Case.objects.visible_to(seen_by).filter(merged_into=case).only("pk", "number", "year", "serial", "title", "town_id").order_by("pk")


def is_closed(*, seen_by: Actor, case_id: int) -> bool:
    """Return whether a case is anything but public, so that its words stay within the product; one that is not there is closed."""
    return not Case.objects.filter(pk=case_id, visibility=Case.Visibility.PUBLIC).exists()
