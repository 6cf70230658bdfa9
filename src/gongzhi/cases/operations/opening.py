"""A need becomes a case: one operation takes any need, whatever door it came through."""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries, rules, words
from gongzhi.cases.facts import CaseAssigned, CaseFollowed, CaseOpened, CasesOpened
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, Clock, Party
from gongzhi.cases.need import Need
from gongzhi.cases.operations import _stages, _steps
from gongzhi.foundation.people import masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.foundation.territory.datum import UnknownDatum, to_wgs84
from gongzhi.kernel import rows
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
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


class NeedsDossier(Refused):
    """A kind whose cases are nothing without what its module keeps of them."""

    sentence = _("“%(kind)s” is not opened here; please use its own page.")
    field = "kind"


class UnfitCategory(Refused):
    sentence = _("“%(category)s” is not a category for this sort of case.")
    field = "category"


class TooMany(Refused):
    sentence = _("At most %(most)d cases are opened at once, and at least one.")


class UnknownRole(Refused):
    sentence = _("Cases of this kind have no such party: %(role)s.")
    field = "parties"


MOST_TEXT = 8000
MOST_AT_ONCE = 200


@operation
def open_case(*, by: Actor, at: datetime, need: Need, beside: Callable[[Case], Iterable[Model]] | None = None) -> Case:
    """Open a case from any need; where its lead is known (by the list or the dossier) it is assigned at once.

    A point in no grid is taken in and marked unlocated; one outside the town is besides
    given to no unit. The same `submission_key` gives the same case. `beside`: what rows
    the kind's module keeps with a new case, written in the same statement. Raises UnknownCategory, BadPlace, NoTitle,
    TooLong, NeedsDossier, UnknownRole, NoProcedure.
    """
    case_kind = kinds.kind_of(need.kind)
    ensure(rules.may_open, case_kind)
    if case_kind.needs_dossier and beside is None:
        raise NeedsDossier(kind=case_kind.title)
    if need.submission_key:
        twin = _same_submission(need.submission_key)
        if twin is not None:
            record(CaseFollowed(**_steps.about(twin)))
            return twin
    case = _new_case(at=at, case_kind=case_kind, need=need)
    definition = _steps.definition_of(case)
    dispatch_organ_id = queries.dispatch_organ_id(seen_by=ANYONE)
    by_list = definition.dispatch == "list" and case.responsibility is not None and need.lead_id is None
    start = definition.stage(definition.start)
    goal = definition.start
    if by_list or need.lead_id is not None:
        case.lead_id = case.responsibility.lead_id if by_list and case.responsibility else need.lead_id
        goal = start.outcomes.get(Act.ASSIGN.value, definition.start)
        if goal != definition.start:
            case.state = State.ASSIGNED.value
    is_assigned = by_list or need.lead_id is not None
    found = _stages.limit_of(case) if definition.clock_starts in ("", goal) else None
    clock = None
    if found is not None:
        limit, basis, rule = found
        clock = _steps.new_clock(case, Clock.Of.CASE, limit, at=at, organ_id=case.lead_id if is_assigned else None, basis=basis, rule=rule)
        case.due_at = clock.due_at
    stage, made = _stages.place(case, definition, goal, at, dispatch_organ_id=dispatch_organ_id)
    _steps.note_involved(case, case.lead_id)
    opened = _steps.make_step(case, Act.OPEN, by=by, at=at, before=State.DRAFT.value, public_text=case.text, organ_id=need.raised_for_id,
                               internal_text=_as_written(need, case))  # fmt: skip
    opened.to_state = State.OPENED.value
    steps = [opened]
    if by_list:
        assert case.responsibility is not None
        assigned = _steps.make_step(case, Act.ASSIGN, by=by, at=at, before=State.OPENED.value, organ_id=case.lead_id,
                                    clause=case.responsibility.clause, details={"by_list": True})  # fmt: skip
        steps.append(assigned)
    parties = _parties(case, case_kind, need, at)
    case.year = at.astimezone(_town().zone).year
    before = f"{_town().short_name}{case_kind.mark}〔{case.year}〕"
    case.serial, case.number = rows.TAKEN, _numbered(before)  # type: ignore[assignment]  # values that the statement finds
    # from here to the commit, others of the town who open a case wait
    clocks = [*([clock] if clock else []), *made]
    serial = rows.insert(case, *clocks, *steps, *parties, *(beside(case) if beside else ()), taking=_next_serial(case.year))
    assert serial is not None
    case.serial, case.number = serial, f"{before}{serial:05d}"
    case.opened_with = clock
    _steps.hang(opened, need.attachment_ids, is_public=case.visibility == Case.Visibility.PUBLIC)
    record(
        CaseOpened(
            **_steps.about(case), category=case.category.code if case.category else "", area_id=case.area_id, lead_id=case.lead_id,
            due_at=case.due_at, origin=case.origin, content_hash=hashlib.sha256(f"{case.title}\n{case.text}".encode()).hexdigest(),
        )
    )  # fmt: skip
    if is_assigned:
        assert case.lead_id is not None
        record(CaseAssigned(**_steps.about(case), organ_id=case.lead_id, clause=case.responsibility.clause if by_list and case.responsibility else ""))
    if by_list:
        assert case.responsibility is not None
        for organ_id in case.responsibility.co_handlers:
            _steps.ask_to_join(case, organ_id, task=str(_("As the responsibility list says")), required=False, is_order=False, limit=None, by=by, at=at)
    if stage.stops is not None or stage.tasks:
        _stages.arrive(case, stage, at)
        case.save()
    let_subscribers_know(queries.CaseInShort.known_as(case.pk), queries.CaseInShort.of(case))
    return case


