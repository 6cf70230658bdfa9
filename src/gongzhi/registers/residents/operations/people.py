"""Registering people and telling what has changed of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record, retell
from gongzhi.registers.grants import queries as grant_queries
from gongzhi.registers.grants import rules as grant_rules
from gongzhi.registers.record import grants, scope
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record import rules as record_rules
from gongzhi.registers.record.facts import RegisterLooked
from gongzhi.registers.record.operations import Ground
from gongzhi.registers.residents import finding, values
from gongzhi.registers.residents.facts import HouseholdHeaded, ResidentChanged, ResidentLeft, ResidentMoved, ResidentRegistered
from gongzhi.registers.residents.models import Household, Membership, Resident
from gongzhi.registers.residents.operations._batch import Batch, NumberTaken
from gongzhi.registers.residents.operations._reach import area_path, keeping, locked


class KnownAlready(Refused):
    sentence = _("This person is registered already; change the record instead.")
    field = "number"


class NothingChanged(Refused):
    sentence = _("Nothing of this is new.")


class NoSuchField(Refused):
    sentence = _("There is no such sealed field.")
    field = "fields"


class NotOfThisHousehold(Refused):
    sentence = _("The head of a household is one of its members.")
    field = "resident_id"


@operation
def register_resident(*, by: Actor, at: datetime, given: Mapping[str, str], source: str, basis: str, word: str = "paper", visiting: bool = False) -> Resident:
    """Register a person who is not known yet, by the fields of `values.FIELDS`; with an address they live there.

    Raises BadValue for a field that cannot be, KnownAlready, TwoHeads and what else stands against it. `visiting`: told on a visit.
    """
    today = territory.day_of(seen_by=by, at=at)
    read = values.checked(given, today)
    batch = Batch(by, at, Ground(source=source, basis=basis, word=word).checked(), today)
    batch.load([read])
    if batch.find(read) is not None:
        raise KnownAlready
    batch.take(read)
    (one,) = batch.made["residents"]
    keeping(by, area_path(one), visiting=visiting)
    batch.save()
    record(ResidentRegistered(subject=ref(one)))
    return one


@operation
def change_resident(*, by: Actor, at: datetime, resident_id: int, given: Mapping[str, str], source: str, basis: str, word: str = "paper",
                    visiting: bool = False, answering: bool = False) -> Resident:  # fmt: skip
    """Tell values of a known person anew; what they were stays in the history. An address is a move, `left_on` and `died_on` end the membership.

    `answering`: told by the organ that answers for these very fields, wherever the person lives; else by who keeps (or visits) this part.
    """
    today = territory.day_of(seen_by=by, at=at)
    one = locked(resident_id)
    if answering:
        for name in given:
            ensure(grant_rules.may_correct, grant_queries.answers_for(seen_by=by, register="residents", field=name) or 0)
    else:
        keeping(by, area_path(one), visiting=visiting)
    known: dict[str, str] = {"nationality": one.nationality, "birth": one.birth.isoformat() if one.birth else ""}
    number = sealing.unseal(one.number_sealed, finding.SEALED_AS["number"])
    if number and "number" not in given and not {"birth", "sex"}.isdisjoint(given):
        known |= {"number": number, "document": one.document}
    read = values.checked({**{name: text for name, text in known.items() if text}, **given}, today)
    if "number" in given:
        hashes = finding.number_hashes(read.values["number"], read.values["document"], read.values.get("nationality", one.nationality))
        if Resident.objects.standing().filter(number_hash__in=hashes).exclude(pk=one.pk).exists():
            raise NumberTaken
    batch = Batch(by, at, Ground(source=source, basis=basis, word=word).checked(), today)
    one = batch.load_one(one, read)
    if "standing" not in given:
        read.values.pop("standing", None)
    if batch.take(read, one) == "known":
        raise NothingChanged
    told = batch.told[-1][1]
    if "address" in told and not answering:
        keeping(by, area_path(one), visiting=visiting)
    batch.save()
    if "address" in told:
        home = Membership.objects.present().get(resident=one)
        record(ResidentMoved(subject=ref(one), household_id=home.household_id, on=home.starts_on))
    for name, why in (("left_on", "left"), ("died_on", "died")):
        if told.get(name):
            record(ResidentLeft(subject=ref(one), why=why, on=date.fromisoformat(told[name])))
    record(ResidentChanged(subject=ref(one), fields=tuple(sorted(told))))
    return one


@operation
def head_household(*, by: Actor, at: datetime, household_id: int, resident_id: int, source: str, basis: str, on: date | None = None) -> Household:
    """Make one of its members the head of a household, from a day on; who was it before is then other kin."""
    household = Household.objects.select_for_update(of=("self",)).select_related("dwelling__area").get(pk=household_id)
    keeping(by, household.dwelling.area.path if household.dwelling.area else "")
    today = territory.day_of(seen_by=by, at=at)
    day = on or today
    members = {one.resident_id: one for one in Membership.objects.present().select_for_update().filter(household=household)}
    chosen = members.get(resident_id)
    if chosen is None:
        raise NotOfThisHousehold
    if chosen.relation == "head":
        raise NothingChanged
    if day > today or day < chosen.starts_on:
        raise values.BadValue(field="on", why=_("A head begins after they came to live there, and not in the future."))
    told = []
    for member, relation in [*((one, "kin") for one in members.values() if one.relation == "head"), (chosen, "head")]:
        member.ends_on, member.why_ended = max(day, member.starts_on), "changed"
        member.save(update_fields=["ends_on", "why_ended"])
        Membership.objects.create(town_id=household.town_id, resident_id=member.resident_id, household=household, relation=relation, starts_on=member.ends_on)
        told.append(record_operations.Told(member.resident_id, {"relation": relation}))
    record_operations.tell(by=by, at=at, register="residents", told=told, ground=Ground(source=source, basis=basis, word="own"))
    record(HouseholdHeaded(subject=ref(household), resident_id=resident_id, on=day))
    return household


@operation
def show_fields(*, by: Actor, at: datetime, resident_id: int, fields: tuple[str, ...], purpose: str) -> dict[str, Any]:
    """Show sealed fields of a person to who keeps or visits this part of the register, or holds a grant for just these; it is written down.

    Returns field → value. Raises NoSuchField, NoPurpose, and NotAllowed without right or grant.
    """
    one = Resident.objects.select_related("dwelling__area").get(pk=resident_id)
    reach = scope.sees(by, "residents")
    is_within = reach is None or scope.covers(reach, area_path(one))
    if not fields or not set(fields) <= set(values.SEALED):
        raise NoSuchField
    grant = "" if is_within else grants.through(by, "residents", one.pk, fields, at)
    ensure(record_rules.may_look, is_within, grant)
    record_operations.note_look(
        by=by, at=at, register="residents", subject=ref(one), subject_id=one.pk, fields=sorted(fields), purpose=purpose, is_within=is_within, grant=grant
    )
    retell(RegisterLooked, lambda fact: fact)  # the look is this act's one fact
    return {name: sealing.unseal(getattr(one, f"{name}_sealed"), finding.SEALED_AS[name]) for name in fields}
