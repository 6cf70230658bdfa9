"""How far an actor sees into what is found and paid: one place for tables and rules."""

from gongzhi.kernel.actors import Actor


def sees_all(actor: Actor) -> bool:
    """Return whether the actor drafts, pays or checks benefits."""
    return actor.kind in ("system", "clock") or actor.can("may_pay_benefits", "may_draft_benefits", "may_adopt_benefits", "may_check_benefits")
