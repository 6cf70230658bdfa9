"""What every view of the portal asks first: who reads, and whether they may."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.web import actor_of


def reader(request: HttpRequest) -> tuple[Actor, datetime]:
    """Return who asks and the one moment that the whole page speaks of."""
    return actor_of(request), timezone.now()


def admit(rule: Callable[[Actor], bool], actor: Actor) -> None:
    """Refuse with the rule's own words if it says no."""
    if not rule(actor):
        raise NotAllowed(rule)
