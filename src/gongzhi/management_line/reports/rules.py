"""Who may do what with reports. The first line of each docstring is the refusal that the reader sees."""

from gongzhi.kernel.actors import Actor


def may_file(actor: Actor) -> bool:
    """This token may not send reports."""
    return actor.scopes is None or bool(actor.scopes & {"reports:write"})


def may_import(actor: Actor) -> bool:
    """Only the administrator brings in another system's events."""
    return actor.kind == "system" or actor.can("may_import_cases")


def may_train(actor: Actor) -> bool:
    """Only the administrator trains the town's suggestions."""
    return actor.kind == "system" or actor.can("may_train_suggestions")
