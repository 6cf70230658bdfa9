"""Acts on the catalogue, grants and doubts. `fill` is the one way to a value through a grant."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import masking, sealing
from gongzhi.kernel import memory, moments, numbers
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, Unreadable, ensure, operation, record, retell
from gongzhi.kernel.towns import current_town
from gongzhi.registers.grants import queries, rules, sources
from gongzhi.registers.grants.facts import DataRowsTaken, DataSetDefined, DoubtRaised, DoubtSettled, FieldCatalogued, GrantEnded, GrantGiven
from gongzhi.registers.grants.models import DataRow, DataSet, Doubt, FieldEntry, Grant
from gongzhi.registers.grants.words import PERIODS, SHARES, SORTS
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record import queries as record_queries
from gongzhi.registers.record.facts import RegisterLooked
from gongzhi.registers.record.fields import Field

MOST_DAYS = 3 * 366  # a grant is given anew after three years at the latest
MOST_ROWS = 1_000


class NoSuchField(Refused):
    sentence = _("There is no such field in the catalogue.")
    field = "fields"


class NoFields(Refused):
    sentence = _("Choose at least one field.")
    field = "fields"


class NeedsLaw(Refused):
    sentence = _("What is not given needs the law or rule that says so.")
    field = "basis"


class NotShared(Refused):
    sentence = _("“%(fields)s” is not given: %(basis)s.")
    field = "fields"


class Withdrawn(Refused):
    sentence = _("“%(fields)s” is given no longer; this grant does not open it.")
    field = "fields"


class NoTerm(Refused):
    sentence = _("Say from which day to which day, three years at the most, the last day not before the first.")
    field = "ends_on"


class NoGround(Refused):
    sentence = _("Say for what it is needed and on which law or rule.")
    field = "purpose"


class NotInForce(Refused):
    sentence = _("This grant is not in force: %(state)s, %(starts_on)s to %(ends_on)s.")


class NotGranted(Refused):
    sentence = _("This grant does not open “%(fields)s”.")
    field = "fields"


class NoGrant(Refused):
    sentence = _("This unit holds no grant for these fields.")


class NoSuchSubject(Refused):
    sentence = _("Nobody and nothing of this number stands in this register.")
    field = "shown"


class EndedAlready(Refused):
    sentence = _("This grant is ended already.")


class NoReason(Refused):
    sentence = _("Please give the reason.")
    field = "reason"


class InDoubtAlready(Refused):
    sentence = _("This value is in doubt already; the unit that answers for it is looking at it.")
    field = "field"


class NothingHeld(Refused):
    sentence = _("Nothing is held here that could be doubted.")
    field = "field"


class OwnValue(Refused):
    sentence = _("This value is about yourself; somebody else of your unit decides.")


class BadSchema(Refused):
    sentence = _("Name one to forty fields, each with a code of small letters and a title, no code twice.")
    field = "fields"


class TooManyRows(Refused):
    sentence = _("At most %(most)d rows at once, and at least one.")
    field = "rows"


# ---- the catalogue --------------------------------------------------------------------------------------------------
@operation
def catalogue_field(*, by: Actor, at: datetime, register: str, field: str, organ_id: int, share: int = 0, basis: str = "", period: str = "") -> FieldEntry:
    """Say which organ answers for a field of a register, how it is shared (0: as shipped) and how often it is told anew."""
    ensure(rules.may_keep_catalogue)
    known = queries.entry_of(seen_by=by, register=register, field=field, at=at)
    if known is None or register.startswith("set:"):
        raise NoSuchField(field="field")
    share = share or known.share
    basis = basis.strip()[:200] or (known.basis if share == known.share else "")
    _checked_share(share, basis)
    one, _is_new = FieldEntry.objects.update_or_create(
        town_id=current_town(), register=register, field=field,
        defaults={"organ_id": organ_id, "share": share, "basis": basis, "period": period if period in PERIODS else known.period},
    )  # fmt: skip
    record(FieldCatalogued(subject=ref(one), register=register, field=field, organ_id=organ_id, share=share))
    return one


def _checked_share(share: int, basis: str) -> None:
    if share not in SHARES:
        raise NoSuchField(field="share")
    if share == 3 and not basis:
        raise NeedsLaw


@operation
def define_data_set(*, by: Actor, at: datetime, code: str, title: str, organ_id: int, fields: Sequence[Mapping[str, Any]], title_en: str = "",
                    summary: str = "", place: str = "", share: int = 2, basis: str = "", period: str = "month",
                    ended_on: date | None = None) -> DataSet:  # fmt: skip
    """Define a data set that an organ holds elsewhere, or change it. `fields`: {code, title, sort: text | date | number, required}; the first finds a row."""
    ensure(rules.may_keep_catalogue)
    _checked_share(share, basis.strip())
    schema = [
        {"code": str(one.get("code", "")).strip(), "title": str(one.get("title", "")).strip()[:60], "sort": str(one.get("sort") or "text"),
         "required": place_of == 0 or bool(one.get("required")), "meaning": str(one.get("meaning", "")).strip()[:200]}
        for place_of, one in enumerate(fields)
    ]  # fmt: skip
    codes = [one["code"] for one in schema]
    well = all(one["title"] and one["sort"] in SORTS and str(one["code"]).replace("_", "").isalnum() and str(one["code"]).isascii() for one in schema)
    if not 0 < len(schema) <= 40 or len(set(codes)) < len(codes) or not well or any(len(str(one)) > 24 or one != str(one).lower() for one in codes):
        raise BadSchema
    if not title.strip():
        raise NoGround(field="title")
    one, _is_new = DataSet.objects.update_or_create(
        town_id=current_town(), code=code,
        defaults={
            "title": title.strip()[:80], "title_en": title_en.strip()[:80], "summary": summary.strip()[:300], "organ_id": organ_id,
            "place": place.strip()[:120], "share": share, "basis": basis.strip()[:200],
            "period": period if period in PERIODS else "month", "fields": schema, "ended_on": ended_on,
        },
    )  # fmt: skip
    record(DataSetDefined(subject=ref(one), organ_id=organ_id, share=share, is_ended=ended_on is not None))
    return one


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why one row was not taken: its place from 1, the field, the sentence."""

    row: int
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class RowsTaken:
    """What became of rows that were sent; every one is counted once."""

    rows: int
    added: int
    changed: int
    known: int
    refused: tuple[RowFault, ...]


