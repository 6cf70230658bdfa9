"""Who may change when the town works."""

from gongzhi.kernel.actors import Actor


def may_set_calendar(actor: Actor) -> bool:
    """Only the committee and the administrator change when the town works."""
    return actor.kind == "system" or actor.can("may_change_calendar")
