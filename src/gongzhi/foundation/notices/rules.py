"""Who may give and read notices."""

from gongzhi.kernel.actors import Actor


def may_give(actor: Actor) -> bool:
    """Notices are given by the product itself."""
    return actor.is_clock or actor.kind == "system" or actor.serves_as("administrator")


def may_read(actor: Actor, person_id: int) -> bool:
    """Everybody reads their own notices only."""
    return actor.person_id == person_id
