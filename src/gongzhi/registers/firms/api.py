"""The firms' register for programs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit
from gongzhi.registers.firms import operations, queries, rules
from gongzhi.registers.firms.models import Firm

router = Router(tags=["firms"])


class FirmIn(Schema):
    """Values of a firm by the fields of the register: code, name, industry, size, park, address, moved_in_on …"""

    values: dict[str, str]
    source: str = Field(max_length=120)
    basis: str = Field(max_length=200)
    word: str = "paper"


class FirmOriginOut(Schema):
    """Where a value of a firm comes from."""

    source: str
    basis: str
    word: str
    by: str
    at: datetime


class FirmValueOut(Schema):
    """One value of a firm with its origin."""

    field: str
    value: str
    origin: FirmOriginOut | None


class FirmContactOut(Schema):
    """Who speaks for a firm: masked."""

    id: int
    role: str
    name: str
    phone: str


class FirmFigureOut(Schema):
    """An amount for a period, in the measure's unit."""

    measure: str
    period: str
    starts_on: date
    amount: Decimal
    source: str


class FirmOut(Schema):
    """A firm of the register, with its organ."""

    id: int
    organ_id: int
    state: str
    values: list[FirmValueOut]
    contacts: list[FirmContactOut]
    figures: list[FirmFigureOut]


class FirmBriefOut(Schema):
    """A firm in a list."""

    id: int
    organ_id: int
    code: str
    name: str
    industry: str
    state: str


class FirmSearchIn(Schema):
    """What is looked for: a unified social credit code or a name."""

    text: str = Field(max_length=120)


class FirmContactIn(Schema):
    """Who speaks for the firm from today."""

    role: str
    name: str = Field(max_length=80)
    phone: str = Field("", max_length=40)


class FirmFigureIn(Schema):
    """An amount of a firm for a period; `starts_on` is its first day."""

    measure: str
    period: str
    starts_on: date
    amount: Decimal
    source: str = Field(max_length=120)
    basis: str = Field(max_length=200)


def _whole(actor: Actor, one: Firm) -> dict[str, Any]:
    return {
        "id": one.pk,
        "organ_id": one.organ_id,
        "state": one.state,
        "values": [{"field": code, "value": text, "origin": origin} for code, _title, text, origin in queries.record_of(seen_by=actor, firm=one)],
        "contacts": [{"id": each.pk, "role": each.role, "name": name, "phone": phone} for each, name, phone in queries.contacts_of(seen_by=actor, firm=one)],
        "figures": list(queries.figures_of(seen_by=actor, firm=one)[:200]),
    }


@router.post("/firms/search", response=list[FirmBriefOut], summary="Find firms")
@needs("firms:read")
def search(request: HttpRequest, given: FirmSearchIn) -> Any:
    """Find firms by code or name, within what the caller may see."""
    return queries.search(seen_by=actor_of(request), text=given.text)


@router.post("/firms", response={201: FirmOut}, summary="Register a firm")
@needs("firms:write")
def register(request: HttpRequest, given: FirmIn) -> Any:
    """Register a firm that is not known yet, and give it its organ."""
    actor = actor_of(request)
    one = operations.register_firm(by=actor, at=timezone.now(), given=given.values, source=given.source, basis=given.basis, word=given.word)
    return 201, _whole(actor, one)


@router.get("/firms/{int:firm_id}", response=FirmOut, summary="A firm")
@needs("firms:read")
def firm(request: HttpRequest, firm_id: int) -> Any:
    """Give what the register holds of a firm, each value with its origin."""
    actor = actor_of(request)
    return _whole(actor, queries.firm_for(seen_by=actor, firm_id=firm_id))


@router.patch("/firms/{int:firm_id}", response=FirmOut, summary="Tell values of a firm anew")
@needs("firms:write")
def change(request: HttpRequest, firm_id: int, given: FirmIn) -> Any:
    """Tell values of a firm anew; what they were stays in the history."""
    actor = actor_of(request)
    one = operations.change_firm(by=actor, at=timezone.now(), firm_id=firm_id, given=given.values, source=given.source, basis=given.basis, word=given.word)
    return _whole(actor, one)


@router.post("/firms/{int:firm_id}/contacts", response={201: FirmContactOut}, summary="Set a contact")
@needs("firms:write")
def set_contact(request: HttpRequest, firm_id: int, given: FirmContactIn) -> Any:
    """Say who speaks for a firm as what from today."""
    actor = actor_of(request)
    made = operations.set_contact(by=actor, at=timezone.now(), firm_id=firm_id, **given.dict())
    one = queries.firm_for(seen_by=actor, firm_id=firm_id)
    return 201, next(
        {"id": each.pk, "role": each.role, "name": name, "phone": phone} for each, name, phone in queries.contacts_of(seen_by=actor, firm=one) if each == made
    )


@router.post("/firms/{int:firm_id}/figures", response={201: FirmFigureOut}, summary="Tell a figure")
@needs("firms:write")
def tell_figure(request: HttpRequest, firm_id: int, given: FirmFigureIn) -> Any:
    """Tell an amount of a firm for a period; another amount is kept as a correction."""
    actor = actor_of(request)
    admit(rules.may_use_firms, actor)
    return 201, operations.tell_figure(by=actor, at=timezone.now(), firm_id=firm_id, **given.dict())
