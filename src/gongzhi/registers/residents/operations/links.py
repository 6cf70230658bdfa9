"""The own account of somebody in the register: linked at the counter, or by the person who proves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import queries as people
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.registers.residents import finding, numbers, queries, rules
from gongzhi.registers.residents.facts import LinkTried, ResidentLinked
from gongzhi.registers.residents.models import LinkTry, Resident
from gongzhi.registers.residents.operations._reach import area_path, locked

MOST_TRIES = 5  # a day


class LinkedAlready(Refused):
    sentence = _("This record or this account is linked already.")
    field = "person_id"


class NotLinked(Refused):
    sentence = _("This record is linked to no account.")


class PhoneNotProved(Refused):
    sentence = _("Prove your phone number first; the record is opened by number and telephone together.")
    field = "number"


@operation
def link_account(*, by: Actor, at: datetime, resident_id: int, person_id: int) -> Resident:
    """Link a record to the account of the same person, who has shown the document at the counter."""
    one = locked(resident_id)
    ensure(rules.may_link, person_id, area_path(one))
    people.person_for(seen_by=by, person_id=person_id)
    if one.person_id is not None or Resident.objects.filter(person_id=person_id).exists():
        raise LinkedAlready
    one.person_id, one.linked_at = person_id, at
    one.save(update_fields=["person", "linked_at"])
    record(ResidentLinked(subject=ref(one), person_id=person_id, how="counter"))
    return one


@operation
def unlink_account(*, by: Actor, at: datetime, resident_id: int) -> Resident:
    """Part a record from its account, which was linked by mistake or is erased; the record stays."""
    one = Resident.objects.select_for_update(of=("self",)).select_related("dwelling__area").get(pk=resident_id)
    ensure(rules.may_link, one.person_id, area_path(one))
    if one.person_id is None:
        raise NotLinked
    person_id, one.person_id, one.linked_at = one.person_id, None, None
    one.save(update_fields=["person", "linked_at"])
    record(ResidentLinked(subject=ref(one), person_id=person_id, how="unlinked"))
    return one


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """What came of a try: linked, or how many more there are today."""

    is_linked: bool
    tries_left: int = 0


@operation
def prove_own_record(*, by: Actor, at: datetime, name: str, number: str) -> LinkOutcome:
    """Open one's own record by name and document number, where the telephone in the register is the one that the account has proved.

    Tries are counted, five a day, so this returns instead of refusing; whether name, number or telephone is wrong is not said.
    """
    ensure(rules.may_prove_own)
    person = people.person_for(seen_by=by, person_id=by.person_id or 0)
    if person.phone_proved_at is None:
        raise PhoneNotProved
    if Resident.objects.filter(person_id=person.pk).exists():
        raise LinkedAlready
    tries = LinkTry.objects.filter(person_id=person.pk, at__gt=at - timedelta(days=1)).exclude(outcome="linked").count()
    if tries >= MOST_TRIES:
        LinkTry.objects.create(town_id=current_town(), person_id=person.pk, outcome="wait", at=at)
        record(LinkTried(subject=ref(person), outcome="wait"))
        return LinkOutcome(False)
    found = _matching(by, name, number, sealing.unseal(person.phone_sealed, "phone"))
    outcome = "linked" if found is not None else "wrong"
    LinkTry.objects.create(town_id=current_town(), person_id=person.pk, outcome=outcome, at=at)
    record(LinkTried(subject=ref(person), outcome=outcome))
    if found is None:
        return LinkOutcome(False, MOST_TRIES - tries - 1)
    found.person_id, found.linked_at = person.pk, at
    found.save(update_fields=["person", "linked_at"])
    record(ResidentLinked(subject=ref(found), person_id=person.pk, how="own"))
    return LinkOutcome(True)


def _matching(by: Actor, name: str, number: str, phone: str) -> Resident | None:
    try:
        hashes = queries.number_hashes(seen_by=by, number=number)
    except numbers.BadNumber:
        return None
    return (
        Resident.objects.standing().select_for_update()
        .filter(number_hash__in=hashes, name_hash__in=finding.name_hashes(name), phone_hash__in=finding.phone_hashes(phone), person__isnull=True).first()
    )  # fmt: skip
