"""Who may give and read notices."""

from gongzhi.kernel.actors import Actor


def may_give(actor: Actor) -> bool:
    """Notices are given by the product itself."""
    return actor.is_clock or actor.kind == "system" or actor.can("may_see_deliveries")


def may_read(actor: Actor) -> bool:
    """Sign in to read your notices."""
    return actor.person_id is not None


def may_remove_devices(actor: Actor, person_id: int) -> bool:
    """Devices are turned off by the person whose they are."""
    return actor.person_id == person_id or actor.is_clock or actor.kind == "system"


def may_deliver(actor: Actor) -> bool:
    """Deliveries are made by the product itself; the administrator may have one tried again."""
    return actor.is_clock or actor.kind == "system" or actor.can("may_see_deliveries")


def may_see_deliveries(actor: Actor) -> bool:
    """Deliveries are for the administrator."""
    return actor.can("may_see_deliveries")


def may_forget(actor: Actor) -> bool:
    """Notices go with the details of their person."""
    return actor.is_clock or actor.kind == "system"
