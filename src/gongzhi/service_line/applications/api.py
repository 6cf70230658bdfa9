"""Matters and applications for programs: the list, a form's schema, filing, completing, the board."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from gongzhi.cases import queries as cases
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, problem
from gongzhi.service_line.applications import content, operations, queries

router = Router(tags=["matters"])


class MatterOut(Schema):
    """A matter as it is offered now."""

    code: str
    version: int
    title: str
    title_en: str
    department: str
    family: str
    power: str
    pattern: str
    applicants: list[str]
    statutory_days: int
    promised_days: int
    life: list[str]
    firm_stage: str


class MatterDetail(MatterOut):
    """A matter's guide, with its form as JSON Schema 2020-12 and the papers that it asks for."""

    summary: str
    basis: str
    conditions: list[str]
    result: str
    fee: str
    appeal: str
    parts: list[str]
    form_schema: dict[str, Any]
    materials: list[dict[str, Any]]


class ApplicationIn(Schema):
    """An application. `materials`: keys of attachments by paper; `firm`: code of the firm one applies for."""

    model_config = ConfigDict(extra="forbid")
    values: dict[str, str | int | float | bool | list[str]] = Field(default_factory=dict, max_length=100)
    materials: dict[str, list[str]] = Field(default_factory=dict, max_length=60)
    firm: str = ""
    promise: bool = False
    version: int | None = Field(None, ge=1, le=2**31 - 1)


class CompletionIn(Schema):
    """What a notice named as missing, or a paper that was allowed to follow."""

    model_config = ConfigDict(extra="forbid")
    values: dict[str, str | int | float | bool | list[str]] = Field(default_factory=dict, max_length=100)
    materials: dict[str, list[str]] = Field(default_factory=dict, max_length=60)
    text: str = Field("", max_length=2000)


class ApplicationOut(Schema):
    """An application and the case that it is."""

    number: str
    slug: str
    item: str
    version: int
    way: str
    state: str
    stage: str
    filed_at: datetime
    due_at: datetime | None
    result: str
    notices: int
    lacking: list[str]


class MatterRateOut(Schema):
    part: int
    whole: int
    percent: float | None


class MatterCountOut(Schema):
    """What is counted of one department or matter."""

    key: str
    name: str
    filed: int
    decided: int
    filed_online: MatterRateOut
    decided_online: MatterRateOut
    within_promise: MatterRateOut
    within_law: MatterRateOut
    silent: int
    due_not_decided: int
    half_within_days: int | None
    ninety_percent_within_days: int | None


class MatterExceptionOut(Schema):
    number: str
    matter: str
    department: str
    why: Literal["silent", "unlawful", "late", "open_late", "second_notice"]
    days: int | None


class MatterBoardOut(Schema):
    """The figures of a month. Every rate has its fraction; `docs` of the fields say what is in the denominator."""

    month: date
    town: MatterCountOut
    departments: list[MatterCountOut]
    matters: list[MatterCountOut]
    withdrawn: int
    stopped: int
    stopped_days: int
    extended: int
    second_notices: int
    exceptions: list[MatterExceptionOut]


def _matter(item: Any) -> dict[str, Any]:
    version = item.current
    return {
        "code": item.code, "version": version.number, "title": version.title, "title_en": version.title_en, "department": item.organ.code,
        "family": item.family,
        "power": version.power, "pattern": version.pattern, "applicants": version.applicants, "statutory_days": version.statutory_days,
        "promised_days": version.promised_days, "life": version.life, "firm_stage": version.firm_stage,
    }  # fmt: skip


@router.get("/matters", response=list[MatterOut])
def matters(
    request: HttpRequest, text: str = Query("", max_length=80), department: str = Query("", max_length=40), family: str = Query("", max_length=12),
    life: str = Query("", max_length=20),
) -> Any:  # fmt: skip
    """List the matters that are offered; `text`: everyday words."""
    return [_matter(item) for item, _word in queries.narrowed(seen_by=actor_of(request), text=text, organ=department, family=family, life=life)]


@router.get("/matters/{code}", response={200: MatterDetail, 404: Problem})
def matter(request: HttpRequest, code: str) -> Any:
    """Return a matter's guide and the schema of its form."""
    actor = actor_of(request)
    item = queries.item_for(seen_by=actor, code=code[:60])
    version = item.current
    if version is None:
        return problem(404, str(operations.NotOffered.sentence), code="NotOffered")
    asked = [{"code": one.code, "title": one.title, "later": one.later, "optional": one.optional, "when": one.when, "from": one.source}
             for one in content.materials(version.materials)]  # fmt: skip
    return _matter(item) | {
        "summary": version.summary, "basis": version.basis, "conditions": version.conditions.splitlines(), "result": version.result, "fee": version.fee,
        "appeal": version.appeal, "parts": version.parts, "form_schema": queries.form_schema(seen_by=actor, version=version), "materials": asked,
    }  # fmt: skip


def _papers(request: HttpRequest, given: dict[str, list[str]]) -> dict[str, list[int]]:
    actor = actor_of(request)
    return {name: [attachments.attachment_by_key(seen_by=actor, key=key[:40]).pk for key in keys] for name, keys in given.items()}


