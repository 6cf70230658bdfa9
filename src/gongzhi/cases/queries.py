"""Questions about cases, each scoped to who asks."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from gongzhi.cases import clock as clocks
from gongzhi.cases import kind as kinds
from gongzhi.cases import nearness as near
from gongzhi.cases import procedure as procedures
from gongzhi.cases import rating, rules, words
from gongzhi.cases.lifecycle import OPEN_STATES, WITH_DISPATCHER, Act, State, lawful_acts
from gongzhi.cases.models import (
    AmendmentProposal,
    Case,
    CaseQuerySet,
    Category,
    Clock,
    CoHandling,
    FollowUp,
    Party,
    Procedure,
    Rating,
    Responsibility,
    SavedView,
    Step,
    StepAttachment,
    Stop,
)
from gongzhi.cases.models.case import slug_of
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import pages
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.rows import prepared
from gongzhi.kernel.towns import current_town

OPEN = [state.value for state in sorted(OPEN_STATES)]
CARD = ("category", "area", "lead", "holder", "handler", "procedure")
# what of a case is remembered rather than joined
_REMEMBERED: dict[str, Any] = {name: Case._meta.get_field(name) for name in ("category", "area", "lead", "holder", "raised_for", "procedure")}
_PARENT: Any = Category._meta.get_field("parent")


# ---- the catalogue --------------------------------------------------------------------------------------------------
def town(*, seen_by: Actor) -> Any:
    """Return the present town."""
    return territory.town(seen_by=seen_by)


def category(*, seen_by: Actor, category_id: int, on: date) -> Category | None:
    """Return a category that is valid on the day, or None."""
    found = _categories(seen_by).get(category_id)
    return found if found is not None and found.is_valid_on(on) else None


def _categories(seen_by: Actor) -> dict[int, Category]:
    """Return every category that there ever was, in order of their codes, as they are remembered."""

    def find() -> dict[int, Category]:
        known = {found.pk: found for found in Category.objects.visible_to(seen_by).order_by("code", "pk")}
        for found in known.values():
            if found.parent_id in known:
                _PARENT.set_cached_value(found, known[found.parent_id])
        return known

    return remember("cases.categories", find)


def category_by_code(*, seen_by: Actor, code: str) -> Category | None:
    """Return the category with this code, or None."""
    return Category.objects.visible_to(seen_by).filter(code=code).first()


def categories(*, seen_by: Actor, on: date, for_public: bool | None = None) -> QuerySet[Category]:
    """Return the valid categories in order of their codes; leaves and branches."""
    found = Category.objects.visible_to(seen_by).valid_on(on).select_related("parent")
    if for_public is not None:
        found = found.filter(for_public=for_public)
    return found.order_by("code", "pk")


def categories_in_force(*, seen_by: Actor, on: date, for_public: bool | None = None) -> list[Category]:
    """Return the same as `categories` for lists to choose from, as it is remembered: at most some seconds old, not to be changed."""
    return [found for found in _categories(seen_by).values() if found.is_valid_on(on) and (for_public is None or found.for_public == for_public)]


def responsible(*, seen_by: Actor, category_id: int, area_path: str, on: date) -> Responsibility | None:
    """Return the line of the responsibility list for a category at a place: the one with the nearest area wins.

    A line for a community holds for its grids; a line without area holds for the whole town.
    """
    lines = remember("cases.responsibilities", lambda: _lines_by_category(seen_by)).get(category_id, ())
    rank = {int(part): depth for depth, part in enumerate(area_path.split("."), start=1) if part}
    holding = [line for line in lines if line.is_valid_on(on) and (line.area_id is None or line.area_id in rank)]
    return max(holding, key=lambda line: rank.get(line.area_id or 0, 0), default=None)


def _lines_by_category(seen_by: Actor) -> dict[int, list[Responsibility]]:
    found: dict[int, list[Responsibility]] = defaultdict(list)
    for line in Responsibility.objects.visible_to(seen_by).select_related("lead").order_by("pk"):
        found[line.category_id].append(line)
    return dict(found)


def responsibilities(*, seen_by: Actor, on: date) -> QuerySet[Responsibility]:
    """Return the responsibility list as of a day."""
    found = Responsibility.objects.visible_to(seen_by).valid_on(on).select_related("category", "category__parent", "lead", "area")
    return found.order_by("category__code", "clause", "pk")


def responsibility_gaps(*, seen_by: Actor, on: date) -> list[Category]:
    """Return the leaf categories for which nobody is responsible in the whole town on that day."""
    led = Responsibility.objects.valid_on(on).values("category_id")
    parents = Category.objects.filter(parent__isnull=False).values("parent_id")
    return list(categories(seen_by=seen_by, on=on).exclude(pk__in=led).exclude(pk__in=parents))


def amendments(*, seen_by: Actor, open_only: bool = True) -> QuerySet[AmendmentProposal]:
    """Return the proposals to amend the responsibility list, newest first."""
    found = AmendmentProposal.objects.select_related("category", "present", "present__lead", "proposed_lead", "case")
    if open_only:
        found = found.filter(state=AmendmentProposal.State.OPEN)
    return found.order_by("-made_at", "-pk")


def procedure_in_force(*, seen_by: Actor, kind: str, at: datetime) -> Procedure:
    """Return the version of a kind's procedure in force; the one shipped with the kind where the town has none yet."""
    versions = _procedures(seen_by, kind)
    if not versions:
        raise Procedure.DoesNotExist(f"{kind}: no procedure has been adopted in this town")
    return next((version for version in versions if version.effective_from <= at), versions[-1])


def _procedures(seen_by: Actor, kind: str) -> list[Procedure]:
    """Return all versions of a kind's procedure, newest first, as they are remembered."""
    return remember(f"cases.procedure:{kind}", lambda: list(Procedure.objects.visible_to(seen_by).filter(kind=kind).order_by("-version")))


def procedure_versions(*, seen_by: Actor, kind: str) -> QuerySet[Procedure]:
    """Return all versions of a kind's procedure, newest first."""
    return Procedure.objects.visible_to(seen_by).filter(kind=kind).order_by("-version")


def dispatch_organ_id(*, seen_by: Actor) -> int | None:
    """Return the organ whose post is to dispatch: named by the town, else where a dispatcher serves, else the committee."""
    named = town(seen_by=seen_by).settings.get("dispatch_organ")
    return organs.dispatch_organ_id(seen_by=seen_by, code=named)


