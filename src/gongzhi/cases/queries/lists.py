"""Lists of cases: by filters, as the queues of the desk, and as people leaf through them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from gongzhi.cases import words
from gongzhi.cases.lifecycle import OPEN_STATES, WITH_DISPATCHER, State
from gongzhi.cases.models import Case, CaseQuerySet, FollowUp, Party, SavedView, Stop, Task
from gongzhi.cases.queries.case import CARD, NUMBER, complete
from gongzhi.cases.queries.catalogue import category_ids_within, town
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import pages
from gongzhi.kernel.actors import CLOCK, Actor

OPEN = [state.value for state in sorted(OPEN_STATES)]
QUEUES = ("mine", "unit", "verify", "joined", "followed", "overdue", "returned", "dispatch", "unlocated", "follow_ups", "all", "closed", "any")
MOST_COUNTED = 1000
MOST_SOUGHT = 2000  # cases with the words that somebody types that are named one by one; of more, each that is met is looked at
ORDERS = {"due": pages.Order("next_due_at"), "newest": pages.Order("opened_at", descending=True), "touched": pages.Order("touched_at", descending=True)}
DUE_PARTS = ("overdue", "today", "week", "stopped", "joined")


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
    complete(seen_by=seen_by, found=first)
    return first


def _narrowed(found: CaseQuerySet, *, kind: str = "", life: str = "", category_id: int | None = None, area_path: str = "", state: str = "",
              handler_id: int | None = None, origin: str = "", text: str = "") -> CaseQuerySet:  # fmt: skip
    if kind:
        found = found.filter(kind=kind)
    if life:
        found = found.filter(life=life)
    # by ids that were found before: a condition across a join, or on how a text begins, is answered by no index
    if category_id:
        found = found.filter(category_id__in=category_ids_within(seen_by=CLOCK, category_id=category_id))
    if area_path:
        found = found.filter(area_id__in=territory.area_ids_within(seen_by=CLOCK, path=area_path))
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


def desk(*, seen_by: Actor, queue: str = "mine", at: datetime, **filters: Any) -> CaseQuerySet:
    """Return the cases of one queue of the desk in due order; stopped ones (no due time) last.

    mine: my organs hold it (a closed one: a bad rating waits for them) and I or nobody handles it; unit: my organs hold it; verify: answered ones in my area;
    joined: my organs have a task in it; followed: I raised or follow it; overdue, returned, dispatch, unlocated,
    follow_ups: as named; all: every open case I may see; closed: every ended one; any: both. Filters as in `cases`.
    """
    organ_ids = sorted(seen_by.organ_ids)
    found: CaseQuerySet = Case.objects.visible_to(seen_by)
    match queue:
        case "mine":
            found = found.filter(holder_id__in=organ_ids)
            if seen_by.person_id:  # what follows a bad rating is the unit's, whoever handled the case
                found = found.filter(Q(handler_id=seen_by.person_id) | Q(handler__isnull=True) | Q(state=State.CLOSED.value))
        case "unit":
            found = found.filter(holder_id__in=organ_ids)
        case "verify":
            found = found.filter(state=State.ANSWERED.value).filter(_in_my_areas(seen_by) | Q(holder_id__in=organ_ids))
        case "joined":
            tasks = Task.objects.waiting().filter(organ_id__in=organ_ids).values("case_id")
            found = found.open().filter(pk__in=tasks)
        case "followed":
            # by the table of parties, which has an index; whoever raised or follows a case is a party of it
            found = found.filter(pk__in=Party.objects.filter(person_id=seen_by.person_id or 0).values("case_id"))
        case "overdue":
            found = found.open().filter(_late(at))
            if not seen_by.can("may_see_town_cases"):
                found = found.filter(involved__overlap=organ_ids)
        case "returned":
            found = found.filter(state=State.RETURNED.value).filter(Q(involved__overlap=organ_ids))
        case "dispatch":
            found = found.filter(state__in=[s.value for s in WITH_DISPATCHER], holder_id__in=organ_ids)
        case "unlocated":
            found = found.open().filter(unlocated=True)
        case "follow_ups":
            mine = FollowUp.objects.exclude(state=FollowUp.State.DONE)
            if not seen_by.can("may_see_all_follow_ups"):
                mine = mine.filter(organ_id__in=organ_ids)
            found = found.filter(pk__in=mine.values("case_id"))
        case "all":
            found = found.open()
        case "closed":
            found = found.exclude(state__in=OPEN)
        case "any":
            pass
        case _:
            raise ValueError(f"no such queue: {queue}")
    return _narrowed(found, **filters).select_related(*CARD).order_by(F("next_due_at").asc(nulls_last=True), "pk")


def _late(at: datetime) -> Q:
    """Return the condition that a case is overdue: one for the queue, its part and its group, so that their numbers agree.

    An open case that has been late stays it until its end; a clock that has run out counts before it is marked.
    """
    return Q(next_due_at__lte=at) | Q(overdue_at__isnull=False, state__in=OPEN)


def _in_my_areas(actor: Actor) -> Q:
    mine = Q(pk__in=[])
    for duty in actor.duties:
        if duty.area_path and duty.can("may_see_area_cases"):
            mine |= Q(area_path=duty.area_path) | Q(area_path__startswith=duty.area_path + ".")
    return mine


def field_tasks(*, seen_by: Actor, at: datetime) -> CaseQuerySet:
    """Return what a grid worker has to do outdoors: cases to check and cases to handle in their area, due first."""
    todo = Q(state=State.ANSWERED.value) & _in_my_areas(seen_by) | Q(state__in=[State.ASSIGNED.value, State.IN_HAND.value], holder_id__in=seen_by.organ_ids)
    return Case.objects.visible_to(seen_by).filter(todo).select_related(*CARD).order_by(F("next_due_at").asc(nulls_last=True), "pk")


def queue_counts(
    *, seen_by: Actor, at: datetime, queues: Sequence[str] = ("mine", "unit", "verify", "joined", "followed", "overdue", "returned")
) -> dict[str, int]:
    """Return how many cases stand in each queue, counted up to 1,000, so that a long queue never slows a page."""
    return {queue: desk(seen_by=seen_by, queue=queue, at=at).order_by()[:MOST_COUNTED].count() for queue in queues}


def saved_views(*, seen_by: Actor) -> QuerySet[SavedView]:
    """Return the views this person keeps."""
    return SavedView.objects.filter(person_id=seen_by.person_id or 0).order_by("position", "pk")


def newest(*, seen_by: Actor, at: datetime, most: int = 12, area_path: str = "") -> list[Case]:
    """Return the newest cases that this actor may see, for walls and home pages."""
    return first_cases(seen_by=seen_by, area_path=area_path, most=most)


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
    number = NUMBER.search(text)
    if number:
        year, serial = number[1] or number[3], int(number[2] or number[4])
        return found.filter(serial=serial, **({"year": int(year)} if year else {}))
    cut = words.cut(text)
    if not cut:
        return found.none()
    with connection.cursor() as cursor:
        # a function of the owner, because behind a policy PostgreSQL asks no index for words; it gives those of the present town
        cursor.execute("SELECT case_ids_with_words(plainto_tsquery('simple', %s), %s)", [cut, MOST_SOUGHT + 1])
        ids = [pk for (pk,) in cursor.fetchall()]
    if len(ids) <= MOST_SOUGHT:
        return found.filter(pk__in=ids)
    return found.filter(search=SearchQuery(cut, config="simple", search_type="plain"))  # words that many have are met soon in any order


def _due_part(found: QuerySet[Case], part: str, *, at: datetime, zone: Any) -> QuerySet[Case]:
    """Narrow to a part of the desk: overdue, due today, due within seven days, stopped, or waiting for joined units."""
    midnight = (at.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    match part:
        case "overdue":
            return found.filter(_late(at))
        case "today":
            return found.filter(next_due_at__gt=at, next_due_at__lt=midnight).exclude(_late(at))
        case "week":
            return found.filter(next_due_at__gte=midnight, next_due_at__lt=midnight + timedelta(days=6)).exclude(_late(at))
        case "stopped":
            return found.filter(state=State.SUSPENDED.value)
        case "joined":
            return found.filter(Exists(Task.objects.waiting().filter(case=OuterRef("pk"))))
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
    complete(seen_by=seen_by, found=cut.rows)
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
    """Return the names of the units that still work on a task, by case (one query for the whole list).

    Whoever asks: the cases given are those of a list that they may see.
    """
    found: dict[int, list[str]] = defaultdict(list)
    rows = Task.objects.waiting().filter(case_id__in=[case.pk for case in cases]).order_by("pk")
    for case_id, name in rows.values_list("case_id", "organ__name"):
        found[case_id].append(name)
    return dict(found)


def grounds_of_list(*, seen_by: Actor, cases: Sequence[Case]) -> dict[int, str]:
    """Return the ground of the stop that holds now, by case (one query for the whole list).

    Whoever asks: the cases given are those of a list that they may see.
    """
    stopped = [case.pk for case in cases if case.is_stopped]
    return dict(Stop.objects.filter(case_id__in=stopped, ended_at__isnull=True).values_list("case_id", "ground")) if stopped else {}


def to_place(*, seen_by: Actor, at: datetime, most: int = 200) -> list[Case]:
    """Return what a dispatcher has to do first: cases that wait for a unit and cases that lie in no grid, due first."""
    waiting = Q(state__in=[s.value for s in WITH_DISPATCHER], holder_id__in=sorted(seen_by.organ_ids)) | Q(unlocated=True)
    found = Case.objects.visible_to(seen_by).open().filter(waiting)
    first = list(_for_lists(found).select_related("handler", "responsibility").order_by(*ORDERS["due"].by())[:most])
    complete(seen_by=seen_by, found=first)
    return first
