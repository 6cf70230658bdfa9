"""A run: what is due leaves the database, month by month and part by part; what an earlier run left is finished first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.archive import files, layout, operations, queries, reading
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.sensing import operations as acts

PART_ROWS = 4_000_000
TRIES = 3
MOST_ROUNDS = 400
CHECK_BYTES = 2_000_000_000  # hashed again each night, those longest unchecked first
CHECK_AGE = timedelta(days=30)


class Busy(RuntimeError):
    """Another run works for this town."""


@dataclass(slots=True)
class Moved:
    """What a run did."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    finished: int = 0
    abandoned: int = 0


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second run for the same town away; the database lets go when this process dies."""
    key = [current_town()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('archive'), %s)", key)
        if not cursor.fetchone()[0]:
            raise Busy("another run of the archive works for this town")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('archive'), %s)", key)


def move_out(
    *, by: Actor, at: datetime, say: Callable[[str], None] = lambda line: None, part_rows: int = PART_ROWS, late_only: bool = False
) -> Moved:
    """Move what is due in the present town out of the database; return what was done.

    `late_only`: only what came late for months that have left already, so that their hours are soon right again.
    """
    moved = Moved()
    with _alone():
        files.sweep(layout.town_folder())
        _finish(by, at, moved, say)
        for month in queries.due_months(seen_by=by, at=at):
            if late_only and not ArchivedFile.objects.filter(month=month).exists():
                continue
            _roll_up(by, at, month)
            generation = _next_generation(month)
            for first_series, last_series in reading.parts(month, part_rows):
                _move_part(by, at, month, generation, first_series, last_series, moved, say)
    return moved


def _roll_up(by: Actor, at: datetime, month: date) -> None:
    """Have sensing work out what waits in a month: hours are made from rows, and these are about to leave.

    Bounded, because what comes in meanwhile waits in the same list; rows whose hours still wait are not dropped.
    """
    for _round in range(MOST_ROUNDS):
        if not reading.is_touched(month, 0, 2**62) or not acts.roll_up(by=by, at=at):
            return


def _next_generation(month: date) -> int:
    newest = ArchivedFile.objects.filter(month=month).order_by("-generation").values_list("generation", flat=True).first()
    return 0 if newest is None else newest + 1


def _finish(by: Actor, at: datetime, moved: Moved, say: Callable[[str], None]) -> None:
    """Bring what an earlier run began to its end, or strike it if the rows have changed since."""
    for file in ArchivedFile.objects.in_hand().order_by("month", "pk"):
        _roll_up(by, at, file.month)
        try:
            operations.verify_file(by=by, at=at, file_id=file.pk)
            operations.drop_rows(by=by, at=at, file_id=file.pk)
        except (operations.FileDiffers, operations.RowsChanged) as refused:
            operations.abandon_file(by=by, at=at, file_id=file.pk)
            moved.abandoned += 1
            say(f"{file.path}: {refused}")
        else:
            moved.finished += 1
            moved.rows += file.rows
            say(f"{file.path}: {file.rows} rows moved out, begun by an earlier run")


def _move_part(
    by: Actor, at: datetime, month: date, generation: int, first_series: int, last_series: int, moved: Moved, say: Callable[[str], None]
) -> None:
    """Move one part; when a reading arrives between file and deletion, begin anew with it."""
    for attempt in range(TRIES):
        with transaction.atomic(), reading.rows(month, first_series, last_series) as blocks:
            written = files.write(blocks, layout.folder_of(month), generation=generation)
        if written is None:
            return
        file = operations.note_file(by=by, at=at, month=month, generation=generation, written=written)
        operations.verify_file(by=by, at=at, file_id=file.pk)
        try:
            operations.drop_rows(by=by, at=at, file_id=file.pk)
        except operations.RowsChanged:
            operations.abandon_file(by=by, at=at, file_id=file.pk)
            moved.abandoned += 1
            say(f"{written.path}: readings came meanwhile (try {attempt + 1} of {TRIES})")
            _roll_up(by, at, month)
            continue
        moved.files += 1
        moved.rows += written.rows
        moved.bytes += written.bytes
        say(f"{written.path}: {written.rows} rows, {written.bytes} bytes")
        return


def check_some(*, by: Actor, at: datetime, most_bytes: int = CHECK_BYTES, age: timedelta = CHECK_AGE) -> list[ArchivedFile]:
    """Hash the files again that were longest unchecked, up to so many bytes; return the damaged ones."""
    chosen: list[int] = []
    size = 0
    waiting = ArchivedFile.objects.in_force().filter(checked_at__lt=at - age) | ArchivedFile.objects.in_force().filter(checked_at__isnull=True)
    for file in waiting.order_by("checked_at", "pk"):
        if chosen and size + file.bytes > most_bytes:
            break
        chosen.append(file.pk)
        size += file.bytes
    return operations.check_files(by=by, at=at, file_ids=chosen) if chosen else []


def drop_empty_months() -> list[str]:
    """Drop the tables of months from which everything has left, whatever town; return their names."""
    dropped = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'sensing_reading'::regclass ORDER BY 1")
        names = [row[0] for row in cursor.fetchall()]
        for name in names:
            cursor.execute("SELECT archive_drop_month(%s)", [name])
            if cursor.fetchone()[0]:
                dropped.append(name)
    return dropped