def committee_id(*, seen_by: Actor) -> int | None:
    """Return the management committee."""
    return organs.organs(seen_by=seen_by, kind="committee").order_by("pk").values_list("pk", flat=True).first()


def station_id(*, seen_by: Actor, area_path: str) -> int | None:
    """Return the community station whose area holds this path, the nearest one."""
    above = [int(part) for part in area_path.split(".") if part]
    if not above:
        return None
    stations = organs.organs(seen_by=seen_by, kind="station").filter(area_id__in=above).values_list("area_id", "pk")
    rank = {area_id: depth for depth, area_id in enumerate(above)}
    return max(stations, key=lambda pair: rank[pair[0]], default=(0, None))[1]


def count_attachments(*, seen_by: Actor, attachment_ids: Iterable[int]) -> int:
    """Return how many of these attachments there are in this town."""
    return attachments.attachments(seen_by=seen_by, attachment_ids=list(attachment_ids)).count()


# ---- cases ----------------------------------------------------------------------------------------------------------
def case_for(*, seen_by: Actor, slug: str) -> Case:
    """Return a case by the part of its address (2026-01847); what one may not see is not found."""
    year, _dash, serial = slug.partition("-")
    if not (year.isdigit() and serial.isdigit() and len(year) <= 4 and len(serial) <= 9):
        raise Case.DoesNotExist(slug)
    # the planner takes 9 ms over a dozen joined tables, which is more than all else that the page asks
    found = Case.objects.visible_to(seen_by).defer("search").select_related("responsibility", "raised_by", "handler").get(year=int(year), serial=int(serial))
    _complete([found], seen_by)
    return found


def _complete(found: Sequence[Case], seen_by: Actor) -> None:
    """Give cases what belongs to them and is remembered (category, area, units, procedure), so that no statement need join it."""
    categories = _categories(seen_by) if found else {}
    areas = territory.areas_by_id(seen_by=seen_by, area_ids=[case.area_id for case in found])
    units = organs.organs_by_id(
        seen_by=seen_by, organ_ids=[organ_id for case in found for organ_id in (case.lead_id, case.holder_id, case.raised_for_id)]
    )
    for case in found:
        versions = _procedures(seen_by, case.kind) if case.procedure_id else []
        given = {
            "category": categories.get(case.category_id or 0), "area": areas.get(case.area_id or 0), "lead": units.get(case.lead_id or 0),
            "holder": units.get(case.holder_id or 0), "raised_for": units.get(case.raised_for_id or 0),
            "procedure": next((version for version in versions if version.pk == case.procedure_id), None),
        }  # fmt: skip
        for name, value in given.items():
            if value is not None:
                _REMEMBERED[name].set_cached_value(case, value)


def case_or_none(*, seen_by: Actor, slug: str) -> Case | None:
    """Return a case by the part of its address, or None where this actor sees none."""
    try:
        return case_for(seen_by=seen_by, slug=slug)
    except Case.DoesNotExist:
        return None


def case_of_submission(*, seen_by: Actor, submission_key: str) -> Case | None:
    """Return the case that a submission opened, checked or answered already, or None."""
    opened = Case.objects.visible_to(seen_by).filter(submission_key=submission_key).first()
    if opened is not None:
        return opened
    step = Step.objects.filter(submission_key=submission_key).select_related("case").first()
    return step.case if step is not None else None


def case_by_id(*, seen_by: Actor, case_id: int) -> Case:
    """Return a case by its id; what one may not see is not found."""
    return Case.objects.visible_to(seen_by).select_related(*CARD, "responsibility").get(pk=case_id)


@dataclass(frozen=True, slots=True)
class CaseInShort:
    """What streams and notices tell of a case."""

    pk: int
    number: str
    year: int
    serial: int
    title: str
    state: str
    area_id: int | None
    life: str
    involved: list[int]
    followers: list[int]
    severity: int
    holder_id: int | None
    lead_id: int | None
    is_late: bool

    @classmethod
    def of(cls, case: Case) -> "CaseInShort":
        return cls(
            case.pk, case.number, case.year, case.serial, case.title, case.state, case.area_id, case.life, case.involved, case.followers, case.severity,
            case.holder_id, case.lead_id, case.overdue_at is not None,
        )  # fmt: skip

    @staticmethod
    def known_as(case_id: int) -> tuple[str, int]:
        """Return the name under which subscribers find it once."""
        return "cases.short", case_id

    @property
    def slug(self) -> str:
        return slug_of(self.year, self.serial)


def case_in_short(*, seen_by: Actor, case_id: int) -> CaseInShort:
    """Return a case in short, for those who act as the clock: it sees every case of the town."""
    if not seen_by.is_clock:
        raise ValueError("a case in short is for the clock")
    found = prepared(
        "SELECT id, number, year, serial, title, state, area_id, life, involved, followers, severity, holder_id, lead_id, overdue_at IS NOT NULL"
        " FROM cases_case WHERE id = $1",
        [case_id],
    )
    if not found:
        raise Case.DoesNotExist(case_id)
    return CaseInShort(*found[0])


def case_by_number(*, seen_by: Actor, number: str) -> Case | None:
    """Return a case by its number as people write it (云溪报〔2026〕01847), or None."""
    parts = _NUMBER.search(number.strip())
    if parts is None or not parts[3]:
        return None
    # by year and serial, which have an index; the number holds the same and its kind
    return Case.objects.visible_to(seen_by).filter(year=int(parts[3]), serial=int(parts[4]), number=number.strip()).first()


def cases(*, seen_by: Actor, kind: str = "", life: str = "", category_id: int | None = None, area_path: str = "", state: str = "",
          organ_id: int | None = None, handler_id: int | None = None, origin: str = "", text: str = "", opened_from: datetime | None = None,
          opened_to: datetime | None = None, raised_by_id: int | None = None, overdue: bool | None = None, unlocated: bool | None = None,
          order: str = "newest") -> CaseQuerySet:  # fmt: skip
    """Return the cases this actor may see, narrowed by the filters, in a unique order.

    state: one of the states, or "open" / "final". order: newest, due, touched. text: words, or a number.
    """
    found: CaseQuerySet = Case.objects.visible_to(seen_by)
    found = _narrowed(found, kind=kind, life=life, category_id=category_id, area_path=area_path, state=state, handler_id=handler_id, origin=origin, text=text)
    if organ_id is not None:
        found = found.filter(lead_id=organ_id)
    if opened_from is not None:
        found = found.filter(opened_at__gte=opened_from)
    if opened_to is not None:
        found = found.filter(opened_at__lt=opened_to)
    if raised_by_id is not None:
        # by the table of parties, which has an index; whoever raised or follows a case is a party of it
        found = found.filter(pk__in=Party.objects.filter(person_id=raised_by_id).values("case_id"))
    if overdue is not None:
        found = found.filter(overdue_at__isnull=not overdue)
    if unlocated is not None:
        found = found.filter(unlocated=unlocated)
    orders: dict[str, tuple[str | Combinable, ...]] = {
        "newest": ("-opened_at", "-pk"),
        "due": (F("next_due_at").asc(nulls_last=True), "pk"),
        "touched": ("-touched_at", "-pk"),
    }
    return found.select_related(*CARD).order_by(*orders[order])


