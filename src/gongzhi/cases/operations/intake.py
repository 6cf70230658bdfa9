"""A need becomes a case: one operation takes any need, whatever door it came through."""

import hashlib
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries, rules, words
from gongzhi.cases.facts import (
    CaseAssigned,
    CaseFollowed,
    CaseMerged,
    CaseOpened,
    CasePlaced,
    CaseReclassified,
    CaseReferred,
    CaseSeverityRaised,
    SealedTextShown,
)
from gongzhi.cases.lifecycle import WITH_DISPATCHER, Act, State
from gongzhi.cases.models import Case, Category, Clock, Party, Responsibility
from gongzhi.cases.operations import _steps
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import queries as territory
from gongzhi.foundation.territory.datum import UnknownDatum, to_wgs84
from gongzhi.kernel import rows
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, let_subscribers_know, operation, record


class UnknownCategory(Refused):
    """The category is not one of the town's, or no longer."""

    sentence = _("This category does not exist; please choose one from the list.")
    field = "category"


class BadPlace(Refused):
    """Coordinates that are not on the Earth, or only half given."""

    sentence = _("The place is not usable: longitude must be −180 to 180 and latitude −90 to 90, both together.")
    field = "place"


class NoTitle(Refused):
    sentence = _("Please say in a few words what it is about.")
    field = "title"


class TooLong(Refused):
    sentence = _("This text is too long: at most %(most)s characters.")
    field = "text"


class AlreadyMerged(Refused):
    sentence = _("Case %(number)s is closed or merged itself; choose an open one.")
    field = "into"


class CannotRefer(Refused):
    sentence = _("A case cannot be referred to its own kind.")
    field = "to_kind"


class InNoGrid(Refused):
    sentence = _("This point lies in no grid of the town; choose the grid.")
    field = "area"


class NothingToShow(Refused):
    sentence = _("Nobody's contact is kept for this case.")


MOST_TEXT = 8000


