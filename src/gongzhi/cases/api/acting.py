"""Acts on a case over HTTP: one route each, so that the document says what each needs."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status
from pydantic import ConfigDict

from gongzhi.cases import acts, operations, queries
from gongzhi.cases.api.shapes import CaseDetail, ContactOut, UnitCode, asker, detail_answer, papers_of, router
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import problem

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


Ground = Literal["correction", "public_notice", "expert_review", "hearing", "inspection", "third_party", "force_majeure"]


class ActIn(Schema):
    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        None, ge=1, le=2**31 - 1, description="version of the case on which this was decided; if it is another by now, 409 says who was first. Or If-Match"
    )


class TextIn(ActIn):
    text: str = ""


class ReasonIn(ActIn):
    reason: str = Field(max_length=300)


class AssignIn(ActIn):
    organ: int
    clause: str = ""
    text: str = ""


class ActReturnIn(ReasonIn):
    clause: str = Field(max_length=200)


class SettleIn(ActReturnIn):
    organ: int


class SuspendIn(ReasonIn):
    ground: Ground
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
    task: int
    result: str
    verdict: Literal["", "agreed", "conditional", "refused"] = ""


class TaskIn(ActIn):
    task: int


class JoinReturnIn(TaskIn):
    reason: str = Field(max_length=300)


class JoinStopIn(JoinReturnIn):
    ground: Ground
    basis: str = Field(max_length=200)


class JoinResumeIn(TaskIn):
    text: str = ""


class JoinGiveOnIn(TaskIn):
    organ: int
    reason: str = Field("", max_length=300)


class DecideIn(PapersIn):
    result: str = Field(description="named result of the procedure, for the stage that the case is in")
    text: str = ""
    clause: str = Field("", max_length=200)
    internal_text: str = ""


class EndPartyIn(ActIn):
    party: int
    reason: str = Field("", max_length=300)


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
    text: str = ""
    answer: str = Field("", description="of a call back: written to whoever left no number, who reads it where they follow the case")


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


class ActPlaceIn(ActIn):
    area: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    address: str = ""


BODIES: dict[str, type[ActIn]] = {
    "answer": AnswerIn, "accept": TextIn, "verify_pass": VerifyIn, "verify_fail": VerifyIn, "settle": SettleIn, "assign": AssignIn, "resume": TextIn,
    "join": JoinIn,
    "suspend": SuspendIn, "return": ActReturnIn,
    "extend": ExtendIn, "close": CloseIn, "close_unverified": CloseIn, "reclassify": ReclassifyIn, "merge": MergeIn,
    "reject": RejectIn, "refer": ReferIn, "rate": RateIn, "reopen": ReasonIn, "note": NoteIn, "urge": TextIn, "withdraw": WithdrawIn,
    "join_answer": JoinAnswerIn, "join_return": JoinReturnIn, "join_stop": JoinStopIn, "join_resume": JoinResumeIn, "join_give_on": JoinGiveOnIn,
    "decide": DecideIn, "end_party": EndPartyIn,
    "call_back": FollowUpIn, "put_right": FollowUpIn, "place": ActPlaceIn, "raise_severity": SeverityIn, "move_procedure": MoveProcedureIn,
    "take_back": ActIn,
    "show_contact": ContactIn,
    "follow": ActIn,
}  # fmt: skip
assert BODIES.keys() == {face.code for face in acts.FACES}


def _typed(actor: Actor, code: str, body: ActIn) -> dict[str, Any]:
    """Return the body as what a form of the same act would have been sent."""
    given = {name: value for name, value in body.model_dump(exclude={"attachments", "version"}).items() if value is not None and value is not False}
    if code == "rate" and "solved" in body.model_fields_set:
        given["solved"] = {True: "yes", False: "no"}.get(body.model_dump()["solved"], "")
    if code == "reclassify":
        category = queries.category_by_code(seen_by=actor, code=given["category"])
        given["category"] = category.pk if category else ""
    return given


_TAG = re.compile(r'(?:W/)?"([1-9]\d{0,8})"')


def _matched(request: HttpRequest, body: ActIn) -> int | HttpResponse | None:
    """Return the version on which the act was decided: of the body, or of If-Match; the answer that says what cannot be read."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return body.version
    tag = _TAG.fullmatch(header)
    if tag is None or (body.version is not None and body.version != int(tag[1])):
        return problem(422, _("If-Match is the ETag of the case as it was answered, such as \"3\", and says the same as `version`."), field="If-Match")
    return int(tag[1])


