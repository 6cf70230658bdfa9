"""Who may do what with enquiries, requests and the statutory list. The first line of each docstring is the refusal that the reader sees."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.service_line.openness.models import Column


def may_ask(actor: Actor) -> bool:
    """This token may not send enquiries."""
    return actor.scopes is None or "cases:write" in actor.scopes


def may_request(actor: Actor) -> bool:
    """This token may not send requests for information."""
    return actor.scopes is None or "cases:write" in actor.scopes


def may_take_down(actor: Actor) -> bool:
    """Only those who take needs down at a counter file a request that came on paper."""
    return actor.kind == "system" or actor.can("may_take_calls", "may_publish_entries")


def may_publish_answer(actor: Actor) -> bool:
    """An answer is published by the system, as soon as it is given."""
    return actor.kind in ("clock", "system")


def may_define_column(actor: Actor) -> bool:
    """Only those whose post allows it set the statutory list."""
    return actor.kind == "system" or actor.can("may_define_columns")


def may_publish(actor: Actor, column: "Column") -> bool:
    """Only the unit that owes this column publishes under it."""
    return actor.kind == "system" or actor.can("may_publish_entries", organ_id=column.organ_id)


def may_publish_any(actor: Actor) -> bool:
    """Only units that owe a column publish under it."""
    return actor.can("may_publish_entries", "may_define_columns")
