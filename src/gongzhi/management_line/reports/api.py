"""Reports over HTTP for programs and for people without an account: suggest, look for repeats, file."""

from typing import Annotated, Any, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Query, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, BaseModel

from gongzhi.cases import queries as cases
from gongzhi.foundation.attachments import operations as attachment_operations
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, problem
from gongzhi.management_line.reports import limits, operations, queries

router = Router(tags=["reports"])
MOST_PHOTO = 12_000_000


class ReportIn(BaseModel):
    """What somebody saw."""

    text: str = Field(max_length=8000, description="in their own words")
    title: str = Field("", max_length=120, description="left out: the first sentence of the text")
    category: str | None = Field(None, max_length=20, description="code of a category that residents may choose; left out: the dispatcher decides")
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    address: str = Field("", max_length=200)
    photos: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=6, description="keys of photos sent to /reports/photos")
    phone: str = Field("", max_length=30, description="to be asked back; sealed")
    email: str = Field("", max_length=254, description="to be asked back")
    submission_key: str | None = Field(None, min_length=16, max_length=60, description="the same key gives the same case and code")


class ReportOut(BaseModel):
    """What became of it."""

    number: str
    slug: str
    url: str
    state: str
    category: str | None
    lead: str | None = Field(description="code of the unit that has it")
    area: str | None = Field(description="code of the grid")
    unlocated: bool = Field(description="the place lies outside every grid")
    due_at: AwareDatetime | None
    why: list[str] = Field(description="why the due time is what it is")
    follow_code: str | None = Field(description="opens the case to whoever has it; shown only now, null for who has signed in")


class SuggestIn(Schema):
    text: str = Field(max_length=8000)
    title: str = Field("", max_length=120)
    most: Annotated[int, Field(ge=1, le=10)] = 3


class SuggestOut(Schema):
    code: str
    name: str
    confidence: float
    because: list[str] = Field(description="words of the text that speak for it")


class SimilarIn(Schema):
    text: str = Field(max_length=2000)
    category: str | None = Field(None, max_length=20)
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None


class SimilarOut(Schema):
    number: str
    slug: str
    url: str
    title: str
    state: str
    metres: int | None
    likeness: float
    opened_at: AwareDatetime


class PhotoOut(Schema):
    key: str
    url: str


@router.post("/reports", response={201: ReportOut, 403: Problem, 409: Problem, 422: Problem, 429: Problem}, summary="File a report")
@needs("reports:write")
def file_report(request: HttpRequest, report: ReportIn) -> Any:
    """File a report; anybody may. It is located, routed by the responsibility list and put on its clock at once."""
    actor, at = actor_of(request), timezone.now()
    if (report.longitude is None) != (report.latitude is None):
        return problem(422, _("Longitude and latitude belong together."), field="longitude", code="BadPlace")
    limits.check(request, at)
    suggested = queries.suggest(seen_by=actor, text=report.text, title=report.title, at=at, most=1)
    photo_ids = []
    for key in report.photos:
        try:
            photo_ids.append(attachments.attachment_by_key(seen_by=actor, key=key).pk)
        except ObjectDoesNotExist:
            return problem(422, _("There is no photo with the key %(key)s.") % {"key": key}, field="photos", code="UnknownPhoto")
    case, code = operations.file_report(
        by=actor, at=at, text=report.text, title=report.title, category_code=report.category or "", longitude=report.longitude,
        latitude=report.latitude, datum=report.datum, address=report.address, photos=photo_ids, phone=report.phone, email=report.email,
        submission_key=report.submission_key or "", suggested_code=suggested[0].category.code if suggested else "",
        confidence=suggested[0].confidence if suggested else None, door="api",
    )  # fmt: skip
    return Status(201, _told(actor, case, code))


def _told(actor: Any, case: Any, code: str) -> dict[str, Any]:
    line = case.responsibility
    lead = line.lead if line is not None and line.lead_id == case.lead_id else case.lead  # the list's line has it at hand
    return {
        "number": case.number, "slug": case.slug, "url": f"/cases/{case.slug}/", "state": case.state, "category": case.category.code if case.category else None,
        "lead": lead.code if lead else None, "area": case.area.code if case.area else None, "unlocated": case.unlocated, "due_at": case.due_at,
        "why": list(cases.why_due(seen_by=actor, case=case)), "follow_code": code or None,
    }  # fmt: skip


@router.post("/reports/photos", response={201: PhotoOut, 409: Problem, 413: Problem}, summary="Send a photo for a report")
@needs("reports:write")
def add_photo(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> Any:
    """Keep a photo until a report names it; what the camera wrote into the file is taken out. Unnamed ones go after a day."""
    if (file.size or 0) > MOST_PHOTO:
        return problem(413, _("This file is too large: at most %(most)s MB.") % {"most": MOST_PHOTO // 1_000_000}, field="file", code="TooLarge")
    kept = attachment_operations.add_attachment(by=actor_of(request), at=timezone.now(), content=file.read(), name=file.name or "photo")
    return Status(201, {"key": kept.key, "url": kept.url()})


@router.post("/reports/suggest", response={200: list[SuggestOut], 422: Problem}, summary="What a text may be about")
def suggest(request: HttpRequest, asked: SuggestIn) -> Any:
    """Return the town's categories that a text may belong to, likeliest first."""
    found = queries.suggest(seen_by=actor_of(request), text=asked.text, title=asked.title, at=timezone.now(), most=asked.most)
    return [{"code": one.category.code, "name": one.category.label, "confidence": one.confidence, "because": list(one.because)} for one in found]


@router.get("/reports/similar", response={200: list[SimilarOut], 422: Problem}, summary="Cases that a report may repeat")
def similar(request: HttpRequest, asked: Query[SimilarIn]) -> Any:
    """Return open public cases near a place (or of a category) whose words are alike, most alike first."""
    actor, at = actor_of(request), timezone.now()
    category = queries.category_by_code(seen_by=actor, code=asked.category, at=at) if asked.category else None
    if asked.category and category is None:
        return problem(422, _("There is no such category."), field="category", code="UnknownCategory")
    found = queries.repeats(
        seen_by=actor, text=asked.text, at=at, category_id=category.pk if category else None, longitude=asked.longitude, latitude=asked.latitude, most=5
    )
    return [
        {
            "number": one.case.number, "slug": one.case.slug, "url": f"/cases/{one.case.slug}/", "title": one.case.title, "state": one.case.state,
            "metres": one.metres, "likeness": one.score, "opened_at": one.case.opened_at,
        }
        for one in found
    ]  # fmt: skip