@operation
def take_data_rows(*, by: Actor, at: datetime, data_set_id: int, rows: Sequence[Mapping[str, Any]], source: str) -> RowsTaken:
    """Take rows of a data set by its schema; one that does not fit is refused with its field and reason. The same again changes nothing."""
    ensure(rules.may_tell_rows)
    one = DataSet.objects.select_for_update().get(pk=data_set_id)
    if not 0 < len(rows) <= MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    counts = {"added": 0, "changed": 0, "known": 0}
    refused: list[RowFault] = []
    for place, given in enumerate(rows, start=1):
        read = _read_row(one, given)
        if isinstance(read, tuple):
            refused.append(RowFault(place, *read))
            continue
        found = DataRow.objects.filter(data_set=one, key_hash__in=sources.key_hashes(one, read[one.fields[0]["code"]])).first()
        if found is None:
            DataRow.objects.create(
                town_id=current_town(), data_set=one, key_hash=sources.key_hash(one, read[one.fields[0]["code"]]), values_sealed=_sealed(read),
                source=source[:120], told_at=at,
            )  # fmt: skip
            counts["added"] += 1
        else:
            is_same = json.loads(sealing.unseal(found.values_sealed, "data-row")) == read
            found.values_sealed, found.told_at, found.source = _sealed(read), at, source[:120]
            found.save(update_fields=["values_sealed", "told_at", "source"])
            counts["known" if is_same else "changed"] += 1
    digest = hashlib.sha256(json.dumps(list(rows), ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
    record(DataRowsTaken(subject=ref(one), added=counts["added"], changed=counts["changed"], known=counts["known"], refused=len(refused), digest=digest))
    return RowsTaken(len(rows), **counts, refused=tuple(refused))


def _sealed(values: Mapping[str, str]) -> bytes:
    return sealing.seal(json.dumps(values, ensure_ascii=False, sort_keys=True), "data-row")


def _read_row(one: DataSet, given: Any) -> dict[str, str] | tuple[str, str]:
    """Return the values of a row by the schema, or (field, why) of the first that does not fit."""
    if not isinstance(given, Mapping):
        return "", _now("A row is an object of fields and values.")
    known = {told["code"]: told for told in one.fields}
    for name in given:
        if name not in known:
            return str(name)[:24], _now("This field is not in the schema.")
    found: dict[str, str] = {}
    for code, told in known.items():
        raw = given.get(code, "")
        text = "" if raw is None else raw.strip() if isinstance(raw, str) else str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else "\0"
        if "\0" in text or len(text) > 400:
            return code, _now("This is too long, or holds a sign that cannot be kept.")
        if not text:
            if told.get("required"):
                return code, _now("This field is required.")
            continue
        try:
            if told.get("sort") == "date":
                text = moments.day(text).isoformat()
            elif told.get("sort") == "number":
                text = str(numbers.exact(text))
        except Unreadable as error:
            return code, str(error)
        found[code] = text
    return found


# ---- grants ---------------------------------------------------------------------------------------------------------
def _asked(by: Actor, at: datetime, register: str, fields: Sequence[str]) -> list[queries.Entry]:
    """Return the catalogue's entries of the fields; raise NoFields, NoSuchField, NotShared."""
    if not fields:
        raise NoFields
    known = {one.field.code: one for one in queries.entries(seen_by=by, register=register, at=at, with_quality=False)}
    if not set(fields) <= set(known):
        raise NoSuchField
    chosen = [known[code] for code in dict.fromkeys(fields)]
    closed = [one for one in chosen if one.share == 3]
    if closed:
        raise NotShared(fields="、".join(str(one.field.title) for one in closed), basis=closed[0].basis)
    return chosen


@operation
def give_grant(*, by: Actor, at: datetime, register: str, fields: Sequence[str], organ_id: int, authority_id: int, purpose: str, basis: str, starts_on: date,
               ends_on: date, case_id: int | None = None) -> Grant:  # fmt: skip
    """Let an organ see fields of a register or data set, for a purpose, on a basis, from day to day (the last one included).

    Given by the organ that answers for all of them. Raises NoFields, NoSuchField, NotShared, NoTerm, NoGround.
    """
    ensure(rules.may_give, authority_id, organ_id)
    chosen = _asked(by, at, register, fields)
    for one in chosen:
        if one.organ is None or one.organ.pk != authority_id:
            raise NoSuchField
    if ends_on < starts_on or (ends_on - starts_on).days > MOST_DAYS:
        raise NoTerm
    if not purpose.strip() or not basis.strip():
        raise NoGround(field="purpose" if not purpose.strip() else "basis")
    grant = Grant.objects.create(
        town_id=current_town(), register=register, fields=[one.field.code for one in chosen], organ_id=organ_id, authority_id=authority_id,
        purpose=masking.masked(purpose.strip())[:200], basis=basis.strip()[:200], starts_on=starts_on, ends_on=ends_on, case_id=case_id, given_by=by.ref[:60],
        given_at=at,
    )  # fmt: skip
    memory.forget(queries.LIVE)
    record(
        GrantGiven(
            subject=ref(grant), register=register, fields=tuple(grant.fields), organ_id=organ_id, authority_id=authority_id, starts_on=starts_on,
            ends_on=ends_on, case_id=case_id,
        )
    )  # fmt: skip
    return grant


@operation
def end_grant(*, by: Actor, at: datetime, grant_id: int, reason: str) -> Grant:
    """End a grant before its last day; nothing is seen through it from now on, what was seen stays on record."""
    grant = Grant.objects.select_for_update(of=("self",)).select_related("organ", "authority").get(pk=grant_id)
    ensure(rules.may_end, grant)
    if grant.ended_at is not None:
        raise EndedAlready
    if not reason.strip():
        raise NoReason
    grant.ended_at, grant.ended_by, grant.end_reason = at, by.ref[:60], masking.masked(reason.strip())[:200]
    grant.save(update_fields=["ended_at", "ended_by", "end_reason"])
    memory.forget(queries.LIVE)
    record(GrantEnded(subject=ref(grant), organ_id=grant.organ_id, authority_id=grant.authority_id))
    return grant


@dataclass(frozen=True, slots=True)
class FilledValue:
    """One value that a form is filled with: what it is, where it comes from and of which day, whether it is in doubt."""

    field: Field
    value: str
    text: str
    source: str
    basis: str
    at: datetime | None
    statement_id: int | None
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """What a grant has shown of one thing, once."""

    register: str
    subject_id: int
    title: str
    grant: Grant
    values: tuple[FilledValue, ...]

    def value(self, field: str) -> str:
        """Return one value as it is kept; raise KeyError."""
        return {one.field.code: one.value for one in self.values}[field]


@operation
def fill(*, by: Actor, at: datetime, register: str, purpose: str, subject_id: int | None = None, shown: str = "", organ_id: int | None = None,
         grant_id: int | None = None, fields: Sequence[str] = ()) -> Filled:  # fmt: skip
    """Return values of a thing for a form of an organ, through its grant, with their sources; the use is kept and stands on the owner's page.

    The grant is the one named, else the organ's own for these fields. The thing is named by id, or by the whole number or code that is `shown`.
    Asked by the organ that holds the grant, or by whom the values are about (who fills in that organ's form). Raises NoGrant, NotInForce,
    NotGranted, Withdrawn, NoSuchSubject, NoPurpose.
    """
    if grant_id is None:
        found = queries.grant_of_organ(seen_by=by, organ_id=organ_id or 0, register=register, fields=fields, at=at)
        if found is None:
            ensure(rules.may_ask, organ_id)
            raise NoGrant
        grant_id = found.pk
    grant = Grant.objects.select_related("organ", "authority").get(pk=grant_id)
    source = queries.source_or_none(seen_by=by, code=grant.register)
    if source is None or source.subjects is None:
        raise NoSuchField
    if subject_id is None and shown.strip():
        ensure(rules.may_use, grant)
        subject_id = source.subjects.find(shown)
    owner = source.subjects.owner(subject_id) if subject_id is not None else None
    ensure(rules.may_use, grant, queries.is_own(seen_by=by, owner=owner))
    day = queries.today(seen_by=by, at=at)
    state = grant.state_on(day)
    if state != "running":
        raise NotInForce(state=str(Grant.STATE_WORDS[state][0]), starts_on=grant.starts_on, ends_on=grant.ends_on)
    wanted = list(dict.fromkeys(fields)) or list(grant.fields)
    if outside := [code for code in wanted if code not in grant.fields]:
        raise NotGranted(fields="、".join(queries.field_words(seen_by=by, register=grant.register, codes=outside)))
    known = {one.field.code: one for one in queries.entries(seen_by=by, register=grant.register, at=at, with_quality=False)}
    if gone := [code for code in wanted if code not in known or known[code].share == 3]:
        raise Withdrawn(fields="、".join(queries.field_words(seen_by=by, register=grant.register, codes=gone)))
    opened = source.subjects.open(subject_id, wanted) if subject_id is not None else None
    if opened is None or owner is None or subject_id is None:
        raise NoSuchSubject
    record_operations.note_look(
        by=by, at=at, register=grant.register, subject=owner.ref, subject_id=subject_id, fields=wanted, purpose=purpose, is_within=False, grant=ref(grant),
        organ_id=grant.organ_id,
    )  # fmt: skip
    retell(RegisterLooked, lambda fact: fact)  # the look is this act's one fact
    doubted = queries.open_doubts(seen_by=by, register=grant.register, subject_id=subject_id)
    values = [
        FilledValue(known[code].field, one.value, one.text, one.source, one.basis, one.at, one.statement_id, code in doubted)
        for code in wanted if (one := opened.get(code)) is not None
    ]  # fmt: skip
    return Filled(grant.register, subject_id, owner.title, grant, tuple(values))


# ---- doubts ---------------------------------------------------------------------------------------------------------
@operation
def raise_doubt(*, by: Actor, at: datetime, register: str, subject_id: int, field: str, case_id: int) -> Doubt:
    """Mark a value as doubted, in a case; every form that it fills says so until the case ends. Called by the operation that opens the case."""
    owner = queries.owner_of(seen_by=by, register=register, subject_id=subject_id)
    ensure(rules.may_doubt, queries.is_own(seen_by=by, owner=owner), queries.has_seen(seen_by=by, register=register, field=field, at=at))
    source = queries.source_or_none(seen_by=by, code=register)
    opened = source.subjects.open(subject_id, [field]) if source is not None and source.subjects is not None else None
    if opened is None or owner is None or field not in opened:
        raise NothingHeld
    if field in queries.open_doubts(seen_by=by, register=register, subject_id=subject_id):
        raise InDoubtAlready
    doubt = Doubt.objects.create(
        town_id=current_town(), register=register, subject_id=subject_id, field=field, case_id=case_id, raised_at=at, statement_id=opened[field].statement_id,
        told_at=opened[field].at,
    )  # fmt: skip
    record(DoubtRaised(subject=owner.ref, register=register, field=field))
    return doubt


@operation
def settle_doubt(*, by: Actor, at: datetime, case_id: int, value: str | None, basis: str = "") -> Doubt:
    """End a doubt: put the value right (`value`), or let it stand (None). Returns it with the units that had been shown the wrong value.

    By the organ that answers for the field, never by whom the value is about. Raises what the register says against the value.
    """
    doubt = Doubt.objects.select_for_update().get(case_id=case_id, ended_at__isnull=True)
    authority_id = queries.answers_for(seen_by=by, register=doubt.register, field=doubt.field)
    owner = queries.owner_of(seen_by=by, register=doubt.register, subject_id=doubt.subject_id)
    ensure(rules.may_correct, authority_id or 0)
    if queries.is_own(seen_by=by, owner=owner):
        raise OwnValue
    source = queries.source_or_none(seen_by=by, code=doubt.register)
    if value is not None and source is not None and source.subjects is not None:
        told = record_queries.organs_that_saw(
            seen_by=by, register=doubt.register, subject_ids=[doubt.subject_id], field=doubt.field, since=doubt.told_at or doubt.raised_at
        )
        doubt.told = sorted(told)
        source.subjects.correct(by=by, at=at, subject_id=doubt.subject_id, field=doubt.field, value=value, source=_name(authority_id), basis=basis)
    doubt.ended_at, doubt.is_corrected = at, value is not None
    doubt.save(update_fields=["ended_at", "is_corrected", "told"])
    record(
        DoubtSettled(
            subject=owner.ref if owner else ref(doubt), register=doubt.register, field=doubt.field, is_corrected=value is not None, told=tuple(doubt.told)
        )
    )
    return doubt


def _name(organ_id: int | None) -> str:
    return str(organs.organ_for(seen_by=ANYONE, organ_id=organ_id)) if organ_id else ""


@operation
def drop_doubt(*, by: Actor, at: datetime, case_id: int) -> Doubt:
    """Take the mark of a doubt away whose case ended without an answer: withdrawn, merged. Raises Doubt.DoesNotExist."""
    ensure(rules.may_tell_rows)
    doubt = Doubt.objects.select_for_update().get(case_id=case_id, ended_at__isnull=True)
    doubt.ended_at, doubt.is_corrected = at, False
    doubt.save(update_fields=["ended_at", "is_corrected"])
    record(DoubtSettled(subject=ref(doubt), register=doubt.register, field=doubt.field, is_corrected=False))
    return doubt
