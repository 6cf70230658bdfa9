"""What every page of the evaluation begins with."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of


def reader(request: HttpRequest) -> tuple[Actor, datetime]:
    """Return who asks and the one moment that the whole page speaks of."""
    return actor_of(request), timezone.now()