@operation
def open_case(
    *, by: Actor, at: datetime, kind: str, title: str, text: str = "", category_id: int | None = None, longitude: float | None = None,
    latitude: float | None = None, datum: str = "wgs84", address: str = "", origin: str = "resident", raised_by_id: int | None = None,
    raised_for_id: int | None = None, device_id: int | None = None, origin_ref: str = "", submission_key: str | None = None,
    severity: int | None = None, visibility: str | None = None, attachment_ids: Iterable[int] = (), follow_code_hash: bytes | None = None,
    area_id: int | None = None, referred_from_id: int | None = None, beside: Callable[[Case], Iterable[Model]] | None = None,
) -> Case:  # fmt: skip
    """Open a case from any need and, where the responsibility list names one lead, assign it at once.

    `longitude`, `latitude`: degrees in `datum` (wgs84, gcj02, bd09). A point in no grid is taken in and marked
    unlocated; one outside the town is besides given to no unit. The same `submission_key` gives the same case.
    `beside`: what rows the kind's module keeps with a new case, written in the same statement. Raises UnknownCategory,
    BadPlace, NoTitle, TooLong.
    """
    case_kind = kinds.kind_of(kind)
    ensure(rules.may_open, case_kind)
    if submission_key:
        twin = _same_submission(submission_key)
        if twin is not None:
            record(CaseFollowed(**_steps.about(twin)))
            return twin
    case = _new_case(
        by=by, at=at, case_kind=case_kind, title=title, text=text, category_id=category_id, longitude=longitude, latitude=latitude,
        datum=datum, address=address, origin=origin, raised_by_id=raised_by_id, raised_for_id=raised_for_id, device_id=device_id,
        origin_ref=origin_ref, submission_key=submission_key, severity=severity, visibility=visibility, area_id=area_id,
        referred_from_id=referred_from_id,
    )  # fmt: skip
    procedure = case.procedure
    definition = procedures.of(procedure)
    dispatch_organ_id = queries.dispatch_organ_id(seen_by=ANYONE)
    by_list = definition.dispatch == "list" and case.responsibility is not None
    limit, basis, rule = _limit(case)
    clock = _steps.new_clock(case, Clock.Of.CASE, limit, at=at, organ_id=case.lead_id if by_list else None, basis=basis, rule=rule)
    case.due_at = clock.due_at
    start = definition.stage(definition.start)
    goal = start.outcomes.get(Act.ASSIGN.value, definition.start) if by_list else definition.start
    stage = definition.stage(goal)
    stage_clock = None
    if by_list:
        assert case.responsibility is not None
        case.lead_id = case.responsibility.lead_id
        case.state = State.ASSIGNED.value
    case.stage = goal
    case.holder_id = case.lead_id if stage.owner == "lead" else _steps.owner_of(case, stage, dispatch_organ_id=dispatch_organ_id)
    _steps.note_involved(case, case.holder_id, case.lead_id)
    if stage.limit == "case":
        case.next_due_at = case.due_at
    elif isinstance(stage.limit, tuple):
        stage_clock = _steps.new_clock(case, Clock.Of.STAGE, stage.limit, at=at, stage=goal, organ_id=case.holder_id, basis=stage.basis,
                                       rule=f"{case.kind} v{procedure.version}" if procedure else "")  # fmt: skip
        case.next_due_at = stage_clock.due_at
    opened = _steps.make_step(case, Act.OPEN, by=by, at=at, before=State.DRAFT.value, public_text=case.text, organ_id=raised_for_id)
    opened.to_state = State.OPENED.value
    steps = [opened]
    if by_list:
        assert case.responsibility is not None
        assigned = _steps.make_step(case, Act.ASSIGN, by=by, at=at, before=State.OPENED.value, organ_id=case.lead_id,
                                    clause=case.responsibility.clause, details={"by_list": True})  # fmt: skip
        steps.append(assigned)
    parties = []
    if raised_by_id or follow_code_hash:
        parties.append(rows.make(Party, town_id=case.town_id, case=case, person_id=raised_by_id, code_hash=follow_code_hash, joined_at=at))
    case.year = at.astimezone(_town().zone).year
    before = f"{_town().short_name}{case_kind.mark}〔{case.year}〕"
    case.serial, case.number = rows.TAKEN, _numbered(before)  # type: ignore[assignment]  # values that the statement finds
    # from here to the commit, others of the town who open a case wait
    serial = rows.insert(
        case, clock, *([stage_clock] if stage_clock else []), *steps, *parties, *(beside(case) if beside else ()), taking=_next_serial(case.year)
    )
    assert serial is not None
    case.serial, case.number = serial, f"{before}{serial:05d}"
    case.opened_with = clock
    _steps.hang(opened, attachment_ids, is_public=case.visibility == Case.Visibility.PUBLIC)
    record(
        CaseOpened(
            **_steps.about(case), category=case.category.code if case.category else "", area_id=case.area_id, lead_id=case.lead_id,
            due_at=case.due_at, origin=case.origin, content_hash=hashlib.sha256(f"{case.title}\n{case.text}".encode()).hexdigest(),
        )
    )  # fmt: skip
    if by_list:
        assert case.lead_id is not None
        assert case.responsibility is not None
        record(CaseAssigned(**_steps.about(case), organ_id=case.lead_id, clause=case.responsibility.clause))
        for organ_id in case.responsibility.co_handlers:
            _steps.ask_to_join(case, organ_id, task=str(_("As the responsibility list says")), required=False, is_order=False, limit=None, by=by, at=at)
    let_subscribers_know(queries.CaseInShort.known_as(case.pk), queries.CaseInShort.of(case))
    return case


def _town() -> Any:
    return queries.town(seen_by=ANYONE)


