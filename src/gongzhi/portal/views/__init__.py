"""The pages of the portal's own addresses, by audience."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.web import actor_of


def reader(request: HttpRequest) -> tuple[Actor, datetime]:
    """Return who asks and the one moment that the whole page speaks of."""
    return actor_of(request), timezone.now()


def admit(rule, actor: Actor) -> None:  # type: ignore[no-untyped-def]
    """Refuse with the rule's own words if it says no."""
    if not rule(actor):
        raise NotAllowed(rule)
