"""The catalogue, grants as their readers see them, who answers for which field, and what is in doubt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import remember
from gongzhi.registers.grants import sources
from gongzhi.registers.grants.models import DataSet, Doubt, FieldEntry, Grant
from gongzhi.registers.grants.words import PERIODS, SHARES
from gongzhi.registers.record import fields as registers
from gongzhi.registers.record import queries as record
from gongzhi.registers.record.fields import Field, Owner, Quality, Register
from gongzhi.registers.record.grants import Granted

LIVE = "grants.live"  # in memory: the grants of the town that are not ended
QUALITY_AGE = 60.0  # seconds for which the figures of the catalogue are remembered


def today(*, seen_by: Actor, at: datetime) -> date:
    """Return the day in the town."""
    return territory.day_of(seen_by=seen_by, at=at)


# ---- the catalogue --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the catalogue, as the town has it."""

    register: str
    field: Field
    organ: Any  # the one that answers for it, or None
    share: int
    basis: str
    period: str
    quality: Quality | None = None
    doubts: int = 0

    @property
    def share_word(self) -> Any:
        return SHARES[self.share]

    @property
    def share_chip(self) -> str:
        return {1: "ok", 2: "open", 3: "stop"}[self.share]

    @property
    def share_icon(self) -> str:
        return {1: "circle-check", 2: "hand", 3: "lock"}[self.share]

    @property
    def period_word(self) -> Any:
        return PERIODS[self.period]

    @property
    def complete(self) -> int | None:
        """Return how many of a hundred things that should have it do, or None where there is nothing to count."""
        return None if self.quality is None or not self.quality.things else 100 * self.quality.held // self.quality.things

    @property
    def fresh(self) -> int | None:
        """Return how many of a hundred values were told within the period, or None."""
        return None if self.quality is None or not self.quality.held else min(100, 100 * self.quality.fresh // self.quality.held)


def source_or_none(*, seen_by: Actor, code: str) -> Register | None:
    """Return a register or data set by its code, or None. Whoever asks: names and fields only, nobody's value."""
    try:
        return sources.source(code)
    except sources.UnknownSource:
        return None


def title_of(*, seen_by: Actor, code: str) -> str:
    """Return what a register or data set is called."""
    found = source_or_none(seen_by=seen_by, code=code)
    return str(found.title) if found else code


def field_words(*, seen_by: Actor, register: str, codes: Iterable[str]) -> list[str]:
    """Return the titles of fields; one that was withdrawn keeps its code."""
    found = source_or_none(seen_by=seen_by, code=register)
    known = {one.code: str(one.title) for one in found.fields} if found else {}
    return [known.get(code, code) for code in codes]


def entries(*, seen_by: Actor, register: str, at: datetime, with_quality: bool = True) -> list[Entry]:
    """Return the catalogue of one register or data set, in the order of its fields. Whoever asks: the catalogue is for everybody, it holds nobody's value."""
    found = source_or_none(seen_by=seen_by, code=register)
    if found is None:
        return []
    told = {one.field: one for one in FieldEntry.objects.filter(register=register).select_related("organ")}
    own = DataSet.objects.select_related("organ").filter(pk=int(register.removeprefix("set:"))).first() if register.startswith("set:") else None
    quality = _quality(found, at) if with_quality else {}
    doubts = (
        dict(Doubt.objects.filter(register=register, ended_at__isnull=True).values_list("field").annotate(n=Count("pk")).order_by()) if with_quality else {}
    )
    listed = []
    for one in found.fields:
        entry = told.get(one.code)
        listed.append(
            Entry(
                register, one, own.organ if own else entry.organ if entry else None, entry.share if entry else one.share,
                entry.basis if entry else str(one.closed_by), entry.period if entry else one.renewed, quality.get(one.code), doubts.get(one.code, 0),
            )
        )  # fmt: skip
    return listed


def _quality(found: Register, at: datetime) -> Mapping[str, Quality]:
    if found.subjects is None:
        return {}
    counted = found.subjects.quality
    return remember(f"grants.quality:{found.code}", lambda: counted(at), age=QUALITY_AGE)


def entry_of(*, seen_by: Actor, register: str, field: str, at: datetime) -> Entry | None:
    """Return what the catalogue says of one field, without its quality, or None where there is no such field."""
    return next((one for one in entries(seen_by=seen_by, register=register, at=at, with_quality=False) if one.field.code == field), None)


def answers_for(*, seen_by: Actor, register: str, field: str) -> int | None:
    """Return the organ that answers for a field, or None where the town has named none. Whoever asks: who answers for what is public."""
    if register.startswith("set:"):
        return DataSet.objects.filter(pk=int(register.removeprefix("set:"))).values_list("organ_id", flat=True).first()
    return FieldEntry.objects.filter(register=register, field=field).values_list("organ_id", flat=True).first()


def catalogued(*, seen_by: Actor) -> list[Register]:
    """Return every register, what is held and given to nobody, and every data set that stands, in this order. Whoever asks: names only."""
    held = [one for one in registers.registers().values() if one.subjects is not None]
    return held + list(registers.closed().values()) + [sources.as_register(one) for one in data_sets(seen_by=seen_by)]


def data_sets(*, seen_by: Actor) -> QuerySet[DataSet]:
    """Return the data sets that organs hold elsewhere. Whoever asks: the catalogue is for everybody."""
    return DataSet.objects.filter(ended_on__isnull=True).select_related("organ").order_by("title", "pk")


def data_set_for(*, seen_by: Actor, code: str) -> DataSet:
    """Return a data set; raise DataSet.DoesNotExist. Whoever asks: the catalogue is for everybody."""
    return DataSet.objects.select_related("organ").get(code=code)


# ---- grants ---------------------------------------------------------------------------------------------------------
def grants(*, seen_by: Actor, at: datetime, organ_ids: Iterable[int] | None = None, register: str = "") -> list[Grant]:
    """Return grants, the newest first, with `uses` and `last_used_at`; of some units (given or held) where they are named. At most 500."""
    found = Grant.objects.visible_to(seen_by).select_related("organ", "authority").order_by("-pk")
    if organ_ids is not None:
        among = list(organ_ids)
        found = found.filter(Q(organ_id__in=among) | Q(authority_id__in=among))
    if register:
        found = found.filter(register=register)
    return _told(list(found[:500]), seen_by, at)


def grant_for(*, seen_by: Actor, grant_id: int, at: datetime) -> Grant:
    """Return a grant with its uses; raise Grant.DoesNotExist."""
    return _told([Grant.objects.visible_to(seen_by).select_related("organ", "authority").get(pk=grant_id)], seen_by, at)[0]


def _told(found: list[Grant], seen_by: Actor, at: datetime) -> list[Grant]:
    day = today(seen_by=seen_by, at=at)
    used = record.uses_of(seen_by=seen_by, grants=[ref(one) for one in found])
    for one in found:
        one.on_day = day
        one.uses, one.last_used_at = used.get(ref(one), (0, None))  # type: ignore[attr-defined]
        one.field_words = field_words(seen_by=seen_by, register=one.register, codes=one.fields)  # type: ignore[attr-defined]
        one.title = title_of(seen_by=seen_by, code=one.register)  # type: ignore[attr-defined]
    return found


def usable(*, seen_by: Actor, at: datetime) -> list[Grant]:
    """Return the grants that the reader may use now."""
    mine = [duty.organ_id for duty in seen_by.duties if duty.can("may_use_data")]
    found = Grant.objects.visible_to(seen_by).in_force(today(seen_by=seen_by, at=at)).filter(organ_id__in=mine).select_related("organ", "authority")
    return _told(list(found.order_by("-pk")), seen_by, at)


def grant_of_organ(*, seen_by: Actor, organ_id: int, register: str, fields: Sequence[str], at: datetime) -> Grant | None:
    """Return the grant by which an organ may see all of these fields now, the one that holds longest, or None."""
    found = Grant.objects.visible_to(seen_by).in_force(today(seen_by=seen_by, at=at))
    return found.filter(organ_id=organ_id, register=register, fields__contains=list(fields)).order_by("-ends_on", "-pk").first()


def unused(*, seen_by: Actor, at: datetime, days: int = 90) -> list[Grant]:
    """Return the grants in force that nobody has used for so many days, or never since they began that long ago."""
    before = at - timedelta(days=days)
    found = _told(list(Grant.objects.visible_to(seen_by).in_force(today(seen_by=seen_by, at=at)).select_related("organ", "authority")), seen_by, at)
    return [one for one in found if (one.last_used_at or one.given_at) < before]  # type: ignore[attr-defined]


def granted_to(*, seen_by: Actor, register: str, at: datetime) -> list[Granted]:
    """Return what is granted to the reader's units now: the check behind the door of the record. From memory, as abilities are."""
    organ_ids = {duty.organ_id for duty in seen_by.duties if duty.can("may_use_data")}
    if not organ_ids:
        return []
    live = remember(LIVE, lambda: list(Grant.objects.filter(ended_at__isnull=True).values_list("pk", "register", "organ_id", "fields", "starts_on", "ends_on")))
    if not live:
        return []
    day = today(seen_by=seen_by, at=at)
    return [
        Granted(f"grants.grant:{pk}", frozenset(fields))
        for pk, of, organ_id, fields, starts_on, ends_on in live
        if of == register and organ_id in organ_ids and starts_on <= day <= ends_on
    ]


def uses(*, seen_by: Actor, grant: Grant) -> QuerySet[Any]:
    """Return the uses of a grant, newest first: when, by which unit, which fields, for what."""
    return record.looks_through(seen_by=seen_by, grant=ref(grant))


# ---- whose, and what is in doubt ------------------------------------------------------------------------------------
def owner_of(*, seen_by: Actor, register: str, subject_id: int) -> Owner | None:
    """Return whose the values of a thing are, or None where there is no such thing. Whoever asks: ids and a masked name, for rules to ask with."""
    found = source_or_none(seen_by=seen_by, code=register)
    return found.subjects.owner(subject_id) if found is not None and found.subjects is not None else None


def is_own(*, seen_by: Actor, owner: Owner | None) -> bool:
    """Return whether values are about the reader themselves, or about the firm for which they speak."""
    if owner is None:
        return False
    by_person = owner.person_id is not None and owner.person_id == seen_by.person_id
    return by_person or (owner.organ_id is not None and seen_by.can("may_speak_for_firm", organ_id=owner.organ_id))


def has_seen(*, seen_by: Actor, register: str, field: str, at: datetime) -> bool:
    """Return whether a unit of the reader may see this field by a grant now."""
    return any(field in one.fields for one in granted_to(seen_by=seen_by, register=register, at=at))


def open_doubts(*, seen_by: Actor, register: str, subject_id: int) -> dict[str, Doubt]:
    """Return what of a thing is in doubt now, by field. Whoever asks: the thing given is one that they may see."""
    return {one.field: one for one in Doubt.objects.filter(register=register, subject_id=subject_id, ended_at__isnull=True)}


def doubt_of_case(*, seen_by: Actor, case_id: int) -> Doubt | None:
    """Return the doubt that a case is about, or None. Whoever asks: the case given is one that they may see."""
    return Doubt.objects.filter(case_id=case_id).first()


def people_to_tell(*, seen_by: Actor, organ_ids: Iterable[int], ability: str, at: datetime) -> list[int]:
    """Return the people of some units whose posts allow something today."""
    day = today(seen_by=seen_by, at=at)
    able = set(organs.able(seen_by=seen_by, ability=ability, on=day))
    return sorted({person for organ_id in organ_ids for person in organs.people_of(seen_by=seen_by, organ_id=organ_id, on=day)} & able)
