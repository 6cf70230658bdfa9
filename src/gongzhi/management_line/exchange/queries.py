"""Requests and corrections as their readers see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.exchange.models import Correction, DataRequest, RequestedField, Sender, SentMessage
from gongzhi.registers.grants import queries as grants
from gongzhi.registers.record import queries as record

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


@dataclass(frozen=True, slots=True)
class AskedField:
    """One field of a request with its answer, in words."""

    code: str
    title: str
    meaning: str
    answer: str
    word: Any
    chip: str
    icon: str
    reason: str


def request_of_case(*, seen_by: Actor, case: "Case") -> DataRequest | None:
    """Return what a request asks for, with `title`, or None for other kinds."""
    if not case.is_visible_to(seen_by):
        return None
    found = DataRequest.objects.select_related("organ", "authority").filter(case_id=case.pk).first()
    if found is not None:
        found.title = grants.title_of(seen_by=seen_by, code=found.register)  # type: ignore[attr-defined]
    return found


def fields_of(*, seen_by: Actor, request: DataRequest) -> list[AskedField]:
    """Return the fields of a request with their answers, in the order in which they were asked for."""
    source = grants.source_or_none(seen_by=seen_by, code=request.register)
    known = {one.code: one for one in source.fields} if source else {}
    found = []
    for one in RequestedField.objects.filter(request=request).order_by("pk"):
        word, chip, icon = RequestedField.ANSWER_WORDS[one.answer]
        field = known.get(one.field)
        found.append(
            AskedField(one.field, str(field.title) if field else one.field, str(field.meaning) if field else "", one.answer, word, chip, icon, one.reason)
        )
    return found


def requests(*, seen_by: Actor) -> QuerySet[DataRequest]:
    """Return the requests that the reader's units asked or answer, newest first; all of them for who keeps the catalogue."""
    found = DataRequest.objects.select_related("organ", "authority", "case").order_by("-pk")
    if seen_by.kind in ("system", "clock") or seen_by.can("may_keep_data_catalogue"):
        return found
    mine = [duty.organ_id for duty in seen_by.duties if duty.can("may_use_data", "may_answer_for_data")]
    return found.filter(Q(organ_id__in=mine) | Q(authority_id__in=mine))


def correction_of_case(*, seen_by: Actor, case: "Case") -> Correction | None:
    """Return what a correction is about, or None for other kinds and for whom it does not concern."""
    if not case.is_visible_to(seen_by):
        return None
    return Correction.objects.select_related("authority").filter(case_id=case.pk).first()


def correction_shown(*, seen_by: Actor, correction: Correction, case: "Case") -> dict[str, Any]:
    """Return a correction in words; the proposed value to who raised it and to the unit that answers, nobody else."""
    is_side = (seen_by.person_id is not None and seen_by.person_id == correction.raised_by_person_id) or seen_by.serves_in(correction.authority_id)
    told = organs.organs_by_id(seen_by=seen_by, organ_ids=correction.told)
    return {
        "correction": correction, "register": grants.title_of(seen_by=seen_by, code=correction.register),
        "field": grants.field_words(seen_by=seen_by, register=correction.register, codes=[correction.field])[0],
        "proposed": sealing.unseal(correction.proposed_sealed, "correction") if is_side else "",
        "held": _held(seen_by, correction) if is_side and case.is_open else "", "told": [str(one) for one in told.values()],
    }  # fmt: skip


def _held(seen_by: Actor, correction: Correction) -> str:
    """Return what is held now, as the two sides may read it on the page of the case: sealed values masked."""
    source = grants.source_or_none(seen_by=seen_by, code=correction.register)
    told = (source.subjects.open(correction.subject_id, [correction.field]) or {}).get(correction.field) if source is not None and source.subjects else None
    if source is None or told is None:
        return ""
    if not source.field(correction.field).sealed:
        return told.text
    return sealing.masked_name(told.text) if len(told.text) < 8 else f"{told.text[:3]}****{told.text[-4:]}"


def corrections_of(*, seen_by: Actor, register: str, subject_id: int) -> list[Correction]:
    """Return the corrections that were asked for of a thing, newest first; those of its own to its owner and the answering units."""
    owner = grants.owner_of(seen_by=seen_by, register=register, subject_id=subject_id)
    found = Correction.objects.filter(register=register, subject_id=subject_id).select_related("case", "authority").order_by("-pk")
    return list(found if grants.is_own(seen_by=seen_by, owner=owner) else found.filter(authority_id__in=sorted(seen_by.organ_ids)))


def senders(*, seen_by: Actor) -> QuerySet[Sender]:
    """Return the systems outside that may send. Whoever asks: faces admit by may_set_senders; a public key is no secret."""
    return Sender.objects.select_related("data_set__organ").order_by("title", "pk")


def sender_of_key(*, seen_by: Actor, key_id: str) -> Sender | None:
    """Return the sender with a key that holds, or None. Whoever asks: the signature says who they are."""
    return Sender.objects.select_related("data_set__organ").filter(key_id=key_id, ended_at__isnull=True, data_set__ended_on__isnull=True).first()


def messages(*, seen_by: Actor, sender: Sender) -> QuerySet[SentMessage]:
    """Return the messages that a sender sent, newest first. Whoever asks: faces admit by may_set_senders; they hold counts, no value."""
    return SentMessage.objects.filter(sender=sender).order_by("-pk")


def is_known_nonce(*, seen_by: Actor, sender: Sender, nonce: str) -> bool:
    """Return whether a message with this nonce came before. Whoever asks: only a sender with a valid signature comes to this."""
    return SentMessage.objects.filter(sender=sender, nonce=nonce).exists()


def waiting(*, seen_by: Actor, at: datetime) -> int:
    """Return how many requests and corrections wait for an answer of the reader's units."""
    mine = [duty.organ_id for duty in seen_by.duties if duty.can("may_answer_for_data")]
    if not mine:
        return 0
    return (
        DataRequest.objects.filter(authority_id__in=mine, answered_at__isnull=True, case__closed_at__isnull=True).count()
        + Correction.objects.filter(authority_id__in=mine, answered_at__isnull=True, case__closed_at__isnull=True).count()
    )


def correction_told(*, seen_by: Actor, correction_id: int) -> Correction:
    """Return a correction of which the reader's unit was told; raise Correction.DoesNotExist."""
    found = Correction.objects.select_related("authority", "case").filter(is_corrected=True)
    if seen_by.kind not in ("system", "clock"):
        found = found.filter(told__overlap=[duty.organ_id for duty in seen_by.duties if duty.can("may_use_data", "may_keep_residents", "may_keep_firms")])
    return found.get(pk=correction_id)


def own_looks(*, seen_by: Actor, correction: Correction) -> list[Any]:
    """Return when the reader's units were shown the value that was put right, and for what; newest first."""
    found = record.looks(seen_by=seen_by, register=correction.register, subject_ids=[correction.subject_id])
    found = found.filter(organ_id__in=sorted(seen_by.organ_ids), fields__contains=[correction.field], at__lte=correction.answered_at)
    return list(found[:20])