@operation
def open_cases(*, by: Actor, at: datetime, needs: Sequence[Need], part_of_id: int | None = None) -> list[Case]:
    """Open several cases at once, all or none; `part_of_id`: the case that they are parts of (a meeting that opens twelve)."""
    ensure(rules.may_open_many, needs)
    if not 0 < len(needs) <= MOST_AT_ONCE:
        raise TooMany(most=MOST_AT_ONCE)
    if part_of_id is not None:
        whole = Case.objects.visible_to(by).select_for_update(of=("self",)).get(pk=part_of_id)
        needs = [replace(need, part_of_id=whole.pk) for need in needs]
    opened = [open_case(by=by, at=at, need=need) for need in needs]
    record(CasesOpened(subject=ref(opened[0]), case_ids=tuple(case.pk for case in opened), part_of_id=part_of_id))
    return opened


def _town() -> Any:
    return queries.town(seen_by=ANYONE)


def _same_submission(submission_key: str) -> Case | None:
    """Return the case this key made; a twin that is being made now is waited for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [submission_key, _steps.town_id()])
    return Case.objects.filter(town_id=_steps.town_id(), submission_key=submission_key).first()


def _parties(case: Case, case_kind: kinds.CaseKind, need: Need, at: datetime) -> list[Party]:
    """Return the parties of a new case, unsaved: whoever raises it in the kind's first role, then those whom the need names."""
    found = []
    if need.raised_by_id or need.follow_code_hash:
        found.append(rows.make(Party, town_id=case.town_id, case=case, person_id=need.raised_by_id, code_hash=need.follow_code_hash, joined_at=at,
                               role=case_kind.roles[0], organ_id=need.raised_for_id))  # fmt: skip
    for one in need.parties:
        if one.role not in case_kind.roles:
            raise UnknownRole(role=one.role)
        found.append(rows.make(Party, town_id=case.town_id, case=case, person_id=one.person_id, organ_id=one.organ_id, via=Party.Via.NAMED.value,
                               role=one.role, joined_at=at))  # fmt: skip
    named = {party.person_id for party in found if party.person_id is not None}
    case.followers = sorted({*case.followers, *named})
    _steps.note_involved(case, *(one.organ_id for one in need.parties))
    return found


