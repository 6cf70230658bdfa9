"""The response: declared, raised, worked on, counted, reported, stood down."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases import operations as cases
from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.management_line.emergencies import plans, queries, rules
from gongzhi.management_line.emergencies.facts import (
    DutyChanged,
    EmergencyDeclared,
    EmergencyLogged,
    EmergencyStoodDown,
    LevelChanged,
)
from gongzhi.management_line.emergencies.models import (
    Emergency,
    EmergencyDuty,
    EmergencyEntry,
    EmergencyPlan,
    PublicAlert,
)
from gongzhi.management_line.emergencies.operations._shared import (
    MOST_TEXT,
    BadCount,
    DeclaredAlready,
    EndedAlready,
    NoSuchLevel,
    Over,
    PeopleMissing,
    PlanNotInForce,
    SameLevel,
    UnknownUnit,
    WordsMissing,
    check_plan,
    said,
)
from gongzhi.management_line.emergencies.operations.alerting import cancel_alert


@operation
def declare(
    *, by: Actor, at: datetime, plan_id: int, level: int, reason: str, is_drill: bool = False, area_id: int | None = None, alert_id: int | None = None
) -> Emergency:
    """Declare an emergency, or begin a drill: a case, the tasks of the level, and those who do them are told."""
    ensure(rules.may_command)
    kept = EmergencyPlan.objects.select_for_update().get(pk=plan_id)
    if kept.state != EmergencyPlan.State.IN_FORCE:
        raise PlanNotInForce(kept)
    if Emergency.objects.current().filter(plan__code=kept.code).exists():
        raise DeclaredAlready(kept)
    plan = check_plan(kept.definition, at)
    told = plan.levels.get(level)
    if told is None:
        raise NoSuchLevel
    reason = said(reason, "reason", 1000)
    lead = organs.organ_by_code(seen_by=ANYONE, code=plan.lead)
    assert lead is not None  # checked with the plan
    title = f"{kept.title}：{told.text['zh']}"
    need = cases.Need(
        kind="emergency", title=(f"【演练】{title}" if is_drill else title)[:120], text=reason, lead_id=lead.pk, area_id=area_id,
        origin="superior" if alert_id else "patrol", severity=max(1, 5 - level), raised_by_id=by.person_id,
    )  # fmt: skip
    case = cases.open_case(
        by=by, at=at, need=need,
        beside=lambda case: [Emergency(
            town_id=case.town_id, case=case, plan=kept, level=level, gravest=level, is_drill=is_drill, area_id=area_id, declared_at=at, level_since=at,
            report_due_at=at + timedelta(hours=told.report_every) if told.report_every else None,
        )],
    )  # fmt: skip
    emergency = Emergency.objects.get(case=case)
    if alert_id is not None:
        PublicAlert.objects.filter(pk=alert_id).update(emergency=emergency)
    _write(emergency, EmergencyEntry.Sort.LEVEL, f"{told.text['zh']}：{reason}", by=by, at=at)
    _give(emergency, plan.duties_at(level), by=by, at=at)
    record(EmergencyDeclared(subject=ref(emergency), case_id=case.pk, plan_id=kept.pk, level=level, is_drill=is_drill, alert_id=alert_id))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return emergency


def _locked(emergency_id: int) -> Emergency:
    emergency = Emergency.objects.select_for_update(of=("self",)).select_related("plan", "case").get(pk=emergency_id)
    if not emergency.is_current:
        raise Over(emergency)
    return emergency


def _write(emergency: Emergency, sort: str, text: str, *, by: Actor, at: datetime, **more: Any) -> EmergencyEntry:
    organ_id = next(iter(sorted(by.organ_ids)), None)
    return EmergencyEntry.objects.create(
        town_id=emergency.town_id, emergency=emergency, at=at, sort=sort, text=text, organ_id=organ_id, person_id=by.person_id, **more
    )


def _give(emergency: Emergency, wanted: Iterable[plans.Duty], *, by: Actor, at: datetime) -> list[EmergencyDuty]:
    """Give the tasks that have not been given yet, in one statement, and tell the people of their units."""
    known = set(EmergencyDuty.objects.filter(emergency=emergency).values_list("code", flat=True))
    fresh = [duty for duty in wanted if duty.code not in known]
    units = dict(organs.organs(seen_by=ANYONE).filter(code__in={duty.unit for duty in fresh}).values_list("code", "pk"))
    made = EmergencyDuty.objects.bulk_create(
        EmergencyDuty(
            town_id=emergency.town_id, emergency=emergency, code=duty.code, organ_id=units[duty.unit], title=duty.title["zh"][:200],
            title_en=duty.title.get("en", "")[:200], minutes=duty.minutes, given_at=at, due_at=at + timedelta(minutes=duty.minutes),
        )
        for duty in fresh
    )  # fmt: skip
    day = territory.day_of(seen_by=ANYONE, at=at)
    for organ_id in sorted({duty.organ_id for duty in made}):
        people = organs.people_of(seen_by=ANYONE, organ_id=organ_id, on=day)
        count = sum(duty.organ_id == organ_id for duty in made)
        if people:
            notices.give_notice(
                by=CLOCK, at=at, person_ids=people, kind="emergency", url=f"/emergencies/{emergency.case.slug}/", case_id=emergency.case_id,
                title="Drill %(name)s: %(n)s tasks for your unit" if emergency.is_drill else "Emergency %(name)s: %(n)s tasks for your unit",
                params={"name": emergency.plan.title, "n": str(count)},
            )  # fmt: skip
    return made


@operation
def change_level(*, by: Actor, at: datetime, emergency_id: int, level: int, reason: str) -> Emergency:
    """Raise or lower the level. Raising gives the tasks that had not been given; what was given stays until it is done or the response ends."""
    emergency = _locked(emergency_id)
    ensure(rules.may_command)
    plan = emergency.plan.plan
    told = plan.levels.get(level)
    if told is None:
        raise NoSuchLevel
    if level == emergency.level:
        raise SameLevel(emergency)
    reason = said(reason, "reason", 1000)
    before = emergency.level
    emergency.level, emergency.gravest, emergency.level_since = level, min(level, emergency.gravest), at
    emergency.report_due_at = at + timedelta(hours=told.report_every) if told.report_every else None
    emergency.save()
    _write(emergency, EmergencyEntry.Sort.LEVEL, f"{told.text['zh']}：{reason}", by=by, at=at)
    _give(emergency, plan.duties_at(level), by=by, at=at)
    record(LevelChanged(subject=ref(emergency), case_id=emergency.case_id, before=before, after=level))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return emergency


@operation
def give_duty(*, by: Actor, at: datetime, emergency_id: int, organ_id: int, title: str, minutes: int) -> EmergencyDuty:
    """Give a unit a task that the plan does not have."""
    emergency = _locked(emergency_id)
    ensure(rules.may_command)
    organ = organs.organs(seen_by=ANYONE).filter(pk=organ_id, closed_on__isnull=True).first()
    if organ is None:
        raise UnknownUnit
    title = said(title, "title", 200)
    duty = plans.Duty(code=f"x{uuid.uuid4().hex[:12]}", unit=organ.code, title={"zh": title}, minutes=max(1, min(minutes, plans.MOST_MINUTES)))
    (made,) = _give(emergency, [duty], by=by, at=at)
    record(DutyChanged(subject=ref(made), case_id=emergency.case_id, organ_id=organ_id, code=made.code, state=made.state))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return made


def _duty(duty_id: int) -> tuple[Emergency, EmergencyDuty]:
    emergency = _locked(EmergencyDuty.objects.values_list("emergency_id", flat=True).get(pk=duty_id))
    return emergency, EmergencyDuty.objects.select_for_update(of=("self",)).select_related("organ").get(pk=duty_id)


@operation
def take_duty(*, by: Actor, at: datetime, duty_id: int) -> EmergencyDuty:
    """Take a task up: the unit has read it and is on its way."""
    emergency, duty = _duty(duty_id)
    ensure(rules.may_work_on, duty)
    if duty.state == EmergencyDuty.State.GIVEN:
        duty.state, duty.taken_at, duty.done_by_id = EmergencyDuty.State.TAKEN, at, by.person_id
        duty.save()
    record(DutyChanged(subject=ref(duty), case_id=emergency.case_id, organ_id=duty.organ_id, code=duty.code, state=duty.state))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return duty


@operation
def end_duty(*, by: Actor, at: datetime, duty_id: int, done: bool, result: str, submission_key: str | None = None) -> EmergencyDuty:
    """Report that a task is done, or that it cannot be done and why; the same report sent twice (by a phone that was offline) is one."""
    emergency, duty = _duty(duty_id)
    ensure(rules.may_work_on, duty)
    if not duty.is_waiting:
        if submission_key and duty.submission_key == submission_key:
            record(DutyChanged(subject=ref(duty), case_id=emergency.case_id, organ_id=duty.organ_id, code=duty.code, state=duty.state))
            return duty
        raise EndedAlready(duty)
    duty.result = result.strip()[:MOST_TEXT] if done else said(result, "result")
    duty.state = EmergencyDuty.State.DONE if done else EmergencyDuty.State.FAILED
    duty.taken_at, duty.ended_at, duty.done_by_id, duty.submission_key = duty.taken_at or at, at, by.person_id, submission_key
    duty.save()
    if not done:
        commanders = organs.able(seen_by=ANYONE, ability="may_command_emergencies", on=territory.day_of(seen_by=ANYONE, at=at))
        notices.give_notice(
            by=CLOCK, at=at, person_ids=commanders, kind="emergency", url=f"/emergencies/{emergency.case.slug}/", case_id=emergency.case_id,
            title="%(organ)s cannot do its task: %(task)s", params={"organ": duty.organ.name, "task": duty.title},
        )  # fmt: skip
    record(DutyChanged(subject=ref(duty), case_id=emergency.case_id, organ_id=duty.organ_id, code=duty.code, state=duty.state))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return duty


@operation
def write_log(
    *, by: Actor, at: datetime, emergency_id: int, sort: str = "note", text: str = "", place: str = "", expected: int | None = None,
    arrived: int | None = None, submission_key: str | None = None,
) -> EmergencyEntry:  # fmt: skip
    """Write in the log: what happened, resources, or how many people of those expected at a place have come."""
    emergency = _locked(emergency_id)
    ensure(rules.may_log)
    known = EmergencyEntry.objects.filter(emergency=emergency, submission_key=submission_key).first() if submission_key else None
    if known is None:
        if sort == EmergencyEntry.Sort.COUNT:
            if expected is None or arrived is None or expected < 0 or arrived < 0:
                raise BadCount
            place = said(place, "place", 80)
        elif sort not in (EmergencyEntry.Sort.NOTE, EmergencyEntry.Sort.RESOURCE):
            raise WordsMissing(field="sort")
        else:
            text, expected, arrived = said(text), None, None
        known = _write(
            emergency, sort, text.strip()[:MOST_TEXT], by=by, at=at, place=place.strip()[:80], expected=expected, arrived=arrived,
            submission_key=submission_key,
        )  # fmt: skip
    digest = hashlib.sha256(f"{known.text}|{known.place}|{known.expected}|{known.arrived}".encode()).hexdigest()
    record(EmergencyLogged(subject=ref(emergency), case_id=emergency.case_id, sort=known.sort, digest=digest))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return known


@operation
def make_report(*, by: Actor, at: datetime, emergency_id: int) -> EmergencyEntry:
    """Make the situation report from tasks and log; the next one is due after the hours that the level says."""
    emergency = _locked(emergency_id)
    ensure(rules.may_log)
    found = queries.situation(seen_by=CLOCK, emergency=emergency, at=at)
    town = territory.town(seen_by=CLOCK)
    lines = [
        f"截至{town.local(at):%Y-%m-%d %H:%M}，响应级别：{emergency.plan.plan.levels[emergency.level].text['zh']}。",
        f"任务{found.duties}项：完成{found.done}项，逾期未完成{found.late}项，无法完成{found.failed}项，未签收{found.not_taken}项。",
        f"人员：应到{found.expected}人，实到{found.arrived}人，未清点到{found.missing}人。" if found.counts else "人员：没有转移安置。",
    ]
    since = EmergencyEntry.objects.filter(emergency=emergency, sort="report").order_by("-at").values_list("at", flat=True).first() or emergency.declared_at
    told = EmergencyEntry.objects.filter(emergency=emergency, sort__in=("note", "resource"), at__gte=since, at__lte=at).order_by("at")
    lines += [f"{town.local(entry.at):%H:%M} {entry.text}" for entry in told[:30]]
    every = emergency.plan.plan.levels[emergency.level].report_every
    emergency.report_due_at = at + timedelta(hours=every) if every else None
    emergency.save(update_fields=["report_due_at"])
    entry = _write(emergency, EmergencyEntry.Sort.REPORT, "\n".join(lines), by=by, at=at)
    digest = hashlib.sha256(entry.text.encode()).hexdigest()
    record(EmergencyLogged(subject=ref(emergency), case_id=emergency.case_id, sort=entry.sort, digest=digest))
    announce([f"emergency:{emergency.pk}"], "emergency")
    return entry


@operation
def stand_down(*, by: Actor, at: datetime, emergency_id: int, reason: str, anyway: bool = False) -> Emergency:
    """End the response: open tasks are lifted, the town's own alerts of it cancelled, and its case goes on to the review.

    While people are not accounted for this is refused, unless it is said that it shall be done all the same.
    """
    emergency = _locked(emergency_id)
    ensure(rules.may_command)
    reason = said(reason, "reason", 1000)
    found = queries.situation(seen_by=CLOCK, emergency=emergency, at=at)
    if found.missing and not anyway:
        raise PeopleMissing(n=found.missing)
    EmergencyDuty.objects.waiting().filter(emergency=emergency).update(state=EmergencyDuty.State.LIFTED, ended_at=at)
    emergency.stood_down_at, emergency.report_due_at = at, None
    emergency.save()
    _write(emergency, EmergencyEntry.Sort.LEVEL, f"终止响应：{reason}", by=by, at=at)
    for alert in PublicAlert.objects.filter(emergency=emergency, is_own=True, state="current", expires_at__gt=at):
        cancel_alert(by=by, at=at, alert_id=alert.pk, reason=reason)
    cases.decide_case(by=by, at=at, case_id=emergency.case_id, result="stand_down", public_text=reason)
    ended = list(EmergencyDuty.objects.filter(emergency=emergency))
    done = [duty for duty in ended if duty.state == "done"]
    record(EmergencyStoodDown(
        subject=ref(emergency), case_id=emergency.case_id, duties=len(ended), done=len(done), done_in_time=sum(not duty.is_late(at) for duty in done)
    ))  # fmt: skip
    announce([f"emergency:{emergency.pk}"], "emergency")
    return emergency