def first_cases(*, seen_by: Actor, most: int, order: str = "newest", case_ids: Iterable[int] | None = None, **filters: Any) -> list[Case]:
    """Return the first of `cases`, each with what a card or row shows of it; `case_ids` narrows to some."""
    found = cases(seen_by=seen_by, order=order, **filters)
    if case_ids is not None:
        found = found.filter(pk__in=list(case_ids))
    first = list(found.select_related(None).select_related("handler").defer("search")[:most])
    _complete(first, seen_by)
    return first


def _narrowed(found: CaseQuerySet, *, kind: str = "", life: str = "", category_id: int | None = None, area_path: str = "", state: str = "",
              handler_id: int | None = None, origin: str = "", text: str = "") -> CaseQuerySet:  # fmt: skip
    if kind:
        found = found.filter(kind=kind)
    if life:
        found = found.filter(life=life)
    if category_id:
        found = found.filter(Q(category_id=category_id) | Q(category__parent_id=category_id))
    if area_path:
        found = found.filter(Q(area_path=area_path) | Q(area_path__startswith=area_path + "."))
    if state == "open":
        found = found.open()
    elif state == "final":
        found = found.exclude(state__in=OPEN)
    elif state:
        found = found.filter(state=state)
    if handler_id:
        found = found.filter(handler_id=handler_id)
    if origin:
        found = found.filter(origin=origin)
    return _by_words(found, text)


QUEUES = ("mine", "unit", "verify", "joined", "followed", "overdue", "returned", "dispatch", "unlocated", "follow_ups", "all", "closed")


def desk(*, seen_by: Actor, queue: str = "mine", at: datetime, **filters: Any) -> CaseQuerySet:
    """Return the cases of one queue of the desk in due order; stopped ones (no due time) last.

    mine: my organs hold it and I or nobody handles it; unit: my organs hold it; verify: answered ones in my area;
    joined: my organs have a task in it; followed: I raised or follow it; overdue, returned, dispatch, unlocated,
    follow_ups: as named; all: every open case I may see; closed: every ended one. Filters as in `cases`.
    """
    organ_ids = sorted(seen_by.organ_ids)
    found: CaseQuerySet = Case.objects.visible_to(seen_by) if queue in ("all", "closed") else Case.objects.all()
    match queue:
        case "mine":
            found = found.open().filter(holder_id__in=organ_ids)
            if seen_by.person_id:
                found = found.filter(Q(handler_id=seen_by.person_id) | Q(handler__isnull=True))
        case "unit":
            found = found.open().filter(Q(holder_id__in=organ_ids))
        case "verify":
            found = found.filter(state=State.ANSWERED.value).filter(_in_my_areas(seen_by) | Q(holder_id__in=organ_ids))
        case "joined":
            tasks = CoHandling.objects.filter(organ_id__in=organ_ids, state=CoHandling.State.ASKED).values("case_id")
            found = found.open().filter(pk__in=tasks)
        case "followed":
            # by the table of parties, which has an index; whoever raised or follows a case is a party of it
            found = found.filter(pk__in=Party.objects.filter(person_id=seen_by.person_id or 0).values("case_id"))
        case "overdue":
            found = found.visible_to(seen_by).open().filter(overdue_at__isnull=False)
            if not seen_by.serves_as("dispatcher", "supervisor", "committee_member", "auditor"):
                found = found.filter(involved__overlap=organ_ids)
        case "returned":
            found = found.filter(state=State.RETURNED.value).filter(Q(involved__overlap=organ_ids))
        case "dispatch":
            found = found.filter(state__in=[s.value for s in WITH_DISPATCHER], holder_id__in=organ_ids)
        case "unlocated":
            found = found.visible_to(seen_by).open().filter(unlocated=True)
        case "follow_ups":
            mine = FollowUp.objects.exclude(state=FollowUp.State.DONE)
            if not seen_by.serves_as("dispatcher", "supervisor", "committee_member"):
                mine = mine.filter(organ_id__in=organ_ids)
            found = found.filter(pk__in=mine.values("case_id"))
        case "all":
            found = found.open()
        case "closed":
            found = found.exclude(state__in=OPEN)
        case _:
            raise ValueError(f"no such queue: {queue}")
    return _narrowed(found, **filters).select_related(*CARD).order_by(F("next_due_at").asc(nulls_last=True), "pk")


def _in_my_areas(actor: Actor) -> Q:
    mine = Q(pk__in=[])
    for duty in actor.duties:
        if duty.role in ("grid_worker", "station_officer") and duty.area_path:
            mine |= Q(area_path=duty.area_path) | Q(area_path__startswith=duty.area_path + ".")
    return mine


def field_tasks(*, seen_by: Actor, at: datetime) -> CaseQuerySet:
    """Return what a grid worker has to do outdoors: cases to check and cases to handle in their area, due first."""
    todo = Q(state=State.ANSWERED.value) & _in_my_areas(seen_by) | Q(state__in=[State.ASSIGNED.value, State.IN_HAND.value], holder_id__in=seen_by.organ_ids)
    return Case.objects.filter(todo).select_related(*CARD).order_by(F("next_due_at").asc(nulls_last=True), "pk")


MOST_COUNTED = 1000


