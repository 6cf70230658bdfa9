"""What all acts of the engine do alike: lock the case, check the table, append the step, start and end clocks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.utils import IntegrityError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import clock as clocks
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.cases.facts import CaseJoined
from gongzhi.cases.lifecycle import FINAL_STATES, Act, State, is_lawful, target
from gongzhi.cases.models import Case, Clock, CoHandling, Step, StepAttachment, Stop
from gongzhi.cases.procedure import END, ProcedureDefinition, Stage
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import rows
from gongzhi.kernel.actors import ANYONE, Actor
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


def locked(case_id: int) -> Case:
    """Return the case, locked for this transaction."""
    return Case.objects.select_for_update(of=("self",)).select_related("category", "procedure").get(pk=case_id)


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


def make_step(case: Case, act: Act, *, by: Actor, at: datetime, organ_id: int | None = None, before: str = "", public_text: str = "",
              internal_text: str = "", reason: str = "", clause: str = "", details: dict[str, Any] | None = None,
              submission_key: str | None = None) -> Step:  # fmt: skip
    """Return the step, unsaved."""
    return rows.make(
        Step, town_id=case.town_id, case=case, act=act.value, at=at, by=by.ref, person_id=by.person_id,
        organ_id=organ_id if organ_id is not None else organ_of(by, case.holder_id, case.lead_id),
        from_state=before or case.state, to_state=case.state, public_text=public_text, internal_text=internal_text,
        reason=reason[:300], clause=clause[:200], details=details or {}, submission_key=submission_key or None,
    )  # fmt: skip


def add_step(case: Case, act: Act, *, attachment_ids: Iterable[int] = (), papers_public: bool = False, **words: Any) -> Step:
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


def change_state(case: Case, act: Act, at: datetime) -> str:
    """Move the case by the table; return the state it was in."""
    before = case.state
    case.state = target(before, act).value
    case.touched_at = at
    return before


def definition_of(case: Case) -> ProcedureDefinition:
    """Return the procedure version that the case runs on."""
    return procedures.of(case.procedure)


# ---- clocks ---------------------------------------------------------------------------------------------------------
def new_clock(case: Case, of: str, limit: tuple[int, str], *, at: datetime, stage: str = "", organ_id: int | None = None,
              co_handling_id: int | None = None, basis: str = "", rule: str = "") -> Clock:  # fmt: skip
    """Return a clock that starts now, unsaved, with its due moment computed."""
    due = clocks.due(at, clocks.Limit(*limit), (), calendar.working_time(seen_by=ANYONE))
    return rows.make(
        Clock, town_id=case.town_id, case=case, of=of, stage=stage, organ_id=organ_id, co_handling_id=co_handling_id, started_at=at,
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


def enter_stage(case: Case, code: str | None, at: datetime, *, dispatch_organ_id: int | None = None) -> Stage | None:
    """Put the case into a stage of its procedure: who holds it now and on which clock. Does not save the case."""
    end_clocks(case, at, of=Clock.Of.STAGE)
    if code is None or code == END:
        case.stage = END
        case.holder_id = None
        case.next_due_at = None
        return None
    stage = definition_of(case).stage(code)
    case.stage = code
    case.holder_id = owner_of(case, stage, dispatch_organ_id=dispatch_organ_id)
    note_involved(case, case.holder_id)
    if stage.limit == "case":
        case.next_due_at = case.due_at
    elif stage.limit is None:
        case.next_due_at = None
    else:
        assert not isinstance(stage.limit, str)
        clock = new_clock(case, Clock.Of.STAGE, stage.limit, at=at, stage=code, organ_id=case.holder_id, basis=stage.basis,
                          rule=f"{case.kind} v{case.procedure.version}" if case.procedure else "")  # fmt: skip
        clock.save(force_insert=True)
        case.next_due_at = clock.due_at
    return stage


def follow_outcome(case: Case, act: Act, at: datetime, fallback: str | None) -> Stage | None:
    """Go where the procedure says this act leads from the present stage."""
    goal = definition_of(case).after(case.stage, act.value)
    return enter_stage(case, goal if goal is not None else fallback, at)


def owner_of(case: Case, stage: Stage, *, dispatch_organ_id: int | None = None) -> int | None:
    """Return the organ that has a case in this stage."""
    match stage.owner:
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
        case owner:
            return organs.organs(seen_by=ANYONE).filter(code=owner.removeprefix("organ:")).values_list("pk", flat=True).first()


def note_involved(case: Case, *organ_ids: int | None) -> None:
    """Remember that these organs have something to do with the case."""
    case.involved = sorted({*case.involved, *(organ_id for organ_id in organ_ids if organ_id is not None)})


def finish(case: Case, at: datetime) -> None:
    """End everything that runs on a case that has come to a final state."""
    assert State(case.state) in FINAL_STATES
    end_clocks(case, at)
    Stop.objects.filter(case=case, ended_at__isnull=True).update(ended_at=at)


def town_id() -> int:
    """Return the town of this work."""
    return current_town()


# ---- joined units ---------------------------------------------------------------------------------------------------
DEFAULT_LIMIT = (3, "working_days")


def ask_to_join(case: Case, organ_id: int, *, task: str, required: bool, is_order: bool, limit: tuple[int, str] | None, by: Actor, at: datetime) -> CoHandling:
    """Ask a unit; shared by the act itself and by intake, where the responsibility list names units to join."""
    if limit is not None and (limit[0] < 1 or limit[1] not in ("working_hours", "working_days", "hours", "calendar_days")):
        raise BadLimit
    try:
        with transaction.atomic():
            co_handling = CoHandling.objects.create(
                town_id=case.town_id, case=case, organ_id=organ_id, task=task[:200], required=required, is_order=is_order, asked_at=at
            )
    except IntegrityError as error:
        raise AlreadyAsked(case) from error
    clock = new_clock(case, Clock.Of.JOIN, limit or DEFAULT_LIMIT, at=at, organ_id=organ_id, co_handling_id=co_handling.pk,
                             rule=case.number)  # fmt: skip
    clock.save(force_insert=True)
    note_involved(case, organ_id)
    Case.objects.filter(pk=case.pk).update(involved=case.involved, touched_at=at)
    add_step(case, Act.JOIN, by=by, at=at, public_text=task, details={"organ": organ_id, "required": required, "is_order": is_order})
    record(CaseJoined(**about(case), organ_id=organ_id, required=required, is_order=is_order))
    return co_handling
