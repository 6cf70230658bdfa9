"""Cases over HTTP for programs: read by filters and cursor, open, and every act that a page offers.

The API reads the same table of acts as the pages (`acts.FACES`) and ends in the same operations, so what one may do by
token is what one may do by hand, narrowed by the token's scopes. Errors are problem+json that names the field.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, ConfigDict

from gongzhi.cases import acts, operations, queries, rules
from gongzhi.cases import kind as kinds
from gongzhi.cases.lifecycle import State
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem

if TYPE_CHECKING:
    from gongzhi.cases.models import Case, Category, Responsibility, Step

router = Router(tags=["cases"])
MOST = 200
LifeCode = Literal["work", "home", "eco"]
UnitCode = Literal["working_days", "working_hours", "hours", "calendar_days"]
StateCode = Literal[
    "open", "final", "opened", "assigned", "in_hand", "answered", "verified", "closed", "suspended", "returned", "rejected", "withdrawn", "merged", "reopened"
]
assert {state.value for state in State if state is not State.DRAFT} | {"open", "final"} == set(StateCode.__args__)  # type: ignore[attr-defined]


def _asker(request: HttpRequest) -> tuple[Actor, datetime]:
    return actor_of(request), timezone.now()


# ---- what is answered -------------------------------------------------------------------------------------------------
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


class CategoryOut(Schema):
    code: str
    name: str
    name_en: str
    parent: str | None
    life: str
    sort: str
    severity: int
    limit_amount: int
    limit_unit: str
    basis: str
    for_public: bool
    description: str


class ResponsibilityOut(Schema):
    id: int
    clause: str
    version: int
    category: str
    area: str | None
    lead: str
    lead_name: str
    limit_amount: int
    limit_unit: str
    basis: str
    starts_on: date
    ends_on: date | None


class ProcedureOut(Schema):
    kind: str
    version: int
    effective_from: datetime
    reason: str
    definition: dict[str, Any]


class KindOut(Schema):
    code: str
    title: str
    line: str
    verify: str
    rated: bool


class FiguresOut(Schema):
    at: datetime
    open: int
    opened_today: int
    closed_today: int
    overdue: int
    stopped: int
    by_life: dict[str, int]
    month_ended: int
    month_on_time: int
    month_extended: int
    month_overdue: int
    month_unverified: int
    satisfied_share: float | None
    follow_ups_open: int


class ContactOut(Schema):
    shown: str


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str | None = None
    field: str | None = None
    errors: list[dict[str, Any]] | None = None


def _case(case: "Case") -> dict[str, Any]:
    return {
        "number": case.number, "slug": case.slug, "kind": case.kind, "life": case.life, "category": case.category.code if case.category else None,
        "title": case.title,
        "state": case.state, "stage": case.stage, "origin": case.origin, "severity": case.severity, "area": case.area.code if case.area else None,
        "address": case.address,
        "longitude": case.longitude, "latitude": case.latitude, "lead": case.lead.code if case.lead else None,
        "holder": case.holder.code if case.holder else None,
        "opened_at": case.opened_at, "due_at": case.due_at, "next_due_at": case.next_due_at, "overdue_at": case.overdue_at, "closed_at": case.closed_at,
        "closed_unverified": case.closed_unverified, "touched_at": case.touched_at, "url": f"/cases/{case.slug}/",
    }  # fmt: skip


def _detail(actor: Actor, case: "Case", at: datetime) -> dict[str, Any]:
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
    return _case(case) | {
        "text": case.text, "clause": case.responsibility.clause if case.responsibility else None, "outcome": case.outcome, "returns": case.returns,
        "merged_into": case.merged_into.number if case.merged_into else None, "referred_from": case.referred_from.number if case.referred_from else None,
        "clocks": clocks, "acts": acts.codes_now(seen_by=actor, case=case),
    }  # fmt: skip


def _step(step: "Step") -> dict[str, Any]:
    return {
        "act": step.act, "at": step.at, "organ": step.organ.code if step.organ else None, "from_state": step.from_state, "to_state": step.to_state,
        "public_text": step.public_text, "internal_text": step.internal_text, "reason": step.reason, "clause": step.clause,
        "attachments": [
            {"url": f"/attachments/{paper.attachment.key}/", "name": paper.attachment.name,
                "content_type": paper.attachment.content_type} for paper in step.papers.all()
        ],
    }  # fmt: skip


# ---- reading ----------------------------------------------------------------------------------------------------------
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
    actor, _at = _asker(request)
    filters = _filters(actor, wanted)
    if isinstance(filters, HttpResponse):
        return filters
    found = queries.case_page(seen_by=actor, order=wanted.order, after=wanted.after, before=wanted.before, most=wanted.limit, **filters)
    return {"items": [_case(case) for case in found], "after": found.after or None, "before": found.before or None}


@router.get("/desk", response={200: CasePage, 422: Problem}, summary="A queue of the desk")
@needs("cases:read")
def desk(
    request: HttpRequest, queue: Literal["mine", "unit", "verify", "joined", "followed", "overdue", "returned", "dispatch", "unlocated", "follow_ups",
        "all"] = "mine",
    part: Literal["", "overdue", "today", "week", "stopped", "joined"] = "", order: Literal["due", "newest", "touched"] = "due",
    q: Annotated[str, Field(max_length=80)] = "", after: str = "", before: str = "", limit: Annotated[int, Field(ge=1, le=MOST)] = 50,
) -> Any:  # fmt: skip
    """Return one page of a queue, due first; the queues are those of the desk's pages."""
    actor, at = _asker(request)
    admit(rules.may_use_desk, actor)
    found = queries.desk_page(seen_by=actor, queue=queue, at=at, part=part, order=order, text=q, after=after, before=before, most=limit)
    return {"items": [_case(case) for case in found], "after": found.after or None, "before": found.before or None}


