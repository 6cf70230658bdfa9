"""Dwellings: their address, grid and how they are lived in."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record.operations import Ground, Told
from gongzhi.registers.residents import rules, values
from gongzhi.registers.residents.facts import DwellingDefined
from gongzhi.registers.residents.models import Dwelling, Resident


class NoAddress(Refused):
    sentence = _("Give the whole address, with building and room.")
    field = "address"


class NoSuchTenure(Refused):
    sentence = _("Choose how it is lived in.")
    field = "tenure"


class AddressTaken(Refused):
    sentence = _("Another dwelling has this address.")
    field = "address"


class StillLivedIn(Refused):
    sentence = _("Somebody is registered as living here; they move out first.")
    field = "ended_on"


@operation
def define_dwelling(*, by: Actor, at: datetime, address: str, tenure: str = "own", longitude: float | None = None, latitude: float | None = None,
                    area_id: int | None = None, dwelling_id: int | None = None, ended_on: date | None = None, source: str, basis: str) -> Dwelling:  # fmt: skip
    """Define a dwelling, or correct the one with this id. Its grid is where it lies on the map, else the one that is named."""
    if len(address.strip()) < 3:
        raise NoAddress
    if tenure not in Dwelling.Tenure.values:
        raise NoSuchTenure
    found = territory.locate(seen_by=by, longitude=longitude, latitude=latitude) if longitude is not None and latitude is not None else None
    area = found or (territory.area_for(seen_by=by, area_id=area_id) if area_id is not None else None)
    key = values.address_key(address)
    known = Dwelling.objects.select_for_update(of=("self",)).select_related("area").get(pk=dwelling_id) if dwelling_id is not None else None
    if known is not None:
        ensure(rules.may_keep_residents, known.area.path if known.area else "")
    ensure(rules.may_keep_residents, area.path if area else "")
    if Dwelling.objects.filter(address_key=key).exclude(pk=dwelling_id or 0).exists():
        raise AddressTaken
    if ended_on is not None and known is not None and Resident.objects.standing().filter(dwelling=known).exists():
        raise StillLivedIn
    one = known or Dwelling(town_id=current_town())
    one.address, one.address_key, one.tenure, one.longitude, one.latitude = address.strip()[:200], key, tenure, longitude, latitude
    one.area, one.ended_on = area, ended_on
    one.save()
    told = {"address": one.address, "tenure": tenure} | ({"grid": area.code} if area else {}) | ({"ended_on": ended_on.isoformat()} if ended_on else {})
    record_operations.tell(by=by, at=at, register="dwellings", told=[Told(one.pk, told)], ground=Ground(source=source, basis=basis, word="seen"))
    record(DwellingDefined(subject=ref(one), area_id=one.area_id))
    return one
