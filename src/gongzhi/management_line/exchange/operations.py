"""Acts of exchange: asking for data, answering field by field, doubting a value, putting it right, rows from outside."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from gongzhi.cases import operations as cases
from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.people import masking, sealing
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.exchange import rules
from gongzhi.management_line.exchange.facts import CorrectionAnswered, CorrectionAsked, DataRequestAnswered, DataRequested, RowsSent, SenderSet
from gongzhi.management_line.exchange.models import Correction, DataRequest, RequestedField, Sender, SentMessage
from gongzhi.registers.grants import operations as grants
from gongzhi.registers.grants import queries as grant_queries
from gongzhi.registers.grants.operations import MOST_DAYS, NoFields, NoGround, NoReason, NoSuchField, NoTerm, NotShared, RowsTaken

if TYPE_CHECKING:
    from gongzhi.cases.models import Case

EXCHANGE = system("exchange")  # which gives the result of a case once its unit has answered


class NobodyAnswers(Refused):
    sentence = _("No unit answers for “%(fields)s” yet; ask who keeps the catalogue to name one.")
    field = "fields"


class OwnData(Refused):
    sentence = _("Your unit answers for “%(fields)s” itself; it needs no grant.")
    field = "fields"


class NotAsked(Refused):
    sentence = _("Answer the fields that were asked for, no others.")
    field = "granted"


class AnsweredAlready(Refused):
    sentence = _("This is answered already.")


class NoValue(Refused):
    sentence = _("Give the right value.")
    field = "value"


class BadKey(Refused):
    sentence = _("This is no public key in PEM, of Ed25519 or P-256.")
    field = "public_key"


class KeyTaken(Refused):
    sentence = _("This name of a key is taken.")
    field = "key_id"


class SeenBefore(Refused):
    """The same signed message a second time."""

    sentence = _("A message with this nonce came before.")


# ---- requests -------------------------------------------------------------------------------------------------------
@operation
def ask_for_data(*, by: Actor, at: datetime, organ_id: int, register: str, fields: Sequence[str], purpose: str, basis: str, starts_on: date,
                 ends_on: date) -> list[DataRequest]:  # fmt: skip
    """Ask for fields of a register or data set for one's own unit: one case for each unit that answers for some of them.

    What is given without a request is granted at once. Raises NoFields, NoSuchField, NotShared, NobodyAnswers, OwnData, NoTerm, NoGround.
    """
    ensure(rules.may_open_request, organ_id)
    if not fields:
        raise NoFields
    known = {one.field.code: one for one in grant_queries.entries(seen_by=by, register=register, at=at, with_quality=False)}
    if not set(fields) <= set(known):
        raise NoSuchField
    chosen = [known[code] for code in dict.fromkeys(fields)]
    if closed := [one for one in chosen if one.share == 3]:
        raise NotShared(fields=_titles(closed), basis=closed[0].basis)
    if orphans := [one for one in chosen if one.organ is None]:
        raise NobodyAnswers(fields=_titles(orphans))
    if own := [one for one in chosen if one.organ.pk == organ_id]:
        raise OwnData(fields=_titles(own))
    today = grant_queries.today(seen_by=by, at=at)
    if starts_on < today or ends_on < starts_on or (ends_on - starts_on).days > MOST_DAYS:
        raise NoTerm(field="starts_on" if starts_on < today else "ends_on")
    purpose, basis = masking.masked(purpose.strip())[:200], basis.strip()[:200]
    if not purpose or not basis:
        raise NoGround(field="purpose" if not purpose else "basis")
    groups: dict[tuple[int, bool], list[grant_queries.Entry]] = defaultdict(list)
    for one in chosen:
        groups[one.organ.pk, one.share == 1].append(one)
    asked = []
    for (authority_id, is_free), entries in groups.items():
        made = _open_request(by, at, organ_id, authority_id, register, entries, purpose, basis, starts_on, ends_on)
        if is_free:
            _answer(EXCHANGE, at, made, {one.field.code for one in entries}, "", ends_on)
        asked.append(made)
    return asked


def _titles(entries: Iterable[grant_queries.Entry]) -> str:
    return "、".join(str(one.field.title) for one in entries)


def _open_request(by: Actor, at: datetime, organ_id: int, authority_id: int, register: str, entries: Sequence[grant_queries.Entry], purpose: str, basis: str,
                  starts_on: date, ends_on: date) -> DataRequest:  # fmt: skip
    made: list[DataRequest] = []

    def beside(case: "Case") -> list[DataRequest]:
        made.append(
            DataRequest(
                town_id=current_town(), case=case, register=register, organ_id=organ_id, authority_id=authority_id, purpose=purpose, basis=basis,
                starts_on=starts_on, ends_on=ends_on, asked_by=by.ref[:60], asked_by_person_id=by.person_id,
            )
        )  # fmt: skip
        return made

    title = _now("%(register)s: %(fields)s") % {"register": grant_queries.title_of(seen_by=by, code=register), "fields": _titles(entries)}
    case = cases.open_case(
        by=by, at=at, beside=beside,
        need=cases.Need(
            kind="data_request", title=title[:120], text=f"{purpose}\n{basis}", origin="referral", raised_by_id=by.person_id, raised_for_id=organ_id,
            lead_id=authority_id,
        ),
    )  # fmt: skip
    request = DataRequest.objects.get(case_id=case.pk)
    RequestedField.objects.bulk_create([RequestedField(town_id=current_town(), request=request, field=one.field.code) for one in entries])
    record(
        DataRequested(
            subject=ref(case), register=register, fields=tuple(one.field.code for one in entries), organ_id=organ_id, authority_id=authority_id,
            starts_on=starts_on, ends_on=ends_on,
        )
    )  # fmt: skip
    return request


@operation
def answer_request(*, by: Actor, at: datetime, case_id: int, granted: Sequence[str], reason: str = "", ends_on: date | None = None) -> DataRequest:
    """Answer a request field by field: those named are granted until `ends_on` (as asked, or sooner), all others are not, for the reason given.

    By the unit that answers for the fields, never by whoever asked. Raises NotAsked, NoReason, NoTerm, AnsweredAlready.
    """
    request = DataRequest.objects.select_for_update(of=("self",)).select_related("case", "organ", "authority").get(case_id=case_id)
    ensure(rules.may_answer, request.case)
    if request.answered_at is not None:
        raise AnsweredAlready
    asked = set(RequestedField.objects.filter(request=request).values_list("field", flat=True))
    if not set(granted) <= asked:
        raise NotAsked
    if asked - set(granted) and not reason.strip():
        raise NoReason
    until = min(ends_on or request.ends_on, request.ends_on)
    if granted and until < max(request.starts_on, grant_queries.today(seen_by=by, at=at)):
        raise NoTerm
    return _answer(by, at, request, set(granted), masking.masked(reason.strip())[:300], until)


def _answer(by: Actor, at: datetime, request: DataRequest, granted: set[str], reason: str, ends_on: date) -> DataRequest:
    fields = list(RequestedField.objects.filter(request=request).order_by("pk"))
    for one in fields:
        one.answer = "granted" if one.field in granted else "refused"
        one.reason = "" if one.field in granted else reason
        one.save(update_fields=["answer", "reason"])
    chosen = [one.field for one in fields if one.answer == "granted"]
    if chosen:
        today = grant_queries.today(seen_by=by, at=at)
        grant = grants.give_grant(
            by=by, at=at, register=request.register, fields=chosen, organ_id=request.organ_id, authority_id=request.authority_id, purpose=request.purpose,
            basis=request.basis, starts_on=max(request.starts_on, today), ends_on=ends_on, case_id=request.case_id,
        )  # fmt: skip
        request.grant_id = grant.pk
    request.answered_at = at
    request.save(update_fields=["grant_id", "answered_at"])
    refused = [one.field for one in fields if one.answer == "refused"]
    result = "granted" if not refused else "partly" if chosen else "refused"
    cases.take_step(by=by, at=at, case_id=request.case_id, act="data_request.answer", public_text=_answer_words(request, chosen, refused), reason=reason)
    cases.decide_case(by=EXCHANGE, at=at, case_id=request.case_id, result=result)
    record(DataRequestAnswered(subject=ref(request), granted=tuple(chosen), refused=tuple(refused), grant_id=request.grant_id))
    return request


def _answer_words(request: DataRequest, chosen: Sequence[str], refused: Sequence[str]) -> str:
    parts = []
    for words, codes in ((_now("Granted: %(fields)s"), chosen), (_now("Not granted: %(fields)s"), refused)):
        if codes:
            parts.append(words % {"fields": "、".join(grant_queries.field_words(seen_by=ANYONE, register=request.register, codes=codes))})
    return "\n".join(parts)


# ---- corrections ----------------------------------------------------------------------------------------------------
@operation
def doubt_value(*, by: Actor, at: datetime, register: str, subject_id: int, field: str, reason: str, proposed: str = "") -> Correction:
    """Doubt a value: opens a case of correction with the unit that answers for the field, on its clock; until it ends every form says "in doubt".

    By whom the value is about, or by a unit that may see it through a grant. Raises NoReason, NoSuchField, NobodyAnswers, InDoubtAlready.
    """
    ensure(rules.may_open_correction)
    if not reason.strip():
        raise NoReason
    entry = grant_queries.entry_of(seen_by=by, register=register, field=field, at=at)
    if entry is None or register.startswith("set:"):
        raise NoSuchField(field="field")
    if entry.organ is None:
        raise NobodyAnswers(fields=str(entry.field.title), field="field")
    owner = grant_queries.owner_of(seen_by=by, register=register, subject_id=subject_id)
    is_own = grant_queries.is_own(seen_by=by, owner=owner)
    serving = None if is_own else next((duty.organ_id for duty in by.duties if duty.can("may_use_data")), None)
    firm = owner.organ_id if owner is not None and is_own and owner.organ_id is not None else None

    def beside(case: "Case") -> list[Correction]:
        return [
            Correction(
                town_id=current_town(), case=case, register=register, subject_id=subject_id, field=field, authority_id=entry.organ.pk,
                raised_by_person_id=by.person_id, proposed_sealed=sealing.seal(proposed.strip()[:200], "correction"),
            )
        ]  # fmt: skip

    case = cases.open_case(
        by=by, at=at, beside=beside,
        need=cases.Need(
            kind="correction", title=_now("“%(field)s” is doubted") % {"field": entry.field.title}, text=reason.strip()[:2000],
            origin="enterprise" if firm else "resident" if is_own else "referral", raised_by_id=by.person_id, raised_for_id=firm or serving,
            lead_id=entry.organ.pk,
        ),
    )  # fmt: skip
    grants.raise_doubt(by=by, at=at, register=register, subject_id=subject_id, field=field, case_id=case.pk)
    record(CorrectionAsked(subject=ref(case), register=register, field=field, authority_id=entry.organ.pk))
    return Correction.objects.select_related("case").get(case_id=case.pk)


@operation
def answer_correction(*, by: Actor, at: datetime, case_id: int, value: str | None, basis: str = "", reason: str = "") -> Correction:
    """Answer a doubt: put the value right (`value`, on a `basis`) or let it stand (None) with the reason. Every unit that was shown the wrong value is told.

    By the unit that answers for the field, never by who doubted or whom it is about. Raises NoValue, NoReason, NoGround, and what the register says.
    """
    correction = Correction.objects.select_for_update(of=("self",)).select_related("case", "authority").get(case_id=case_id)
    ensure(rules.may_answer_correction, correction.case)
    if correction.answered_at is not None:
        raise AnsweredAlready
    if value is not None and not value.strip():
        raise NoValue
    if value is not None and not basis.strip():
        raise NoGround(field="basis")
    if value is None and not reason.strip():
        raise NoReason
    try:
        doubt = grants.settle_doubt(by=by, at=at, case_id=case_id, value=value.strip() if value is not None else None, basis=basis.strip())
    except Refused as refused:
        if value is not None and refused.field == correction.field:
            refused.field = "value"  # the form asks for it under this name
        raise
    correction.is_corrected, correction.basis, correction.told, correction.answered_at = value is not None, basis.strip()[:200], doubt.told, at
    correction.save(update_fields=["is_corrected", "basis", "told", "answered_at"])
    words = _now("The value is put right.") if value is not None else _now("The value stands.")
    cases.take_step(
        by=by, at=at, case_id=case_id, act="correction.answer", public_text="\n".join(part for part in (words, masking.masked(reason.strip())[:1000]) if part),
        clause=basis.strip()[:200],
    )  # fmt: skip
    cases.decide_case(by=EXCHANGE, at=at, case_id=case_id, result="corrected" if value is not None else "upheld")
    if doubt.told:
        _tell_users(at, correction, doubt.told)
    record(CorrectionAnswered(subject=ref(correction), is_corrected=value is not None, told=tuple(doubt.told)))
    return correction


def _tell_users(at: datetime, correction: Correction, organ_ids: Sequence[int]) -> None:
    """Tell those who may use data in the units that were shown the wrong value; which one it was they look up through their grant."""
    owner = grant_queries.owner_of(seen_by=EXCHANGE, register=correction.register, subject_id=correction.subject_id)
    (field,) = grant_queries.field_words(seen_by=EXCHANGE, register=correction.register, codes=[correction.field])
    people = grant_queries.people_to_tell(seen_by=EXCHANGE, organ_ids=organ_ids, ability="may_use_data", at=at)
    notices.give_notice(
        by=EXCHANGE, at=at, person_ids=people, kind="exchange.ValueCorrected",
        title=gettext_noop("%(field)s of %(whose)s, which your unit was shown, is put right; please look again"),
        params={"field": field, "whose": owner.title if owner else ""}, url=f"/exchange/corrected/{correction.pk}/",
        dedupe=f"corrected:{correction.pk}",
    )  # fmt: skip


# ---- rows from outside ----------------------------------------------------------------------------------------------
@operation
def set_sender(*, by: Actor, at: datetime, data_set_id: int, key_id: str, title: str, public_key: str) -> Sender:
    """Let a system outside send rows of a data set, signed with the key that belongs to this public one."""
    ensure(rules.may_set_senders)
    try:
        key = load_pem_public_key(public_key.strip().encode())
    except ValueError:
        raise BadKey from None
    if not isinstance(key, ed25519.Ed25519PublicKey) and not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
        raise BadKey
    if not title.strip():
        raise NoGround(field="title")
    if not key_id.strip() or Sender.objects.filter(key_id=key_id.strip()).exists():
        raise KeyTaken
    sender = Sender.objects.create(
        town_id=current_town(), data_set_id=data_set_id, key_id=key_id.strip()[:60], title=title.strip()[:80], public_key=public_key.strip(),
        set_by=by.ref[:60], set_at=at,
    )  # fmt: skip
    record(SenderSet(subject=ref(sender), data_set_id=data_set_id, key_id=sender.key_id, key_hash=_hash(sender.public_key), is_ended=False))
    return sender


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@operation
def end_sender(*, by: Actor, at: datetime, sender_id: int) -> Sender:
    """Take no more messages that are signed with this key."""
    ensure(rules.may_set_senders)
    sender = Sender.objects.select_for_update().get(pk=sender_id)
    sender.ended_at = sender.ended_at or at
    sender.save(update_fields=["ended_at"])
    record(SenderSet(subject=ref(sender), data_set_id=sender.data_set_id, key_id=sender.key_id, key_hash=_hash(sender.public_key), is_ended=True))
    return sender


@operation
def take_message(*, by: Actor, at: datetime, sender_id: int, nonce: str, signed_at: datetime, digest: str, rows: Sequence[Mapping[str, Any]]) -> RowsTaken:
    """Take the rows of a message whose signature was checked; each nonce once. A row that does not fit is refused with its field, the others are taken."""
    ensure(rules.may_send)
    sender = Sender.objects.select_for_update(of=("self",)).select_related("data_set__organ").get(pk=sender_id)
    taken = grants.take_data_rows(by=by, at=at, data_set_id=sender.data_set_id, rows=rows, source=f"{sender.data_set.organ} · {sender.title}")
    try:
        with transaction.atomic():
            SentMessage.objects.create(
                town_id=current_town(), sender=sender, nonce=nonce, signed_at=signed_at, came_at=at, digest=digest, rows=taken.rows, added=taken.added,
                changed=taken.changed, known=taken.known, refused=[{"row": one.row, "field": one.field, "why": one.why} for one in taken.refused[:200]],
            )  # fmt: skip
    except IntegrityError:
        raise SeenBefore from None
    sender.last_at = at
    sender.save(update_fields=["last_at"])
    record(RowsSent(subject=ref(sender), key_id=sender.key_id, taken=taken.rows - len(taken.refused), refused=len(taken.refused), digest=digest))
    return taken