@router.get("/cases/{slug}", response={200: CaseDetail, 404: Problem}, summary="One case")
@needs("cases:read")
def get_case(request: HttpRequest, slug: str) -> Any:
    """Return a case with its clocks, why they end when they do, and what the caller may do now."""
    actor, at = _asker(request)
    return _detail(actor, queries.case_for(seen_by=actor, slug=slug), at)


@router.get("/cases/{slug}/steps", response={200: list[StepOut], 404: Problem}, summary="What happened to a case")
@needs("cases:read")
def get_steps(request: HttpRequest, slug: str) -> Any:
    """Return the steps of a case, newest first."""
    actor, _at = _asker(request)
    return [_step(step) for step in queries.steps(seen_by=actor, case=queries.case_for(seen_by=actor, slug=slug))]


# ---- opening ----------------------------------------------------------------------------------------------------------
class CaseIn(Schema):
    """A need."""

    kind: str = Field(description="code of a kind, see /kinds")
    title: str = Field(max_length=120)
    text: str = Field("", max_length=8000)
    category: str | None = Field(None, description="code of a category")
    longitude: float | None = None
    latitude: float | None = None
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    address: str = Field("", max_length=200)
    origin: Literal["resident", "enterprise", "patrol", "hotline", "superior", "other_system"] = "other_system"
    origin_ref: str = Field("", max_length=120, description="the caller's own reference")
    severity: Annotated[int, Field(ge=1, le=4)] | None = None
    submission_key: Annotated[str, Field(max_length=60)] | None = Field(None, description="the same key gives the same case")
    attachments: list[str] = Field([], max_length=9, description="keys of attachments")


def _papers(actor: Actor, keys: list[str]) -> list[int]:
    return [attachments.attachment_by_key(seen_by=actor, key=key).pk for key in keys]


@router.post("/cases", response={201: CaseDetail, 403: Problem, 409: Problem, 422: Problem}, summary="Open a case")
@needs("cases:write")
def open_case(request: HttpRequest, need: CaseIn) -> Any:
    """Open a case from a need; where the responsibility list names one unit it is assigned at once."""
    actor, at = _asker(request)
    if need.kind not in {kind.code for kind in kinds.kinds()}:
        return problem(422, _("There is no such kind of case."), field="kind", code="UnknownKind")
    category = queries.category_by_code(seen_by=actor, code=need.category) if need.category else None
    if need.category and category is None:
        return problem(422, _("There is no such category."), field="category", code="UnknownCategory")
    is_own = actor.person_id is not None and not actor.duties
    case = operations.open_case(
        by=actor, at=at, kind=need.kind, title=need.title, text=need.text, category_id=category.pk if category else None, longitude=need.longitude,
        latitude=need.latitude,
        datum=need.datum, address=need.address, origin="resident" if is_own else need.origin, origin_ref=need.origin_ref,
        severity=None if is_own else need.severity,
        raised_by_id=actor.person_id if is_own else None, submission_key=f"api:{actor.ref}:{need.submission_key}"[:80] if need.submission_key else None,
        attachment_ids=_papers(actor, need.attachments),
    )  # fmt: skip
    return Status(201, _detail(actor, queries.case_by_id(seen_by=actor, case_id=case.pk), at))


