"""What becomes of a case that is there: followed, merged, referred, classified anew, placed."""

import math
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries, rules
from gongzhi.cases.facts import (
    CaseFollowed,
    CaseMerged,
    CasePlaced,
    CaseReclassified,
    CaseReferred,
    CaseSeverityRaised,
    SealedTextShown,
)
from gongzhi.cases.lifecycle import WITH_DISPATCHER, Act, State
from gongzhi.cases.models import Case, Clock, Party
from gongzhi.cases.need import Need
from gongzhi.cases.operations import _stages, _steps
from gongzhi.cases.operations.opening import BadPlace, UnknownCategory, open_case
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class AlreadyMerged(Refused):
    sentence = _("Case %(number)s is closed or merged itself; choose an open one.")
    field = "into"


class CannotRefer(Refused):
    sentence = _("A case cannot be referred to its own kind.")
    field = "to_kind"


class NotReferable(Refused):
    sentence = _("A case cannot become “%(kind)s” by referral; open one on its own page and name this case.")
    field = "to_kind"


class InNoGrid(Refused):
    sentence = _("This point lies in no grid of the town; choose the grid.")
    field = "area"


class NothingToShow(Refused):
    sentence = _("Nobody's contact is kept for this case.")


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
    _stages.enter(case, None, at)
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
    receiving = kinds.kind_of(to_kind)
    if receiving.needs_dossier and receiving.from_referral is None:
        raise NotReferable(case, kind=receiving.title)
    category = case.category if case.category is not None and receiving.has_categories and case.category.fits(to_kind) else None
    need = Need(
        kind=to_kind, title=case.title, text=case.text, category_id=category.pk if category else None, longitude=case.longitude, latitude=case.latitude,
        address=case.address, origin=Case.Origin.REFERRAL.value, raised_by_id=case.raised_by_id, raised_for_id=case.raised_for_id, origin_ref=case.number,
        visibility=case.visibility, area_id=case.area_id, referred_from_id=case.pk, severity=case.severity,
    )  # fmt: skip
    bring = receiving.from_referral
    other = open_case(by=by, at=at, need=need, beside=(lambda opened: bring(case, opened)) if bring is not None else None)
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
    _stages.enter(case, None, at)
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
        limit = _stages.limit_of(case)
        if limit is not None:
            (clock.amount, clock.unit), clock.basis, clock.rule = limit
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
            limit = _stages.limit_of(case)
            if limit is not None:
                (clock.amount, clock.unit), clock.basis, clock.rule = limit
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
