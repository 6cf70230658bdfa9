"""How far an actor sees into the book: one place for tables and rules."""

from gongzhi.kernel.actors import Actor


def sees_book(actor: Actor) -> bool:
    """Return whether the actor keeps or checks the book."""
    return actor.kind in ("system", "clock") or actor.can("may_see_book", "may_keep_book")