def queue_counts(
    *, seen_by: Actor, at: datetime, queues: Sequence[str] = ("mine", "unit", "verify", "joined", "followed", "overdue", "returned")
) -> dict[str, int]:
    """Return how many cases stand in each queue, counted up to 1,000, so that a long queue never slows a page."""
    return {queue: desk(seen_by=seen_by, queue=queue, at=at).order_by()[:MOST_COUNTED].count() for queue in queues}


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that a need may repeat."""

    case: Case
    nearness: near.Nearness


def similar(*, seen_by: Actor, text: str, at: datetime, category_id: int | None = None, longitude: float | None = None,
            latitude: float | None = None, but_id: int | None = None, most: int = 3, threshold: float = 0.42) -> list[Similar]:  # fmt: skip
    """Return open public cases of the last 30 days that look like repeats of a need, most alike first."""
    found = Case.objects.visible_to(seen_by).open().filter(visibility=Case.Visibility.PUBLIC, opened_at__gte=at - timedelta(days=30), opened_at__lte=at)
    point = (longitude, latitude) if longitude is not None and latitude is not None else None
    if point is not None:
        west, south, east, north = near.box(point, 250)
        found = found.filter(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)
    elif category_id is not None:
        found = found.filter(category_id=category_id)
    else:
        return []
    if but_id is not None:
        found = found.exclude(pk=but_id)
    ranked = []
    shown = ("pk", "number", "year", "serial", "title", "text", "longitude", "latitude", "opened_at", "category_id", "state", "address", "town_id")
    for case in found.only(*shown).order_by(
        "-opened_at", "-pk"
    )[:120]:
        score = near.nearness(
            point=point, text=text, at=at, other_point=case.point, other_text=f"{case.title}{case.text}", other_at=case.opened_at,
            same_category=category_id is not None and case.category_id == category_id,
        )  # fmt: skip
        if score.score >= threshold:
            ranked.append(Similar(case, score))
    return sorted(ranked, key=lambda item: -item.nearness.score)[:most]


# ---- one case -------------------------------------------------------------------------------------------------------
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


def party_by_code(*, seen_by: Actor, code_hashes: Iterable[bytes]) -> Party | None:
    """Return the party that holds this follow code (by the hashes it may have), with the case it now follows (merged cases lead to the other)."""
    found = Party.objects.filter(code_hash__in=list(code_hashes)).select_related("case").order_by("-pk")
    return found.exclude(case__state=State.MERGED.value).first() or found.first()


def open_cases_of(*, seen_by: Actor, person_id: int) -> QuerySet[Case]:
    """Return the open cases that a person raised or handles, newest first."""
    theirs = Q(raised_by_id=person_id) | Q(handler_id=person_id)
    return Case.objects.filter(theirs, state__in=[state.value for state in OPEN_STATES]).order_by("-opened_at", "-pk")


def people_with_cases_since(*, seen_by: Actor, person_ids: Iterable[int], since: datetime) -> set[int]:
    """Return those of the people who are party to a case that is open, or that was touched after the moment."""
    going_on = Q(case__state__in=[state.value for state in OPEN_STATES]) | Q(case__touched_at__gt=since)
    parties = Party.objects.filter(going_on, person_id__in=list(person_ids)).order_by()
    return set(parties.values_list("person_id", flat=True).distinct())


def may_now(*, seen_by: Actor, case: Case) -> list[str]:
    """Return the acts that the table allows in this state and the rules allow this actor, most useful first."""
    lawful = lawful_acts(case.state)
    handled_by = frozenset({case.handler_id} if case.handler_id else set())
    by_reading = kinds.kind_of(case.kind).verify == "reading"
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
        (Act.CLOSE, rules.may_close(seen_by, case)),
        (Act.CLOSE_UNVERIFIED, rules.may_close(seen_by, case)),
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


# ---- clocks ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class ClockView:
    """A clock as people see it: the row, how much is used, and (when asked) why the due moment is what it is."""

    clock: Clock
    usage: clocks.Usage
    explanation: clocks.Explanation | None = None
    stopped: bool = False

    @property
    def state(self) -> str:
        """Return the chip's word: ok, stop, late, warn, work."""
        if self.clock.ended_at is not None:
            return "late" if self.clock.overdue_at else "ok"
        if self.stopped:
            return "stop"
        if self.usage.over > 0:
            return "late"
        return "warn" if self.usage.now_fraction >= self.usage.warn_fraction else "work"


def _view(clock: Clock, stops: list[Stop], at: datetime, working_time: Any, *, explained: bool, stopped: bool) -> ClockView:
    pauses = _pauses(clock, stops)
    limit = clocks.Limit(clock.amount, clock.unit)
    usage = clocks.usage(at, clock.started_at, limit, pauses, working_time, extended_by=clock.extended_by, ended_at=clock.ended_at)
    explanation = None
    if explained:
        rule = "，".join(part for part in (clock.basis, clock.rule) if part)
        explanation = clocks.explain(
            clock.started_at, limit, pauses, working_time, extended_by=clock.extended_by, extension_basis=clock.extension_basis, rule=rule
        )
    return ClockView(clock=clock, usage=usage, explanation=explanation, stopped=stopped and clock.ended_at is None)


def clock_of(*, seen_by: Actor, case: Case, at: datetime, explained: bool = True) -> ClockView | None:
    """Return the case's own clock with its explanation, or None when it never had one."""
    clock, stops = _own_clock(case)
    if clock is None:
        return None
    return _view(clock, stops, at, calendar.working_time(seen_by=seen_by), explained=explained, stopped=case.is_stopped)


def why_due(*, seen_by: Actor, case: Case) -> tuple[str, ...]:
    """Return the parts of the sentence that says why the case is due when it is; none for a case that never had a clock."""
    clock, stops = _own_clock(case)
    if clock is None:
        return ()
    return clocks.reason(
        clock.started_at, clocks.Limit(clock.amount, clock.unit), clock.due_at, _pauses(clock, stops), calendar.working_time(seen_by=seen_by),
        extended_by=clock.extended_by,
    )  # fmt: skip


def _own_clock(case: Case) -> tuple[Clock | None, list[Stop]]:
    if case.opened_with is not None:
        return case.opened_with, []
    clock = Clock.objects.filter(case=case, of=Clock.Of.CASE).order_by("-pk").first()
    return clock, list(Stop.objects.filter(case=case).order_by("began_at")) if clock is not None else []


def _pauses(clock: Clock, stops: list[Stop]) -> list[clocks.Pause]:
    counted = [stop for stop in stops if stop.ended_at is None or stop.ended_at > clock.started_at]
    return [clocks.Pause(stop.began_at, stop.ended_at, str(stop.get_ground_display())) for stop in counted]