# ---- acts: one route each, so that the document says what each needs ----------------------------------------------------
class ActIn(Schema):
    model_config = ConfigDict(extra="forbid")


class TextIn(ActIn):
    text: str = ""


class ReasonIn(ActIn):
    reason: str = Field(max_length=300)


class AssignIn(ActIn):
    organ: int
    clause: str = ""
    text: str = ""


class ReturnIn(ReasonIn):
    clause: str = Field(max_length=200)


class SettleIn(ReturnIn):
    organ: int


class SuspendIn(ReasonIn):
    ground: Literal["correction", "public_notice", "expert_review", "hearing", "force_majeure"]
    basis: str = Field(max_length=200)


class ExtendIn(ReasonIn):
    amount: int = Field(ge=1)
    basis: str = Field(max_length=200)


class PapersIn(ActIn):
    attachments: list[str] = Field([], max_length=9, description="keys of attachments")


class AnswerIn(PapersIn):
    public_text: str
    internal_text: str = ""


class VerifyIn(PapersIn):
    text: str
    on_site: bool = True
    longitude: float | None = None
    latitude: float | None = None


class CloseIn(ActIn):
    outcome: str = ""


class RejectIn(ReasonIn):
    basis: str = Field(max_length=200)


class WithdrawIn(ActIn):
    reason: str = ""


class MergeIn(ActIn):
    into: str = Field(description="number or slug of the other case")
    text: str = ""


class ReferIn(ReasonIn):
    to_kind: str


class JoinIn(ActIn):
    organ: int
    task: str = Field(max_length=200)
    required: bool = True
    is_order: bool = False
    amount: int = Field(3, ge=1)
    unit: UnitCode = "working_days"


class JoinAnswerIn(PapersIn):
    co_handling: int
    result: str


class NoteIn(PapersIn):
    text: str
    internal: bool = True


class RateIn(ActIn):
    level: int = Field(ge=1, le=5)
    solved: bool | None = None
    tags: list[str] = []
    text: str = ""


class FollowUpIn(ActIn):
    follow_up: int
    text: str


class ReclassifyIn(ActIn):
    category: str = Field(description="code of the category")
    reason: str = ""


class SeverityIn(ActIn):
    severity: int = Field(ge=1, le=4)
    reason: str = ""


class MoveProcedureIn(ReasonIn):
    procedure: int


class ContactIn(ActIn):
    purpose: str = Field(max_length=80)
    field: Literal["phone", "name"] = "phone"


class PlaceIn(ActIn):
    area: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    address: str = ""


BODIES: dict[str, type[ActIn]] = {
    "answer": AnswerIn, "accept": TextIn, "verify_pass": VerifyIn, "verify_fail": VerifyIn, "settle": SettleIn, "assign": AssignIn, "resume": TextIn,
    "join": JoinIn,
    "suspend": SuspendIn, "return": ReturnIn, "extend": ExtendIn, "close": CloseIn, "close_unverified": CloseIn, "reclassify": ReclassifyIn, "merge": MergeIn,
    "reject": RejectIn, "refer": ReferIn, "rate": RateIn, "reopen": ReasonIn, "note": NoteIn, "urge": TextIn, "withdraw": WithdrawIn,
    "join_answer": JoinAnswerIn,
    "call_back": FollowUpIn, "put_right": FollowUpIn, "place": PlaceIn, "raise_severity": SeverityIn, "move_procedure": MoveProcedureIn,
    "show_contact": ContactIn,
    "follow": ActIn,
}  # fmt: skip
assert BODIES.keys() == acts.BY_CODE.keys()


def _typed(actor: Actor, code: str, body: ActIn) -> dict[str, Any]:
    """Return the body as what a form of the same act would have been sent."""
    given = {name: value for name, value in body.model_dump(exclude={"attachments"}).items() if value is not None and value is not False}
    if code == "rate" and "solved" in body.model_fields_set:
        given["solved"] = {True: "yes", False: "no"}.get(body.model_dump()["solved"], "")
    if code == "reclassify":
        category = queries.category_by_code(seen_by=actor, code=given["category"])
        given["category"] = category.pk if category else ""
    return given