def _answer(request: HttpRequest, slug: str) -> dict[str, Any]:
    actor = actor_of(request)
    case = cases.case_for(seen_by=actor, slug=slug)
    filing = queries.filing_of(seen_by=actor, case=case)
    if filing is None:
        raise Http404(slug)
    lacking = [one.rule.code for one in queries.lacking(seen_by=actor, filing=filing)] if case.is_open else []
    return {
        "number": case.number, "slug": case.slug, "item": filing.item.code, "version": filing.version.number, "way": filing.way, "state": case.state,
        "stage": case.stage, "filed_at": filing.filed_at, "due_at": case.due_at, "result": case.result, "notices": filing.notices, "lacking": lacking,
    }  # fmt: skip


def _refused(refused: operations.AnswersWrong | operations.MaterialsMissing) -> HttpResponse:
    """Answer with every field that is wrong, or every paper that lacks."""
    named = refused.faults if isinstance(refused, operations.AnswersWrong) else refused.missing
    errors = [{"field": name, "detail": words} for name, words in named.items()]
    return problem(422, str(refused), field=errors[0]["field"], code=type(refused).__name__, errors=errors)


@router.post("/matters/{code}/applications", response={201: ApplicationOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem})
@needs("cases:write")
def apply(request: HttpRequest, code: str, body: ApplicationIn) -> Any:
    """File an application; the same Idempotency-Key gives the same one. Answers are judged by the schema of the form."""
    actor, at = actor_of(request), timezone.now()
    organ = organs.organ_by_code(seen_by=actor, code=body.firm) if body.firm else None
    if body.firm and organ is None:
        return problem(422, str(operations.ChooseFirm.sentence), field="firm", code="ChooseFirm")
    try:
        filing = operations.file_application(
            by=actor, at=at, code=code[:60], values=body.values, materials=_papers(request, body.materials), organ_id=organ.pk if organ else None,
            promise=body.promise, submission_key=request.headers.get("Idempotency-Key", "")[:60], version=body.version,
        )  # fmt: skip
    except (operations.AnswersWrong, operations.MaterialsMissing) as refused:
        return _refused(refused)
    return Status(201, _answer(request, filing.case.slug))


@router.get("/applications", response=list[ApplicationOut])
@needs("cases:read")
def own(request: HttpRequest) -> Any:
    """List one's own applications, the newest first, at most 50."""
    return [_answer(request, one.case.slug) for one in queries.own_filings(seen_by=actor_of(request))]


@router.get("/applications/{slug}", response={200: ApplicationOut, 404: Problem})
@needs("cases:read")
def application(request: HttpRequest, slug: str) -> Any:
    """Return an application that one may see."""
    return _answer(request, slug[:40])


@router.post("/applications/{slug}/completion", response={200: ApplicationOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem})
@needs("cases:write")
def complete(request: HttpRequest, slug: str, body: CompletionIn) -> Any:
    """Add what a notice named as missing."""
    actor, at = actor_of(request), timezone.now()
    case = cases.case_for(seen_by=actor, slug=slug[:40])
    try:
        operations.correct_filing(by=actor, at=at, case_id=case.pk, values=body.values, materials=_papers(request, body.materials), text=body.text)
    except operations.AnswersWrong as refused:
        return _refused(refused)
    return _answer(request, slug[:40])


def _count(one: queries.Counted) -> dict[str, Any]:
    def rate(found: Any) -> dict[str, Any]:
        return {"part": found.part, "whole": found.whole, "percent": found.percent}

    return {
        "key": one.key, "name": one.name, "filed": one.filed, "decided": one.decided, "filed_online": rate(one.filed_online),
        "decided_online": rate(one.decisions_online), "within_promise": rate(one.in_time), "within_law": rate(one.in_lawful_time), "silent": one.silent,
        "due_not_decided": one.open_late, "half_within_days": one.half, "ninety_percent_within_days": one.ninety,
    }  # fmt: skip


@router.get("/figures/matters", response=MatterBoardOut)
def board(request: HttpRequest, month: date | None = None, department: str = Query("", max_length=40), item: str = Query("", max_length=60)) -> Any:
    """Return the figures of a month (any day of it; left out: this one), of the town or one department or matter."""
    actor, at = actor_of(request), timezone.now()
    day = month if month is not None and 2000 <= month.year <= 2100 else queries.today(seen_by=actor, at=at)
    found = queries.board(seen_by=actor, month=day.replace(day=1), at=at, organ=department, item=item)
    return {
        "month": found.month, "town": _count(found.whole), "departments": [_count(one) for one in found.organs],
        "matters": [_count(one) for one in found.items],
        "withdrawn": found.withdrawn, "stopped": found.stopped, "stopped_days": found.stopped_days, "extended": found.extended,
        "second_notices": found.second_notices,
        "exceptions": [{"number": one.number, "matter": one.title, "department": one.organ, "why": one.why, "days": one.days} for one in found.exceptions],
    }  # fmt: skip
