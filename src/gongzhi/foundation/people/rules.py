"""Who may do what about people."""

from gongzhi.foundation.people import joint
from gongzhi.kernel.actors import Actor


def may_register(actor: Actor) -> bool:
    """Only people themselves, those who take their calls, and the administrator register a person."""
    return True  # anybody may make themselves known; what they may then do is decided elsewhere


def may_give_login(actor: Actor) -> bool:
    """Only the administrator gives log-ins to others."""
    return actor.kind == "system" or actor.can("may_give_logins")


def may_show_sealed(actor: Actor) -> bool:
    """Personal details are shown only to those on duty, for a purpose."""
    return actor.kind == "system" or actor.can("may_show_sealed")


def may_erase(actor: Actor, person_id: int) -> bool:
    """Only the person themselves or the administrator erases personal details."""
    return actor.kind in ("system", "clock") or actor.person_id == person_id or actor.can("may_erase_people")


def may_try(actor: Actor) -> bool:
    """Anybody may try to sign in."""
    return True  # how often is decided by the wait that failures bring


def may_change_login(actor: Actor, user_id: int) -> bool:
    """Only the owner of a log-in changes it."""
    return actor.kind == "system" or (actor.user_id == user_id and actor.scopes is None)


def may_register_self(actor: Actor) -> bool:
    """You are signed in already."""
    return not actor.is_signed_in


def may_reseal(actor: Actor) -> bool:
    """Personal fields are sealed anew by the product itself."""
    return actor.is_clock or actor.kind == "system"


def may_ask_erasure(actor: Actor) -> bool:
    """Sign in yourself to ask for the erasure of your details; a program cannot."""
    return actor.person_id is not None and actor.user_id is not None and actor.scopes is None


def may_prove_phone(actor: Actor) -> bool:
    """Sign in yourself to prove your number."""
    return actor.person_id is not None and actor.scopes is None


def may_send_codes(actor: Actor) -> bool:
    """Codes are sent by the product itself."""
    return actor.is_clock or actor.kind == "system"


def may_decide_erasure(actor: Actor) -> bool:
    """Only the administrator decides on requests for erasure."""
    return actor.can("may_erase_people")


def may_erase_by_term(actor: Actor) -> bool:
    """Terms are applied by the product itself."""
    return actor.is_clock or actor.kind == "system"


def may_end_sessions(actor: Actor, user_id: int) -> bool:
    """Only the owner of a log-in or the administrator ends its sessions."""
    return actor.kind == "system" or (actor.user_id == user_id and actor.scopes is None) or actor.can("may_give_logins")


def may_see_logins(actor: Actor) -> bool:
    """Log-ins are for the administrator."""
    return actor.can("may_give_logins")


def may_ask_joint_act(actor: Actor, act: str) -> bool:
    """Only those who may do this at all ask for it and confirm it, signed in themselves."""
    return actor.person_id is not None and actor.scopes is None and joint.known(act).may(actor)


def may_see_joint_acts(actor: Actor) -> bool:
    """What waits for a second person is for those who may confirm it."""
    return any(act.may(actor) for act in joint.all_of_them()) and actor.person_id is not None
