"""Who may draft, try and adopt criteria."""

from gongzhi.kernel.actors import Actor


def may_draft(actor: Actor) -> bool:
    """Only those whose post allows it draft and try criteria."""
    return actor.kind == "system" or actor.can("may_draft_criteria")


def may_adopt(actor: Actor) -> bool:
    """Only those whose post allows it adopt criteria and set the values by which they decide."""
    return actor.kind == "system" or actor.can("may_adopt_criteria")