def _perform(request: HttpRequest, slug: str, code: str, body: ActIn) -> Any:
    actor, at = _asker(request)
    case = queries.case_for(seen_by=actor, slug=slug)
    face = acts.BY_CODE[code]
    papers = _papers(actor, getattr(body, "attachments", []))
    form = face.form(_typed(actor, code, body), case=case, actor=actor, at=at)
    valid = form.is_valid()
    if papers and "photos" in form.errors:
        del form.errors["photos"]  # the photos were sent before and are named by their keys
        valid = not form.errors
    if not valid and code not in acts.codes_now(seen_by=actor, case=case):
        return _refused_now(actor, at, case, face)
    if not valid:
        errors = [{"field": name, "detail": str(error)} for name, found in form.errors.items() for error in found]
        return problem(422, _("Something is missing or cannot be read."), field=errors[0]["field"], code="BadInput", errors=errors)
    result = face.run(actor, at, case, form.cleaned_data, papers)
    if code == "show_contact":
        return Status(200, {"shown": result})
    goal = result if code in ("merge", "refer") else case
    return Status(200, _detail(actor, queries.case_for(seen_by=actor, slug=goal.slug), at))


def _refused_now(actor: Actor, at: datetime, case: "Case", face: acts.ActFace) -> HttpResponse:
    """Say that the act cannot be done now, before asking for words in vain."""
    return problem(
        409, _("The case is in the state “%(state)s”; this cannot be done now, or not by you.") % {"state": case.state_word}, code="NotNow", state=case.state,
        acts=acts.codes_now(seen_by=actor, case=case),
    )  # fmt: skip


def _route(face: acts.ActFace, body: type[ActIn]) -> None:
    answer = ContactOut if face.code == "show_contact" else CaseDetail

    def act(request: HttpRequest, slug: str, words: Any) -> Any:
        return _perform(request, slug, face.code, words)

    act.__name__ = act.__qualname__ = f"act_{face.code}"
    ends = "The look stands in the ledger." if answer is ContactOut else "Answers the case as it is afterwards."
    act.__doc__ = f"Do this act on a case, as far as the caller may. {ends}"
    act.__annotations__ = {"request": HttpRequest, "slug": str, "words": body, "return": Any}
    guarded: Callable[..., Any] = needs("cases:write")(act)
    router.post(
        f"/cases/{{slug}}/acts/{face.slug}", response={200: answer, 403: Problem, 404: Problem, 409: Problem, 422: Problem}, summary=f"Act: {face.code}",
        operation_id=f"act_{face.code}",
    )(guarded)  # fmt: skip


for _face in acts.FACES:
    _route(_face, BODIES[_face.code])


# ---- the lists by which the town works ----------------------------------------------------------------------------------
def _category(category: "Category") -> dict[str, Any]:
    is_english = (get_language() or "").startswith("en")
    return {
        "code": category.code, "name": category.name, "name_en": category.name_en, "parent": category.parent.code if category.parent else None,
        "life": category.life,
        "sort": category.sort, "severity": category.severity, "limit_amount": category.limit_amount, "limit_unit": category.limit_unit, "basis": category.basis,
        "for_public": category.for_public, "description": (category.description_en if is_english else "") or category.description,
    }  # fmt: skip


@router.get("/categories", response=list[CategoryOut], summary="What one may ask for", tags=["lists"])
def list_categories(request: HttpRequest, on: date | None = None, for_public: bool | None = None) -> Any:
    """Return the categories that are valid on a day (today)."""
    actor, at = _asker(request)
    return [_category(one) for one in queries.categories(seen_by=actor, on=on or timezone.localtime(at).date(), for_public=for_public)]


def _line(line: "Responsibility") -> dict[str, Any]:
    own = bool(line.limit_amount)
    return {
        "id": line.pk, "clause": line.clause, "version": line.version, "category": line.category.code, "area": line.area.code if line.area else None,
        "lead": line.lead.code,
        "lead_name": str(line.lead), "limit_amount": line.limit_amount if own else line.category.limit_amount,
        "limit_unit": line.limit_unit if own else line.category.limit_unit, "basis": line.basis or line.category.basis, "starts_on": line.validity.lower,
        "ends_on": line.validity.upper,
    }  # fmt: skip


