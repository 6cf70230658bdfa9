"""What both parts share: the way between the registers, the firms to choose from, the day it is in the town."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of

HOME = ("/environment/", _("Environment"))


def tabs(request: HttpRequest, here: str) -> list[tuple[str, Any, bool]]:
    """Return the registers that this reader may open, with the one that is shown."""
    return [(one.door.url, one.door.title, one.door.url == here) for one in doors.shown("registers", actor=actor_of(request), at=timezone.now())]


def firms(actor: Actor, *, own: bool = False) -> list[tuple[int, str]]:
    """Return the firms of the town to choose from, or those that the actor serves."""
    return [(organ.pk, str(organ)) for organ in organs.organs(seen_by=actor, kind="enterprise") if not own or organ.pk in actor.organ_ids]


def today(request: HttpRequest) -> date:
    """Return the day it is in the town."""
    return territory.day_of(seen_by=actor_of(request), at=timezone.now())
