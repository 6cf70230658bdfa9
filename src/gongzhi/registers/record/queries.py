"""Where values come from, who looked at them, and what became of files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town
from gongzhi.registers.record.models import Look, RefusedRow, Statement, TakenFile, Word

WORDS = dict(Word.choices)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value comes from."""

    statement_id: int
    value: str
    source: str
    basis: str
    word: str
    by: str
    at: datetime

    @property
    def word_words(self) -> str:
        return str(Word(self.word).label)


def history(*, seen_by: Actor, register: str, subject_ids: Iterable[int]) -> list[tuple[str, Origin]]:
    """Return every value ever told of a thing (and of those that were merged into it), (field, origin), newest first.

    Whoever asks: the thing's own register has shown it to them, and hands its ids down.

    Whoever asks: the things given are those that they may see.
    """
    found: list[tuple[str, Origin]] = []
    for one in Statement.objects.filter(register=register, subject_id__in=list(subject_ids)).order_by("-pk"):
        values = json.loads(sealing.unseal(one.values_sealed, "statement"))
        found += [(name, Origin(one.pk, text, one.source, one.basis, one.word, one.by, one.at)) for name, text in values.items()]
    return found


def origins(*, seen_by: Actor, register: str, subject_ids: Iterable[int]) -> dict[str, Origin]:
    """Return for each field of a thing where its present value comes from, as `history` does."""
    found: dict[str, Origin] = {}
    for name, origin in history(seen_by=seen_by, register=register, subject_ids=subject_ids):
        found.setdefault(name, origin)
    return found


def newest_statements(*, seen_by: Actor, register: str, subject_ids: Iterable[int]) -> dict[int, int]:
    """Return the id of the newest statement of each thing; a visit that was begun before it knows less. Whoever asks: ids only, of things that they may see."""
    rows = Statement.objects.filter(register=register, subject_id__in=list(subject_ids)).order_by("subject_id", "-pk").distinct("subject_id")
    return dict(rows.values_list("subject_id", "pk"))


def looks(*, seen_by: Actor, register: str, subject_ids: Iterable[int]) -> QuerySet[Look]:
    """Return who looked at a thing's sealed values, newest first. Whoever asks: the thing given is one that they may see."""
    return Look.objects.filter(register=register, subject_id__in=list(subject_ids)).select_related("organ").order_by("-at", "-pk")


# ---- files ----------------------------------------------------------------------------------------------------------
def files(*, seen_by: Actor) -> QuerySet[TakenFile]:
    """Return the files of the registers that the reader keeps, newest first."""
    return TakenFile.objects.visible_to(seen_by).order_by("-brought_at", "-pk")


def file_for(*, seen_by: Actor, file_id: int) -> TakenFile:
    """Return a file; raise TakenFile.DoesNotExist."""
    return TakenFile.objects.visible_to(seen_by).get(pk=file_id)


def file_done_before(*, seen_by: Actor, file: TakenFile) -> TakenFile | None:
    """Return the first earlier file of the same bytes and meaning that was taken over to its end, or None.

    Whoever asks: faces admit by the rules of registers.
    """
    return TakenFile.objects.filter(register=file.register, digest=file.digest, definition=file.definition, state="done", pk__lt=file.pk).order_by("pk").first()


def unfinished_file(*, seen_by: Actor, register: str, digest: str) -> TakenFile | None:
    """Return the newest file of these bytes whose taking over was cut off, or None."""
    return TakenFile.objects.visible_to(seen_by).filter(register=register, digest=digest, state__in=("running", "failed")).order_by("-pk").first()


def stalled_files(*, seen_by: Actor, before: datetime) -> QuerySet[TakenFile]:
    """Return the files that run and have not moved since the moment."""
    return TakenFile.objects.visible_to(seen_by).filter(state="running", moved_at__lt=before).order_by("pk")


def files_to_forget(*, seen_by: Actor, before: datetime) -> QuerySet[TakenFile]:
    """Return the files that were brought before the moment and still lie on the disk."""
    return TakenFile.objects.visible_to(seen_by).filter(brought_at__lt=before).exclude(path="").order_by("pk")


def refused_rows(*, seen_by: Actor, file_id: int) -> QuerySet[RefusedRow]:
    """Return what could not be taken, in the order of the rows."""
    return RefusedRow.objects.filter(file__in=TakenFile.objects.visible_to(seen_by), file_id=file_id).order_by("row", "pk")


def refusals(*, seen_by: Actor, file_id: int) -> dict[int, tuple[str, str, str]]:
    """Return for each row that could not be taken which field it was about, what stood there, and why.

    Whoever asks: the file given is one that they may see.
    """
    found = refused_rows(seen_by=seen_by, file_id=file_id)
    return {one.row: (one.field, one.read(), one.reason) for one in found.iterator(chunk_size=2_000)}


def reasons(*, seen_by: Actor, file_id: int) -> list[dict[str, Any]]:
    """Return the reasons for which rows could not be taken: reason, n, first row; the most frequent first."""
    rows = refused_rows(seen_by=seen_by, file_id=file_id).order_by().values("reason", "field").annotate(n=Count("pk"), first=Min("row"))
    return [dict(one) for one in rows.order_by("-n", "reason")[:50]]


def folder(*, seen_by: Actor) -> Path:
    """Return the folder in which the present town's brought files lie. Whoever asks: a path of the server, for its own work."""
    return Path(settings.VAR) / "registers" / str(current_town())


def subjects_told_by(*, seen_by: Actor, file_id: int) -> set[int]:
    """Return the things of which this file has told something already. Whoever asks: the file given is one that they may see."""
    return set(Statement.objects.filter(file_id=file_id).values_list("subject_id", flat=True))
