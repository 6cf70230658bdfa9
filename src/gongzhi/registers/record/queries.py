"""Where values come from, who looked at them, and what became of files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

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


def looks_through(*, seen_by: Actor, grant: str) -> QuerySet[Look]:
    """Return the looks that were made through a grant, newest first. Whoever asks: the grant given is one that they may see."""
    return Look.objects.filter(grant=grant).select_related("organ").order_by("-at", "-pk")


def uses_of(*, seen_by: Actor, grants: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """Return for each grant that was used how often, and when last. Whoever asks: the grants given are those that they may see."""
    found = Look.objects.filter(grant__in=list(grants)).values_list("grant").annotate(n=Count("pk"), last=Max("at")).order_by()
    return {grant: (n, last) for grant, n, last in found}


def organs_that_saw(*, seen_by: Actor, register: str, subject_ids: Iterable[int], field: str, since: datetime) -> dict[int, int]:
    """Return the units that were shown a field of a thing since a moment, and how often. Whoever asks: counts and units, for who puts the field right."""
    found = (
        Look.objects.filter(register=register, subject_id__in=list(subject_ids), fields__contains=[field], at__gte=since, organ__isnull=False)
        .values_list("organ_id").annotate(n=Count("pk")).order_by("organ_id")
    )  # fmt: skip
    return {int(organ_id or 0): n for organ_id, n in found}


def told_within(*, seen_by: Actor, register: str, since: Mapping[str, datetime]) -> dict[str, tuple[int, datetime]]:
    """Return for each field of a register of how many things it was told since its moment, and when last. Whoever asks: counts and moments, nobody's value."""
    wanted = json.dumps({name: moment.isoformat() for name, moment in since.items()})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.name, count(DISTINCT s.subject_id) FILTER (WHERE s.at >= w.since::timestamptz), max(s.at) FROM record_statement s"
            " CROSS JOIN LATERAL unnest(s.fields) AS f(name) JOIN json_each_text(%s::json) AS w(name, since) ON w.name = f.name"
            " WHERE s.register = %s GROUP BY f.name",
            [wanted, register],
        )
        return {name: (n, last) for name, n, last in cursor.fetchall()}


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
