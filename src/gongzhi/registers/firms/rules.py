"""Who may do what with the firms' register."""

from collections.abc import Iterable

from gongzhi.kernel.actors import Actor
from gongzhi.registers.record import scope


def may_use_firms(actor: Actor) -> bool:
    """The firms' register is for those who keep it."""
    return scope.sees(actor, "firms") != ()


def may_keep_firm(actor: Actor, area_paths: Iterable[str] = ()) -> bool:
    """Only who keeps this part of the firms' register changes it."""
    reach = scope.paths(actor, "may_keep_firms")
    return reach is None or any(scope.covers(reach, path) for path in area_paths)


def may_take_firms(actor: Actor) -> bool:
    """Only the town's own programs take rows over."""
    return actor.kind in ("system", "clock")
