"""The residents' register for programs. Sealed fields are masked; in the open they are given by `look`, which is written down."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit
from gongzhi.registers.residents import operations, queries, rules
from gongzhi.registers.residents.models import Resident

router = Router(tags=["residents"])


class GroundIn(Schema):
    """Where values come from and on what they rest."""

    source: str = Field(max_length=120)
    basis: str = Field(max_length=200)
    word: str = Field("paper", description="source | own | kin | landlord | neighbour | seen | paper")


class ResidentIn(GroundIn):
    """Values of a person by the fields of the register: name, number, document, sex, birth, phone, address, household, relation, since …"""

    values: dict[str, str]


class ValueOriginOut(Schema):
    """Where a value comes from."""

    source: str
    basis: str
    word: str
    by: str
    at: datetime


class HeldValueOut(Schema):
    """One value with its origin; sealed ones masked."""

    field: str
    value: str
    sealed: bool
    origin: ValueOriginOut | None


class HomeOut(Schema):
    """A home with its household, from when until when."""

    household_id: int
    dwelling_id: int
    address: str
    relation: str
    starts_on: date
    ends_on: date | None


class ResidentOut(Schema):
    """A person of the register."""

    id: int
    state: str
    values: list[HeldValueOut]
    homes: list[HomeOut]


class ResidentBriefOut(Schema):
    """A person in a list: masked."""

    id: int
    state: str
    name: str
    number: str
    phone: str
    sex: str
    birth: date | None
    address: str


class ResidentSearchIn(Schema):
    """What is looked for; in the body, so that no number stands in an address."""

    text: str = Field(max_length=120, description="number of a document, telephone, whole name (and a birth after a space), or an address")


class DwellingOut(Schema):
    """A dwelling."""

    id: int
    address: str
    tenure: str
    longitude: float | None
    latitude: float | None
    area_id: int | None


class ResidentsFoundOut(Schema):
    """People and dwellings that were meant."""

    residents: list[ResidentBriefOut]
    dwellings: list[DwellingOut]


class DwellingIn(Schema):
    """A dwelling; with an id that one is corrected."""

    address: str = Field(max_length=200)
    tenure: str = "own"
    longitude: float | None = None
    latitude: float | None = None
    area_id: int | None = None
    dwelling_id: int | None = None
    ended_on: date | None = None
    source: str = Field(max_length=120)
    basis: str = Field(max_length=200)


class FieldLookIn(Schema):
    """Which sealed fields are wanted, and for what."""

    fields: list[str]
    purpose: str = Field(max_length=200)


class ResidentTagIn(Schema):
    """A tag of care or of control."""

    kind: str
    basis: str = Field(max_length=200)
    source: str = Field(max_length=120)
    starts_on: date
    review_on: date
    ends_on: date | None = None
    is_told: bool = True
    note: str = Field("", max_length=500)


class TagOut(Schema):
    """A tag as it stands."""

    id: int
    kind: str
    basis: str
    source: str
    starts_on: date
    ends_on: date | None
    review_on: date


class TagEndIn(Schema):
    """The first day on which it holds no longer."""

    ends_on: date


class DuplicateOut(Schema):
    """Two records that may be of one person."""

    id: int
    one_id: int
    other_id: int
    reason: str
    state: str


class RecordMergeIn(Schema):
    """Which record is kept, which goes into it."""

    keep_id: int
    other_id: int
    source: str = Field(max_length=120)
    basis: str = Field(max_length=200)


class RecordApartIn(Schema):
    """How it is known that these are two people."""

    ground: str = Field(max_length=200)


class HouseholdHeadIn(Schema):
    """Who is the head of the household from a day on."""

    resident_id: int
    on: date | None = None
    source: str = Field(max_length=120)
    basis: str = Field(max_length=200)


class VisitChangeIn(Schema):
    """What was found of one person on a visit; without `resident_id` somebody new."""

    resident_id: int | None = None
    seen: int | None = Field(None, description="newest statement the telephone knew, from the field pack")
    values: dict[str, str]
    word: str | None = None


class HomeVisitIn(Schema):
    """A visit to a home."""

    key: UUID
    dwelling_id: int
    visited_at: datetime
    outcome: str = Field(description="met | absent | refused | empty")
    word: str = "own"
    changes: list[VisitChangeIn] = []


class VisitPartOut(Schema):
    """What became of one part of a visit."""

    place: int
    outcome: str
    resident_id: int | None
    field: str
    why: str


class VisitOut(Schema):
    """A visit as it was taken."""

    id: int
    is_new: bool
    found: list[VisitPartOut]


class PackPersonOut(Schema):
    """Somebody as a telephone may keep them."""

    resident_id: int
    household_id: int
    relation: str
    seen: int
    sex: str
    birth: date | None
    standing: str
    name: str
    number: str
    phone: str


class FieldPackOut(Schema):
    """A dwelling of the own grids with who lives there."""

    dwelling: DwellingOut
    people: list[PackPersonOut]
    visited_at: datetime | None


def _brief(actor: Actor, one: Resident) -> dict[str, Any]:
    return {
        "id": one.pk,
        "state": one.state,
        "sex": one.sex,
        "birth": one.birth,
        "address": str(one.dwelling or ""),
        **queries.masked(seen_by=actor, resident=one),
    }


def _whole(actor: Actor, one: Resident) -> dict[str, Any]:
    return {
        "id": one.pk,
        "state": one.state,
        "values": [
            {"field": value.code, "value": value.text, "sealed": value.is_sealed, "origin": value.origin}
            for value in queries.record_of(seen_by=actor, resident=one)
        ],
        "homes": [
            {
                "household_id": home.household_id, "dwelling_id": home.household.dwelling_id, "address": str(home.household.dwelling),
                "relation": home.relation, "starts_on": home.starts_on, "ends_on": home.ends_on,
            }
            for home in queries.homes_of(seen_by=actor, resident=one)
        ],
    }  # fmt: skip


@router.post("/residents/search", response=ResidentsFoundOut, summary="Find people and dwellings")
@needs("residents:read")
def search(request: HttpRequest, given: ResidentSearchIn) -> Any:
    """Find people by number, telephone or whole name, and dwellings by address, within what the caller may see."""
    actor = actor_of(request)
    admit(rules.may_use_register, actor)
    people, homes = queries.search(seen_by=actor, text=given.text)
    return {"residents": [_brief(actor, one) for one in people], "dwellings": homes}


@router.get("/residents/own", response=ResidentOut, summary="What is held of oneself")
@needs("residents:read")
def own_record(request: HttpRequest) -> Any:
    """Give what the register holds of the caller, once their account is linked; 404 before."""
    actor = actor_of(request)
    admit(rules.may_prove_own, actor)
    one = queries.resident_of_account(seen_by=actor, person_id=actor.person_id)
    if one is None:
        raise Resident.DoesNotExist
    return _whole(actor, one)


@router.get("/residents/field-pack", response=list[FieldPackOut], summary="Homes of the own grids")
@needs("residents:read")
def field_pack(request: HttpRequest, after: int = 0, most: int = 500) -> Any:
    """Give the dwellings of the caller's grids after an id, 500 at a time, for the field app to take along."""
    actor = actor_of(request)
    admit(rules.may_use_register, actor)
    return queries.field_pack(seen_by=actor, after=after, most=max(1, min(most, 500)))


