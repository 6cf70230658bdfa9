"""Who may use, give and end grants, keep the catalogue, and doubt values."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.registers.grants.models import Grant


def may_keep_catalogue(actor: Actor) -> bool:
    """Only who keeps the catalogue of data says which unit answers for a field."""
    return actor.kind == "system" or actor.can("may_keep_data_catalogue")


def may_ask(actor: Actor, organ_id: int | None = None) -> bool:
    """Data are asked for by who may use them for the own unit."""
    return actor.kind == "system" or actor.can("may_use_data", organ_id=organ_id)


def may_answer(actor: Actor, organ_id: int | None = None) -> bool:
    """Only the unit that answers for these data decides this."""
    return actor.kind == "system" or actor.can("may_answer_for_data", organ_id=organ_id)


def may_give(actor: Actor, authority_id: int, organ_id: int) -> bool:
    """A grant is given by the unit that answers for the data, never by somebody of the unit that asked."""
    if actor.kind == "system":
        return True
    return actor.can("may_answer_for_data", organ_id=authority_id) and not actor.serves_in(organ_id)


def may_use(actor: Actor, grant: "Grant", is_own: bool = False) -> bool:
    """Values are shown through a grant only to the unit that holds it, or to whom they are about."""
    return actor.kind == "system" or is_own or actor.can("may_use_data", organ_id=grant.organ_id)


def may_end(actor: Actor, grant: "Grant") -> bool:
    """A grant is ended by the unit that gave it or by the one that holds it."""
    return (
        actor.kind == "system"
        or actor.can("may_answer_for_data", organ_id=grant.authority_id)
        or actor.can("may_use_data", organ_id=grant.organ_id)
        or actor.can("may_keep_data_catalogue")
    )


def may_doubt(actor: Actor, is_own: bool, has_seen: bool) -> bool:
    """A value is doubted by whom it is about, or by a unit that may see it."""
    return is_own or has_seen or actor.kind == "system"


def may_correct(actor: Actor, authority_id: int) -> bool:
    """A value is put right by the unit that answers for it."""
    return actor.kind == "system" or actor.can("may_answer_for_data", organ_id=authority_id)


def may_tell_rows(actor: Actor) -> bool:
    """Rows of a data set are taken by the town's own programs."""
    return actor.kind in ("system", "clock")
