"""Who may do what with policies. The first line of each docstring is the refusal that the reader sees."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.service_line.policies.models import Consultation, Policy, Subscription


def may_prepare(actor: Actor) -> bool:
    """Only those whose post allows it prepare policies."""
    return actor.kind == "system" or actor.can("may_prepare_policies")


def may_work_on(actor: Actor, policy: "Policy") -> bool:
    """Only the unit that issues or handles this policy works on it."""
    if actor.kind == "system" or actor.can("may_release_policies"):
        return True
    return any(actor.can("may_prepare_policies", organ_id=organ_id) for organ_id in (policy.organ_id, policy.handled_by_id) if organ_id is not None)


def may_release(actor: Actor, policy: "Policy") -> bool:
    """A policy is released by another person than the one who prepared it, whose post allows it."""
    if actor.kind == "system":
        return True
    return actor.can("may_release_policies") and (actor.person_id is None or actor.person_id != policy.prepared_by_id)


def may_end(actor: Actor, policy: "Policy") -> bool:
    """Only those whose post allows it repeal a policy."""
    return actor.kind == "system" or actor.can("may_release_policies")


def may_expire(actor: Actor) -> bool:
    """Policies run out by the clock alone."""
    return actor.kind in ("clock", "system")


def may_keep_passages(actor: Actor) -> bool:
    """What may answer a question is kept by the system itself."""
    return actor.kind in ("clock", "system")


def may_subscribe(actor: Actor) -> bool:
    """Sign in to be told of new policies."""
    return actor.person_id is not None and actor.is_signed_in


def may_unsubscribe(actor: Actor, subscription: "Subscription") -> bool:
    """Only whoever asked to be told ends it."""
    return actor.is_signed_in and actor.person_id == subscription.person_id


def may_consult(actor: Actor, organ_id: int | None = None) -> bool:
    """Only the unit that drafts asks everybody about its draft."""
    if actor.kind == "system" or actor.can("may_release_policies"):
        return True
    return actor.can("may_prepare_policies", organ_id=organ_id)


def may_comment(actor: Actor, consultation: "Consultation") -> bool:
    """This token may not send opinions."""
    return actor.scopes is None or "town:write" in actor.scopes


def may_answer(actor: Actor, consultation: "Consultation") -> bool:
    """Only the unit that asked answers the opinions on its draft."""
    return may_consult(actor, consultation.organ_id)
