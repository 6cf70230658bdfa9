"""Enquiries, requests and the statutory list for programs."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, problem
from gongzhi.service_line.openness import operations, queries
from gongzhi.service_line.policies import limits
from gongzhi.service_line.policies import queries as policies

router = Router(tags=["openness"])


class LikelyIn(Schema):
    text: str = Field(..., min_length=1, max_length=4000)
    most: int = Field(4, ge=1, le=20)


class LikelyOut(Schema):
    """What may answer a question; `covers`: how much of its words, rare ones counting more, 0 to 1."""

    kind: str
    title: str
    text: str
    source: str
    url: str
    covers: float


def _today(request: HttpRequest) -> date:
    return territory.day_of(seen_by=actor_of(request), at=timezone.now())


@router.post("/enquiries/likely", response=list[LikelyOut], summary="What may answer a question")
@needs("cases:read")
def likely(request: HttpRequest, asked: LikelyIn) -> Any:
    """Return clauses with their readings, questions on policies and answered enquiries that may answer, likeliest first."""
    found = policies.likely(seen_by=actor_of(request), text=asked.text, on=_today(request), most=asked.most)
    return [{"kind": one.passage.kind, "title": one.passage.title, "text": one.passage.text, "source": one.passage.source, "url": one.passage.url,
             "covers": round(one.covers, 3)} for one in found]  # fmt: skip


class EnquiryIn(Schema):
    """A question; `organ` is the code of the unit that is asked."""

    organ: str = Field(..., max_length=40)
    text: str = Field(..., min_length=1, max_length=4000)
    title: str = Field("", max_length=120)
    private: bool = False
    submission_key: str | None = Field(None, min_length=16, max_length=50, description="the same key gives the same case and code")


class FiledOut(Schema):
    number: str
    slug: str
    url: str
    due_at: datetime | None
    follow_code: str | None = Field(description="opens the case to whoever has it; shown only now, null for who has signed in")


def _sent(case: Any, code: str) -> Status[Any]:
    return Status(201, {"number": case.number, "slug": case.slug, "url": f"/follow/{case.slug}/", "due_at": case.due_at, "follow_code": code or None})


def _organ_id(request: HttpRequest, code: str) -> int:
    found = organs.organ_by_code(seen_by=actor_of(request), code=code)
    return found.pk if found else 0


@router.post("/enquiries", response={201: FiledOut, 409: Problem, 422: Problem, 429: Problem}, summary="Ask a unit")
@needs("cases:write")
def ask(request: HttpRequest, given: EnquiryIn) -> Any:
    """Ask a unit; anybody may. Question and answer are public unless `private`."""
    limits.check(request, "enquiries")
    case, code = operations.ask(by=actor_of(request), at=timezone.now(), organ_id=_organ_id(request, given.organ), text=given.text, title=given.title,
                                is_private=given.private, submission_key=given.submission_key or "")  # fmt: skip
    return _sent(case, code)


class TurnOut(Schema):
    by: str = Field(description="asker or organ")
    text: str
    at: datetime


class EnquiryOut(Schema):
    """A public enquiry with its answers."""

    number: str
    slug: str
    title: str
    organ: str
    answered_at: datetime
    thread: list[TurnOut]


def _enquiry(request: HttpRequest, one: Any) -> dict[str, Any]:
    turns = queries.thread(seen_by=actor_of(request), case=one.case)
    return {"number": one.case.number, "slug": one.case.slug, "title": one.case.title, "organ": one.organ.code, "answered_at": one.answered_at,
            "thread": [{"by": "organ" if turn.is_answer else "asker", "text": turn.text, "at": turn.at} for turn in turns]}  # fmt: skip


@router.get("/enquiries", response=list[EnquiryOut], summary="Answered enquiries")
@needs("cases:read")
def enquiries(request: HttpRequest, organ: str = Query("", max_length=40), most: int = Query(50, ge=1, le=200)) -> Any:
    """List public enquiries that were answered, the newest first."""
    found = queries.answered(seen_by=actor_of(request), organ_id=_organ_id(request, organ) if organ else None)
    return [_enquiry(request, one) for one in found[:most]]


class InformationIn(Schema):
    """A request for information; without signing in it needs a name and a telephone number, which are sealed."""

    organ: str = Field(..., max_length=40)
    text: str = Field(..., min_length=1, max_length=4000)
    form: str = Field("file", max_length=6, description="file, paper or look")
    name: str = Field("", max_length=40)
    phone: str = Field("", max_length=20)
    submission_key: str | None = Field(None, min_length=16, max_length=50)


@router.post("/requests", response={201: FiledOut, 409: Problem, 422: Problem, 429: Problem}, summary="Request information")
@needs("cases:write")
def request_information(request: HttpRequest, given: InformationIn) -> Any:
    """File a request for government information; anybody may."""
    limits.check(request, "requests")
    case, code = operations.request_information(
        by=actor_of(request), at=timezone.now(), organ_id=_organ_id(request, given.organ), text=given.text, form=given.form, name=given.name,
        phone=given.phone, submission_key=given.submission_key or "",
    )  # fmt: skip
    return _sent(case, code)


class DisclosureColumnOut(Schema):
    """A column of the statutory list; `state`: ok, waits, late or empty."""

    code: str
    title: str
    organ: str
    basis: str
    days: int
    every_months: int
    state: str
    entries: int
    newest: date | None
    due: date | None


class ColumnEntryOut(Schema):
    title: str
    text: str
    url: str
    made_on: date
    due_on: date
    published_at: datetime | None
    late_days: int


def _column(one: Any) -> dict[str, Any]:
    return {"code": one.column.code, "title": one.column.title, "organ": one.column.organ.code, "basis": one.column.basis, "days": one.column.days,
            "every_months": one.column.every, "state": one.state, "entries": one.count, "newest": one.newest, "due": one.due}  # fmt: skip


@router.get("/disclosure", response=list[DisclosureColumnOut], summary="The statutory list as it stands")
@needs("town:read")
def columns(request: HttpRequest) -> Any:
    """List the columns with who owes each and whether it is there."""
    return [_column(one) for one in queries.standing(seen_by=actor_of(request), on=_today(request))]


@router.get("/disclosure/{code}", response={200: list[ColumnEntryOut], 404: Problem}, summary="Entries of a column")
@needs("town:read")
def entries(request: HttpRequest, code: str) -> Any:
    """List the entries of a column, the newest first; those too that are made and not yet shown."""
    actor = actor_of(request)
    try:
        found = queries.column_for(seen_by=actor, code=code)
    except ObjectDoesNotExist:
        return problem(404, "Not found", code="NotFound")
    return [
        {"title": one.title, "text": one.text, "url": one.url or (one.attachment.url() if one.attachment else ""), "made_on": one.made_on,
         "due_on": one.due_on, "published_at": one.published_at, "late_days": one.late_days}
        for one in queries.entries(seen_by=actor, column=found)[:500]
    ]  # fmt: skip
