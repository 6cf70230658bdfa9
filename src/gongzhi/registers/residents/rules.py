"""Who may do what with the residents' register."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor
from gongzhi.registers.record import scope

if TYPE_CHECKING:
    from gongzhi.registers.residents.models import Resident


def may_use_register(actor: Actor) -> bool:
    """The residents' register is for those who keep it or visit homes for it."""
    return scope.sees(actor, "residents") != ()


def may_keep_residents(actor: Actor, area_path: str = "") -> bool:
    """Only who keeps this part of the residents' register changes it."""
    return scope.covers(scope.paths(actor, "may_keep_residents"), area_path)


def may_keep_some(actor: Actor) -> bool:
    """Only who keeps the residents' register changes it."""
    return scope.paths(actor, "may_keep_residents") != ()


def may_visit(actor: Actor, area_path: str = "") -> bool:
    """Homes are visited by the grid worker of this grid, or by who keeps the register."""
    return scope.covers(scope.sees(actor, "residents"), area_path)


def may_link(actor: Actor, person_id: int | None, area_path: str = "") -> bool:
    """A record is linked to an account by who keeps the register, and never to their own."""
    return may_keep_residents(actor, area_path) and (actor.person_id is None or actor.person_id != person_id)


def may_prove_own(actor: Actor) -> bool:
    """Sign in to see what the town holds about you."""
    return actor.is_signed_in and actor.person_id is not None


def may_tag(actor: Actor, room: str, area_path: str = "") -> bool:
    """Tags of care and of control are set only by who has the right to that room."""
    return scope.covers(scope.paths(actor, f"may_see_{room}"), area_path)


def may_take(actor: Actor) -> bool:
    """Only the town's own programs take rows over."""
    return actor.kind in ("system", "clock")


def may_merge(actor: Actor, one: "Resident", other: "Resident") -> bool:
    """Two records are merged by who keeps the register for both, and never one's own."""
    own = actor.person_id is not None and actor.person_id in (one.person_id, other.person_id)
    paths = [each.dwelling.area.path if each.dwelling and each.dwelling.area else "" for each in (one, other)]
    return not own and all(may_keep_residents(actor, path) for path in paths)