def all_clocks(*, seen_by: Actor, case: Case, at: datetime) -> list[ClockView]:
    """Return every clock of a case, the running ones first."""
    stops = list(Stop.objects.filter(case=case).order_by("began_at"))
    working_time = calendar.working_time(seen_by=seen_by)
    found = Clock.objects.filter(case=case).select_related("organ", "co_handling").order_by(F("ended_at").asc(nulls_first=True), "-pk")
    return [_view(clock, stops, at, working_time, explained=True, stopped=case.is_stopped) for clock in found]


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """The clocks that the page of a case shows: its own (explained), the present stage's where it has one, each joined unit's by its task."""

    own: ClockView | None
    stage: ClockView | None
    joined: dict[int, ClockView]


def clocks_of_case(*, seen_by: Actor, case: Case, at: datetime) -> CaseClocks:
    """Return the clocks that the page of a case shows (two queries)."""
    found = list(Clock.objects.filter(case=case).order_by("-pk"))
    stops = list(Stop.objects.filter(case=case).order_by("began_at")) if found else []
    working_time = calendar.working_time(seen_by=seen_by)

    def seen(clock: Clock | None, *, explained: bool = False) -> ClockView | None:
        return None if clock is None else _view(clock, stops, at, working_time, explained=explained, stopped=case.is_stopped)

    own = next((clock for clock in found if clock.of == Clock.Of.CASE), None)
    stage = next((clock for clock in found if clock.of == Clock.Of.STAGE and clock.ended_at is None), None)
    joined = {
        clock.co_handling_id: _view(clock, stops, at, working_time, explained=False, stopped=case.is_stopped)
        for clock in reversed(found) if clock.of == Clock.Of.JOIN and clock.co_handling_id
    }  # fmt: skip
    return CaseClocks(own=seen(own, explained=True), stage=seen(stage), joined=joined)


def clocks_of_list(*, seen_by: Actor, cases: Sequence[Case], at: datetime) -> dict[int, ClockView]:
    """Return, for the cases of a list, the clock that their holder is on (two queries for the whole list)."""
    ids = [case.pk for case in cases]
    stopped = {case.pk for case in cases if case.is_stopped}
    by_case: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case_id__in=ids, of__in=[Clock.Of.CASE, Clock.Of.STAGE]).order_by("pk"):
        by_case[clock.case_id].append(clock)
    stops: dict[int, list[Stop]] = defaultdict(list)
    for stop in Stop.objects.filter(case_id__in=ids).order_by("began_at"):
        stops[stop.case_id].append(stop)
    working_time = calendar.working_time(seen_by=seen_by)
    views = {}
    for case_id, found in by_case.items():
        running = [clock for clock in found if clock.ended_at is None]
        stage = [clock for clock in running if clock.of == Clock.Of.STAGE]
        own = [clock for clock in found if clock.of == Clock.Of.CASE]
        chosen = (stage or [clock for clock in running if clock.of == Clock.Of.CASE] or own or found)[-1]
        views[case_id] = _view(chosen, stops[case_id], at, working_time, explained=False, stopped=case_id in stopped)
    return views


def clocks_to_mark(*, seen_by: Actor, at: datetime, most: int = 500) -> list[int]:
    """Return the ids of running clocks that have come to their yellow line or their end and are not marked yet."""
    late = Q(overdue_at__isnull=True, due_at__lte=at)
    yellow = Q(warned_at__isnull=True, overdue_at__isnull=True, warn_at__lte=at)
    stopped = Q(case__state=State.SUSPENDED.value, of__in=[Clock.Of.CASE, Clock.Of.STAGE])
    found = Clock.objects.filter(ended_at__isnull=True).filter(late | yellow).exclude(stopped)
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:most])


def saved_views(*, seen_by: Actor) -> QuerySet[SavedView]:
    """Return the views this person keeps."""
    return SavedView.objects.filter(person_id=seen_by.person_id or 0).order_by("position", "pk")


