"""Who may do what about the archive."""

from gongzhi.kernel.actors import Actor


def may_move(actor: Actor) -> bool:
    """Readings are moved into the archive by the product itself, or by whoever runs the installation."""
    return actor.is_clock or actor.kind == "system"


def may_look_at(actor: Actor) -> bool:
    """The archive's files are for the town's officers."""
    return may_move(actor) or actor.can("may_see_archive")
