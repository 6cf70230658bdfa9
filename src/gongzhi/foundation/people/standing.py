"""What somebody is in the town now, asked by modules that stand below posts: `foundation.organs` says it by `register`."""

from collections.abc import Callable
from datetime import datetime

from gongzhi.kernel.actors import Actor

_known: list[Callable[[int, datetime], Actor]] = []


def register(actor_for: Callable[[int, datetime], Actor]) -> None:
    """Let the module of posts say who a person is at a moment: `actor_for(person_id, at)`."""
    _known[:] = [actor_for]


def actor(person_id: int, at: datetime) -> Actor:
    """Return a person in the posts they hold at the moment."""
    return _known[0](person_id, at) if _known else Actor(kind="person", person_id=person_id)


def critical(person_id: int | None, at: datetime) -> frozenset[str]:
    """Return the critical abilities that a person holds at the moment."""
    return actor(person_id, at).critical if person_id is not None else frozenset()
