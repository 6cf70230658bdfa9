"""Who may keep a register, look into it, and bring files."""

from gongzhi.kernel.actors import Actor
from gongzhi.registers.record import scope


def may_tell(actor: Actor, register: str) -> bool:
    """Only who keeps a register, visits for it or answers for its fields writes in it."""
    return actor.kind in ("system", "clock") or scope.sees(actor, register) != () or actor.can("may_answer_for_data")


def may_look(actor: Actor, is_within: bool, grant: str = "") -> bool:
    """Sealed values are shown to who keeps this part of the register, or holds a grant for just these fields."""
    return is_within or bool(grant)


def may_bring(actor: Actor, register: str) -> bool:
    """Files are brought by who keeps the register for the whole town."""
    return actor.kind == "system" or scope.keeps_town(actor, register)


def may_run(actor: Actor) -> bool:
    """Only the town's own programs take rows over."""
    return actor.kind in ("system", "clock")


def may_use_registers(actor: Actor) -> bool:
    """The registers are for those who keep them or visit homes for them."""
    return any(scope.sees(actor, code) != () for code in scope.KEEP)
