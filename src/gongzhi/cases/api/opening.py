"""Cases over HTTP, opened from a need."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations, queries
from gongzhi.cases.api.shapes import CaseDetail, asker, detail_answer, papers_of, router
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import problem


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


@router.post("/cases", response={201: CaseDetail, 403: Problem, 409: Problem, 422: Problem}, summary="Open a case")
@needs("cases:write")
def open_case(request: HttpRequest, need: CaseIn) -> Any:
    """Open a case from a need; where the responsibility list names one unit it is assigned at once."""
    actor, at = asker(request)
    if need.kind not in {kind.code for kind in kinds.kinds() if "api" in kind.doors}:
        return problem(422, _("There is no such kind of case."), field="kind", code="UnknownKind")
    category = queries.category_by_code(seen_by=actor, code=need.category) if need.category else None
    if need.category and category is None:
        return problem(422, _("There is no such category."), field="category", code="UnknownCategory")
    # only those who serve the town say whence it came, and how grave it is
    is_outside = actor.kind not in ("system", "clock") and not actor.can("may_use_desk")
    origin = ("enterprise" if actor.can("may_speak_for_firm") else "resident") if is_outside else need.origin
    told = operations.Need(
        kind=need.kind, title=need.title, text=need.text, category_id=category.pk if category else None, longitude=need.longitude,
        latitude=need.latitude,
        datum=need.datum, address=need.address, origin=origin, origin_ref=need.origin_ref,
        severity=None if is_outside else need.severity,
        raised_by_id=actor.person_id if is_outside else None, submission_key=f"api:{actor.ref}:{need.submission_key}"[:80] if need.submission_key else None,
        attachment_ids=tuple(papers_of(actor, need.attachments)),
    )  # fmt: skip
    case = operations.open_case(by=actor, at=at, need=told)
    opener = actor.with_cases([case.pk])  # whoever opened it reads the answer, also where others do not see the case
    return Status(201, detail_answer(opener, queries.case_by_id(seen_by=opener, case_id=case.pk), at))
