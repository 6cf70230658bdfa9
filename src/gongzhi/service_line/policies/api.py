"""Policies and drafts for programs."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, problem
from gongzhi.service_line.policies import limits, operations, queries

router = Router(tags=["policies"])


class PolicyOut(Schema):
    """A policy in short; `state` on today's date: coming, in_force or ended."""

    code: str
    title: str
    number: str
    organ: str = Field(description="code of the unit that issued it")
    topics: list[str]
    area: str | None = Field(description="code of the area where it holds; null: the whole town")
    signed_on: date
    released_at: datetime
    valid_from: date
    valid_until: date | None
    state: str
    gist: str
    url: str


class ClauseOut(Schema):
    """A clause: its letter, and what it means."""

    number: str
    text: str
    plain_title: str
    plain: str


class QuestionOut(Schema):
    question: str
    answer: str
    clause: str
    useful: int


class LinkOut(Schema):
    kind: str
    title: str
    url: str


class PolicyDetail(PolicyOut):
    """A policy with its letter, reading, questions and links; `ended_by` is the code of the one in its place."""

    clauses: list[ClauseOut]
    questions: list[QuestionOut]
    links: list[LinkOut]
    ended_on: date | None
    ended_how: str
    ended_by: str | None
    end_reason: str


def _short(one: Any, on: date) -> dict[str, Any]:
    return {
        "code": one.code, "title": one.title, "number": one.number, "organ": one.organ.code, "topics": one.topics,
        "area": one.area.code if one.area else None, "signed_on": one.signed_on, "released_at": one.released_at, "valid_from": one.valid_from,
        "valid_until": one.valid_until, "state": one.state_on(on), "gist": one.gist, "url": one.url,
    }  # fmt: skip


def _today(request: HttpRequest) -> date:
    return territory.day_of(seen_by=actor_of(request), at=timezone.now())


@router.get("/policies", response=list[PolicyOut], summary="Released policies")
@needs("town:read")
def policies(request: HttpRequest, topic: str = Query("", max_length=20), q: str = Query("", max_length=80),
             most: int = Query(100, ge=1, le=400)) -> Any:  # fmt: skip
    """List released policies, the newest first; `q`: words of title, number, gist or letter."""
    on = _today(request)
    return [_short(one, on) for one in queries.policies(seen_by=actor_of(request), topic=topic, text=q)[:most]]


@router.get("/policies/{code}", response={200: PolicyDetail, 404: Problem}, summary="One policy with its reading")
@needs("town:read")
def policy(request: HttpRequest, code: str) -> Any:
    """Give a policy's letter and reading, clause by clause, its questions and what it is linked with."""
    actor = actor_of(request)
    try:
        found = queries.policy_for(seen_by=actor, code=code)
    except ObjectDoesNotExist:
        found = None
    if found is None or not found.is_released:
        return problem(404, "Not found", code="NotFound")
    return _short(found, _today(request)) | {
        "clauses": [{"number": one.number, "text": one.text, "plain_title": one.plain_title, "plain": one.plain} for one in found.clauses.all()],
        "questions": [{"question": one.text, "answer": one.answer, "clause": one.clause, "useful": one.useful} for one in found.questions.all()],
        "links": [{"kind": tie.kind, "title": str(tie.title), "url": tie.url} for tie in queries.ties(seen_by=actor, policy=found)],
        "ended_on": found.ended_on, "ended_how": found.ended_how, "ended_by": found.ended_by.code if found.ended_by else None, "end_reason": found.end_reason,
    }  # fmt: skip


class SectionOut(Schema):
    id: int
    number: str
    text: str


class OpinionOut(Schema):
    """An opinion, without who gave it; `taken`: yes, partly, no, or "" while it waits."""

    id: int
    section: int | None
    text: str
    given_at: datetime
    taken: str
    reason: str


class ConsultationOut(Schema):
    """A draft; `state`: open, answering or told."""

    code: str
    title: str
    why: str
    organ: str
    closes_on: date
    state: str
    result: str
    sections: list[SectionOut]
    opinions: list[OpinionOut]


def _opinion(one: Any) -> dict[str, Any]:
    return {"id": one.pk, "section": one.section_id, "text": one.text, "given_at": one.given_at, "taken": one.answer.taken if one.answer else "",
            "reason": one.answer.reason if one.answer else ""}  # fmt: skip


@router.get("/consultations/{code}", response={200: ConsultationOut, 404: Problem}, summary="A draft with its opinions")
@needs("town:read")
def consultation(request: HttpRequest, code: str) -> Any:
    """Give a draft by section with all opinions and what became of them."""
    actor = actor_of(request)
    try:
        found = queries.consultation_for(seen_by=actor, code=code)
    except ObjectDoesNotExist:
        return problem(404, "Not found", code="NotFound")
    return {
        "code": found.code, "title": found.title, "why": found.why, "organ": found.organ.code, "closes_on": found.closes_on,
        "state": found.state_on(_today(request)), "result": found.result,
        "sections": [{"id": one.pk, "number": one.number, "text": one.text} for one in found.sections.all()],
        "opinions": [_opinion(one) for one in queries.opinions(seen_by=actor, consultation=found)],
    }  # fmt: skip


class OpinionIn(Schema):
    """What somebody thinks; `section`: id of a section of the draft, or null for all of it."""

    text: str = Field(..., min_length=1, max_length=4000)
    section: int | None = Field(None, ge=1, le=2**62)


@router.post("/consultations/{code}/opinions", response={201: OpinionOut, 404: Problem, 409: Problem, 429: Problem}, summary="Give an opinion on a draft")
@needs("town:write")
def give_opinion(request: HttpRequest, code: str, given: OpinionIn) -> Any:
    """Give an opinion; anybody may. It is public, without who gave it."""
    actor = actor_of(request)
    try:
        found = queries.consultation_for(seen_by=actor, code=code)
    except ObjectDoesNotExist:
        return problem(404, "Not found", code="NotFound")
    limits.check(request, "opinions")
    made = operations.give_opinion(by=actor, at=timezone.now(), consultation_id=found.pk, text=given.text, section_id=given.section)
    return Status(201, _opinion(made))