def _perform(request: HttpRequest, slug: str, code: str, body: ActIn) -> Any:
    actor, at = asker(request)
    version = _matched(request, body)
    if isinstance(version, HttpResponse):
        return version
    case = queries.case_for(seen_by=actor, slug=slug)
    face = acts.BY_CODE[code]
    if version is not None and version != case.version and not face.is_quiet:  # before asking for words in vain
        return _first(request, operations.who_was_first(case, version))
    papers = papers_of(actor, getattr(body, "attachments", []))
    form = face.form(_typed(actor, code, body), case=case, actor=actor, at=at)
    valid = form.is_valid()
    if papers and "photos" in form.errors:
        del form.errors["photos"]  # the photos were sent before and are named by their keys
        valid = not form.errors
    if not valid and code not in acts.codes_now(seen_by=actor, case=case, at=at):
        return _refused_now(actor, at, case, face)
    if not valid:
        errors = [{"field": name, "detail": str(error)} for name, found in form.errors.items() for error in found]
        return problem(422, _("Something is missing or cannot be read."), field=errors[0]["field"], code="BadInput", errors=errors)
    try:
        result = acts.decide(face, by=actor, at=at, case=case, data=form.cleaned_data, papers=papers, version=version)
    except operations.ChangedMeanwhile as refused:
        return _first(request, refused)
    if code == "show_contact":
        request.keeps_no_answer = True  # type: ignore[attr-defined]  # each look is a look of its own, with its own trace
        return Status(200, {"shown": result})
    goal = result if code in ("merge", "refer") else case
    return Status(200, detail_answer(actor, queries.case_for(seen_by=actor, slug=goal.slug), at))


def _first(request: HttpRequest, refused: operations.ChangedMeanwhile) -> HttpResponse:
    """Say who was first, and which version of the case there is now."""
    status = 412 if request.headers.get("If-Match", "").strip() not in ("", "*") else 409
    return problem(status, str(refused), code="ChangedMeanwhile", version=refused.subject.version, state=refused.subject.state)


def _refused_now(actor: Actor, at: datetime, case: "Case", face: acts.CaseAct) -> HttpResponse:
    """Say that the act cannot be done now, before asking for words in vain."""
    return problem(
        409, _("The case is in the state “%(state)s”; this cannot be done now, or not by you.") % {"state": case.state_word}, code="NotNow", state=case.state,
        acts=acts.codes_now(seen_by=actor, case=case, at=at),
    )  # fmt: skip


def _route(face: acts.CaseAct, body: type[ActIn]) -> None:
    answer = ContactOut if face.code == "show_contact" else CaseDetail

    def act(request: HttpRequest, slug: str, words: Any) -> Any:
        return _perform(request, slug, face.code, words)

    act.__name__ = act.__qualname__ = f"act_{face.code}"
    ends = "The look stands in the ledger." if answer is ContactOut else "Answers the case as it is afterwards."
    act.__doc__ = f"Do this act on a case, as far as the caller may. {ends}"
    act.__annotations__ = {"request": HttpRequest, "slug": str, "words": body, "return": Any}
    guarded: Callable[..., Any] = needs("cases:write")(act)
    router.post(
        f"/cases/{{slug}}/acts/{face.slug}", response={200: answer, 403: Problem, 404: Problem, 409: Problem, 412: Problem, 422: Problem},
        summary=f"Act: {face.code}", operation_id=f"act_{face.code}",
    )(guarded)  # fmt: skip


for _face in acts.FACES:
    _route(_face, BODIES[_face.code])
for _face in acts.BY_CODE.values():  # of kinds: their modules have registered them before the addresses are read
    if _face.code not in BODIES:
        _route(_face, _face.body or TextIn)
