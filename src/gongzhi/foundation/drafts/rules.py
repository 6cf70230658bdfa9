"""Who keeps drafts: everybody their own."""

from gongzhi.kernel.actors import Actor


def may_keep(actor: Actor, session: str) -> bool:
    """Sign in, or allow cookies, to keep what you fill in."""
    return actor.person_id is not None or bool(session)


def may_expire(actor: Actor) -> bool:
    """Old drafts are thrown away by the clock."""
    return actor.is_clock or actor.kind == "system"
