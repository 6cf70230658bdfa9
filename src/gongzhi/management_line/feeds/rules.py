"""Who may do what about feeds."""

from gongzhi.kernel.actors import Actor


def may_define(actor: Actor) -> bool:
    """Only the town's departments, the committee and the administrator set up feeds."""
    return actor.kind == "system" or actor.can("may_set_up_feeds")


def may_look_at(actor: Actor) -> bool:
    """Feeds are for the town's officers."""
    return actor.is_clock or actor.kind == "system" or actor.can("may_see_feeds")


def may_run(actor: Actor) -> bool:
    """Messages are taken by the product itself."""
    return actor.kind == "system"


def may_import(actor: Actor) -> bool:
    """Readings from files are imported by the committee, the administrator, and officers of departments and stations."""
    return actor.kind == "system" or actor.can("may_import_readings")
