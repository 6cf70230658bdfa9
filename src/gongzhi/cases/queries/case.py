"""One case: found by its address, number, id or submission, with what belongs to it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.cases.lifecycle import OPEN_STATES, State
from gongzhi.cases.models import Case, Party, Step
from gongzhi.cases.models.case import slug_of
from gongzhi.cases.queries.catalogue import remembered_categories, remembered_procedures
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.rows import prepared

NUMBER = re.compile(r"^(?:([0-9]{4})-)?([0-9]{1,9})$|〔([0-9]{4})〕\s*([0-9]{1,9})\s*$")  # as people write it: 1847, 2026-01847, the whole one
CARD = ("category", "area", "lead", "holder", "handler", "procedure")
# what of a case is remembered rather than joined
_REMEMBERED: dict[str, Any] = {name: Case._meta.get_field(name) for name in ("category", "area", "lead", "holder", "raised_for", "procedure")}


def case_for(*, seen_by: Actor, slug: str) -> Case:
    """Return a case by the part of its address (2026-01847); what one may not see is not found."""
    year, _dash, serial = slug.partition("-")
    if not (re.fullmatch(r"[0-9]{1,4}", year) and re.fullmatch(r"[0-9]{1,9}", serial)):
        raise Case.DoesNotExist(slug)
    # the planner takes 9 ms over a dozen joined tables, which is more than all else that the page asks
    found = Case.objects.visible_to(seen_by).defer("search").select_related("responsibility", "raised_by", "handler").get(year=int(year), serial=int(serial))
    complete(seen_by=seen_by, found=[found])
    return found


def complete(*, seen_by: Actor, found: Sequence[Case]) -> None:
    """Give cases what belongs to them and is remembered (category, area, units, procedure), so that no statement need join it."""
    categories = remembered_categories(seen_by=seen_by) if found else {}
    areas = territory.areas_by_id(seen_by=seen_by, area_ids=[case.area_id for case in found])
    units = organs.organs_by_id(
        seen_by=seen_by, organ_ids=[organ_id for case in found for organ_id in (case.lead_id, case.holder_id, case.raised_for_id)]
    )
    for case in found:
        versions = remembered_procedures(seen_by=seen_by, kind=case.kind) if case.procedure_id else []
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
    step = Step.objects.visible_to(seen_by).filter(submission_key=submission_key).select_related("case").first()
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
    is_restricted: bool

    @classmethod
    def of(cls, case: Case) -> "CaseInShort":
        return cls(
            case.pk, case.number, case.year, case.serial, case.title, case.state, case.area_id, case.life, case.involved, case.followers, case.severity,
            case.holder_id, case.lead_id, case.overdue_at is not None, case.is_restricted,
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
        "SELECT id, number, year, serial, title, state, area_id, life, involved, followers, severity, holder_id, lead_id, overdue_at IS NOT NULL,"
        " visibility = 'restricted'"
        " FROM cases_case WHERE id = $1",
        [case_id],
    )
    if not found:
        raise Case.DoesNotExist(case_id)
    return CaseInShort(*found[0])


def who_may_see(*, seen_by: Actor, case_id: int, person_ids: Iterable[int], at: datetime) -> list[int]:
    """Return those of the people who may see the case, in their order: whom notices of it may reach."""
    case = Case.objects.visible_to(seen_by).get(pk=case_id)
    return [
        person_id for person_id in person_ids
        if case.is_visible_to(organs.actor_for_person(seen_by=seen_by, person_id=person_id, at=at))
    ]  # fmt: skip


def case_by_number(*, seen_by: Actor, number: str) -> Case | None:
    """Return a case by its number as people write it (云溪报〔2026〕01847), or None."""
    parts = NUMBER.search(number.strip())
    if parts is None or not parts[3]:
        return None
    # by year and serial, which have an index; the number holds the same and its kind
    return Case.objects.visible_to(seen_by).filter(year=int(parts[3]), serial=int(parts[4]), number=number.strip()).first()


FOLLOW_CODE = re.compile(r"[2-9A-HJKMNP-TV-Z]{4}(?:[-\s]?[2-9A-HJKMNP-TV-Z]{4}){3}", re.I)


def is_follow_code(*, seen_by: Actor, text: str) -> bool:
    """Return whether a text looks like a follow code, such as K7QF-9M2X-4HTB-WZ83. Whoever asks: it reads nothing."""
    return FOLLOW_CODE.fullmatch(text.strip()) is not None


def case_of_text(*, seen_by: Actor, text: str) -> Case | None:
    """Return the one case whose exact number somebody types (云溪报〔2026〕01847, 2026-01847, 1847), open or ended; None where none or several fit."""
    parts = NUMBER.fullmatch(text.strip()) or NUMBER.search(text.strip())
    if parts is None:
        return None
    if parts[3]:
        return case_by_number(seen_by=seen_by, number=text)
    year = {"year": int(parts[1])} if parts[1] else {}
    found = list(Case.objects.visible_to(seen_by).filter(serial=int(parts[2]), **year).only("pk", "number", "year", "serial", "town_id")[:2])
    return found[0] if len(found) == 1 else None


def party_by_code(*, seen_by: Actor, code_hashes: Iterable[bytes]) -> Party | None:
    """Return the party that holds this follow code (by the hashes it may have), with the case it now follows (merged cases lead to the other).

    Whoever asks: the code is the key, and only its hash is asked for.
    """
    found = Party.objects.filter(code_hash__in=list(code_hashes)).select_related("case").order_by("-pk")
    return found.exclude(case__state=State.MERGED.value).first() or found.first()


def open_cases_of(*, seen_by: Actor, person_id: int) -> QuerySet[Case]:
    """Return the open cases that a person raised or handles, newest first."""
    theirs = Q(raised_by_id=person_id) | Q(handler_id=person_id)
    return Case.objects.visible_to(seen_by).filter(theirs, state__in=[state.value for state in OPEN_STATES]).order_by("-opened_at", "-pk")


def people_with_cases_since(*, seen_by: Actor, person_ids: Iterable[int], since: datetime) -> set[int]:
    """Return those of the people who are party to a case that is open, or that was touched after the moment.

    Whoever asks: ids only, for the task that erases what nobody needs any more.
    """
    going_on = Q(case__state__in=[state.value for state in OPEN_STATES]) | Q(case__touched_at__gt=since)
    parties = Party.objects.filter(going_on, person_id__in=list(person_ids)).order_by()
    return set(parties.values_list("person_id", flat=True).distinct())
