"""Acts that every register has in common: telling values, looking at sealed ones, bringing files."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import bulk
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.registers.record import rules
from gongzhi.registers.record.facts import RegisterFileBegun, RegisterFileBrought, RegisterFileEnded, RegisterLooked, RegisterRowsTaken, ValuesTold
from gongzhi.registers.record.models import Look, RefusedRow, Statement, TakenFile, Word

MOST_REFUSED = 200_000  # rows of one file that are kept with their reasons; more are counted


class NoSource(Refused):
    sentence = _("Say where this comes from.")
    field = "source"


class NoBasis(Refused):
    sentence = _("Say on which law or rule it may be kept.")
    field = "basis"


class NoSuchWord(Refused):
    sentence = _("Choose on whose word it stands.")
    field = "word"


class NoPurpose(Refused):
    sentence = _("Say for what you need it; the purpose is kept, and the person can read it.")
    field = "purpose"


class BegunAlready(Refused):
    sentence = _("This file is being taken over already; bring it again to do it in another way.")


class NotThere(Refused):
    sentence = _("The file is no longer there; bring it again.")


@dataclass(frozen=True, slots=True)
class Told:
    """Values of one thing as they are told: field → text, "" where a value is taken away."""

    subject_id: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where values come from and on what they rest."""

    source: str
    basis: str
    word: str = "source"
    file_id: int | None = None

    def checked(self) -> "Ground":
        """Return it trimmed; raise NoSource, NoBasis or NoSuchWord."""
        if not self.source.strip():
            raise NoSource
        if not self.basis.strip():
            raise NoBasis
        if self.word not in Word.values:
            raise NoSuchWord
        return Ground(source=self.source.strip()[:120], basis=self.basis.strip()[:200], word=self.word, file_id=self.file_id)


@operation
def tell(*, by: Actor, at: datetime, register: str, told: Sequence[Told], ground: Ground) -> list[int]:
    """Keep what was told of things of a register; return the ids of the statements. The register itself keeps the present values."""
    ensure(rules.may_tell, register)
    ground = ground.checked()
    rows = [
        Statement(
            town_id=current_town(), register=register, subject_id=one.subject_id, fields=sorted(one.values), source=ground.source, basis=ground.basis,
            values_sealed=sealing.seal(json.dumps(dict(one.values), ensure_ascii=False, separators=(",", ":")), "statement"),
            word=ground.word, by=by.ref[:60], at=at, file_id=ground.file_id,
        )
        for one in told if one.values
    ]  # fmt: skip
    bulk.insert_many(rows)
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{row.pk}:{row.subject_id}:".encode() + bytes(row.values_sealed))
    record(
        ValuesTold(
            subject=f"territory.town:{current_town()}", register=register, count=len(rows), first_id=rows[0].pk if rows else 0,
            last_id=rows[-1].pk if rows else 0, digest=digest.hexdigest(),
        )
    )  # fmt: skip
    return [row.pk for row in rows]


@operation
def note_look(*, by: Actor, at: datetime, register: str, subject: str, subject_id: int, fields: Sequence[str], purpose: str, is_within: bool,
              grant: str = "", organ_id: int | None = None) -> Look:  # fmt: skip
    """Write down that sealed values are shown, to whom and for what; whoever shows them calls this first.

    `is_within`: whether the thing lies in the part of the register that the actor keeps, as its register says. `organ_id`: the unit for which it
    is shown; that of the actor's first post where nothing is said.
    """
    ensure(rules.may_look, is_within, grant)
    if not purpose.strip():
        raise NoPurpose
    look = Look.objects.create(
        town_id=current_town(), register=register, subject_id=subject_id, fields=sorted(fields), purpose=purpose.strip()[:200], grant=grant[:60],
        organ_id=organ_id or (by.duties[0].organ_id if by.duties else None), by=by.ref[:60], at=at,
    )  # fmt: skip
    record(RegisterLooked(subject=subject, fields=tuple(sorted(fields)), purpose_hash=hashlib.sha256(purpose.strip().encode()).hexdigest(), grant=grant))
    return look