@router.get("/responsibilities", response=list[ResponsibilityOut], summary="The responsibility list", tags=["lists"])
def list_responsibilities(request: HttpRequest, on: date | None = None) -> Any:
    """Return the responsibility list of a day (today)."""
    actor, at = _asker(request)
    return [_line(line) for line in queries.responsibilities(seen_by=actor, on=on or timezone.localtime(at).date())]


# ---- the lists, changed -----------------------------------------------------------------------------------------------
class CategoryIn(Schema):
    """What is defined of a category. A PUT replaces all of it; running cases keep their clocks."""

    name: str = Field(min_length=1, max_length=60)
    name_en: str = Field("", max_length=120)
    life: LifeCode
    parent: str = Field("", max_length=20, description="code of the main class it belongs to")
    sort: Literal["component", "occurrence"] = "occurrence"
    severity: int = Field(1, ge=1, le=4)
    limit_amount: int = Field(5, ge=1, le=3_650)
    limit_unit: UnitCode = "working_days"
    basis: str = Field("", max_length=200)
    keywords: str = Field("", max_length=400)
    description: str = Field("", max_length=400)
    description_en: str = Field("", max_length=400)
    for_public: bool = True
    restricted: bool = False


@router.put("/categories/{code}", response={200: CategoryOut, 403: Problem, 409: Problem, 422: Problem}, summary="Define a category", tags=["lists"])
@needs("cases:write")
def put_category(request: HttpRequest, code: Annotated[str, Field(pattern=r"^[-A-Za-z0-9_.]{1,20}$")], given: CategoryIn) -> Any:
    """Define a category, or replace what is defined of the one with this code."""
    actor, at = _asker(request)
    admit(rules.may_define, actor)
    above = queries.category_by_code(seen_by=actor, code=given.parent) if given.parent else None
    if given.parent and (above is None or given.parent == code):
        return problem(422, _("There is no category with this code."), field="parent")
    fields = given.model_dump(exclude={"parent", "limit_amount", "limit_unit"})
    return _category(
        operations.define_category(by=actor, at=at, code=code, parent_id=above.pk if above else None, limit=(given.limit_amount, given.limit_unit), **fields)
    )


class ResponsibilityIn(Schema):
    """A line of the responsibility list; organs, areas and categories by their codes."""

    clause: str = Field(min_length=1, max_length=40)
    category: str = Field(max_length=20)
    area: str = Field("", max_length=40, description="left out: the whole town")
    lead: str = Field(max_length=40)
    co_handlers: Annotated[list[str], Field(max_length=20)] = []
    limit_amount: int | None = Field(None, ge=1, le=3_650, description="left out: that of the category")
    limit_unit: UnitCode = "working_days"
    basis: str = Field("", max_length=200)
    starts_on: date
    ends_on: date | None = Field(None, description="first day on which it holds no more")
    replaces: int | None = Field(None, ge=1, le=2**62, description="the line that ends where this one begins")


class ResponsibilityEnd(Schema):
    """When a line ends."""

    ends_on: date = Field(description="first day on which it holds no more")


@router.post(
    "/responsibilities", response={201: ResponsibilityOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem}, summary="Write a line of the list",
    tags=["lists"],
)  # fmt: skip
@needs("cases:write")
def new_responsibility(request: HttpRequest, given: ResponsibilityIn) -> Any:
    """Write a line of the responsibility list, or replace one; two leads for one matter at one time are refused."""
    actor, at = _asker(request)
    admit(rules.may_define, actor)
    if given.replaces is not None:
        queries.responsibility_for(seen_by=actor, responsibility_id=given.replaces)
    if given.ends_on is not None and given.ends_on <= given.starts_on:
        return problem(422, _("It ends after the day on which it begins."), field="ends_on")
    category = queries.category_by_code(seen_by=actor, code=given.category)
    area = territory.area_by_code(seen_by=actor, code=given.area) if given.area else None
    units = {code: organs.organ_by_code(seen_by=actor, code=code) for code in (given.lead, *given.co_handlers)}
    if category is None:
        return problem(422, _("There is no category with this code."), field="category")
    if given.area and area is None:
        return problem(422, _("There is no such area."), field="area")
    for code, unit in units.items():
        if unit is None:
            return problem(422, _("There is no organ with this code."), field="lead" if code == given.lead else "co_handlers")
    ids = {code: unit.pk for code, unit in units.items() if unit is not None}
    line = operations.define_responsibility(
        by=actor, at=at, clause=given.clause, category_id=category.pk, lead_id=ids[given.lead], starts_on=given.starts_on, ends_on=given.ends_on,
        area_id=area.pk if area else None, co_handlers=[ids[code] for code in given.co_handlers], basis=given.basis, replaces_id=given.replaces,
        limit=(given.limit_amount, given.limit_unit) if given.limit_amount else None,
    )  # fmt: skip
    return Status(201, _line(queries.responsibility_for(seen_by=actor, responsibility_id=line.pk)))


