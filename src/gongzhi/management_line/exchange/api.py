"""Exchange for programs: the catalogue, asking, using a grant, doubting, and rows from outside, signed."""

import json
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.api import NO_TOKEN, needs
from gongzhi.kernel.operation import Unreadable
from gongzhi.kernel.web import actor_of, admit
from gongzhi.management_line.exchange import operations, queries, rules, signing
from gongzhi.registers.grants import operations as grant_operations
from gongzhi.registers.grants import queries as grant_queries
from gongzhi.registers.grants import rules as grant_rules

router = Router(tags=["exchange"])


class CatalogueFieldOut(Schema):
    """A field of the catalogue: what it means, which unit answers for it, whether it is given (1, 2, 3), how good it is."""

    data: str
    field: str
    title: str
    meaning: str
    organ_id: int | None
    organ: str
    share: int
    basis: str
    period: str
    complete: int | None = Field(description="of a hundred things that should have it")
    fresh: int | None = Field(description="of a hundred values, told within the period")
    doubts: int


class DataAskIn(Schema):
    """Which fields of a register or data set a unit asks for, for what, on which basis, from day to day."""

    data: str = Field(max_length=12, description="code of a register or data set, as the catalogue has it")
    fields: list[str] = Field(max_length=60)
    organ_id: int
    purpose: str = Field(max_length=200)
    basis: str = Field(max_length=200)
    starts_on: date
    ends_on: date


class DataRequestOut(Schema):
    """A request, one for each unit that answers for some of the fields."""

    case: str = Field(description="address part of the case, in which it is answered")
    data: str
    authority_id: int
    organ_id: int
    grant_id: int | None
    answered_at: datetime | None


class GrantOut(Schema):
    """A grant: which unit may see which fields, for what, until when."""

    id: int
    data: str
    fields: list[str]
    organ_id: int
    authority_id: int
    purpose: str
    basis: str
    starts_on: date
    ends_on: date
    state: str
    uses: int
    last_used_at: datetime | None


class GrantUseIn(Schema):
    """About whom a form is filled (the whole number or code), with which fields, for which matter."""

    shown: str = Field("", max_length=40)
    subject_id: int | None = None
    fields: list[str] = []
    purpose: str = Field(max_length=200)


class GrantedValueOut(Schema):
    """One value with its source and day."""

    field: str
    value: str
    text: str
    source: str
    basis: str
    at: datetime | None
    in_doubt: bool


class GrantUseOut(Schema):
    """What a grant showed, once; the use is on record."""

    data: str
    subject_id: int
    values: list[GrantedValueOut]


class GrantEndIn(Schema):
    """Why it is ended."""

    reason: str = Field(max_length=200)


class ValueDoubtIn(Schema):
    """Which value is doubted, why, and what it should be."""

    data: str = Field(max_length=12, description="code of a register or data set, as the catalogue has it")
    subject_id: int
    field: str = Field(max_length=24)
    reason: str = Field(max_length=1000)
    proposed: str = Field("", max_length=200)


class CorrectionOut(Schema):
    """The case in which a doubt is answered."""

    case: str
    authority_id: int
    is_corrected: bool | None


class RowFaultOut(Schema):
    """Why one row was not taken."""

    row: int
    field: str
    why: str


class RowsTakenOut(Schema):
    """What became of rows; each is counted once."""

    rows: int
    added: int
    changed: int
    known: int
    refused: list[RowFaultOut]


def _grant(one: Any) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in ("fields", "organ_id", "authority_id", "purpose", "basis", "starts_on", "ends_on", "state", "uses")},
        "id": one.pk, "data": one.register, "last_used_at": one.last_used_at,
    }  # fmt: skip


@router.get("/exchange/catalogue", response=list[CatalogueFieldOut], summary="What is held, and who answers for it")
@needs("exchange:read")
def catalogue(request: HttpRequest, data: str = "") -> Any:
    """List every field that is held here and of data sets held elsewhere, or those of one register."""
    actor, at = actor_of(request), timezone.now()
    codes = [data] if data else [one.code for one in grant_queries.catalogued(seen_by=actor)]
    return [
        {
            "data": one.register, "field": one.field.code, "title": str(one.field.title), "meaning": str(one.field.meaning),
            "organ_id": one.organ.pk if one.organ else None, "organ": str(one.organ or ""), "share": one.share, "basis": one.basis, "period": one.period,
            "complete": one.complete, "fresh": one.fresh, "doubts": one.doubts,
        }
        for code in codes for one in grant_queries.entries(seen_by=actor, register=code, at=at)
    ]  # fmt: skip


@router.post("/exchange/requests", response={201: list[DataRequestOut]}, summary="Ask for fields")
@needs("exchange:write")
def ask(request: HttpRequest, given: DataAskIn) -> Any:
    """Ask the units that answer for them for fields; each is one case, decided field by field by the act `data-request-answer` of the case."""
    told = given.dict()
    made = operations.ask_for_data(by=actor_of(request), at=timezone.now(), register=told.pop("data"), **told)
    return 201, [_asked(one) for one in made]


