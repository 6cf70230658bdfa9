"""Who may ask, answer, doubt and send."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


def may_open_request(actor: Actor, organ_id: int | None = None) -> bool:
    """Data are asked for by who may use them for the own unit."""
    return actor.kind == "system" or actor.can("may_use_data", organ_id=organ_id)


def may_open_correction(actor: Actor) -> bool:
    """Sign in to doubt what is held about you."""
    return actor.kind == "system" or actor.is_signed_in


def may_answer(actor: Actor, case: "Case") -> bool:
    """Only the unit that answers for these data decides, and never who asked."""
    if not case.is_open or case.lead_id is None:
        return False
    if actor.kind == "system":
        return True
    return actor.can("may_answer_for_data", organ_id=case.lead_id) and actor.person_id != case.raised_by_id and not actor.serves_in(case.raised_for_id)


def may_answer_correction(actor: Actor, case: "Case") -> bool:
    """Only the unit that answers for this value decides, and never who doubted it."""
    if not case.is_open or case.lead_id is None:
        return False
    return actor.kind == "system" or (actor.can("may_answer_for_data", organ_id=case.lead_id) and actor.person_id != case.raised_by_id)


def may_use_exchange(actor: Actor) -> bool:
    """Requests and grants of units are for those who use data, answer for them or keep the catalogue."""
    return actor.kind == "system" or actor.can("may_use_data", "may_answer_for_data", "may_keep_data_catalogue")


def may_set_senders(actor: Actor) -> bool:
    """Only who keeps the catalogue of data lets systems outside send."""
    return actor.kind == "system" or actor.can("may_keep_data_catalogue")


def may_send(actor: Actor) -> bool:
    """Rows from outside come by a signed message."""
    return actor.kind == "system"
