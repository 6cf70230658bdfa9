"""Who may draft, adopt, pay and ask for benefits."""

from gongzhi.kernel.actors import Actor
from gongzhi.registers.benefits import reach


def may_draft_benefits(actor: Actor) -> bool:
    """Only those whose post allows it draft and try benefits."""
    return actor.kind == "system" or actor.can("may_draft_benefits", "may_adopt_benefits")


def may_adopt_benefits(actor: Actor) -> bool:
    """Only those whose post allows it adopt benefits."""
    return actor.kind == "system" or actor.can("may_adopt_benefits")


def may_pay_benefits(actor: Actor) -> bool:
    """Only those whose post allows it approve the payment of benefits and take them back."""
    return actor.kind == "system" or actor.can("may_pay_benefits")


def may_see_all_found(actor: Actor) -> bool:
    """Who is found for which benefit is for those who pay and check benefits, and for whoever it is about."""
    return reach.sees_all(actor)


def may_match(actor: Actor) -> bool:
    """Entitlements are found by the town's own programs."""
    return actor.kind in ("system", "clock") or may_draft_benefits(actor) or may_pay_benefits(actor)


def may_ask(actor: Actor, is_own: bool) -> bool:
    """A benefit is asked for by the firm or the resident whom it is for."""
    return actor.kind == "system" or (actor.kind == "person" and is_own)
