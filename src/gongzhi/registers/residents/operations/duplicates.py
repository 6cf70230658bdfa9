"""Two records that may be of one person: settled by somebody, never by the register itself."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record.operations import Ground
from gongzhi.registers.residents import finding, rules
from gongzhi.registers.residents.facts import DuplicateSettled, ResidentsMerged
from gongzhi.registers.residents.models import CareTag, ControlTag, Duplicate, Membership, Resident
from gongzhi.registers.residents.operations._reach import locked


class SameRecord(Refused):
    sentence = _("A record cannot be merged with itself.")


class TwoPeople(Refused):
    sentence = _("Both hold a number of the same sort of document, and the numbers differ: these are two people.")


class TwoAccounts(Refused):
    sentence = _("Both are linked to an account; part the wrong one first.")


class SettledAlready(Refused):
    sentence = _("This has been settled already.")


class NoGround(Refused):
    sentence = _("Say how you know that these are two people.")
    field = "ground"


@operation
def keep_apart(*, by: Actor, at: datetime, duplicate_id: int, ground: str) -> Duplicate:
    """Say that the two are two people, and how that is known; they are not proposed again."""
    pair = Duplicate.objects.select_for_update(of=("self",)).select_related("one__dwelling__area", "other__dwelling__area").get(pk=duplicate_id)
    ensure(rules.may_merge, pair.one, pair.other)
    if pair.state != "open":
        raise SettledAlready
    if not ground.strip():
        raise NoGround
    pair.state, pair.settled_at, pair.settled_by, pair.ground = "different", at, by.ref[:60], ground.strip()[:200]
    pair.save(update_fields=["state", "settled_at", "settled_by", "ground"])
    record(DuplicateSettled(subject=ref(pair), state="different"))
    return pair


@operation
def merge_residents(*, by: Actor, at: datetime, keep_id: int, other_id: int, source: str, basis: str) -> Resident:
    """Merge another record into the one that is kept: what that one lacks it takes over, history and tags of both stay.

    Where both say something, the kept one's value holds. The home is the kept one's, else the other's.
    """
    if keep_id == other_id:
        raise SameRecord
    first, second = (locked(pk) for pk in sorted((keep_id, other_id)))  # in one order, so that two merges never wait for each other
    keep, other = (first, second) if first.pk == keep_id else (second, first)
    ensure(rules.may_merge, keep, other)
    if bytes(keep.number_hash) and bytes(other.number_hash) and keep.document == other.document and bytes(keep.number_hash) != bytes(other.number_hash):
        raise TwoPeople
    if keep.person_id is not None and other.person_id is not None:
        raise TwoAccounts
    told: dict[str, str] = {}
    for name in ("name", "number", "phone", "origin"):
        mine, theirs = getattr(keep, f"{name}_sealed"), getattr(other, f"{name}_sealed")
        if not bytes(mine) and bytes(theirs):
            setattr(keep, f"{name}_sealed", theirs)
            told[name] = sealing.unseal(theirs, finding.SEALED_AS[name])
            if name != "origin":
                setattr(keep, f"{name}_hash", getattr(other, f"{name}_hash"))
            if name == "number":
                keep.document = told["document"] = other.document
    for name in ("sex", "birth", "nationality", "ethnicity", "died_on"):
        if not getattr(keep, name) and getattr(other, name):
            setattr(keep, name, getattr(other, name))
            told[name] = str(getattr(other, name))
    if keep.person_id is None and other.person_id is not None:
        keep.person_id, keep.linked_at, other.person_id = other.person_id, other.linked_at, None
    other.number_hash = b"" if "number" in told else other.number_hash
    today = territory.day_of(seen_by=by, at=at)
    home, away = (Membership.objects.present().select_for_update().filter(resident=one).first() for one in (keep, other))
    if away is not None:
        away.ends_on, away.why_ended = max(today, away.starts_on), "merged"
        away.save(update_fields=["ends_on", "why_ended"])
        if home is None and keep.died_on is None:
            Membership.objects.create(town_id=keep.town_id, resident=keep, household_id=away.household_id, relation=away.relation, starts_on=away.ends_on)
            keep.dwelling, keep.left_on, told["address"] = other.dwelling, None, str(other.dwelling)
    other.merged_into, other.dwelling = keep, None
    other.save()
    Resident.objects.filter(merged_into=other).update(merged_into=keep)
    keep.save()
    for room in (CareTag, ControlTag):
        room.objects.filter(resident=other).update(resident=keep)
    mine = Duplicate.objects.filter(Q(one=other) | Q(other=other), state="open")
    mine.update(state="merged", settled_at=at, settled_by=by.ref[:60])
    record_operations.tell(
        by=by, at=at, register="residents", told=[record_operations.Told(keep.pk, told)], ground=Ground(source=source, basis=basis, word="paper")
    )
    record(ResidentsMerged(subject=ref(keep), other_id=other.pk))
    return keep