# ---- figures --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LifeFigures:
    """One of the three lives: open cases by chip, overdue ones, and what they are about."""

    life: str
    open: int
    overdue: int
    by_chip: dict[str, int]
    top: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class OnTime:
    """Cases whose own clock ended in the period, by how: denominators are stated, lawful extension is not on time."""

    ended: int
    on_time: int
    extended: int
    overdue: int
    stopped: int
    unverified: int

    def __add__(self, other: "OnTime") -> "OnTime":
        return OnTime(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def share(self) -> float | None:
        """Return on time ÷ ended in 0…1, or None when nothing ended."""
        return None if not self.ended else self.on_time / self.ended


@dataclass(frozen=True, slots=True)
class Bounced:
    """A category whose cases are returned most in the last 30 days, and between whom."""

    category: str
    times: int
    organs: list[str]
    state: str  # settled | open


@dataclass(frozen=True, slots=True)
class Figures:
    """The town's figures at a moment. They agree with each other: lives and grids sum to `open`."""

    at: datetime
    open: int
    opened_today: int
    closed_today: int
    overdue: int
    stopped: int
    by_origin_today: dict[str, int]
    lives: list[LifeFigures]
    by_area: dict[int | None, tuple[int, int]]  # area id (None: no grid) → (open, overdue)
    month: OnTime
    satisfaction: rating.Satisfaction
    rating_levels: dict[int, int]
    follow_ups_open: int
    bounced: list[Bounced] = field(default_factory=list)


def _under(area_path: str, prefix: str = "") -> Q:
    """Return the condition that a case lies in the area with this path ("" is the whole town)."""
    if not area_path:
        return Q()
    return Q(**{f"{prefix}area_path": area_path}) | Q(**{f"{prefix}area_path__startswith": area_path + "."})


def figures(*, seen_by: Actor, at: datetime, area_path: str = "") -> Figures:
    """Return the figures of the town, or of one area with what lies in it.

    Counts hold restricted cases too (never their words), so that sums are whole.
    """
    local = town(seen_by=seen_by).local(at)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    everything = Case.objects.filter(_under(area_path), town_id=current_town())
    rows = everything.filter(state__in=OPEN).values_list("life", "state", "area_id", "category__parent__name", "category__name").annotate(
        n=Count("pk"), late=Count("pk", filter=Q(overdue_at__isnull=False))
    )
    from gongzhi.cases.models import STATE_WORDS

    lives: dict[str, dict[str, Any]] = {life: {"open": 0, "late": 0, "chips": defaultdict(int), "top": defaultdict(int)} for life in ("work", "home", "eco")}
    areas: dict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    total = late_total = stopped = 0
    for life, state, area_id, parent_name, name, n, late in rows:
        kept = lives.setdefault(life or "home", {"open": 0, "late": 0, "chips": defaultdict(int), "top": defaultdict(int)})
        kept["open"] += n
        kept["late"] += late
        kept["chips"]["late"] += late
        kept["chips"][STATE_WORDS[state][1]] += n - late
        kept["top"][parent_name or name or ""] += n
        areas[area_id][0] += n
        areas[area_id][1] += late
        total += n
        late_total += late
        stopped += n if state == State.SUSPENDED.value else 0
    origins = dict(everything.filter(opened_at__gte=today, opened_at__lte=at).values_list("origin").annotate(n=Count("pk")))
    closed_today = everything.filter(closed_at__gte=today, closed_at__lte=at, state=State.CLOSED.value).count()
    levels = dict(Rating.objects.filter(_under(area_path, "case__"), at__gte=month, at__lte=at).values_list("level").annotate(n=Count("pk")))
    asked = Party.objects.filter(_under(area_path, "case__"), asked_to_rate_at__gte=month, asked_to_rate_at__lte=at).count()
    rated = sum(levels.values())
    return Figures(
        at=at, open=total, opened_today=sum(origins.values()), closed_today=closed_today, overdue=late_total, stopped=stopped,
        by_origin_today=origins,
        lives=[
            LifeFigures(life, kept["open"], kept["late"], dict(kept["chips"]), sorted(((n, c) for n, c in kept["top"].items() if n), key=lambda i: -i[1])[:3])
            for life, kept in lives.items()
        ],
        by_area={area_id: (n, late) for area_id, (n, late) in areas.items()},
        month=_month_so_far(month, today, at, area_path),
        satisfaction=rating.Satisfaction(rated=rated, bad=sum(n for level, n in levels.items() if rating.is_bad(level)), asked=asked),
        rating_levels={level: levels.get(level, 0) for level in range(1, 6)},
        follow_ups_open=FollowUp.objects.filter(_under(area_path, "case__")).exclude(state=FollowUp.State.DONE).count(),
        bounced=bounced(seen_by=seen_by, at=at, area_path=area_path),
    )  # fmt: skip


def _month_so_far(month: datetime, today: datetime, at: datetime, area_path: str) -> OnTime:
    """Return how the month's cases kept their clocks: today's are counted, those of the days before are remembered for a minute."""

    def find() -> OnTime:
        return _on_time(month, today - timedelta(microseconds=1), area_path)

    before = remember(f"cases.on_time:{month.isoformat()}:{today.isoformat()}:{area_path}", find, age=60) if month < today else OnTime(0, 0, 0, 0, 0, 0)
    return before + _on_time(today, at, area_path)


def _on_time(since: datetime, at: datetime, area_path: str = "") -> OnTime:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE k.overdue_at IS NULL AND k.extended_by = 0),
                   count(*) FILTER (WHERE k.overdue_at IS NULL AND k.extended_by > 0), count(*) FILTER (WHERE k.overdue_at IS NOT NULL),
                   count(*) FILTER (WHERE EXISTS (SELECT 1 FROM cases_stop s WHERE s.case_id = c.id)),
                   count(*) FILTER (WHERE c.closed_unverified)
            FROM cases_case c JOIN LATERAL (
                SELECT overdue_at, extended_by FROM cases_clock WHERE case_id = c.id AND "of" = 'case' ORDER BY id DESC LIMIT 1
            ) k ON true
            WHERE c.town_id = %s AND c.closed_at >= %s AND c.closed_at <= %s AND c.state = 'closed'
              AND (%s = '' OR c.area_path = %s OR starts_with(c.area_path, %s))
            """,
            [current_town(), since, at, area_path, area_path, area_path + "."],
        )
        return OnTime(*cursor.fetchone())


def on_time(*, seen_by: Actor, since: datetime, at: datetime) -> OnTime:
    """Return how cases that closed in a period kept their clocks."""
    return _on_time(since, at)


def bounced(*, seen_by: Actor, at: datetime, days: int = 30, most: int = 4, area_path: str = "") -> list[Bounced]:
    """Return the categories returned most 推诿 in the last days, with the units among whom they went."""
    since = at - timedelta(days=days)
    rows = (
        Step.objects.filter(_under(area_path, "case__"), act=Act.RETURN.value, at__gte=since, at__lte=at, case__category__isnull=False)
        .values_list("case__category_id", "case__category__name", "organ__name", "case__lead__name", "case__state")
        .order_by("-pk")[:2000]
    )
    gathered: dict[int, dict[str, Any]] = {}
    for category_id, name, organ, lead, state in rows:
        kept = gathered.setdefault(category_id, {"name": name, "times": 0, "organs": {}, "open": False})
        kept["times"] += 1
        for each in (organ, lead):
            if each:
                kept["organs"][each] = True
        kept["open"] = kept["open"] or state == State.RETURNED.value
    ranked = sorted(gathered.values(), key=lambda kept: -kept["times"])[:most]
    return [Bounced(kept["name"], kept["times"], list(kept["organs"])[:3], "open" if kept["open"] else "settled") for kept in ranked]


def daily(*, seen_by: Actor, since: datetime, at: datetime) -> list[tuple[date, int, int]]:
    """Return (day, opened, closed) for each day of a period in the town's time."""
    zone = town(seen_by=seen_by).time_zone
    first, last = (town(seen_by=seen_by).local(moment).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) for moment in (since, at))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d::date, coalesce(o.n, 0), coalesce(c.n, 0) FROM generate_series(%(a)s::timestamp, %(b)s::timestamp, interval '1 day') d
            LEFT JOIN (
                SELECT (opened_at AT TIME ZONE %(z)s)::date AS day, count(*) AS n FROM cases_case
                WHERE town_id = %(t)s AND opened_at >= %(a)s::timestamp AT TIME ZONE %(z)s
                  AND opened_at < (%(b)s::timestamp + interval '1 day') AT TIME ZONE %(z)s GROUP BY 1
            ) o ON o.day = d::date
            LEFT JOIN (
                SELECT (closed_at AT TIME ZONE %(z)s)::date AS day, count(*) AS n FROM cases_case
                WHERE town_id = %(t)s AND state = 'closed' AND closed_at >= %(a)s::timestamp AT TIME ZONE %(z)s
                  AND closed_at < (%(b)s::timestamp + interval '1 day') AT TIME ZONE %(z)s GROUP BY 1
            ) c ON c.day = d::date
            ORDER BY 1
            """,
            {"t": current_town(), "z": zone, "a": first, "b": last},
        )
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Share:
    """What came in and ended in a period, of one place, unit or category."""

    key: Any  # id of the area or unit; None where a case had none
    name: str
    above: str  # the main class of a category, else ""
    opened: int
    closed: int  # of those that came in
    overdue: int  # of those that came in, then or later
    returned: int  # how often they were sent back

    @property
    def overdue_share(self) -> float | None:
        return self.overdue / self.opened if self.opened else None


@dataclass(frozen=True, slots=True)
class Period:
    """What came in in a period and what became of it. The tables count the same cases in three ways, so each sums to `opened`."""

    since: datetime
    until: datetime  # not included
    opened: int
    closed: int  # that ended in the period, whenever they came in
    on_time: OnTime
    satisfaction: rating.Satisfaction
    by_area: list[Share]
    by_unit: list[Share]
    by_category: list[Share]
    by_origin: dict[str, int]
    daily: list[tuple[date, int, int]]


_SHARES = {
    "area_id": ("area_id", "area__name", "area__parent__name"),
    "lead_id": ("lead_id", "lead__name", None),
    "category_id": ("category_id", "category__name", "category__parent__name"),
}


def _shares(found: QuerySet[Case], by: str) -> list[Share]:
    key, name, above = _SHARES[by]
    names = [part for part in (key, name, above) if part]
    rows = found.order_by().values_list(*names).annotate(
        opened=Count("pk"), closed=Count("pk", filter=Q(state=State.CLOSED.value)), late=Count("pk", filter=Q(overdue_at__isnull=False)), back=Sum("returns")
    )
    shares = [Share(row[0], row[1] or "", (row[2] or "") if above else "", *row[len(names) :]) for row in rows]
    return sorted(shares, key=lambda share: (share.key is None, -share.opened, share.name))


def first_opened(*, seen_by: Actor) -> datetime | None:
    """Return when the town's first case came in, None before it did."""
    return Case.objects.filter(town_id=current_town()).order_by("opened_at").values_list("opened_at", flat=True).first()


