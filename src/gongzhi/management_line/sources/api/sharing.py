"""What the parts of this interface share: one router, codes and places, the day, the firm of a code."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of
from gongzhi.management_line.sensing import queries as sensing

router = Router(tags=["registers"])
Code = Field(..., max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")
Longitude = Field(..., ge=-180, le=180)
Latitude = Field(..., ge=-90, le=90)


def _today(request: HttpRequest) -> date:
    return sensing.day_of(seen_by=actor_of(request), at=timezone.now())


def _firm(actor: Actor, code: str) -> int:
    """Return the firm with this code; what is none is refused by the operation."""
    found = organs.organ_by_code(seen_by=actor, code=code)
    return found.pk if found is not None else 0
