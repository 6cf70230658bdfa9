"""What all acts of the engine do alike: lock the case, check the table, append the step, start and end clocks."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.utils import IntegrityError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import clock as clocks
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.cases.facts import CaseClosed, CaseJoined
from gongzhi.cases.lifecycle import FINAL_STATES, OPEN_STATES, QUIET, Act, State, is_lawful, target
from gongzhi.cases.models import Case, Clock, FollowUp, Party, Step, StepAttachment, Stop, Task
from gongzhi.cases.procedure import ProcedureDefinition
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.people import masking
from gongzhi.kernel import rows
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, record
from gongzhi.kernel.towns import current_town


class NotNow(Refused):
    """The table of states has no such move."""

    sentence = _("Case %(number)s is %(state)s; this cannot be done now.")


class Missing(Refused):
    """An act needs words that are not there."""

    sentence = _("Please say why.")


class UnknownAttachment(Refused):
    """An attachment that was named is not there."""

    sentence = _("An attachment cannot be found; please add it again.")
    field = "attachments"


class AlreadyAsked(Refused):
    sentence = _("This unit is already working on a task of this case.")
    field = "organ"


class BadLimit(Refused):
    sentence = _("The time limit must be a whole number above 0 with a unit.")
    field = "limit"


STEPS_IN = frozenset(OPEN_STATES | {State.CLOSED})


class ChangedMeanwhile(Refused):
    """The act was decided on a version of the case that is no more: somebody else was first. Says who and what."""

    sentence = _(
        "Somebody was first: %(who)s, %(what)s (%(when)s). Nothing of what you wrote is lost: look at the case as it is now, then decide once more."
    )


_decided: ContextVar[dict[int, int] | None] = ContextVar("cases_decided", default=None)


@contextmanager
def decided_on(case_id: int, version: int | None) -> Iterator[None]:
    """Say on which version of a case the act that is done within was decided; None where whoever decided cannot tell."""
    token = _decided.set(None if version is None else {case_id: version})
    try:
        yield
    finally:
        _decided.reset(token)


def locked(case_id: int) -> Case:
    """Return the case, locked for this transaction; refuse an act that was decided on another version of it."""
    case = Case.objects.select_for_update(of=("self",)).select_related("category", "procedure").get(pk=case_id)
    decided = _decided.get()
    version = decided.pop(case_id, None) if decided else None  # asked once: the acts that this one is made of are the same decision
    if version is not None and version != case.version:
        raise who_was_first(case, version)
    return case


def who_was_first(case: Case, version: int) -> ChangedMeanwhile:
    """Return the refusal of an act that was decided on a former version of the case: it names who acted next, what, and when."""
    told = case.steps.filter(details__version__gt=version).select_related("organ", "person").order_by("pk")
    step = told.first() or case.steps.select_related("organ", "person").order_by("-pk").first()
    who, what, when = "", case.state_word, case.touched_at
    if step is not None:
        person = step.person if step.person is not None and step.person.kind not in ("resident", "migrant") else None
        who = " · ".join(str(part) for part in (step.organ, person) if part) or (
            str(_("the clock")) if step.by == "clock" else str(_("a resident")) if step.person_id or step.by == "follower" else step.by
        )
        what, when = step.act_word, step.at
    local = queries.town(seen_by=ANYONE).local(when)
    return ChangedMeanwhile(case, who=who, what=what, when=f"{local:%m-%d %H:%M}")


def check(case: Case, act: Act) -> None:
    """Refuse an act that the table does not allow in the case's state."""
    if not is_lawful(case.state, act):
        raise NotNow(case, number=case.number, state=case.state_word)


def required(value: str, field: str) -> str:
    """Return the stripped words; refuse an empty answer, naming the field."""
    value = (value or "").strip()
    if not value:
        raise Missing(field=field)
    return value


def about(case: Case) -> dict[str, Any]:
    """Return what every fact of a case says."""
    return {
        "subject": ref(case),
        "case_id": case.pk,
        "number": case.number,
        "kind_of_case": case.kind,
        "public": case.visibility == Case.Visibility.PUBLIC,
    }


def organ_of(by: Actor, *preferred: int | None) -> int | None:
    """Return for which organ the actor acts: one of the preferred if they serve there, else their first."""
    for organ_id in preferred:
        if by.serves_in(organ_id):
            return organ_id
    return by.duties[0].organ_id if by.duties else None