def _as_written(need: Need, case: Case) -> str:
    """Return what was written where something of it was masked, for those who work on the case; else ""."""
    if need.device_id is not None:
        return ""
    return "\n".join(given.strip() for given in (need.title, need.text, need.address) if masking.masked(given) != given)


def _new_case(*, at: datetime, case_kind: kinds.CaseKind, need: Need) -> Case:
    """Return the case with everything found out about it, unsaved."""
    title, text, address = need.title.strip(), need.text.strip(), need.address
    if need.device_id is None:  # others read all three: whose number stands in them has not been asked
        title, text, address = masking.masked(title), masking.masked(text), masking.masked(address)
    longitude, latitude, visibility = need.longitude, need.latitude, need.visibility
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
    if need.category_id is not None:
        category = queries.category(seen_by=ANYONE, category_id=need.category_id, on=territory.day_of(seen_by=ANYONE, at=at))
        if category is None:
            raise UnknownCategory
        if not case_kind.has_categories or not category.fits(case_kind.code):
            raise UnfitCategory(category=category.label)
    area, unlocated = None, False
    if (longitude is None) != (latitude is None):
        raise BadPlace
    if longitude is not None and latitude is not None:
        if not (math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
            raise BadPlace
        try:
            longitude, latitude = to_wgs84(longitude, latitude, need.datum)
        except UnknownDatum as error:
            raise BadPlace(field="datum") from error
        area = territory.locate(seen_by=ANYONE, longitude=longitude, latitude=latitude)
        unlocated = area is None
    if area is None and need.area_id is not None:
        area, unlocated = territory.area_for(seen_by=ANYONE, area_id=need.area_id), False
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
        title=title, text=text, origin=need.origin, raised_by_id=need.raised_by_id, raised_for_id=need.raised_for_id, device_id=need.device_id,
        origin_ref=need.origin_ref, submission_key=need.submission_key or None, followers=[need.raised_by_id] if need.raised_by_id else [],
        longitude=longitude, latitude=latitude, address=address.strip(), area=area, area_path=area.path if area else "", unlocated=unlocated,
        severity=need.severity or (category.severity if category else 1), visibility=visibility or case_kind.visibility, state=State.OPENED.value,
        procedure=_procedure(case_kind, need, at), responsibility=responsibility,
        lead_id=responsibility.lead_id if responsibility else None, opened_at=at, touched_at=at,
        referred_from_id=need.referred_from_id, part_of_id=need.part_of_id,
        search=rows.SimpleVector(words.cut(f"{title} {text} {address}")),
    )  # fmt: skip


def _procedure(case_kind: kinds.CaseKind, need: Need, at: datetime) -> Any:
    """Return the procedure that a new case runs on: the one that its dossier names, else the kind's in force."""
    if need.procedure_id is None:
        return queries.procedure_in_force(seen_by=ANYONE, kind=case_kind.code, at=at)
    named = (version for version in queries.remembered_procedures(seen_by=ANYONE, kind=case_kind.code) if version.pk == need.procedure_id)
    found = next(named, None)
    if found is None:
        raise queries.NoProcedure(kind=case_kind.title)
    return found


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
def import_case(*, by: Actor, at: datetime, need: Need, steps: Iterable[dict[str, Any]] = ()) -> Case:
    """Open a case of another system at its own time and replay what is known of it: {"act", "at", **arguments}."""
    ensure(rules.may_import)
    case = open_case(by=by, at=at, need=need)
    from gongzhi.cases import operations

    for step in steps:
        arguments = {key: value for key, value in step.items() if key not in ("act", "at")}
        getattr(operations, step["act"])(by=by, at=step["at"], case_id=case.pk, **arguments)
    case.refresh_from_db()
    case.opened_with = None
    record(CaseFollowed(**_steps.about(case)))
    return case
