"""Search for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.search import queries
from gongzhi.kernel.api import Problem
from gongzhi.kernel.web import actor_of

router = Router(tags=["search"])


class FoundOut(Schema):
    """One thing that was found."""

    kind: str
    id: int
    title: str
    note: str
    url: str


class FoundListOut(Schema):
    """What the caller finds by a question, kind by kind, the best of each first."""

    found: list[FoundOut] = Field(description="only what the caller may see")


@router.get("/search", response={200: FoundListOut, 422: Problem})
def search_everything(request: HttpRequest, q: str = Query(..., min_length=1, max_length=80), most: int = Query(10, ge=1, le=50)) -> Any:
    """Find by everyday words among all that the caller may see."""
    sections = queries.find(seen_by=actor_of(request), text=q, most=most)
    return {
        "found": [{"kind": section.kind, "id": one.item, "title": one.title, "note": one.note, "url": one.url} for section in sections for one in section.found]
    }
