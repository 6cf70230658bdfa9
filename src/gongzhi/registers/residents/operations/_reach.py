"""The record that an act is about, locked, and the part of the register that it lies in."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused, ensure
from gongzhi.registers.residents import rules
from gongzhi.registers.residents.models import Resident


class WasMerged(Refused):
    sentence = _("This record was merged into another one; change that one.")


def area_path(one: Resident) -> str:
    """Return the path of the grid in which somebody lives, or "" where none is known."""
    return one.dwelling.area.path if one.dwelling is not None and one.dwelling.area is not None else ""


def locked(resident_id: int) -> Resident:
    """Return a person's record, locked, that is no other's; raise DoesNotExist or WasMerged."""
    one = Resident.objects.select_for_update(of=("self",)).select_related("dwelling__area").get(pk=resident_id)
    if one.merged_into_id is not None:
        raise WasMerged
    return one


def keeping(by: Actor, path: str, *, visiting: bool = False) -> None:
    """Ask whether the actor keeps (or, `visiting`, may visit) the part of the register with this area."""
    ensure(rules.may_visit if visiting else rules.may_keep_residents, path)
