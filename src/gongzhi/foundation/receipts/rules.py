"""Who keeps receipts."""

from gongzhi.kernel.actors import Actor


def may_keep(actor: Actor) -> bool:
    """Receipts are kept by the product itself."""
    return actor.is_clock or actor.kind == "system"
