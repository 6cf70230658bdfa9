"""Who may change organs and posts."""

from gongzhi.kernel.actors import Actor


def may_define_organs(actor: Actor) -> bool:
    """Only the committee and the administrator change the town's organs."""
    return actor.kind == "system" or actor.can("may_define_organs")


def may_give_posts(actor: Actor) -> bool:
    """Only the committee and the administrator give and end posts."""
    return actor.kind == "system" or actor.can("may_give_posts")


def may_change_roles(actor: Actor) -> bool:
    """Only the committee and the administrator change what roles may do."""
    return actor.kind == "system" or actor.can("may_change_roles")