def last_opened(*, seen_by: Actor) -> datetime | None:
    """Return when the town's newest case came in, None before the first."""
    return Case.objects.filter(town_id=current_town()).order_by("-opened_at").values_list("opened_at", flat=True).first()


def period(*, seen_by: Actor, since: datetime, until: datetime) -> Period:
    """Return the figures of the cases that came in from `since` on and before `until`.

    Counts hold restricted cases too (never their words), so that sums are whole.
    """
    town_id = current_town()
    found = Case.objects.filter(town_id=town_id, opened_at__gte=since, opened_at__lt=until)
    last = until - timedelta(microseconds=1)
    rated = dict(Rating.objects.filter(at__gte=since, at__lt=until).values_list("level").annotate(n=Count("pk")))
    asked = Party.objects.filter(asked_to_rate_at__gte=since, asked_to_rate_at__lt=until).count()
    on_time = _on_time(since, last)
    by_unit = _shares(found, "lead_id")
    return Period(
        since=since, until=until, opened=sum(share.opened for share in by_unit), closed=on_time.ended, on_time=on_time,
        satisfaction=rating.Satisfaction(rated=sum(rated.values()), bad=sum(n for level, n in rated.items() if rating.is_bad(level)), asked=asked),
        by_area=_shares(found, "area_id"), by_unit=by_unit, by_category=_shares(found, "category_id"),
        by_origin=dict(found.order_by().values_list("origin").annotate(n=Count("pk"))), daily=daily(seen_by=seen_by, since=since, at=last),
    )  # fmt: skip


def newest(*, seen_by: Actor, at: datetime, most: int = 12, area_path: str = "") -> list[Case]:
    """Return the newest cases that this actor may see, for walls and home pages."""
    return first_cases(seen_by=seen_by, area_path=area_path, most=most)


def owner_words(*, seen_by: Actor) -> dict[str, str]:
    """Return the words for stage owners and acts in the reader's language, for drawings of procedures."""
    from gongzhi.cases.models import ACT_WORDS

    owners = {
        "lead": _("the responsible unit"), "dispatcher": _("dispatcher"), "committee": _("committee"), "station": _("grid worker on site"),
        "raiser": _("whoever raised it"), "clock": _("at once"), "nobody": "",
    }  # fmt: skip
    return owners | {act: str(entry[0]) for act, entry in ACT_WORDS.items()}


