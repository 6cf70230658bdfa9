"""Files of readings: brought, described, imported row by row, with an account of every row."""

import uuid
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import F
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.feeds import fitting, rules
from gongzhi.management_line.feeds.book import Book
from gongzhi.management_line.feeds.facts import FileBrought, FileDescribed, ImportBegun, ImportEnded, RecipeKept, RowsImported
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import FileImport, ImportRecipe, RefusedCell
from gongzhi.management_line.feeds.operations.messages import _refresh, _target
from gongzhi.management_line.feeds.recipe import Found, Recipe
from gongzhi.management_line.feeds.recipe import check as check_recipe
from gongzhi.management_line.feeds.said import kept as kept_words
from gongzhi.management_line.feeds.said import said as said_of
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.bounds import is_in_reach, is_measurable
from gongzhi.management_line.sensing.columns import micros

NOT_MEASURABLE = "A value must be a finite number."  # as sensing refuses it
MOST_REFUSED = 200_000  # cells of one file that are kept with their reasons; more are counted


class CannotImport(Refused):
    sentence = _("This file cannot be imported so: %(why)s")
    field = "definition"


class BegunAlready(Refused):
    sentence = _("This import has begun already; bring the file again to import it in another way.")


class NothingToGoOn(Refused):
    sentence = _("This import is not one that can go on: it runs, is done, or its file was thrown away.")


@operation
def bring_file(*, by: Actor, at: datetime, name: str, path: str, size: int, digest: str) -> FileImport:
    """Take a file in that lies at a path; nothing of it is imported yet. `digest`: its SHA-256."""
    ensure(rules.may_import)
    kept = FileImport.objects.create(town_id=current_town(), name=name[-200:], path=path, size=size, digest=digest, by=by.ref[:60], brought_at=at, moved_at=at)
    record(FileBrought(subject=ref(kept), digest=digest, size=size))
    return kept


@operation
def describe_file(*, by: Actor, at: datetime, file_id: int, definition: Fields[str, Any]) -> FileImport:
    """Say what the columns of a file mean; before it is imported."""
    ensure(rules.may_import)
    kept = FileImport.objects.select_for_update().get(pk=file_id)
    if kept.is_begun:
        raise BegunAlready
    try:
        check_recipe(definition)
    except BadMapping as error:
        raise CannotImport(why=str(error), faults=error.faults) from error
    kept.definition = dict(definition)
    kept.save(update_fields=["definition"])
    record(FileDescribed(subject=ref(kept)))
    return kept


@operation
def begin_import(*, by: Actor, at: datetime, file_id: int, is_queued: bool = True) -> FileImport:
    """Begin an import, or let one that was stopped go on from where it was. `is_queued`: the worker does it."""
    ensure(rules.may_import)
    kept = FileImport.objects.select_for_update().get(pk=file_id)
    if not kept.path or kept.state not in (FileImport.State.UPLOADED, FileImport.State.FAILED):
        raise NothingToGoOn
    if not kept.definition:
        raise CannotImport(why=_now("say first what its columns mean"))
    kept.state, kept.error, kept.ended_at, kept.moved_at = FileImport.State.RUNNING, "", None, at
    kept.save(update_fields=["state", "error", "ended_at", "moved_at"])
    record(ImportBegun(subject=ref(kept), digest=kept.digest, is_queued=is_queued))
    return kept