def _same_submission(submission_key: str) -> Case | None:
    """Return the case this key made; a twin that is being made now is waited for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [submission_key, _steps.town_id()])
    return Case.objects.filter(town_id=_steps.town_id(), submission_key=submission_key).first()


def _new_case(*, by: Actor, at: datetime, case_kind: kinds.CaseKind, title: str, text: str, category_id: int | None, longitude: float | None,
              latitude: float | None, datum: str, address: str, origin: str, raised_by_id: int | None, raised_for_id: int | None,
              device_id: int | None, origin_ref: str, submission_key: str | None, severity: int | None, visibility: str | None,
              area_id: int | None, referred_from_id: int | None) -> Case:  # fmt: skip
    """Return the case with everything found out about it, unsaved."""
    title, text = title.strip(), text.strip()
    if not title:
        title = text.splitlines()[0][:60] if text else ""
    if not title:
        raise NoTitle
    if len(title) > 120:
        raise TooLong(field="title", most=120)
    if len(text) > MOST_TEXT:
        raise TooLong(field="text", most=MOST_TEXT)
    if len(address) > 200:
        raise TooLong(field="address", most=200)
    category = None
    if category_id is not None:
        category = queries.category(seen_by=ANYONE, category_id=category_id, on=territory.day_of(seen_by=ANYONE, at=at))
        if category is None:
            raise UnknownCategory
    area, unlocated = None, False
    if (longitude is None) != (latitude is None):
        raise BadPlace
    if longitude is not None and latitude is not None:
        if not (math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
            raise BadPlace
        try:
            longitude, latitude = to_wgs84(longitude, latitude, datum)
        except UnknownDatum as error:
            raise BadPlace(field="datum") from error
        area = territory.locate(seen_by=ANYONE, longitude=longitude, latitude=latitude)
        unlocated = area is None
    if area is None and area_id is not None:
        area, unlocated = territory.area_for(seen_by=ANYONE, area_id=area_id), False
    responsibility = None
    is_elsewhere = unlocated and longitude is not None and latitude is not None and territory.is_elsewhere(
        seen_by=ANYONE, longitude=longitude, latitude=latitude
    )
    if category is not None and not is_elsewhere:  # no unit of this town answers for a place in another: the dispatcher looks at it
        today = territory.day_of(seen_by=ANYONE, at=at)
        responsibility = queries.responsible(seen_by=ANYONE, category_id=category.pk, area_path=area.path if area else "", on=today)
    if category is not None and category.restricted:  # whatever was asked for: a restricted category has no public case
        visibility = Case.Visibility.RESTRICTED.value
    return rows.make(
        Case, town_id=_steps.town_id(), kind=case_kind.code, line=case_kind.line, category=category, life=category.life if category else "",
        title=title, text=text, origin=origin, raised_by_id=raised_by_id, raised_for_id=raised_for_id, device_id=device_id,
        origin_ref=origin_ref, submission_key=submission_key or None, followers=[raised_by_id] if raised_by_id else [],
        longitude=longitude, latitude=latitude, address=address.strip(), area=area, area_path=area.path if area else "", unlocated=unlocated,
        severity=severity or (category.severity if category else 1), visibility=visibility or case_kind.visibility, state=State.OPENED.value,
        procedure=queries.procedure_in_force(seen_by=ANYONE, kind=case_kind.code, at=at), responsibility=responsibility,
        lead_id=responsibility.lead_id if responsibility else None, opened_at=at, touched_at=at, referred_from_id=referred_from_id,
        search=rows.SimpleVector(words.cut(f"{title} {text} {address}")),
    )  # fmt: skip


def _limit(case: Case) -> tuple[tuple[int, str], str, str]:
    """Return (amount, unit), its basis, and the rule with its version."""
    line: Responsibility | None = case.responsibility
    if line is not None and line.limit_amount:
        return (line.limit_amount, line.limit_unit), line.basis, f"{line.clause} v{line.version}"
    category: Category | None = case.category
    if category is not None:
        return (category.limit_amount, category.limit_unit), category.basis, f"{line.clause} v{line.version}" if line else category.code
    return (5, "working_days"), "", ""


def _next_serial(year: int) -> rows.Sql:
    """Take the next number of the year. The counter's row stays locked until commit, so numbers have no gaps."""
    return rows.Sql(
        "INSERT INTO cases_casecounter (town_id, year, last) VALUES (%s, %s, 1)"
        " ON CONFLICT (town_id, year) DO UPDATE SET last = cases_casecounter.last + 1 RETURNING last AS number",
        (_steps.town_id(), year),
    )