def make_step(case: Case, act: Act | str, *, by: Actor, at: datetime, organ_id: int | None = None, before: str = "", public_text: str = "",
              internal_text: str = "", reason: str = "", clause: str = "", details: dict[str, Any] | None = None,
              submission_key: str | None = None) -> Step:  # fmt: skip
    """Return the step, unsaved. One that decides something names the version of the case that it made."""
    if not by.duties and by.kind in ("person", "follower", "anyone"):  # what residents add is read by others as what they reported is
        written = "\n".join(text for text in (reason, public_text) if masking.masked(text) != text)
        internal_text = "\n".join(text for text in (internal_text, written) if text)
        reason, public_text = masking.masked(reason), masking.masked(public_text)
    details = (details or {}) | ({} if act in QUIET else {"version": case.version})
    return rows.make(
        Step, town_id=case.town_id, case=case, act=str(act), at=at, by=by.ref, person_id=by.person_id,
        organ_id=organ_id if organ_id is not None else organ_of(by, case.holder_id, case.lead_id),
        from_state=before or case.state, to_state=case.state, public_text=public_text, internal_text=internal_text,
        reason=reason[:300], clause=clause[:200], details=details, submission_key=submission_key or None,
    )  # fmt: skip


def add_step(case: Case, act: Act | str, *, attachment_ids: Iterable[int] = (), papers_public: bool = False, **words: Any) -> Step:
    """Append the step with its papers."""
    step = make_step(case, act, **words)
    step.save(force_insert=True)
    hang(step, attachment_ids, is_public=papers_public)
    return step


def hang(step: Step, attachment_ids: Iterable[int], *, is_public: bool) -> None:
    """Hang papers on a step; refuse ids that are not there."""
    wanted = list(dict.fromkeys(attachment_ids))
    if not wanted:
        return
    if queries.count_attachments(seen_by=ANYONE, attachment_ids=wanted) != len(wanted):
        raise UnknownAttachment
    StepAttachment.objects.bulk_create(
        StepAttachment(town_id=step.town_id, step=step, attachment_id=attachment_id, is_public=is_public) for attachment_id in wanted
    )


def hang_named(step: Step, papers: dict[str, int]) -> None:
    """Hang papers on a step under the names by which the procedure asks for them; refuse ids that are not there."""
    if not papers:
        return
    if queries.count_attachments(seen_by=ANYONE, attachment_ids=list(papers.values())) != len(set(papers.values())):
        raise UnknownAttachment
    StepAttachment.objects.bulk_create(
        StepAttachment(town_id=step.town_id, step=step, attachment_id=attachment_id, name=name[:30], is_public=False) for name, attachment_id in papers.items()
    )


def closed_fact(case: Case, *, unverified: bool, on_time: bool) -> CaseClosed:
    """Return the fact that tells that a case was closed."""
    return CaseClosed(**about(case), unverified=unverified, on_time=on_time)


def change_state(case: Case, act: Act, at: datetime, *, back_to: str | None = None) -> str:
    """Move the case by the table (`back_to`: the state to which an act takes it back); return the state it was in."""
    before = case.state
    case.state = target(before, act, before=back_to).value
    case.version += 1
    case.touched_at = at
    return before


def definition_of(case: Case) -> ProcedureDefinition:
    """Return the procedure version that the case runs on."""
    return procedures.of(case.procedure)


# ---- clocks ---------------------------------------------------------------------------------------------------------
def new_clock(case: Case, of: str, limit: tuple[int, str], *, at: datetime, stage: str = "", organ_id: int | None = None,
              task_id: int | None = None, basis: str = "", rule: str = "") -> Clock:  # fmt: skip
    """Return a clock that starts now, unsaved, with its due moment computed."""
    due = clocks.due(at, clocks.Limit(*limit), (), calendar.working_time(seen_by=ANYONE))
    return rows.make(
        Clock, town_id=case.town_id, case=case, of=of, stage=stage, organ_id=organ_id, task_id=task_id, started_at=at,
        amount=limit[0], unit=limit[1], basis=basis[:200], rule=rule[:80], due_at=due.at, warn_at=due.warn_at, provisional=due.provisional,
    )  # fmt: skip


def end_clocks(case: Case, at: datetime, **which: Any) -> None:
    """End the running clocks of the case (all, or those of a kind)."""
    Clock.objects.filter(case=case, ended_at__isnull=True, **which).update(ended_at=at)


def running_clock(case: Case, **which: Any) -> Clock | None:
    """Return the running clock of this kind, if there is one."""
    return Clock.objects.filter(case=case, ended_at__isnull=True, **which).order_by("-pk").first()