def attachment_is_open(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether this actor may see an attachment because it hangs on a case that they may see."""
    for paper in StepAttachment.objects.filter(attachment_id=attachment_id).select_related("step__case"):
        case = Case.objects.visible_to(seen_by).filter(pk=paper.step.case_id).first()
        if case is not None and (paper.is_public or rules.sees_internal(seen_by, case) or rules.is_party(seen_by, case)):
            return True
    return False


def procedure_of(*, seen_by: Actor, case: Case) -> procedures.ProcedureDefinition:
    """Return the definition that a case runs on."""
    return procedures.of(case.procedure)




# ---- lists as people leaf through them ------------------------------------------------------------------------------
ORDERS = {"due": pages.Order("next_due_at"), "newest": pages.Order("opened_at", descending=True), "touched": pages.Order("touched_at", descending=True)}
DUE_PARTS = ("overdue", "today", "week", "stopped", "joined")
_NUMBER = re.compile(r"^(?:(\d{4})-)?(\d{1,9})$|〔(\d{4})〕\s*(\d{1,9})\s*$")


def _for_lists(found: QuerySet[Case]) -> QuerySet[Case]:
    """Return the same cases with what a row of a list shows, and without what is heavy and is not shown."""
    return found.select_related(None).select_related("handler").defer(
        "text", "search", "device_id", "origin_ref", "submission_key", "warned_at", "extended_at", "answered_at", "outcome", "referred_from", "worst_rating",
        "handler__name_sealed", "handler__phone_sealed", "handler__identity_sealed", "handler__phone_hash",
    )  # fmt: skip


def _by_words(found: CaseQuerySet, text: str) -> CaseQuerySet:
    """Narrow to what people type: a number (1847, 2026-01847, the whole one), else words of title, text and address."""
    text = text.strip()[:80]
    if not text:
        return found
    number = _NUMBER.search(text)
    if number:
        year, serial = number[1] or number[3], int(number[2] or number[4])
        return found.filter(serial=serial, **({"year": int(year)} if year else {}))
    cut = words.cut(text)
    return found.filter(search=SearchQuery(cut, config="simple", search_type="plain")) if cut else found.none()


def _due_part(found: QuerySet[Case], part: str, *, at: datetime, zone: Any) -> QuerySet[Case]:
    """Narrow to a part of the desk: overdue, due today, due within seven days, stopped, or waiting for joined units."""
    midnight = (at.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    match part:
        case "overdue":
            return found.filter(next_due_at__lte=at)
        case "today":
            return found.filter(next_due_at__gt=at, next_due_at__lt=midnight)
        case "week":
            return found.filter(next_due_at__gte=midnight, next_due_at__lt=midnight + timedelta(days=6))
        case "stopped":
            return found.filter(state=State.SUSPENDED.value)
        case "joined":
            return found.filter(Exists(CoHandling.objects.filter(case=OuterRef("pk"), state=CoHandling.State.ASKED)))
    return found


def desk_list(*, seen_by: Actor, queue: str, at: datetime, part: str = "", text: str = "", **filters: Any) -> QuerySet[Case]:
    """Return the unordered rows of a queue of the desk, narrowed; filters as in `desk`. `list_page` cuts pages from it."""
    found = desk(seen_by=seen_by, queue=queue, at=at, **filters).order_by()
    return _for_lists(_due_part(_by_words(found, text), part, at=at, zone=town(seen_by=seen_by).zone))


def desk_page(*, seen_by: Actor, queue: str, at: datetime, order: str = "due", after: str = "", before: str = "", most: int = 50,
              **filters: Any) -> "pages.Page[Case]":  # fmt: skip
    """Return one page of a queue of the desk; `order` is due, newest or touched."""
    return list_page(seen_by=seen_by, found=desk_list(seen_by=seen_by, queue=queue, at=at, **filters), order=order, after=after, before=before, most=most)


def list_page(*, seen_by: Actor, found: QuerySet[Case], order: str, after: str = "", before: str = "", most: int = 50) -> "pages.Page[Case]":
    """Return one page of `desk_list`, each case with what a row shows of it."""
    cut = pages.cut(found, ORDERS[order], after=after, before=before, most=most)
    _complete(cut.rows, seen_by)
    return cut


def desk_parts(*, seen_by: Actor, queue: str, at: datetime, **filters: Any) -> dict[str, int]:
    """Return how many cases each part of a queue has ("" is the whole), counted up to 1,000."""
    return {
        part: desk_list(seen_by=seen_by, queue=queue, at=at, part=part, **filters).select_related(None)[:MOST_COUNTED].count() for part in ("", *DUE_PARTS)
    }


def case_page(*, seen_by: Actor, order: str = "newest", after: str = "", before: str = "", most: int = 50, text: str = "",
              **filters: Any) -> "pages.Page[Case]":  # fmt: skip
    """Return one page of the cases this actor may see; filters as in `cases`, order is due, newest or touched."""
    found = _by_words(cases(seen_by=seen_by, **filters).order_by(), text)
    return list_page(seen_by=seen_by, found=found.select_related(None).defer("search"), order=order, after=after, before=before, most=most)


def joined_of_list(*, seen_by: Actor, cases: Sequence[Case]) -> dict[int, list[str]]:
    """Return the names of the units that still work on a task, by case (one query for the whole list)."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = CoHandling.objects.filter(case_id__in=[case.pk for case in cases], state=CoHandling.State.ASKED).order_by("pk")
    for case_id, name in rows.values_list("case_id", "organ__name"):
        found[case_id].append(name)
    return dict(found)


def grounds_of_list(*, seen_by: Actor, cases: Sequence[Case]) -> dict[int, str]:
    """Return the ground of the stop that holds now, by case (one query for the whole list)."""
    stopped = [case.pk for case in cases if case.is_stopped]
    return dict(Stop.objects.filter(case_id__in=stopped, ended_at__isnull=True).values_list("case_id", "ground")) if stopped else {}


def suggestions(*, seen_by: Actor, cases: Sequence[Case], on: date) -> dict[int, Responsibility]:
    """Return, by case, the line of the responsibility list that fits its category and place today (one query)."""
    lines: dict[int, list[Responsibility]] = defaultdict(list)
    found = Responsibility.objects.visible_to(seen_by).valid_on(on).select_related("lead")
    for line in found.filter(category_id__in={case.category_id for case in cases if case.category_id}):
        lines[line.category_id].append(line)
    best = {}
    for case in cases:
        rank = {int(part): depth for depth, part in enumerate(case.area_path.split("."), start=1) if part}
        fitting = [line for line in lines.get(case.category_id or 0, ()) if line.area_id is None or line.area_id in rank]
        if fitting:
            best[case.pk] = max(fitting, key=lambda line: rank.get(line.area_id or 0, 0))
    return best


def responsibility_for(*, seen_by: Actor, responsibility_id: int) -> Responsibility:
    """Return a line of the list, present or past; raise DoesNotExist."""
    return Responsibility.objects.visible_to(seen_by).select_related("category", "category__parent", "lead", "area").get(pk=responsibility_id)


def responsibility_history(*, seen_by: Actor, line: Responsibility) -> QuerySet[Responsibility]:
    """Return every line there was for the same matter and area, newest first."""
    where = Q(area__isnull=True) if line.area_id is None else Q(area_id=line.area_id)
    found = Responsibility.objects.visible_to(seen_by).filter(where, category_id=line.category_id).select_related("lead", "category", "area")
    return found.order_by("-validity", "-pk")


def merged_into(*, seen_by: Actor, case: Case) -> QuerySet[Case]:
    """Return the cases that were merged into this one or referred as it, oldest first."""
    return Case.objects.visible_to(seen_by).filter(merged_into=case).only("pk", "number", "year", "serial", "title", "town_id").order_by("pk")


def to_place(*, seen_by: Actor, at: datetime, most: int = 200) -> list[Case]:
    """Return what a dispatcher has to do first: cases that wait for a unit and cases that lie in no grid, due first."""
    waiting = Q(state__in=[s.value for s in WITH_DISPATCHER], holder_id__in=sorted(seen_by.organ_ids)) | Q(unlocated=True)
    found = Case.objects.visible_to(seen_by).open().filter(waiting)
    first = list(_for_lists(found).select_related("handler", "responsibility").order_by(*ORDERS["due"].by())[:most])
    _complete(first, seen_by)
    return first


def state_words(*, seen_by: Actor) -> dict[str, tuple[Any, str, str]]:
    """Return, by state, its word, its chip and its icon."""
    from gongzhi.cases.models import STATE_WORDS

    return {str(getattr(state, "value", state)): words for state, words in STATE_WORDS.items()}
