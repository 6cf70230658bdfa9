"""Views of the desk that one keeps, over HTTP."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Schema, Status

from gongzhi.cases import operations, queries
from gongzhi.cases.api.shapes import asker, router
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of


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
    actor, at = asker(request)
    return Status(201, _kept(operations.save_view(by=actor, at=at, title=given.title, query=given.query)))


@router.put("/desk/views/{view_id}", response={200: ViewOut, 404: Problem, 409: Problem, 422: Problem}, summary="Change a view of the desk")
@needs("cases:write")
def change_view(request: HttpRequest, view_id: Annotated[int, Field(ge=1, le=2**62)], given: ViewIn) -> Any:
    """Replace name and filters of a view that the caller keeps."""
    actor, at = asker(request)
    return _kept(operations.change_view(by=actor, at=at, view_id=view_id, title=given.title, query=given.query))


@router.delete("/desk/views/{view_id}", response={204: None, 404: Problem}, summary="Take a view of the desk away")
@needs("cases:write")
def drop_view(request: HttpRequest, view_id: Annotated[int, Field(ge=1, le=2**62)]) -> Any:
    """Keep a view no more; the cases in it are untouched."""
    actor, at = asker(request)
    operations.drop_view(by=actor, at=at, view_id=view_id)
    return Status(204, None)