@operation
def take_rows(*, by: Actor, at: datetime, file_id: int, book: Book, recipe: Recipe, rows: Sequence[tuple[int, Found | None]]) -> FileImport:
    """Keep what stands in rows that follow each other; None: a blank row. One transaction, one batch of readings.

    Rows that are accounted for already change nothing, so a run that was cut off goes on, and two runs at once do no harm.
    """
    ensure(rules.may_run)
    kept = FileImport.objects.select_for_update().get(pk=file_id)
    rows = [one for one in rows if one[0] > kept.row]
    if kept.state != FileImport.State.RUNNING or not rows:
        record(RowsImported(subject=ref(kept), rows=0, readings=0, refused=0))
        return kept
    _refresh(book, by)
    now, ready = micros(at), book._ready
    series, moments, values, flags = list[int](), list[int](), list[float](), list[str]()
    refused: list[RefusedCell] = []
    empty = below = used = blank = lost = 0

    def refuse(row: int, column: str, text: str, why: str) -> None:
        said = {"column": column[:200].replace("\0", ""), "text": text[:80].replace("\0", ""), "reason": why[:300].replace("\0", "")}
        refused.append(RefusedCell(town_id=current_town(), file_id=file_id, row=row, said=kept_words([why]), **said))

    for number, found in rows:
        if found is None:
            blank += 1
            continue
        empty += found.empty
        below += found.below
        before, faults = len(series), len(refused)
        for fault in found.faults:
            refuse(number, fault.column, fault.text, fault.why)
        for column, row in found.rows:
            station, factor, aggregate, unit, value, moment, flag = row
            if moment is None or not is_in_reach(moment, now):
                refuse(number, column, "", fitting.too_far())
                continue
            name = (station, factor, aggregate, unit)
            target = ready.get(name)
            if target is None:
                target = ready[name] = _target(row, book, recipe, by, at)
            if isinstance(target, str):
                refuse(number, column, "", target)
                continue
            place, turn = target
            if turn is not None:
                value = turn(value)
                if not is_measurable(value):
                    refuse(number, column, "", said_of(NOT_MEASURABLE))
                    continue
            series.append(place)
            moments.append(moment)
            values.append(value)
            flags.append(flag)
        if len(series) > before:
            used += 1
        elif len(refused) > faults:
            lost += 1
        else:
            blank += 1
    repeated = corrected = 0
    if series:
        begin, end = rows[0][0], rows[-1][0]
        batch = sensing.take_measurements(
            by=by, at=at, key=uuid.uuid5(uuid.NAMESPACE_URL, f"import:{current_town()}:{file_id}:{begin}-{end}"), series_ids=np.array(series, np.int64),
            moments=np.array(moments, np.int64), values=np.array(values, np.float64), flags=np.array(flags, "S1"),
            raw=f"{kept.digest} {begin}-{end}".encode(),
        )  # fmt: skip
        repeated, corrected = batch.repeated, batch.corrected
    room = max(0, MOST_REFUSED - kept.refused)
    RefusedCell.objects.bulk_create(refused[:room], batch_size=2_000)
    FileImport.objects.filter(pk=file_id).update(
        row=rows[-1][0], moved_at=at, rows=F("rows") + len(rows), rows_used=F("rows_used") + used, rows_blank=F("rows_blank") + blank,
        rows_refused=F("rows_refused") + lost, taken=F("taken") + len(series) - repeated - corrected, repeated=F("repeated") + repeated,
        corrected=F("corrected") + corrected, refused=F("refused") + len(refused), empty=F("empty") + empty, below=F("below") + below,
    )  # fmt: skip
    kept.refresh_from_db()
    announce([f"import:{file_id}"], "import")
    record(RowsImported(subject=ref(kept), rows=len(rows), readings=len(series), refused=len(refused)))
    return kept


@operation
def end_import(*, by: Actor, at: datetime, file_id: int, error: str = "") -> FileImport:
    """Note that an import is done, or that it stopped and why; it may then go on."""
    ensure(rules.may_run)
    kept = FileImport.objects.select_for_update().get(pk=file_id)
    kept.state = FileImport.State.FAILED if error else FileImport.State.DONE
    kept.error, kept.ended_at = error[:400], at
    kept.save(update_fields=["state", "error", "ended_at"])
    announce([f"import:{file_id}"], "import")
    record(ImportEnded(subject=ref(kept), rows=kept.rows, readings=kept.taken + kept.repeated + kept.corrected, refused=kept.refused, is_done=not error))
    return kept


@operation
def forget_file(*, by: Actor, at: datetime, file_id: int) -> FileImport:
    """Note that a file was thrown away; the account of its import stays."""
    ensure(rules.may_run)
    kept = FileImport.objects.select_for_update().get(pk=file_id)
    kept.path = ""
    kept.save(update_fields=["path"])
    record(ImportEnded(subject=ref(kept), rows=kept.rows, readings=kept.taken + kept.repeated + kept.corrected, refused=kept.refused,
                       is_done=kept.state == FileImport.State.DONE))  # fmt: skip
    return kept


@operation
def keep_recipe(*, by: Actor, at: datetime, code: str, name: str, definition: Fields[str, Any]) -> ImportRecipe:
    """Keep what the columns of a kind of files mean, for the next file of the same form; one of the same code is replaced."""
    ensure(rules.may_import)
    try:
        Recipe(definition, territory.town(seen_by=by).zone)
    except BadMapping as error:
        raise CannotImport(why=str(error), faults=error.faults) from error
    kept, _made = ImportRecipe.objects.update_or_create(
        town_id=current_town(), code=code, defaults={"name": name[:80], "definition": dict(definition), "kept_at": at}
    )
    record(RecipeKept(subject=ref(kept), code=code))
    return kept
