"""Verification by another person, closing, and the ways out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import nearness, queries, rules
from gongzhi.cases.facts import CaseRejected, CaseReopened, CaseVerified, CaseWithdrawn
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, Clock, Step, Task
from gongzhi.cases.operations import _stages, _steps
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class VerifiedByHandler(Refused):
    sentence = _("Whoever handled a case does not check it; another person must.")


class WaitsForUnits(Refused):
    sentence = _("Joined units have not reported yet: %(names)s.")


class NeedsReading(Refused):
    sentence = _("An alarm is verified by clean readings, not by hand.")


class TooLateToReopen(Refused):
    sentence = _("This case could be reopened until %(day)s. Please report it anew and name its number.")


def _handlers(case: Case) -> frozenset[int]:
    """Return everybody who had a hand in handling this case."""
    acts = (Act.ACCEPT.value, Act.ANSWER.value)
    persons = Step.objects.filter(case=case, act__in=acts, person__isnull=False).values_list("person_id", flat=True)
    return frozenset({*persons, *([case.handler_id] if case.handler_id else [])})


@operation
def verify_case(
    *, by: Actor, at: datetime, case_id: int, passed: bool, text: str, longitude: float | None = None, latitude: float | None = None,
    attachment_ids: Iterable[int] = (), on_site: bool = True, by_reading: bool = False, seen_at: datetime | None = None,
    submission_key: str | None = None,
) -> Case:  # fmt: skip
    """Check the result: on site by another person than the handler, or by clean readings. Passed closes the case.

    `seen_at`: when the checker stood there (work done offline arrives later). The same `submission_key` is one check.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_verify, case, handled_by=_handlers(case))
    if submission_key and Step.objects.filter(case=case, submission_key=submission_key).exists():
        record(CaseVerified(**_steps.about(case), passed=passed, on_site=on_site, by_reading=by_reading))
        return case
    act = Act.VERIFY_PASS if passed else Act.VERIFY_FAIL
    _steps.check(case, act)
    text = _steps.required(text, "text")
    if kinds.kind_of(case.kind).verify == "reading" and not by_reading:
        raise NeedsReading(case)
    before = _steps.change_state(case, act, at)
    details: dict[str, Any] = {"on_site": on_site, "by_reading": by_reading}
    if longitude is not None and latitude is not None:
        details |= {"longitude": round(longitude, 6), "latitude": round(latitude, 6)}
        if case.point is not None:
            details["metres_from_place"] = round(nearness.metres(case.point, (longitude, latitude)))
    if seen_at is not None:
        details["seen_at"] = seen_at.isoformat()
    if not passed:
        case.answered_at = None
        _reopen_clock(case)
    case.save()
    _stages.follow_outcome(case, act, at, None)
    case.save()
    _steps.add_step(case, act, by=by, at=at, before=before, public_text=text, details=details, submission_key=submission_key, attachment_ids=attachment_ids,
                    papers_public=case.visibility == Case.Visibility.PUBLIC)  # fmt: skip
    record(CaseVerified(**_steps.about(case), passed=passed, on_site=on_site, by_reading=by_reading))
    stage = _steps.definition_of(case).stages.get(case.stage)
    if passed and (stage is None or stage.owner == "clock") and case.state == State.VERIFIED.value:
        return close_case(by=CLOCK, at=at, case_id=case_id)
    return case


def _reopen_clock(case: Case) -> None:
    """Let the case's clock run on after a failed check: only lawful stops are taken out of it."""
    clock = Clock.objects.filter(case=case, of=Clock.Of.CASE).order_by("-pk").first()
    if clock is not None:
        clock.ended_at = None
        clock.save(update_fields=["ended_at"])