def _asked(one: Any) -> dict[str, Any]:
    return {
        "case": one.case.slug, "data": one.register, "authority_id": one.authority_id, "organ_id": one.organ_id, "grant_id": one.grant_id,
        "answered_at": one.answered_at,
    }  # fmt: skip


@router.get("/exchange/requests", response=list[DataRequestOut], summary="Requests of the own units")
@needs("exchange:read")
def requests(request: HttpRequest) -> Any:
    """List what the caller's units asked for and what they are asked, newest first; at most 200."""
    actor = actor_of(request)
    admit(rules.may_use_exchange, actor)
    return [_asked(one) for one in queries.requests(seen_by=actor)[:200]]


@router.get("/exchange/grants", response=list[GrantOut], summary="Grants")
@needs("exchange:read")
def grants(request: HttpRequest, data: str = "") -> Any:
    """List the grants, newest first; they name nobody."""
    return [_grant(one) for one in grant_queries.grants(seen_by=actor_of(request), at=timezone.now(), register=data)]


@router.post("/exchange/grants/{int:grant_id}/use", response=GrantUseOut, summary="Use a grant")
@needs("exchange:read")
def use(request: HttpRequest, grant_id: int, given: GrantUseIn) -> Any:
    """Give values through a grant, with their sources; the use stands in the ledger and on the owner's page."""
    actor, at = actor_of(request), timezone.now()
    grant = grant_queries.grant_for(seen_by=actor, grant_id=grant_id, at=at)
    request.keeps_no_answer = True  # type: ignore[attr-defined]  # each use is a use of its own, with its own trace
    filled = grant_operations.fill(by=actor, at=at, grant_id=grant_id, register=grant.register, **given.dict())
    values = [
        {
            "field": one.field.code, "value": one.value, "text": one.text, "source": one.source, "basis": one.basis, "at": one.at, "in_doubt": one.in_doubt,
        }
        for one in filled.values
    ]  # fmt: skip
    return {"data": filled.register, "subject_id": filled.subject_id, "values": values}


@router.post("/exchange/grants/{int:grant_id}/end", response=GrantOut, summary="End a grant")
@needs("exchange:write")
def end(request: HttpRequest, grant_id: int, given: GrantEndIn) -> Any:
    """End a grant before its last day."""
    actor, at = actor_of(request), timezone.now()
    grant_operations.end_grant(by=actor, at=at, grant_id=grant_id, reason=given.reason)
    return _grant(grant_queries.grant_for(seen_by=actor, grant_id=grant_id, at=at))


@router.post("/exchange/corrections", response={201: CorrectionOut}, summary="Doubt a value")
@needs("exchange:write")
def doubt(request: HttpRequest, given: ValueDoubtIn) -> Any:
    """Doubt a value that is about the caller, or that the caller's unit may see; the unit that answers for it decides in the case."""
    told = given.dict()
    made = operations.doubt_value(by=actor_of(request), at=timezone.now(), register=told.pop("data"), **told)
    return 201, {"case": made.case.slug, "authority_id": made.authority_id, "is_corrected": made.is_corrected}


@router.get("/exchange/grants/usable", response=list[GrantOut], summary="Grants that the caller may use")
@needs("exchange:read")
def usable(request: HttpRequest) -> Any:
    """List the grants in force of the caller's units."""
    actor = actor_of(request)
    admit(grant_rules.may_ask, actor)
    return [_grant(one) for one in grant_queries.usable(seen_by=actor, at=timezone.now())]


class RowsIn(Schema):
    """Rows of a data set by its schema: field → value."""

    rows: list[dict[str, Any]] = Field(max_length=1000)


@router.post("/exchange/rows", response=RowsTakenOut, summary="Send rows of a data set, signed")
@needs(NO_TOKEN)
def send(request: HttpRequest, given: RowsIn) -> Any:
    """Take rows from a system outside. No token: the message is signed by HTTP Message Signatures (RFC 9421).

    Covered must be `@method`, `@authority`, `@path` and `content-digest` (RFC 9530, SHA-256 or SHA-512); parameters `created` (not older than five
    minutes), `nonce` (once) and `keyid`; the key is Ed25519 or P-256. A row that does not fit is refused with its field and reason, the others
    are taken; the same rows again change nothing.
    """
    at = timezone.now()
    request.keeps_no_answer = True  # type: ignore[attr-defined]
    message = signing.Message(request.method or "", request.build_absolute_uri(), dict(request.headers))
    found: dict[str, Any] = {}

    def key_of(key_id: str) -> str | None:
        found["sender"] = queries.sender_of_key(seen_by=ANYONE, key_id=key_id)
        return found["sender"].public_key if found["sender"] else None

    signed = signing.check(message, request.body, key_of, at)
    sender = found["sender"]
    if queries.is_known_nonce(seen_by=ANYONE, sender=sender, nonce=signed.nonce):
        raise operations.SeenBefore
    by: Actor = system(f"sender-{sender.pk}")
    try:
        rows = json.loads(request.body)["rows"]
    except (ValueError, KeyError, TypeError):
        raise Unreadable from None
    return operations.take_message(by=by, at=at, sender_id=sender.pk, nonce=signed.nonce, signed_at=signed.signed_at, digest=signed.digest, rows=rows)
