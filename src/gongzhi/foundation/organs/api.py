"""The town's organs for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.foundation.organs import operations, queries, rules
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit

router = Router(tags=["town"])


class OrganOut(Schema):
    """A body that can be responsible."""

    id: int
    code: str
    kind: str
    name: str
    name_en: str
    parent_id: int | None
    area_id: int | None
    duty_phone: str


@router.get("/organs", response=list[OrganOut], summary="Organs")
def organs(request: HttpRequest, kind: str = "") -> Any:
    """List the town's organs; who is responsible is public."""
    return list(queries.organs(seen_by=ANYONE, kind=kind))


# ---- administration -------------------------------------------------------------------------------------------------
class OrganIn(Schema):
    """An organ; the one with this code is corrected."""

    kind: str
    code: str = Field(max_length=40, pattern="^[-a-zA-Z0-9_]+$")
    name: str = Field(max_length=80)
    name_en: str = Field("", max_length=120)
    parent_id: int | None = None
    area_id: int | None = None
    duty_phone: str = Field("", max_length=40)
    closed_on: date | None = None


class PostIn(Schema):
    """Person × organ × role × area × dates."""

    person_id: int
    organ_id: int
    role: str
    area_id: int | None = None
    title: str = Field("", max_length=40)
    starts_on: date
    ends_on: date | None = None


class PostOut(Schema):
    """A post; its holder by number and by what others read."""

    id: int
    person_id: int
    person: str
    organ_id: int
    role: str
    area_id: int | None
    title: str
    starts_on: date
    ends_on: date | None

    @staticmethod
    def resolve_person(post: Any) -> str:
        return str(post.person)


class EndIn(Schema):
    """The first day on which it holds no longer."""

    ends_on: date


@router.post("/organs", response={201: OrganOut}, summary="Define an organ")
@needs("town:write")
def define_organ(request: HttpRequest, given: OrganIn) -> Any:
    """Define an organ, or correct the one with this code."""
    return 201, operations.define_organ(by=actor_of(request), at=timezone.now(), **given.dict())


@router.get("/posts", response=list[PostOut], summary="Posts")
@needs("town:read")
def posts(request: HttpRequest, ended: bool = False) -> Any:
    """List the posts held now or later; with `ended`, every post that ever was."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_give_posts, actor)
    return list(queries.all_posts(seen_by=actor, on=None if ended else territory.day_of(seen_by=actor, at=at)))


@router.post("/posts", response={201: PostOut}, summary="Give a post")
@needs("town:write")
def give_post(request: HttpRequest, given: PostIn) -> Any:
    """Give a person a post in an organ."""
    return 201, operations.give_post(by=actor_of(request), at=timezone.now(), **given.dict())


@router.post("/posts/{int:post_id}/end", response=PostOut, summary="End a post")
@needs("town:write")
def end_post(request: HttpRequest, post_id: int, given: EndIn) -> Any:
    """End a post; from that day its holder serves no longer."""
    return operations.end_post(by=actor_of(request), at=timezone.now(), post_id=post_id, ends_on=given.ends_on)
