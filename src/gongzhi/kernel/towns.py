"""Which town the present work is for.

One installation serves many towns; row-level security lets a connection see the rows of one. The town is a context
variable, so that threads, tasks and async streams keep theirs apart; the database backend of the kernel carries it to
the connection before the next statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_town: ContextVar[int | None] = ContextVar("gongzhi_town", default=None)


class NoTown(RuntimeError):
    """Town-owned work was asked for outside any town: a bug of the caller, not of the person."""


def current_town() -> int:
    """Return the id of the town this work is for; raise NoTown outside one."""
    town_id = _town.get()
    if town_id is None:
        raise NoTown("no town is set for this work; wrap it in in_town(town_id)")
    return town_id


def current_town_or_none() -> int | None:
    """Return the id of the town this work is for, or None outside one."""
    return _town.get()


def enter_town(town_id: int | None) -> None:
    """Set the town for the rest of this context (requests and processes of one town)."""
    _town.set(town_id)


@contextmanager
def in_town(town_id: int) -> Iterator[None]:
    """Do the work of the block for one town."""
    token = _town.set(town_id)
    try:
        yield
    finally:
        _town.reset(token)