def _numbered(before: str) -> rows.Sql:
    """Return the number of a case as people read it, with the serial that is being taken: at least five digits."""
    return rows.Sql("(SELECT %s::text || lpad(number::text, greatest(5, length(number::text)), '0') FROM taken)", (before,))


@operation
def import_case(*, by: Actor, at: datetime, steps: Iterable[dict[str, Any]] = (), **need: Any) -> Case:
    """Open a case of another system at its own time and replay what is known of it: {"act", "at", **arguments}."""
    ensure(rules.may_import)
    case = open_case(by=by, at=at, **need)
    from gongzhi.cases import operations

    for step in steps:
        arguments = {key: value for key, value in step.items() if key not in ("act", "at")}
        getattr(operations, step["act"])(by=by, at=step["at"], case_id=case.pk, **arguments)
    case.refresh_from_db()
    case.opened_with = None
    record(CaseFollowed(**_steps.about(case)))
    return case


@operation
def follow_case(*, by: Actor, at: datetime, case_id: int, person_id: int | None = None, follow_code_hash: bytes | None = None) -> Case:
    """Let somebody follow a public case instead of raising the same again: they hear of it and may add to it, no more."""
    case = _steps.locked(case_id)
    ensure(rules.may_follow, case)
    _steps.check(case, Act.FOLLOW)
    person_id = person_id if person_id is not None else by.person_id
    if person_id is not None and person_id in case.followers:
        record(CaseFollowed(**_steps.about(case)))
        return case
    Party.objects.create(town_id=case.town_id, case=case, person_id=person_id, code_hash=follow_code_hash, via=Party.Via.FOLLOWS, joined_at=at)
    if person_id is not None:
        case.followers = [*case.followers, person_id]
    case.touched_at = at
    case.save(update_fields=["followers", "touched_at"])
    _steps.add_step(case, Act.FOLLOW, by=by, at=at)
    record(CaseFollowed(**_steps.about(case)))
    return case


@operation
def merge_case(*, by: Actor, at: datetime, case_id: int, into_id: int, text: str = "") -> Case:
    """Merge a repeat into another open case; whoever raised it raised the other too from now on, who follows it follows the other.

    A restricted case takes over those who raised the repeat, not those who only followed it.
    """
    first, second = sorted((case_id, into_id))
    both = {pk: _steps.locked(pk) for pk in (first, second)}  # always in the same order, so that two merges cannot wait for each other
    case, into = both[case_id], both[into_id]
    ensure(rules.may_merge, case)
    _steps.check(case, Act.MERGE)
    if not into.is_open or into.pk == case.pk:
        raise AlreadyMerged(into, number=into.number)
    before = _steps.change_state(case, Act.MERGE, at)
    case.merged_into = into
    _steps.finish(case, at)
    _steps.enter_stage(case, None, at)
    case.save()
    followed = set(into.followers)
    for party in case.parties.all():
        follows = party.via == Party.Via.FOLLOWS
        if follows and into.visibility != Case.Visibility.PUBLIC:
            continue
        if party.person_id is not None and party.person_id in followed:
            if not follows:  # who followed the other and has raised the same counts as having raised it
                into.parties.filter(person_id=party.person_id, via=Party.Via.FOLLOWS).update(via=Party.Via.MERGED, first_case=case)
            continue
        Party.objects.create(
            town_id=into.town_id, case=into, person_id=party.person_id, code_hash=party.code_hash, via=party.via if follows else Party.Via.MERGED,
            first_case=case, joined_at=at,
        )  # fmt: skip
        if party.person_id is not None:
            followed.add(party.person_id)
    into.followers = sorted(followed)
    into.touched_at = at
    into.save(update_fields=["followers", "touched_at"])
    _steps.add_step(case, Act.MERGE, by=by, at=at, before=before, public_text=text, details={"into": into.slug, "into_number": into.number})
    _steps.add_step(into, Act.NOTE, by=by, at=at, public_text=str(_("Case %(number)s was merged into this one.")) % {"number": case.number},
                    details={"merged": case.slug})  # fmt: skip
    record(CaseMerged(**_steps.about(case), into_id=into.pk, into_number=into.number))
    return into


