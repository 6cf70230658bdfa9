"""Who may change organs and posts."""

from gongzhi.kernel.actors import Actor


def may_define_organs(actor: Actor) -> bool:
    """Only the committee and the administrator change the town's organs and posts."""
    return actor.kind == "system" or actor.serves_as("committee_member", "administrator")
