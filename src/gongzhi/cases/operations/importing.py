"""Many cases of another system at once: what is known of each is written as it was, in bulk.

`import_case` replays acts one by one, which checks most and takes most time; this takes a register of thousands. Where
the other system keeps no time of closing, the latest moment that its record allows is taken, and the step says so.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries, rules, words
from gongzhi.cases.facts import CaseImported, CasesImported
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, Clock, Step
from gongzhi.cases.operations import _steps
from gongzhi.foundation.people import masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """What another system knows of a case. `key` is the same for the same case, always.

    closed: "" (still open), "on_time", "overdue" or "at" (closed at `closed_at`). `same_as`: the key of the case that
    this one repeats.
    """

    key: str
    origin_ref: str
    title: str
    opened_at: datetime
    text: str = ""
    category_id: int | None = None
    area_id: int | None = None
    area_path: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    lead_id: int | None = None
    origin: str = "import"
    closed: str = ""
    closed_at: datetime | None = None
    outcome: str = ""
    same_as: str = ""


class NoLimit(Refused):
    sentence = _("Cases of “%(kind)s” have no time limit of their own, so they cannot be taken over without a category.")


@operation
def import_cases(*, by: Actor, at: datetime, kind: str, known: Sequence[KnownCase], visibility: str | None = None) -> dict[str, Case]:
    """Write cases of another system, oldest first; return the new ones by key. Keys that are there already are left alone.

    Closed ones show as closed without a check: nobody of this town checked them. One ledger entry for each, all in one
    transaction; nobody is told, nothing is announced.
    """
    ensure(rules.may_import)
    case_kind = kinds.kind_of(kind)
    there = dict(Case.objects.filter(submission_key__in=[one.key for one in known]).values_list("submission_key", "pk"))
    fresh = sorted((one for one in known if one.key not in there), key=lambda one: (one.opened_at, one.key))
    town = queries.town(seen_by=ANYONE)
    categories = {category.pk: category for category in queries.categories(seen_by=ANYONE, on=territory.day_of(seen_by=ANYONE, at=at))}
    first = min((one.opened_at for one in fresh), default=at)
    procedure = queries.procedure_in_force(seen_by=ANYONE, kind=kind, at=first)
    definition = procedures.of(procedure)
    dispatch_id = queries.dispatch_organ_id(seen_by=ANYONE)
    serials = _reserve(Counter(town.local(one.opened_at).year for one in fresh))
    cases: dict[str, Case] = {}
    clocks: list[Clock] = []
    for one in fresh:
        title, text, address = masking.masked(one.title), masking.masked(one.text), masking.masked(one.address)
        year = town.local(one.opened_at).year
        serials[year] += 1
        category = categories.get(one.category_id) if one.category_id else None
        case = Case(
            town_id=_steps.town_id(), kind=kind, line=case_kind.line, category=category, life=category.life if category else "", title=title[:120],
            text=text, origin=one.origin, origin_ref=one.origin_ref[:120], submission_key=one.key, longitude=one.longitude, latitude=one.latitude,
            address=address[:200], area_id=one.area_id, area_path=one.area_path, unlocated=one.longitude is not None and one.area_id is None,
            severity=category.severity if category else 1, state=State.ASSIGNED.value if one.lead_id else State.OPENED.value, procedure=procedure,
            visibility=visibility or ("restricted" if category is not None and category.restricted else case_kind.visibility),
            lead_id=one.lead_id, involved=[one.lead_id] if one.lead_id else [], opened_at=one.opened_at, touched_at=one.opened_at, year=year,
            serial=serials[year], number=f"{town.short_name}{case_kind.mark}〔{year}〕{serials[year]:05d}",
            search=SearchVector(Value(words.cut(f"{title} {text} {address}")), config="simple"),
        )  # fmt: skip
        limit = (category.limit_amount, category.limit_unit) if category else definition.limit or case_kind.limit
        if limit is None:
            raise NoLimit(kind=case_kind.title)
        clock = _steps.new_clock(case, Clock.Of.CASE, limit, at=one.opened_at, organ_id=one.lead_id, basis=category.basis if category else "",
                                 rule=category.code if category else "")  # fmt: skip
        case.due_at = clock.due_at
        _bring_to_its_state(case, clock, one, definition, dispatch_id)
        cases[one.key] = case
        clocks.append(clock)
    Case.objects.bulk_create(cases.values(), batch_size=500)
    for clock in clocks:
        clock.case_id = clock.case.pk
    Clock.objects.bulk_create(clocks, batch_size=1000)
    _merge_repeats(fresh, cases, there)
    Step.objects.bulk_create([step for one in fresh for step in _story(cases[one.key], one, by)], batch_size=1000)
    for one in fresh:
        _record(cases[one.key], one)
    record(CasesImported(subject=ref(town), kind_of_case=kind, imported=len(fresh), known=len(known) - len(fresh)))
    return cases


def _reserve(wanted: Counter[int]) -> dict[int, int]:
    """Take blocks of numbers; return by year the last number before the block."""
    before = {}
    with connection.cursor() as cursor:
        for year, n in sorted(wanted.items()):
            cursor.execute(
                "INSERT INTO cases_casecounter (town_id, year, last) VALUES (%s, %s, %s)"
                " ON CONFLICT (town_id, year) DO UPDATE SET last = cases_casecounter.last + EXCLUDED.last RETURNING last",
                [_steps.town_id(), year, n],
            )
            before[year] = int(cursor.fetchone()[0]) - n
    return before


def _bring_to_its_state(case: Case, clock: Clock, one: KnownCase, definition: Any, dispatch_id: int | None) -> None:
    if one.closed or one.same_as:
        ended = one.closed_at or (clock.due_at + timedelta(minutes=1) if one.closed == "overdue" else clock.due_at)
        ended = case.opened_at if one.same_as else max(ended, case.opened_at)
        case.state = State.MERGED.value if one.same_as else State.CLOSED.value
        case.stage, case.touched_at, clock.ended_at = procedures.END, ended, ended
        if not one.same_as:
            case.closed_at = case.answered_at = ended
            case.closed_unverified = kinds.kind_of(case.kind).verify != "none"
            case.outcome = masking.masked(one.outcome)[:200]
            if ended > clock.due_at:
                clock.overdue_at = case.overdue_at = clock.due_at
        return
    stage = definition.stage_for_state(State.ASSIGNED.value) if one.lead_id else definition.stage(definition.start)
    case.stage = stage.code if stage else definition.start
    case.holder_id = one.lead_id or dispatch_id
    _steps.note_involved(case, case.holder_id)
    case.next_due_at = case.due_at


def _merge_repeats(fresh: Sequence[KnownCase], cases: dict[str, Case], there: dict[str | None, int]) -> None:
    """Lead each repeat on to the case that it repeats, be it of this batch or of an earlier one."""
    repeats = [one for one in fresh if one.same_as]
    elsewhere = {one.same_as for one in repeats} - set(cases) - set(there)
    known = there | dict(Case.objects.filter(submission_key__in=elsewhere).values_list("submission_key", "pk"))
    merged = []
    for one in repeats:
        case = cases[one.key]
        case.merged_into_id = cases[one.same_as].pk if one.same_as in cases else known[one.same_as]
        merged.append(case)
    Case.objects.bulk_update(merged, ["merged_into"], batch_size=500)


def _story(case: Case, one: KnownCase, by: Actor) -> list[Step]:
    """Return the steps by which the case has come to its state, as the table of states has them."""

    def step(act: Act, at: datetime, before: State, after: State, **more: Any) -> Step:
        made = _steps.make_step(case, act, by=by, at=at, before=before.value, organ_id=case.lead_id, **more)
        made.to_state = after.value
        return made

    steps = [step(Act.OPEN, case.opened_at, State.DRAFT, State.OPENED, public_text=case.text, details={"imported": one.origin_ref},
                  internal_text=_as_written(one.title, one.text, one.address))]  # fmt: skip
    if one.same_as:
        steps.append(step(Act.MERGE, case.opened_at, State.OPENED, State.MERGED, details={"imported": one.origin_ref}))
        return steps
    if case.lead_id:
        steps.append(step(Act.ASSIGN, case.opened_at, State.OPENED, State.ASSIGNED, details={"organ": case.lead_id}))
    if one.closed:
        assert case.closed_at is not None
        told = {"imported": one.origin_ref, "assumed_time": one.closed_at is None}
        if case.lead_id:
            steps.append(step(Act.ACCEPT, case.opened_at, State.ASSIGNED, State.IN_HAND, details={"imported": one.origin_ref}))
        steps.append(step(Act.ANSWER, case.closed_at, State.IN_HAND, State.ANSWERED, details=told))
        steps.append(step(Act.CLOSE_UNVERIFIED, case.closed_at, State.ANSWERED, State.CLOSED, public_text=masking.masked(one.outcome), details=told,
                          internal_text=_as_written(one.outcome)))  # fmt: skip
    return steps


def _as_written(*given: str) -> str:
    """Return what the other system has where something of it was masked, for those who work on the case; else ""."""
    return "\n".join(text for text in given if masking.masked(text) != text)


def _record(case: Case, one: KnownCase) -> None:
    record(
        CaseImported(
            subject=ref(case), public=case.visibility == Case.Visibility.PUBLIC, case_id=case.pk, number=case.number, kind_of_case=case.kind,
            origin_ref=one.origin_ref, state=case.state, opened_at=case.opened_at, closed_at=case.closed_at, merged_into_id=case.merged_into_id,
            content_hash=hashlib.sha256(f"{case.title}\n{case.text}".encode()).hexdigest(),
        )
    )  # fmt: skip