@operation
def refer_case(*, by: Actor, at: datetime, case_id: int, to_kind: str, reason: str) -> Case:
    """Pass a case to another kind with its history; the new case names where it came from."""
    case = _steps.locked(case_id)
    ensure(rules.may_refer, case)
    _steps.check(case, Act.REFER)
    reason = _steps.required(reason, "reason")
    if to_kind == case.kind:
        raise CannotRefer
    other = open_case(
        by=by, at=at, kind=to_kind, title=case.title, text=case.text, category_id=case.category_id, longitude=case.longitude,
        latitude=case.latitude, address=case.address, origin=Case.Origin.REFERRAL, raised_by_id=case.raised_by_id,
        raised_for_id=case.raised_for_id, origin_ref=case.number, visibility=case.visibility, area_id=case.area_id, referred_from_id=case.pk,
        severity=case.severity,
    )  # fmt: skip
    held = set(other.followers)
    for party in case.parties.exclude(person_id__in=held):
        if party.via == Party.Via.FOLLOWS and other.visibility != Case.Visibility.PUBLIC:
            continue
        Party.objects.create(
            town_id=case.town_id, case=other, person_id=party.person_id, code_hash=party.code_hash, via=party.via, first_case=case, joined_at=at
        )
        if party.person_id is not None:
            held.add(party.person_id)
    if held != set(other.followers):
        other.followers = sorted(held)
        other.save(update_fields=["followers"])
    before = case.state
    case.state = State.MERGED.value
    case.version += 1
    case.merged_into = other
    case.outcome = str(_("Referred as %(number)s")) % {"number": other.number}
    case.touched_at = at
    _steps.finish(case, at)
    _steps.enter_stage(case, None, at)
    case.save()
    _steps.add_step(case, Act.REFER, by=by, at=at, before=before, reason=reason, details={"into": other.slug, "to_kind": to_kind})
    record(CaseReferred(**_steps.about(case), to_kind=to_kind, to_case_id=other.pk))
    return other


