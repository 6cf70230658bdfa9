"""The door of grants 授权: who may see a field without a right of their own. Exchange fills it by `check_by`; until then nobody may.

grants.check_by(lambda actor, register, at: [Granted("exchange.grant:7", frozenset({"name", "home"}), None)])
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Granted:
    """Fields of a register that somebody may see; `subject_ids` None: of every thing in it."""

    ref: str
    fields: frozenset[str]
    subject_ids: frozenset[int] | None = None


Check = Callable[[Actor, str, datetime], Iterable[Granted]]
_check: list[Check] = []


def check_by(check: Check) -> None:
    """Let a module say what is granted; several may."""
    if check not in _check:
        _check.append(check)


def through(actor: Actor, register: str, subject_id: int, fields: Iterable[str], at: datetime) -> str:
    """Return the reference of a grant by which the actor may see all of these fields of the thing now, or ""."""
    wanted = frozenset(fields)
    for check in _check:
        for one in check(actor, register, at):
            if wanted <= one.fields and (one.subject_ids is None or subject_id in one.subject_ids):
                return one.ref
    return ""


def any_for(actor: Actor, register: str, at: datetime) -> bool:
    """Return whether the actor holds a grant over some field of the register now."""
    return any(True for check in _check for _one in check(actor, register, at))
