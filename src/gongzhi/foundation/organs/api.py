"""The town's organs for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from gongzhi.foundation.organs import queries
from gongzhi.kernel.actors import ANYONE

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