# ---- files ----------------------------------------------------------------------------------------------------------
@operation
def bring_file(*, by: Actor, at: datetime, register: str, name: str, path: str, size: int, digest: str, as_of: date | None = None) -> TakenFile:
    """Take a file in that lies at a path; nothing of it is taken over yet. `as_of`: the day it speaks of, today where it is left out."""
    ensure(rules.may_bring, register)
    kept = TakenFile.objects.create(
        town_id=current_town(), register=register, name=name[-200:], path=path, size=size, digest=digest, by=by.ref[:60], brought_at=at, moved_at=at,
        as_of=as_of or territory.day_of(seen_by=by, at=at),
    )  # fmt: skip
    record(RegisterFileBrought(subject=ref(kept), register=register, digest=digest, as_of=kept.as_of))
    return kept


@operation
def begin_file(*, by: Actor, at: datetime, file_id: int, definition: Mapping[str, Any], is_queued: bool = True) -> TakenFile:
    """Begin to take a file over by what its columns mean, or let one that stopped go on from where it was."""
    kept = TakenFile.objects.select_for_update().get(pk=file_id)
    ensure(rules.may_bring, kept.register)
    if not kept.path:
        raise NotThere
    if kept.state not in (TakenFile.State.BROUGHT, TakenFile.State.FAILED):
        raise BegunAlready
    if kept.state == TakenFile.State.BROUGHT:
        kept.definition = dict(definition)
    kept.state, kept.error, kept.ended_at, kept.moved_at = TakenFile.State.RUNNING, "", None, at
    kept.save(update_fields=["definition", "state", "error", "ended_at", "moved_at"])
    record(RegisterFileBegun(subject=ref(kept), register=kept.register, digest=kept.digest, is_queued=is_queued))
    return kept


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken: which field, what stood there, the sentence."""

    field: str
    text: str
    why: str


@operation
def account(*, by: Actor, at: datetime, file_id: int, last_row: int, rows: int, added: int, changed: int, known: int, blank: int,
            refused: Mapping[int, Fault]) -> TakenFile:  # fmt: skip
    """Say what became of a batch of a file's rows; every one is counted once. Called by the register that took them, in its transaction."""
    ensure(rules.may_run)
    assert rows == added + changed + known + blank + len(refused), "every row is accounted for"
    kept = TakenFile.objects.select_for_update().get(pk=file_id)
    room = max(0, MOST_REFUSED - kept.refused)
    RefusedRow.objects.bulk_create(
        [
            RefusedRow(
                town_id=current_town(), file_id=file_id, row=row, field=one.field[:24], reason=one.why[:300],
                text_sealed=sealing.seal(one.text[:120].replace("\0", ""), "refused-row"),
            )
            for row, one in list(refused.items())[:room]
        ],
        batch_size=2_000,
    )  # fmt: skip
    TakenFile.objects.filter(pk=file_id).update(
        row=last_row, moved_at=at, rows=F("rows") + rows, added=F("added") + added, changed=F("changed") + changed, known=F("known") + known,
        blank=F("blank") + blank, refused=F("refused") + len(refused),
    )  # fmt: skip
    kept.refresh_from_db()
    announce([f"register-file:{file_id}"], "file")
    record(RegisterRowsTaken(subject=ref(kept), last_row=last_row, added=added, changed=changed, known=known, refused=len(refused)))
    return kept


@operation
def end_file(*, by: Actor, at: datetime, file_id: int, error: str = "") -> TakenFile:
    """Note that a file is taken over, or that it stopped and why; it may then go on."""
    ensure(rules.may_run)
    kept = TakenFile.objects.select_for_update().get(pk=file_id)
    kept.state = TakenFile.State.FAILED if error else TakenFile.State.DONE
    kept.error, kept.ended_at = error[:400], at
    kept.save(update_fields=["state", "error", "ended_at"])
    announce([f"register-file:{file_id}"], "file")
    record(RegisterFileEnded(subject=ref(kept), rows=kept.rows, is_done=not error))
    return kept


@operation
def forget_file(*, by: Actor, at: datetime, file_id: int) -> TakenFile:
    """Note that a file was thrown away; the account of its rows stays."""
    ensure(rules.may_run)
    kept = TakenFile.objects.select_for_update().get(pk=file_id)
    kept.path = ""
    kept.save(update_fields=["path"])
    record(RegisterFileEnded(subject=ref(kept), rows=kept.rows, is_done=kept.state == TakenFile.State.DONE))
    return kept