def recompute(clock: Clock, stops: list[Stop]) -> None:
    """Compute the due moment again from the rule, the lawful stops and the extension: the only way it ever moves."""
    pauses = [clocks.Pause(stop.began_at, stop.ended_at, stop.get_ground_display()) for stop in stops]
    due = clocks.due(
        clock.started_at, clocks.Limit(clock.amount, clock.unit), pauses, calendar.working_time(seen_by=ANYONE), extended_by=clock.extended_by
    )
    clock.due_at, clock.warn_at, clock.provisional = due.at, due.warn_at, due.provisional
    clock.save(update_fields=["due_at", "warn_at", "provisional", "extended_by", "extension_basis"])


def note_involved(case: Case, *organ_ids: int | None) -> None:
    """Remember that these organs have something to do with the case."""
    case.involved = sorted({*case.involved, *(organ_id for organ_id in organ_ids if organ_id is not None)})


def restrict(found: QuerySet[Case], at: datetime) -> None:
    """Close cases to all but those who raised them and the units that have to do with them; their papers too."""
    ids = list(found.exclude(visibility=Case.Visibility.RESTRICTED).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return
    papers = StepAttachment.objects.filter(step__case_id__in=ids)
    attachments.close_attachments(by=CLOCK, at=at, attachment_ids=list(papers.values_list("attachment_id", flat=True)))
    papers.update(is_public=False)
    Case.objects.filter(pk__in=ids).update(visibility=Case.Visibility.RESTRICTED, version=F("version") + 1)
    with connection.cursor() as cursor:  # who only followed what was for everybody hears of it no more
        cursor.execute(
            """
            UPDATE cases_case c SET followers = coalesce((
                SELECT array_agg(one ORDER BY one) FROM unnest(c.followers) one WHERE NOT EXISTS (
                    SELECT 1 FROM cases_party p WHERE p.case_id = c.id AND p.person_id = one AND p.via = %s
                )
            ), '{}') WHERE c.id = ANY(%s)
            """,
            [Party.Via.FOLLOWS.value, ids],
        )


def hold_for_follow_up(case: Case) -> None:
    """Put a closed case on the desk of whoever must act next on a bad rating, on its clock; off it when nothing waits. Does not save."""
    case.holder_id = case.next_due_at = None
    waiting = {found.opened_at: found for found in case.follow_ups.exclude(state=FollowUp.State.DONE).order_by("-pk")}
    for clock in Clock.objects.filter(case=case, of=Clock.Of.FOLLOW_UP, ended_at__isnull=True).order_by("due_at", "pk"):
        found = waiting.get(clock.started_at)
        if found is not None and clock.stage == ("call" if found.state == FollowUp.State.TO_CALL else "put_right"):
            case.holder_id = queries.dispatch_organ_id(seen_by=ANYONE) if clock.stage == "call" else found.organ_id
            case.next_due_at = clock.due_at
            note_involved(case, case.holder_id)
            return


def finish(case: Case, at: datetime) -> None:
    """End everything that runs on a case that has come to a final state, but what follows a bad rating."""
    assert State(case.state) in FINAL_STATES
    Clock.objects.filter(case=case, ended_at__isnull=True).exclude(of=Clock.Of.FOLLOW_UP).update(ended_at=at)
    Stop.objects.filter(case=case, ended_at__isnull=True).update(ended_at=at)


def town_id() -> int:
    """Return the town of this work."""
    return current_town()


# ---- joined units ---------------------------------------------------------------------------------------------------
DEFAULT_LIMIT = (3, "working_days")


def ask_to_join(case: Case, organ_id: int, *, task: str, required: bool, is_order: bool, limit: tuple[int, str] | None, by: Actor, at: datetime) -> Task:
    """Ask a unit; shared by the act itself and by intake, where the responsibility list names units to join."""
    if limit is not None and (limit[0] < 1 or limit[1] not in ("working_hours", "working_days", "hours", "calendar_days")):
        raise BadLimit
    try:
        with transaction.atomic():
            asked = Task.objects.create(
                town_id=case.town_id, case=case, organ_id=organ_id, title=task[:200], required=required, asks="order" if is_order else "work", asked_at=at
            )
    except IntegrityError as error:
        raise AlreadyAsked(case) from error
    clock = new_clock(case, Clock.Of.JOIN, limit or DEFAULT_LIMIT, at=at, organ_id=organ_id, task_id=asked.pk, rule=case.number)
    clock.save(force_insert=True)
    note_involved(case, organ_id)
    case.version += 1
    Case.objects.filter(pk=case.pk).update(involved=case.involved, touched_at=at, version=case.version)
    add_step(case, Act.JOIN, by=by, at=at, public_text=task, details={"organ": organ_id, "required": required, "is_order": is_order})
    record(CaseJoined(**about(case), organ_id=organ_id, required=required, is_order=is_order))
    return asked