@router.post(
    "/responsibilities/{line_id}/end", response={200: ResponsibilityOut, 403: Problem, 404: Problem, 422: Problem}, summary="End a line of the list",
    tags=["lists"],
)  # fmt: skip
@needs("cases:write")
def end_responsibility(request: HttpRequest, line_id: Annotated[int, Field(ge=1, le=2**62)], given: ResponsibilityEnd) -> Any:
    """Let a line hold no more from a day on; cases opened under it keep it."""
    actor, at = _asker(request)
    admit(rules.may_define, actor)
    queries.responsibility_for(seen_by=actor, responsibility_id=line_id)
    operations.end_responsibility(by=actor, at=at, responsibility_id=line_id, ends_on=given.ends_on)
    return _line(queries.responsibility_for(seen_by=actor, responsibility_id=line_id))


class ProcedureIn(Schema):
    """A new version of a kind's procedure."""

    definition: dict[str, Any] = Field(description="stages as GET /procedures gives them")
    reason: str = Field(min_length=1, max_length=300)
    effective_from: AwareDatetime | None = None


@router.post(
    "/procedures/{kind}", response={201: ProcedureOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem}, summary="Adopt a procedure", tags=["lists"]
)
@needs("cases:write")
def new_procedure(request: HttpRequest, kind: str, given: ProcedureIn) -> Any:
    """Adopt a new version of a kind's procedure after it is checked; running cases stay on theirs."""
    actor, at = _asker(request)
    admit(rules.may_define, actor)
    if kind not in {one.code for one in kinds.kinds()}:
        return problem(404, _("There is no kind of case with this code."))
    made = operations.adopt_procedure(by=actor, at=at, kind=kind, definition=given.definition, reason=given.reason, effective_from=given.effective_from)
    return Status(201, {name: getattr(made, name) for name in ("kind", "version", "effective_from", "reason", "definition")})


# ---- views of the desk ------------------------------------------------------------------------------------------------
class ViewIn(Schema):
    """Filters of the desk under a name."""

    title: Annotated[str, Field(min_length=1, max_length=30)]
    query: str = Field("", max_length=400, description="the filters as the desk's address has them, such as queue=unit&part=overdue")


class ViewOut(ViewIn):
    """A view that the caller keeps."""

    id: int
    url: str


def _kept(view: Any) -> dict[str, Any]:
    return {"id": view.pk, "title": view.title, "query": view.query, "url": f"/desk/?{view.query}"}


@router.get("/desk/views", response=list[ViewOut], summary="Views of the desk that one keeps")
@needs("cases:read")
def list_views(request: HttpRequest) -> Any:
    """List the caller's own views, in the order of the desk."""
    return [_kept(view) for view in queries.saved_views(seen_by=actor_of(request))]


@router.post("/desk/views", response={201: ViewOut, 403: Problem, 422: Problem}, summary="Keep a view of the desk")
@needs("cases:write")
def keep_view(request: HttpRequest, given: ViewIn) -> Any:
    """Keep filters under a name; a view of the same name is replaced."""
    actor, at = _asker(request)
    return Status(201, _kept(operations.save_view(by=actor, at=at, title=given.title, query=given.query)))


@router.put("/desk/views/{view_id}", response={200: ViewOut, 404: Problem, 409: Problem, 422: Problem}, summary="Change a view of the desk")
@needs("cases:write")
def change_view(request: HttpRequest, view_id: Annotated[int, Field(ge=1, le=2**62)], given: ViewIn) -> Any:
    """Replace name and filters of a view that the caller keeps."""
    actor, at = _asker(request)
    return _kept(operations.change_view(by=actor, at=at, view_id=view_id, title=given.title, query=given.query))


@router.delete("/desk/views/{view_id}", response={204: None, 404: Problem}, summary="Take a view of the desk away")
@needs("cases:write")
def drop_view(request: HttpRequest, view_id: Annotated[int, Field(ge=1, le=2**62)]) -> Any:
    """Keep a view no more; the cases in it are untouched."""
    actor, at = _asker(request)
    operations.drop_view(by=actor, at=at, view_id=view_id)
    return Status(204, None)


