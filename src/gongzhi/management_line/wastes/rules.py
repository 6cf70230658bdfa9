"""Who may do what in the ledgers of waste and soil."""

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing.rules import sees_devices


def may_open_ledger(actor: Actor, organ_id: int) -> bool:
    """A waste ledger is opened by the firm whose waste it is, or by the town's departments."""
    return actor.kind == "system" or actor.can("may_open_waste_ledgers") or may_book(actor, organ_id)


def may_book(actor: Actor, organ_id: int) -> bool:
    """Only the firm whose waste it is writes in this ledger."""
    return actor.kind == "system" or actor.can("may_speak_for_firm", organ_id=organ_id)


def may_count(actor: Actor, organ_id: int) -> bool:
    """The stock is counted by the firm, or by an officer who inspects it."""
    return may_open_ledger(actor, organ_id)


def may_sample(actor: Actor) -> bool:
    """Plots and samples are kept by the town's departments."""
    return actor.kind == "system" or actor.can("may_sample_soil")


def sees_ledgers(actor: Actor) -> bool:
    """This ledger is for the town's staff and the firms that stand in it."""
    return sees_devices(actor) or actor.can("may_speak_for_firm")
