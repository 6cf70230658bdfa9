"""Conversations for programs."""

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from gongzhi.autonomy_line.voice import operations, queries
from gongzhi.autonomy_line.voice.models import Conversation, Statement
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, problem

router = Router(tags=["voice"])
STANCES = {"agree": 1, "disagree": -1, "pass": 0}


class ConversationOut(Schema):
    """A question to everybody; `people`: how many have said something."""

    code: str
    question: str
    why: str
    organ: str = Field(description="code of the unit that asks")
    opened_at: datetime
    closes_at: datetime
    is_open: bool
    people: int


class StatementOut(Schema):
    number: int
    text: str
    state: str = Field(description="shown, or for one's own: waiting, out")
    reason: str


class SharedOut(Schema):
    """A statement with how many per cent of each group agree (direction 1) or disagree (-1)."""

    number: int
    text: str
    direction: int
    shares: list[int]


class MapOut(Schema):
    """The map: sizes of the groups (those of fewer than five are left out), what all share, what divides. No single person is in it."""

    voices: int
    groups: list[int]
    common: list[SharedOut]
    dividing: list[SharedOut]
    drawn_at: datetime | None


class StanceIn(Schema):
    number: int = Field(ge=1, le=32_000)
    stance: Literal["agree", "disagree", "pass"]


class StanceOut(Schema):
    number: int
    stance: str


class StatementIn(Schema):
    text: str = Field(min_length=1, max_length=400)


def _of(one: Any, at: datetime) -> dict[str, Any]:
    return {"code": one.code, "question": one.question, "why": one.why, "organ": one.organ.code, "opened_at": one.opened_at, "closes_at": one.closes_at,
            "is_open": one.is_open_at(at), "people": one.people}  # fmt: skip


def _found(request: HttpRequest, code: str) -> Conversation | None:
    try:
        return queries.conversation_for(seen_by=actor_of(request), code=code)
    except ObjectDoesNotExist:
        return None


@router.get("/conversations", response=list[ConversationOut], summary="Questions to everybody")
@needs("town:read")
def conversations(request: HttpRequest) -> Any:
    """List the conversations, the newest first."""
    return [_of(one, timezone.now()) for one in queries.conversations(seen_by=actor_of(request))[:400]]


@router.get("/conversations/{code}", response={200: ConversationOut, 404: Problem}, summary="One question")
@needs("town:read")
def conversation(request: HttpRequest, code: str) -> Any:
    """Give a conversation."""
    found = _found(request, code)
    return problem(404, "Not found", code="NotFound") if found is None else _of(found, timezone.now())


@router.get("/conversations/{code}/statements", response={200: list[StatementOut], 404: Problem}, summary="Its statements")
@needs("town:read")
def statements(request: HttpRequest, code: str) -> Any:
    """List the statements that are shown, and one's own with what became of them."""
    found = _found(request, code)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    return [{"number": one.number, "text": one.text, "state": one.state, "reason": one.reason}
            for one in queries.statements(seen_by=actor_of(request), conversation=found)]  # fmt: skip


@router.get("/conversations/{code}/map", response={200: MapOut, 404: Problem, 409: Problem}, summary="The map of opinions")
@needs("town:read")
def opinion_map(request: HttpRequest, code: str) -> Any:
    """Give the map; while the conversation is open, to those who have said something themselves."""
    actor, found = actor_of(request), _found(request, code)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    own = queries.voice_of(seen_by=actor, conversation=found)
    if found.is_open_at(timezone.now()) and (own is None or not own.said):
        return problem(409, "Say what you think first", code="SayFirst")

    def shared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"number": one.number, "text": one.text, "direction": one.direction, "shares": [part["share"] for part in one.shares]}
                for one in queries.shared(seen_by=actor, conversation=found, rows=rows)]  # fmt: skip

    return {
        "voices": found.picture.get("voices", 0), "groups": [group["size"] for group in found.picture.get("groups", [])],
        "common": shared(found.picture.get("common", [])), "dividing": shared(found.picture.get("dividing", [])), "drawn_at": found.mapped_at,
    }  # fmt: skip


@router.post("/conversations/{code}/stances", response={200: StanceOut, 403: Problem, 404: Problem, 409: Problem}, summary="Agree, disagree or pass")
@needs("town:write")
def take_stance(request: HttpRequest, code: str, given: StanceIn) -> Any:
    """Say what one thinks of a statement; the last word counts."""
    found = _found(request, code)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    operations.take_stance(by=actor_of(request), at=timezone.now(), conversation_id=found.pk, number=given.number, value=STANCES[given.stance])
    return {"number": given.number, "stance": given.stance}


@router.post("/conversations/{code}/statements", response={201: StatementOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem},
             summary="Write a statement")  # fmt: skip
@needs("town:write")
def write_statement(request: HttpRequest, code: str, given: StatementIn) -> Any:
    """Add one sentence; it is shown when somebody has read it."""
    found = _found(request, code)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    made: Statement = operations.write_statement(by=actor_of(request), at=timezone.now(), conversation_id=found.pk, text=given.text)
    return Status(201, {"number": made.number, "text": made.text, "state": made.state, "reason": made.reason})
