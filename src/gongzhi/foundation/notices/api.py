"""A person's notices for programs."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.notices import operations, queries, rules
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit

router = Router(tags=["notices"])


class NoticeOut(Schema):
    """Something a person should hear."""

    id: int
    kind: str
    title: str = Field(alias="words", description="in the language that the call asks for")
    text: str
    url: str
    case_id: int | None
    made_at: datetime
    read_at: datetime | None


class NoticePage(Schema):
    """Notices, the newest first."""

    items: list[NoticeOut]
    unread: int
    after: int | None = Field(description="cursor of the next page; null on the last")


class Wanted(Schema):
    """Which notices."""

    unread_only: bool = False
    after: int | None = Field(None, ge=1, le=2**62)
    most: int = Field(30, ge=1, le=200)


class ReadIn(Schema):
    """Which notices were read."""

    ids: list[int] | None = Field(None, max_length=1000, description="without it: all")


class ReadOut(Schema):
    """How many were marked."""

    read: int


class ChoiceIn(Schema):
    """How a person wants to hear of things besides the product itself."""

    mail: Literal["none", "at_once", "daily"] = "none"
    address: str = Field("", max_length=254)
    webhook: bool = Field(False, description="by the town's gateway to text messages, WeCom or DingTalk")


class DeliveryOut(Schema):
    """A notice on its way out."""

    id: int
    channel: str
    state: str
    tries: int
    last_error: str
    made_at: datetime
    sent_at: datetime | None


@router.get("/notices", response=NoticePage, summary="One's notices")
@needs("cases:read")
def notices(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """List the caller's own notices; follow `after` to the end."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    found = queries.notices(seen_by=actor, unread_only=wanted.unread_only)
    if wanted.after is not None:
        found = found.filter(pk__lt=wanted.after)
    rows = list(found[: wanted.most + 1])
    more = rows[wanted.most - 1].pk if len(rows) > wanted.most else None
    return {"items": rows[: wanted.most], "unread": queries.unread_count(seen_by=actor), "after": more}


@router.post("/notices/read", response=ReadOut, summary="Mark notices as read")
@needs("cases:write")
def read(request: HttpRequest, given: ReadIn) -> Any:
    """Mark some of the caller's notices, or all, as read; doing it twice changes nothing."""
    return {"read": operations.read_notices(by=actor_of(request), at=timezone.now(), notice_ids=given.ids)}


@router.get("/notices/choice", response=ChoiceIn, summary="How one wants to hear of things")
@needs("cases:read")
def choice(request: HttpRequest) -> Any:
    """Return the caller's choice."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    return queries.choice(seen_by=actor) or {"mail": "none", "address": "", "webhook": False}


@router.put("/notices/choice", response=ChoiceIn, summary="Choose how to hear of things")
@needs("cases:write")
def choose(request: HttpRequest, given: ChoiceIn) -> Any:
    """Keep the caller's choice; mail needs an address."""
    return operations.choose(by=actor_of(request), at=timezone.now(), **given.model_dump())


@router.get("/notices/deliveries", response=list[DeliveryOut], summary="Notices on their way out")
@needs("town:read")
def deliveries(request: HttpRequest, failed_only: bool = False) -> Any:
    """List the newest hundred deliveries, for the administrator."""
    actor = actor_of(request)
    admit(rules.may_see_deliveries, actor)
    return list(queries.deliveries(seen_by=actor, failed_only=failed_only)[:100])


@router.post("/notices/deliveries/{delivery_id}/again", response=DeliveryOut, summary="Try a failed delivery again")
@needs("town:write")
def again(request: HttpRequest, delivery_id: int) -> Any:
    """Have a failed delivery tried again, for the administrator."""
    actor = actor_of(request)
    admit(rules.may_see_deliveries, actor)
    return operations.deliver_again(by=actor, at=timezone.now(), delivery_id=delivery_id)