@router.get("/procedures", response=list[ProcedureOut], summary="How each kind goes", tags=["lists"])
def list_procedures(request: HttpRequest, kind: str = "", every_version: bool = False) -> Any:
    """Return the procedure in force of each kind, or every version of them."""
    actor, at = _asker(request)
    found = []
    for one in kinds.kinds():
        versions = queries.procedure_versions(seen_by=actor, kind=one.code)
        if (kind and one.code != kind) or not versions.exists():
            continue
        shown = list(versions) if every_version else [queries.procedure_in_force(seen_by=actor, kind=one.code, at=at)]
        found += [{"kind": p.kind, "version": p.version, "effective_from": p.effective_from, "reason": p.reason, "definition": p.definition} for p in shown]
    return found


@router.get("/kinds", response=list[KindOut], summary="Kinds of cases", tags=["lists"])
def list_kinds(request: HttpRequest) -> Any:
    """Return the kinds of cases that this installation knows."""
    return [{"code": kind.code, "title": str(kind.title), "line": kind.line, "verify": kind.verify, "rated": kind.rated} for kind in kinds.kinds()]


class ShareOut(Schema):
    """What came in in a period, of one place, unit or category."""

    id: int | None = Field(alias="key")
    name: str
    above: str = Field(description="main class of a category, community of a grid")
    opened: int
    closed: int = Field(description="of those that came in")
    overdue: int
    returned: int


class PeriodOut(Schema):
    """What came in in a period and what became of it; each table sums to `opened`."""

    since: datetime
    until: datetime
    opened: int
    closed: int = Field(description="that ended in the period, whenever they came in")
    on_time: int
    extended: int
    overdue: int
    unverified: int
    satisfied_share: float | None
    by_area: list[ShareOut]
    by_unit: list[ShareOut]
    by_category: list[ShareOut]
    by_origin: dict[str, int]
    daily: list[tuple[date, int, int]] = Field(description="day, received, closed")


class PeriodIn(Schema):
    """Which period: at most a year."""

    since: AwareDatetime
    until: AwareDatetime = Field(description="not included")


@router.get("/figures/period", response={200: PeriodOut, 422: Problem}, summary="The figures of a period", tags=["lists"])
def period(request: HttpRequest, wanted: Query[PeriodIn]) -> Any:
    """Return the figures of the cases that came in in a period; counts hold restricted cases too."""
    if not timedelta(0) < wanted.until - wanted.since <= timedelta(days=366):
        return problem(422, _("The period must end after it begins, at most a year later."), field="until", code="BadPeriod")
    told = queries.period(seen_by=_asker(request)[0], since=wanted.since, until=wanted.until)
    return {
        "since": told.since, "until": told.until, "opened": told.opened, "closed": told.closed, "on_time": told.on_time.on_time,
        "extended": told.on_time.extended, "overdue": told.on_time.overdue, "unverified": told.on_time.unverified,
        "satisfied_share": told.satisfaction.share, "by_area": told.by_area, "by_unit": told.by_unit, "by_category": told.by_category,
        "by_origin": told.by_origin, "daily": told.daily,
    }  # fmt: skip


@router.get("/figures", response={200: FiguresOut, 422: Problem}, summary="The town's figures", tags=["lists"])
def figures(request: HttpRequest, area: str = "") -> Any:
    """Return the town's figures now, or those of an area; counts hold restricted cases too."""
    actor, at = _asker(request)
    path = ""
    if area:
        found = territory.area_by_code(seen_by=actor, code=area)
        if found is None:
            return problem(422, _("There is no such area."), field="area", code="UnknownArea")
        path = found.path
    told = queries.figures(seen_by=actor, at=at, area_path=path)
    return {
        "at": told.at, "open": told.open, "opened_today": told.opened_today, "closed_today": told.closed_today, "overdue": told.overdue,
        "stopped": told.stopped,
        "by_life": {life.life: life.open for life in told.lives}, "month_ended": told.month.ended, "month_on_time": told.month.on_time,
        "month_extended": told.month.extended, "month_overdue": told.month.overdue, "month_unverified": told.month.unverified,
        "satisfied_share": told.satisfaction.share, "follow_ups_open": told.follow_ups_open,
    }  # fmt: skip


