"""Papers for programs: whether one is ours and holds, and one's own."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Query, Router, Schema
from ninja.files import UploadedFile

from gongzhi.foundation.papers import codes, looking, queries
from gongzhi.foundation.papers.models import Paper
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem
from gongzhi.kernel.pages import Order, cut
from gongzhi.kernel.web import actor_of, problem

router = Router(tags=["papers"])
NEWEST = Order("issued_at", descending=True)


class CheckedPaperOut(Schema):
    """What is told of a paper to whoever has it in hand."""

    number: str
    sort: str
    title: str
    issued_by: str
    issued_at: datetime
    holder: str = Field(description="a person's name is masked")
    valid_from: date
    valid_until: date | None
    standing: str = Field(description="valid, early, expired, suspended, revoked, replaced")
    holds: bool
    reason: str
    replaced_by: str = Field(description="number of the paper that took its place")
    sha256: str = Field(description="digest of the file as it was issued")


class PaperFileOut(Schema):
    """What was found of a file."""

    verdict: str = Field(description="whole, no-pdf, unsigned, not-ours, appended, several, changed, unknown")
    passes: bool = Field(description="the file is exactly as it was issued; whether the paper still holds is told with it")
    words: str
    paper: CheckedPaperOut | None


class IssuedPaperOut(Schema):
    """A paper of one's own, or of one's organ."""

    id: int
    number: str
    sort: str
    title: str
    case_id: int | None
    issued_at: datetime
    valid_from: date
    valid_until: date | None
    standing: str
    reason: str
    code: str
    file: str = Field(description="address of the signed PDF")
    sha256: str


class IssuedPapersOut(Schema):
    """One page of papers, the newest first."""

    papers: list[IssuedPaperOut]
    after: str
    before: str


class PaperNumberIn(Schema):
    """The number and the check code that stand on a paper."""

    number: str = Field(max_length=60)
    code: str = Field(max_length=40)


def _checked(found: queries.Checked) -> dict[str, Any]:
    paper = found.paper
    return {
        "number": paper.number, "sort": paper.sort, "title": paper.title, "issued_by": paper.organ.name if paper.organ else "", "issued_at": paper.issued_at,
        "holder": paper.holder_masked, "valid_from": paper.valid_from, "valid_until": paper.valid_until, "standing": found.standing.code,
        "holds": found.standing.holds, "reason": found.reason, "replaced_by": found.replaced_by, "sha256": paper.sha256,
    }  # fmt: skip


def _today(request: HttpRequest) -> date:
    return territory.day_of(seen_by=actor_of(request), at=timezone.now())


@router.get("/check/{code}", response={200: CheckedPaperOut, 404: Problem})
def check_paper(request: HttpRequest, code: str) -> Any:
    """Say whether the paper with a check code holds."""
    found = queries.check_code(seen_by=actor_of(request), code=code, on=_today(request))
    return problem(404, _("No paper of ours has this check code."), code="NoSuchPaper") if found is None else _checked(found)


@router.post("/check", response={200: CheckedPaperOut, 404: Problem, 422: Problem})
def check_paper_by_number(request: HttpRequest, given: PaperNumberIn) -> Any:
    """Say whether the paper with a number and a check code holds."""
    code = codes.plain(given.code)
    if not code:
        return problem(422, _("A check code has twelve letters and digits, without 0, O, 1, I, L and U."), field="code", code="BadCode")
    found = queries.check_number(seen_by=actor_of(request), number=given.number, code=code, on=_today(request))
    return problem(404, _("No paper of ours has this number and this check code."), code="NoSuchPaper") if found is None else _checked(found)


@router.post("/check-file", response={200: PaperFileOut, 422: Problem})
def check_paper_file(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> Any:
    """Say whether a file is a paper of ours, unchanged. It is not kept."""
    if (file.size or 0) > looking.MOST:
        return problem(422, _("The file is larger than a paper of ours can be (20 MB)."), field="file", code="TooLarge")
    verdict, found = queries.check_file(seen_by=actor_of(request), content=file.read(), on=_today(request))
    return {"verdict": verdict.code, "passes": verdict.passes, "words": str(verdict.sentence), "paper": _checked(found) if found else None}


def _row(paper: Paper, on: date) -> dict[str, Any]:
    return {
        "id": paper.pk, "number": paper.number, "sort": paper.sort, "title": paper.title, "case_id": paper.case_id, "issued_at": paper.issued_at,
        "valid_from": paper.valid_from, "valid_until": paper.valid_until, "standing": paper.standing(on).code, "reason": paper.reason,
        "code": paper.code_written, "file": paper.attachment.url(), "sha256": paper.sha256,
    }  # fmt: skip


@router.get("/papers", response={200: IssuedPapersOut, 422: Problem})
def my_papers(request: HttpRequest, after: str = Query(""), before: str = Query("")) -> Any:
    """Return one's own papers and those that one may see besides, the newest first."""
    found = queries.papers(seen_by=actor_of(request)).order_by()
    rows = cut(found, NEWEST, after=after, before=before, most=50)
    on = _today(request)
    return {"papers": [_row(one, on) for one in rows], "after": rows.after, "before": rows.before}