@operation
def reclassify_case(*, by: Actor, at: datetime, case_id: int, category_id: int, reason: str = "") -> Case:
    """Give a case that waits for dispatch another category; its clock keeps its start and takes the new rule.

    A restricted category restricts the case, with its photos and papers. Leaving such a category does not open it again:
    what was not for everybody has been said in it.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_reclassify, case)
    _steps.check(case, Act.RECLASSIFY)
    category = queries.category(seen_by=ANYONE, category_id=category_id, on=territory.day_of(seen_by=ANYONE, at=at))
    if category is None:
        raise UnknownCategory
    old = case.category
    case.category, case.life = category, category.life
    case.version += 1
    if category.restricted:
        _steps.restrict(Case.objects.filter(pk=case.pk), at)
        case.refresh_from_db(fields=["visibility", "followers"])
    case.responsibility = queries.responsible(seen_by=ANYONE, category_id=category.pk, area_path=case.area_path, on=territory.day_of(seen_by=ANYONE, at=at))
    case.touched_at = at
    clock = _steps.running_clock(case, of=Clock.Of.CASE)
    if clock is not None:
        (clock.amount, clock.unit), clock.basis, clock.rule = _limit(case)
        clock.save(update_fields=["amount", "unit", "basis", "rule"])
        _steps.recompute(clock, list(case.stops.all()))
        case.due_at = clock.due_at
    case.save()
    _steps.add_step(case, Act.RECLASSIFY, by=by, at=at, reason=reason, details={"from": old.code if old else "", "to": category.code})
    record(CaseReclassified(**_steps.about(case), category=category.code))
    return case


@operation
def place_case(*, by: Actor, at: datetime, case_id: int, area_id: int | None = None, longitude: float | None = None, latitude: float | None = None,
               address: str = "") -> Case:  # fmt: skip
    """Say where a case is that lies in no grid, by a point (WGS-84) or by naming the grid; the list is asked anew.

    A case that waits for dispatch takes the line of the list that fits its place, and its clock that line's rule.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_place, case)
    _steps.check(case, Act.NOTE)
    if (longitude is None) != (latitude is None):
        raise BadPlace
    area = territory.area_for(seen_by=ANYONE, area_id=area_id) if area_id is not None else None
    if longitude is not None and latitude is not None:
        if not (math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
            raise BadPlace
        area = area or territory.locate(seen_by=ANYONE, longitude=longitude, latitude=latitude)
        case.longitude, case.latitude = longitude, latitude
    if area is None:
        raise InNoGrid
    case.area, case.area_path, case.unlocated = area, area.path, False
    case.version += 1
    if address.strip():
        case.address = address.strip()[:200]
    case.touched_at = at
    if case.state in WITH_DISPATCHER and case.category is not None:
        case.responsibility = queries.responsible(seen_by=ANYONE, category_id=case.category.pk, area_path=area.path, on=territory.day_of(seen_by=ANYONE, at=at))
        clock = _steps.running_clock(case, of=Clock.Of.CASE)
        if clock is not None:
            (clock.amount, clock.unit), clock.basis, clock.rule = _limit(case)
            clock.save(update_fields=["amount", "unit", "basis", "rule"])
            _steps.recompute(clock, list(case.stops.all()))
            case.due_at = clock.due_at
    case.save()
    _steps.add_step(case, Act.NOTE, by=by, at=at, public_text=str(_("Placed in %(area)s.")) % {"area": area.name},
                    details={"area": area.pk, "version": case.version})
    record(CasePlaced(**_steps.about(case), area_id=area.pk))
    return case


@operation
def raise_severity(*, by: Actor, at: datetime, case_id: int, severity: int, reason: str = "") -> Case:
    """Raise how serious a case is (an alarm that grows)."""
    case = _steps.locked(case_id)
    ensure(rules.may_raise_severity, case)
    _steps.check(case, Act.RAISE_SEVERITY)
    case.severity = max(case.severity, min(4, severity))
    case.touched_at = at
    case.version += 1
    case.save(update_fields=["severity", "touched_at", "version"])
    _steps.add_step(case, Act.RAISE_SEVERITY, by=by, at=at, reason=reason, details={"severity": case.severity})
    record(CaseSeverityRaised(**_steps.about(case), severity=case.severity))
    return case


@operation
def show_raiser(*, by: Actor, at: datetime, case_id: int, purpose: str, field: str = "phone") -> str:
    """Show whoever works on a case the sealed contact of whoever is to be called back, else raised it; the look stands in the ledger."""
    case = Case.objects.get(pk=case_id)
    ensure(rules.sees_internal, case)
    purpose = _steps.required(purpose, "purpose")
    person_id = queries.whose_contact(seen_by=by, case=case)
    if person_id is None:
        raise NothingToShow(case)
    shown = people.show_sealed(by=by, at=at, person_id=person_id, field=field, purpose=purpose)
    record(SealedTextShown(**_steps.about(case), field=field))
    return shown
