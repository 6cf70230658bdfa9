"""The town's organs for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.foundation.organs import operations, queries, rules
from gongzhi.foundation.organs.role_words import ROLE_WORDS
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import abilities
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


class AskedOut(Schema):
    """The number of the act that waits for a second person."""

    joint_act: int


class RoleOut(Schema):
    """A role: what it may do here, and what of it is critical."""

    role: str
    title: str
    abilities: list[str]
    critical: list[str]
    is_changed: bool


class RoleIn(Schema):
    """Everything that the role may do from now on."""

    abilities: list[str] = Field(max_length=500)


class AbilityOut(Schema):
    """Something that a post may allow; `open_to`: the roles that a town may give it to."""

    code: str
    title: str
    is_critical: bool
    open_to: list[str]


class PostEndIn(Schema):
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


@router.post("/posts", response={201: PostOut, 202: AskedOut}, summary="Give a post")
@needs("town:write")
def give_post(request: HttpRequest, given: PostIn) -> Any:
    """Give a person a post in an organ; one with critical abilities waits for a second person (202, `joint-acts`)."""
    actor, at = actor_of(request), timezone.now()
    if actor.kind == "person" and queries.critical_of(seen_by=actor, role=given.role):
        return 202, {"joint_act": operations.ask_post(by=actor, at=at, **given.dict()).pk}
    return 201, operations.give_post(by=actor, at=at, **given.dict())


@router.post("/posts/{int:post_id}/end", response=PostOut, summary="End a post")
@needs("town:write")
def end_post(request: HttpRequest, post_id: int, given: PostEndIn) -> Any:
    """End a post; from that day its holder serves no longer."""
    return operations.end_post(by=actor_of(request), at=timezone.now(), post_id=post_id, ends_on=given.ends_on)


@router.get("/abilities", response=list[AbilityOut], summary="Abilities")
@needs("town:read")
def list_abilities(request: HttpRequest) -> Any:
    """List what posts may allow."""
    admit(rules.may_change_roles, actor_of(request))
    return [
        {"code": one.code, "title": str(one.title), "is_critical": one.is_critical, "open_to": [role for role in ROLE_WORDS if one.is_open_to(role)]}
        for one in abilities.known().values()
    ]


@router.get("/roles", response=list[RoleOut], summary="Roles")
@needs("town:read")
def list_roles(request: HttpRequest) -> Any:
    """List what each role may do in this town."""
    admit(rules.may_change_roles, actor_of(request))
    return [_role(role, held) for role, held in queries.role_abilities(seen_by=actor_of(request)).items()]


def _role(role: str, held: frozenset[str]) -> dict[str, Any]:
    return {"role": role, "title": str(ROLE_WORDS[role]), "abilities": sorted(held), "critical": sorted(held & abilities.critical()),
            "is_changed": held != abilities.shipped(role)}  # fmt: skip


@router.put("/roles/{slug:role}", response={200: RoleOut, 202: AskedOut}, summary="Change what a role may do")
@needs("town:write")
def change_role(request: HttpRequest, role: str, given: RoleIn) -> Any:
    """Set what a role may do; a change in a critical ability waits for a second person (202, `joint-acts`)."""
    actor, at, wanted = actor_of(request), timezone.now(), frozenset(given.abilities)
    present = queries.role_abilities(seen_by=actor).get(role, frozenset())
    if actor.kind == "person" and (wanted ^ present) & abilities.critical():
        return 202, {"joint_act": operations.ask_role(by=actor, at=at, role=role, wanted=wanted).pk}
    operations.change_role(by=actor, at=at, role=role, wanted=wanted)
    return 200, _role(role, queries.role_abilities(seen_by=actor)[role])