@router.post("/residents/visits", response={201: VisitOut}, summary="Tell a visit")
@needs("residents:write")
def visit(request: HttpRequest, given: HomeVisitIn) -> Any:
    """Take a visit, once by its key; what could not be taken is given back part by part."""
    taken = operations.record_visit(
        by=actor_of(request), at=timezone.now(), **given.dict(exclude={"changes"}), changes=[one.dict(exclude_none=True) for one in given.changes]
    )
    return 201, {"id": taken.visit.pk, "is_new": taken.is_new, "found": taken.found}


@router.post("/residents", response={201: ResidentOut}, summary="Register somebody")
@needs("residents:write")
def register(request: HttpRequest, given: ResidentIn) -> Any:
    """Register a person who is not known yet."""
    actor = actor_of(request)
    one = operations.register_resident(by=actor, at=timezone.now(), given=given.values, source=given.source, basis=given.basis, word=given.word)
    return 201, _whole(actor, one)


@router.get("/residents/duplicates", response=list[DuplicateOut], summary="Records that may be of one person")
@needs("residents:read")
def duplicates(request: HttpRequest) -> Any:
    """List the open pairs, newest first; at most 200."""
    actor = actor_of(request)
    admit(rules.may_keep_some, actor)
    return list(queries.duplicates(seen_by=actor)[:200])


