"""Who may do what about warnings."""

from gongzhi.kernel.actors import Actor


def may_set(actor: Actor) -> bool:
    """Only the town's departments, the committee and the administrator set rules of warnings."""
    return actor.kind == "system" or actor.can("may_set_warnings")


def may_train(actor: Actor) -> bool:
    """Forecasts are made by the product itself."""
    return actor.is_clock or actor.kind == "system"
