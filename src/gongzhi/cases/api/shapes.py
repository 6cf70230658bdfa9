"""What the cases' API answers alike: the shapes of a case, its steps and clocks, and who asks."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.cases import acts, queries
from gongzhi.cases.lifecycle import State
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of

if TYPE_CHECKING:
    from gongzhi.cases.models import Case, Step

router = Router(tags=["cases"])

MOST = 200
LifeCode = Literal["work", "home", "eco"]
UnitCode = Literal["working_days", "working_hours", "hours", "calendar_days"]
StateCode = Literal[
    "open", "final", "opened", "assigned", "in_hand", "answered", "verified", "closed", "suspended", "returned", "rejected", "withdrawn", "merged", "reopened"
]
assert {state.value for state in State if state is not State.DRAFT} | {"open", "final"} == set(StateCode.__args__)  # type: ignore[attr-defined]


def asker(request: HttpRequest) -> tuple[Actor, datetime]:
    return actor_of(request), timezone.now()


class CaseOut(Schema):
    """A case in short."""

    number: str
    slug: str = Field(description="its part of the address, such as 2026-01847")
    kind: str
    life: str
    category: str | None = Field(description="code of the category")
    title: str
    state: str
    stage: str
    origin: str
    severity: int
    area: str | None = Field(description="code of the grid or area")
    address: str
    longitude: float | None = Field(description="WGS-84 degrees")
    latitude: float | None
    lead: str | None = Field(description="code of the organ that leads")
    holder: str | None = Field(description="code of the organ that must act now")
    opened_at: datetime
    due_at: datetime | None
    next_due_at: datetime | None
    overdue_at: datetime | None
    closed_at: datetime | None
    closed_unverified: bool
    touched_at: datetime
    version: int = Field(description="rises with every act that decides something; send it with an act, or as If-Match")
    url: str


class ClockOut(Schema):
    """A clock; amounts are in `unit`, hours for working days."""

    of: str
    stage: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    amount: int
    unit: str
    used: float
    stopped: float
    left: float
    over: float
    is_stopped: bool
    rule: str
    basis: str
    provisional: bool
    why: list[str] = Field(description="the lines of its explanation, label and value")


class CaseDetail(CaseOut):
    """A case with its words, clocks and what the asker may do now."""

    text: str
    clause: str | None
    outcome: str
    returns: int
    merged_into: str | None
    referred_from: str | None
    clocks: list[ClockOut]
    acts: list[str]


class CasePage(Schema):
    items: list[CaseOut]
    after: str | None = Field(description="cursor of the next page; null on the last")
    before: str | None = Field(description="cursor of the page before; null on the first")


class PaperOut(Schema):
    url: str
    name: str
    content_type: str


class StepOut(Schema):
    act: str
    at: datetime
    organ: str | None
    from_state: str
    to_state: str
    public_text: str
    internal_text: str = Field(description="empty unless the asker works on the case")
    reason: str
    clause: str
    attachments: list[PaperOut]


class ContactOut(Schema):
    shown: str


def case_answer(case: "Case") -> dict[str, Any]:
    return {
        "number": case.number, "slug": case.slug, "kind": case.kind, "life": case.life, "category": case.category.code if case.category else None,
        "title": case.title,
        "state": case.state, "stage": case.stage, "origin": case.origin, "severity": case.severity, "area": case.area.code if case.area else None,
        "address": case.address,
        "longitude": case.longitude, "latitude": case.latitude, "lead": case.lead.code if case.lead else None,
        "holder": case.holder.code if case.holder else None,
        "opened_at": case.opened_at, "due_at": case.due_at, "next_due_at": case.next_due_at, "overdue_at": case.overdue_at, "closed_at": case.closed_at,
        "closed_unverified": case.closed_unverified, "touched_at": case.touched_at, "version": case.version, "url": f"/cases/{case.slug}/",
    }  # fmt: skip


def detail_answer(actor: Actor, case: "Case", at: datetime) -> dict[str, Any]:
    clocks = []
    for view in queries.all_clocks(seen_by=actor, case=case, at=at):
        clock, usage = view.clock, view.usage
        clocks.append(
            {
                "of": clock.of, "stage": clock.stage, "started_at": clock.started_at, "due_at": clock.due_at, "ended_at": clock.ended_at,
                "amount": clock.amount,
                "unit": clock.unit, "used": round(usage.used, 3), "stopped": round(usage.stopped, 3), "left": round(usage.left, 3),
                "over": round(usage.over, 3),
                "is_stopped": view.stopped, "rule": clock.rule, "basis": clock.basis, "provisional": clock.provisional,
                "why": [f"{line.label}: {line.value}" for line in view.explanation.lines] if view.explanation else [],
            }
        )  # fmt: skip
    return case_answer(case) | {
        "text": case.text, "clause": case.responsibility.clause if case.responsibility else None, "outcome": case.outcome, "returns": case.returns,
        "merged_into": case.merged_into.number if case.merged_into else None, "referred_from": case.referred_from.number if case.referred_from else None,
        "clocks": clocks, "acts": acts.codes_now(seen_by=actor, case=case, at=at),
    }  # fmt: skip


def step_answer(step: "Step") -> dict[str, Any]:
    return {
        "act": step.act, "at": step.at, "organ": step.organ.code if step.organ else None, "from_state": step.from_state, "to_state": step.to_state,
        "public_text": step.public_text, "internal_text": step.internal_text, "reason": step.reason, "clause": step.clause,
        "attachments": [
            {"url": f"/attachments/{paper.attachment.key}/", "name": paper.attachment.name,
                "content_type": paper.attachment.content_type} for paper in step.papers.all()
        ],
    }  # fmt: skip


def papers_of(actor: Actor, keys: list[str]) -> list[int]:
    """Return the ids of the attachments with these keys."""
    return [attachments.attachment_by_key(seen_by=actor, key=key).pk for key in keys]