@operation
def close_case(*, by: Actor, at: datetime, case_id: int, outcome: str = "") -> Case:
    """Close a verified case, an answered one of a kind that needs no check, or any answered one without its check, which shows for ever."""
    case = _steps.locked(case_id)
    ensure(rules.may_close, case)
    unverified = case.state != State.VERIFIED.value and kinds.kind_of(case.kind).verify != "none"
    act = Act.CLOSE_UNVERIFIED if unverified else Act.CLOSE
    _steps.check(case, act)
    if unverified:
        outcome = _steps.required(outcome, "outcome")
    waiting = _waiting(case)
    if waiting:
        raise WaitsForUnits(case, names=waiting)
    before = case.state
    on_time = _stages.end_case(case, at, act=act, unverified=unverified, outcome=outcome)
    case.save()
    _steps.add_step(case, act, by=by, at=at, before=before, public_text=outcome)
    record(_steps.closed_fact(case, unverified=unverified, on_time=on_time))
    return case


def _waiting(case: Case) -> str:
    """Return the names of the units or tasks that the case still waits for."""
    tasks = Task.objects.waiting().filter(case=case, required=True).select_related("organ").order_by("pk")
    return "、".join(str(task.organ) if task.organ else task.title for task in tasks)


@operation
def reopen_case(*, by: Actor, at: datetime, case_id: int, reason: str) -> Case:
    """Reopen a closed case within its period; it goes back to dispatch on a new clock."""
    case = _steps.locked(case_id)
    ensure(rules.may_reopen, case)
    _steps.check(case, Act.REOPEN)
    reason = _steps.required(reason, "reason")
    definition = _steps.definition_of(case)
    assert case.closed_at is not None
    until = case.closed_at + timedelta(days=definition.reopen_days)
    if at > until:
        raise TooLateToReopen(case, day=f"{queries.town(seen_by=ANYONE).local(until):%Y-%m-%d}")
    before = _steps.change_state(case, Act.REOPEN, at)
    last = Clock.objects.filter(case=case, of=Clock.Of.CASE).order_by("-pk").first()
    case.closed_at = case.answered_at = case.overdue_at = case.warned_at = None
    case.closed_unverified = False
    if last is not None:
        clock = _steps.new_clock(case, Clock.Of.CASE, (last.amount, last.unit), at=at, organ_id=case.lead_id, basis=last.basis, rule=last.rule)
        clock.save(force_insert=True)
        case.due_at = clock.due_at
    case.save()
    case.result = case.result_type = ""
    _stages.enter(case, definition.reopen_to, at)
    case.save()
    _steps.add_step(case, Act.REOPEN, by=by, at=at, before=before, reason=reason)
    record(CaseReopened(**_steps.about(case)))
    return case


@operation
def reject_case(*, by: Actor, at: datetime, case_id: int, reason: str, basis: str) -> Case:
    """Decline a case that is not the town's, with the reason and where to turn."""
    case = _steps.locked(case_id)
    ensure(rules.may_reject, case)
    _steps.check(case, Act.REJECT)
    reason = _steps.required(reason, "reason")
    basis = _steps.required(basis, "basis")
    before = _steps.change_state(case, Act.REJECT, at)
    case.outcome = reason[:200]
    case.closed_at = at
    _steps.finish(case, at)
    _stages.enter(case, None, at)
    case.save()
    _steps.add_step(case, Act.REJECT, by=by, at=at, before=before, reason=reason, clause=basis)
    record(CaseRejected(**_steps.about(case), basis=basis))
    return case


@operation
def withdraw_case(*, by: Actor, at: datetime, case_id: int, reason: str = "") -> Case:
    """Withdraw a case that one has raised, before its result is reported."""
    case = _steps.locked(case_id)
    ensure(rules.may_withdraw, case)
    _steps.check(case, Act.WITHDRAW)
    before = _steps.change_state(case, Act.WITHDRAW, at)
    case.closed_at = at
    _steps.finish(case, at)
    _stages.enter(case, None, at)
    case.save()
    _steps.add_step(case, Act.WITHDRAW, by=by, at=at, before=before, reason=reason)
    record(CaseWithdrawn(**_steps.about(case)))
    return case