@router.post("/residents/duplicates/{int:duplicate_id}/apart", response=DuplicateOut, summary="Two people")
@needs("residents:write")
def keep_apart(request: HttpRequest, duplicate_id: int, given: RecordApartIn) -> Any:
    """Say that two records are of two people."""
    return operations.keep_apart(by=actor_of(request), at=timezone.now(), duplicate_id=duplicate_id, ground=given.ground)


@router.post("/residents/merge", response=ResidentOut, summary="Merge two records")
@needs("residents:write")
def merge(request: HttpRequest, given: RecordMergeIn) -> Any:
    """Merge a record into another; its history stays under the one that is kept."""
    actor = actor_of(request)
    return _whole(actor, operations.merge_residents(by=actor, at=timezone.now(), **given.dict()))


@router.get("/residents/{int:resident_id}", response=ResidentOut, summary="A person")
@needs("residents:read")
def resident(request: HttpRequest, resident_id: int) -> Any:
    """Give what the register holds of somebody, each value with its origin."""
    actor = actor_of(request)
    return _whole(actor, queries.resident_for(seen_by=actor, resident_id=resident_id))


@router.patch("/residents/{int:resident_id}", response=ResidentOut, summary="Tell values anew")
@needs("residents:write")
def change(request: HttpRequest, resident_id: int, given: ResidentIn) -> Any:
    """Tell values of a person anew: an address is a move, `left_on` and `died_on` end the membership."""
    actor = actor_of(request)
    one = operations.change_resident(
        by=actor, at=timezone.now(), resident_id=resident_id, given=given.values, source=given.source, basis=given.basis, word=given.word
    )
    return _whole(actor, one)


@router.post("/residents/{int:resident_id}/look", response=dict[str, str], summary="Look at sealed fields")
@needs("residents:read")
def look(request: HttpRequest, resident_id: int, given: FieldLookIn) -> Any:
    """Give sealed fields in the open; who looked at what for what stands in the ledger, and on the person's own page."""
    return operations.show_fields(by=actor_of(request), at=timezone.now(), resident_id=resident_id, fields=tuple(given.fields), purpose=given.purpose)


@router.get("/residents/{int:resident_id}/tags/care", response=list[TagOut], summary="Tags of care")
@needs("residents:read")
def care(request: HttpRequest, resident_id: int) -> Any:
    """List the tags of care that hold today and that the caller may see."""
    actor, at = actor_of(request), timezone.now()
    return list(queries.care_of(seen_by=actor, resident=queries.resident_for(seen_by=actor, resident_id=resident_id), on=queries.today(seen_by=actor, at=at)))


@router.get("/residents/{int:resident_id}/tags/control", response=list[TagOut], summary="Tags of control")
@needs("residents:read")
def control(request: HttpRequest, resident_id: int) -> Any:
    """List the tags of control that hold today and that the caller may see."""
    actor, at = actor_of(request), timezone.now()
    return list(
        queries.control_of(seen_by=actor, resident=queries.resident_for(seen_by=actor, resident_id=resident_id), on=queries.today(seen_by=actor, at=at))
    )


@router.post("/residents/{int:resident_id}/tags/{str:room}", response={201: TagOut}, summary="Set a tag")
@needs("residents:write")
def set_tag(request: HttpRequest, resident_id: int, room: str, given: ResidentTagIn) -> Any:
    """Tag somebody in the room care or control."""
    return 201, operations.set_tag(by=actor_of(request), at=timezone.now(), room=room, resident_id=resident_id, **given.dict())


@router.post("/residents/tags/{str:room}/{int:tag_id}/end", response=TagOut, summary="End a tag")
@needs("residents:write")
def end_tag(request: HttpRequest, room: str, tag_id: int, given: TagEndIn) -> Any:
    """End a tag; it stays in the history."""
    return operations.end_tag(by=actor_of(request), at=timezone.now(), room=room, tag_id=tag_id, ends_on=given.ends_on)


@router.post("/dwellings", response={201: DwellingOut}, summary="Define a dwelling")
@needs("residents:write")
def define_dwelling(request: HttpRequest, given: DwellingIn) -> Any:
    """Define a dwelling, or correct one."""
    return 201, operations.define_dwelling(by=actor_of(request), at=timezone.now(), **given.dict())


@router.post("/households/{int:household_id}/head", response=HouseholdHeadIn, summary="Change the head of a household")
@needs("residents:write")
def head(request: HttpRequest, household_id: int, given: HouseholdHeadIn) -> Any:
    """Make one of its members the head of a household."""
    operations.head_household(by=actor_of(request), at=timezone.now(), household_id=household_id, **given.dict())
    return given
