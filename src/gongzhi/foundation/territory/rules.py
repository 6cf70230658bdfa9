"""Who may change a town and its territory."""

from gongzhi.kernel.actors import Actor


def may_found_town(actor: Actor) -> bool:
    """Towns are founded by the installation's own administrator, from the command line."""
    return actor.kind == "system"


def may_set_town_rules(actor: Actor) -> bool:
    """Only the committee and the administrator set the town's rules."""
    return actor.kind == "system" or actor.can("may_set_town_rules")


def may_define_territory(actor: Actor) -> bool:
    """Only the committee and the administrator draw the territory."""
    return actor.kind == "system" or actor.can("may_define_territory")
