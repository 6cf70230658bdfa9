"""Who keeps the town's synonyms."""

from gongzhi.kernel.actors import Actor


def may_set_synonyms(actor: Actor) -> bool:
    """The words by which the town is searched are kept by those whose post allows it."""
    return actor.kind == "system" or actor.can("may_set_synonyms")
