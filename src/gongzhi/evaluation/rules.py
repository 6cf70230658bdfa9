"""Who may do what in the evaluation."""

from gongzhi.kernel.actors import Actor


def may_export_histories(actor: Actor) -> bool:
    """Only those who watch over the whole town may take its histories out as files."""
    return actor.can("may_export_histories")


def may_define_indicators(actor: Actor) -> bool:
    """Only those whose post allows it say by what the town is measured."""
    return actor.kind == "system" or actor.can("may_define_indicators")


def may_look_through(actor: Actor) -> bool:
    """Findings are made by the town's own clock."""
    return actor.is_clock or actor.kind == "system"
