"""The steps of a move, each of which may be the last before the power fails; and checks of what lies there."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.archive import files, layout, queries, reading, rules
from gongzhi.management_line.archive.facts import ArchiveChecked, ArchiveFileAbandoned, ArchiveFileVerified, ArchiveFileWritten, ReadingsMovedOut
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.sensing import operations as sensing


class FileDiffers(Refused):
    sentence = _("The archive file %(path)s is not what was written: %(why)s")


class RowsChanged(Refused):
    sentence = _("The readings have changed since the file %(path)s was written; it must be written anew.")


class NotRolledUp(RowsChanged):
    sentence = _("Hours of %(path)s are not worked out yet; its rows are still needed.")


class AlreadyMovedOut(Refused):
    sentence = _("The rows of %(path)s have left the database; the file is all there is.")


@operation
def note_file(*, by: Actor, at: datetime, month: date, generation: int, written: files.Written) -> ArchivedFile:
    """Enter a file that lies on the disk into the manifest; its rows are still in the database and are read from there."""
    ensure(rules.may_move)
    assert written.first_at is not None, "a file without rows is not kept"
    assert written.last_at is not None
    file = ArchivedFile.objects.create(
        town_id=current_town(), month=month, generation=generation, path=written.path, rows=written.rows, series=written.series, revised=written.revised,
        bytes=written.bytes, sha256=written.sha256, rows_digest=written.rows_digest, first_at=written.first_at, last_at=written.last_at,
        first_series=written.first_series, last_series=written.last_series, written_at=at,
    )  # fmt: skip
    record(ArchiveFileWritten(subject=ref(file), month=f"{month:%Y-%m}", rows=file.rows, digest=file.sha256, rows_digest=file.rows_digest))
    return file


@operation
def verify_file(*, by: Actor, at: datetime, file_id: int) -> ArchivedFile:
    """Read a noted file again from the disk: its bytes, and that its rows are those that the database gave."""
    file = ArchivedFile.objects.select_for_update().get(pk=file_id)
    ensure(rules.may_move)
    if why := _damage(file, deep=True):
        raise FileDiffers(path=file.path, why=why)
    if not file.is_moved_out:
        file.state = ArchivedFile.State.VERIFIED
    file.checked_at, file.damage = at, ""
    file.save(update_fields=["state", "checked_at", "damage"])
    record(ArchiveFileVerified(subject=ref(file), digest=file.sha256))
    return file


@operation
def drop_rows(*, by: Actor, at: datetime, file_id: int) -> ArchivedFile:
    """Delete from the database what a verified file holds, and only that.

    The statement gives back the rows it deletes; unless they are, byte for byte and in number, the rows of the file,
    nothing is deleted. A reading that arrives meanwhile is not seen by it and stays for the next run. Hours that late
    readings have touched are worked out again from files and rows together.
    """
    file = ArchivedFile.objects.select_for_update().get(pk=file_id)
    ensure(rules.may_move)
    if file.is_moved_out:
        raise AlreadyMovedOut(path=file.path)
    if file.state != ArchivedFile.State.VERIFIED:
        raise FileDiffers(path=file.path, why=str(_("it was not verified")))
    part = (file.month, file.first_series, file.last_series)
    late = reading.hours(*part) if file.generation else []
    with reading.deleted_rows(*part) as blocks:
        rows, digest = files.digest_of(blocks)
    if (rows, digest) != (file.rows, file.rows_digest):
        raise RowsChanged(path=file.path)
    if not late and reading.is_touched(*part):
        raise NotRolledUp(path=file.path)
    file.state, file.dropped_at = ArchivedFile.State.DROPPED, at
    file.save(update_fields=["state", "dropped_at"])
    for hours in reading.chunks(late):
        _work_out(by, at, hours)
    record(ReadingsMovedOut(subject=ref(file), month=f"{file.month:%Y-%m}", rows=rows, digest=file.sha256))
    return file


@operation
def abandon_file(*, by: Actor, at: datetime, file_id: int) -> None:
    """Strike a file from the manifest whose rows are all still in the database, and remove it."""
    file = ArchivedFile.objects.select_for_update().get(pk=file_id)
    ensure(rules.may_move)
    if file.is_moved_out:
        raise AlreadyMovedOut(path=file.path)
    record(ArchiveFileAbandoned(subject=ref(file), digest=file.sha256))
    layout.file_at(file.path).unlink(missing_ok=True)
    file.delete()


@operation
def check_files(*, by: Actor, at: datetime, file_ids: Sequence[int], deep: bool = False) -> list[ArchivedFile]:
    """Hash files again (deep: read their rows too); keep what was found and return the damaged ones."""
    ensure(rules.may_look_at)
    found = list(ArchivedFile.objects.select_for_update().filter(pk__in=list(file_ids)).order_by("month", "pk"))
    for file in found:
        file.damage, file.checked_at = _damage(file, deep=deep)[:200], at
        file.save(update_fields=["damage", "checked_at"])
    damaged = [file for file in found if file.is_damaged]
    record(ArchiveChecked(subject=f"territory.town:{current_town()}", files=len(found), damaged_ids=tuple(file.pk for file in damaged)))
    return damaged


def _work_out(by: Actor, at: datetime, hours: Sequence[reading.Hour]) -> None:
    """Have sensing work these hours out from all that is known of them: its rows are back while it does so, and gone when this commits."""
    series_ids = sorted({series_id for series_id, _at in hours})
    since, until = min(at for _series, at in hours), max(at for _series, at in hours) + reading.HOUR
    reading.bring_back(hours, queries.table_between(seen_by=by, series_ids=series_ids, since=since, until=until))
    month = layout.month_of(since)
    while reading.is_touched(month, series_ids[0], series_ids[-1]) and sensing.roll_up(by=by, at=at):
        pass
    reading.take_back(hours)


def _damage(file: ArchivedFile, *, deep: bool) -> str:
    """Return what is wrong with a file on the disk, or ""."""
    path = layout.file_at(file.path)
    if not path.is_file():
        return str(_("it is missing"))
    try:
        if path.stat().st_size != file.bytes:
            return str(_("it has another length"))
        if files.sha256_of(path) != file.sha256:
            return str(_("its bytes have changed"))
        if deep and files.rows_of(path) != (file.rows, file.rows_digest):
            return str(_("its rows have changed"))
    except (files.Unreadable, OSError) as error:
        return str(error)
    return ""
