"""Cases over HTTP, read: lists by filters and cursor, queues of the desk, one case, its steps."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Schema
from pydantic import AwareDatetime, ConfigDict

from gongzhi.cases import queries, rules
from gongzhi.cases.api.shapes import MOST, CaseDetail, CasePage, LifeCode, StateCode, StepOut, asker, case_answer, detail_answer, router, step_answer
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import admit, problem


class CaseFilter(Schema):
    """What narrows a list of cases."""

    model_config = ConfigDict(extra="ignore")

    kind: str = ""
    life: LifeCode | Literal[""] = ""
    category: str = Field("", description="code of a category or main class")
    area: str = Field("", description="code of an area; what lies below it is in it")
    state: StateCode | Literal[""] = Field("", description="a state, or open, or final")
    origin: str = ""
    q: str = Field("", max_length=80, description="words, or a number")
    overdue: bool | None = None
    opened_from: AwareDatetime | None = None
    opened_to: AwareDatetime | None = None
    order: Literal["newest", "touched", "due"] = "newest"
    after: str = Field("", max_length=300)
    before: str = Field("", max_length=300)
    limit: int = Field(50, ge=1, le=MOST)


def _filters(actor: Actor, wanted: CaseFilter) -> dict[str, Any] | HttpResponse:
    """Return the filters of the queries, or the answer that names the field that cannot be read."""
    found: dict[str, Any] = {
        "kind": wanted.kind, "life": wanted.life, "state": wanted.state, "origin": wanted.origin, "text": wanted.q, "overdue": wanted.overdue,
        "opened_from": wanted.opened_from, "opened_to": wanted.opened_to,
    }  # fmt: skip
    if wanted.category:
        category = queries.category_by_code(seen_by=actor, code=wanted.category)
        if category is None:
            return problem(422, _("There is no such category."), field="category", code="UnknownCategory")
        found["category_id"] = category.pk
    if wanted.area:
        area = territory.area_by_code(seen_by=actor, code=wanted.area)
        if area is None:
            return problem(422, _("There is no such area."), field="area", code="UnknownArea")
        found["area_path"] = area.path
    return found


@router.get("/cases", response={200: CasePage, 422: Problem}, summary="Cases, by filters, in pages")
@needs("cases:read")
def list_cases(request: HttpRequest, wanted: Query[CaseFilter]) -> Any:
    """Return one page of the cases the caller may see; follow `after` to the end."""
    actor, _at = asker(request)
    filters = _filters(actor, wanted)
    if isinstance(filters, HttpResponse):
        return filters
    found = queries.case_page(seen_by=actor, order=wanted.order, after=wanted.after, before=wanted.before, most=wanted.limit, **filters)
    return {"items": [case_answer(case) for case in found], "after": found.after or None, "before": found.before or None}


@router.get("/desk", response={200: CasePage, 422: Problem}, summary="A queue of the desk")
@needs("cases:read")
def desk(
    request: HttpRequest, queue: Literal["mine", "unit", "verify", "joined", "followed", "overdue", "returned", "dispatch", "unlocated", "follow_ups",
        "all"] = "mine",
    part: Literal["", "overdue", "today", "week", "stopped", "joined"] = "", order: Literal["due", "newest", "touched"] = "due",
    q: Annotated[str, Field(max_length=80)] = "", after: str = "", before: str = "", limit: Annotated[int, Field(ge=1, le=MOST)] = 50,
) -> Any:  # fmt: skip
    """Return one page of a queue, due first; the queues are those of the desk's pages."""
    actor, at = asker(request)
    admit(rules.may_use_desk, actor)
    found = queries.desk_page(seen_by=actor, queue=queue, at=at, part=part, order=order, text=q, after=after, before=before, most=limit)
    return {"items": [case_answer(case) for case in found], "after": found.after or None, "before": found.before or None}


@router.get("/cases/{slug}", response={200: CaseDetail, 404: Problem}, summary="One case")
@needs("cases:read")
def get_case(request: HttpRequest, response: HttpResponse, slug: str) -> Any:
    """Return a case with its clocks, why they end when they do, and what the caller may do now.

    The ETag is its version: an act that is sent with it as If-Match is done only if nobody else was first.
    """
    actor, at = asker(request)
    case = queries.case_for(seen_by=actor, slug=slug)
    response.headers["ETag"] = f'"{case.version}"'
    return detail_answer(actor, case, at)


@router.get("/cases/{slug}/steps", response={200: list[StepOut], 404: Problem}, summary="What happened to a case")
@needs("cases:read")
def get_steps(request: HttpRequest, slug: str) -> Any:
    """Return the steps of a case, newest first."""
    actor, _at = asker(request)
    return [step_answer(step) for step in queries.steps(seen_by=actor, case=queries.case_for(seen_by=actor, slug=slug))]
