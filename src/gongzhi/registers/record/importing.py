"""A file at work: batches of rows until its end; whoever cuts it off, the next run goes on where it was."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import Error
from django.utils.translation import gettext as _

from gongzhi.kernel import sheets
from gongzhi.kernel.actors import Actor, system
from gongzhi.kernel.operation import Refused
from gongzhi.registers.record import fields, mapping, operations, queries
from gongzhi.registers.record.mapping import BadMapping, FileMapping
from gongzhi.registers.record.models import TakenFile

log = logging.getLogger(__name__)
BY = system("registers")
BATCH = 2_000


def digest_of(path: Path) -> tuple[str, int]:
    """Return a file's SHA-256 and its size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def beginning(path: Path, sheet: str = "", most: int = 40) -> list[sheets.Row]:
    """Return the first rows of a file. Raises BadFile."""
    return list(islice(sheets.rows(path, sheet=sheet), most))


def open_rows(path: Path, meant: FileMapping) -> Iterator[sheets.Row]:
    """Yield the rows below the header, which is bound to the mapping; raise BadFile or BadMapping."""
    rows = sheets.rows(path, sheet=meant.sheet)
    names: list[str] = []
    for number, cells in rows:
        if number == meant.header:
            names = mapping.names_of(cells)
            break
    meant.bind(names)
    return rows


def run(file: TakenFile, clock: Callable[[], datetime], *, goes_on: Callable[[], bool] = lambda: True,
        tell: Callable[[TakenFile], None] = lambda _file: None) -> TakenFile:  # fmt: skip
    """Take over what is left of a file, until its end or until `goes_on` says no; return how it stands.

    A file that was taken over before to its end changes nothing: its rows are known, and what was refused then is refused again for the same
    reason. Rows that were put right, or another mapping, make it another file.
    """
    try:
        register = fields.register(file.register)
        meant = mapping.checked(register, file.definition)
        before = queries.file_done_before(seen_by=BY, file=file)
        again = None
        if before is not None and before.refused <= operations.MOST_REFUSED:
            again = {row: operations.Fault(*why) for row, why in queries.refusals(seen_by=BY, file_id=before.pk).items()}
        told = queries.subjects_told_by(seen_by=BY, file_id=file.pk)
        rows = (row for row in open_rows(Path(file.path), meant) if row[0] > file.row)
        while goes_on():
            batch = list(islice(rows, BATCH))
            if not batch:
                return operations.end_file(by=BY, at=clock(), file_id=file.pk)
            read = [(number, {} if sheets.is_blank(cells) else meant.read(cells)) for number, cells in batch]
            file = register.take(by=BY, at=clock(), file=file, rows=read, meant=meant, again=again, told=told)
            tell(file)
    except (sheets.BadFile, BadMapping, Refused) as error:
        return operations.end_file(by=BY, at=clock(), file_id=file.pk, error=str(error))
    except FileNotFoundError:
        return operations.end_file(by=BY, at=clock(), file_id=file.pk, error=_("the file is no longer there"))
    except Error:
        raise
    except Exception as error:
        log.exception("file %s of a register", file.pk)
        return operations.end_file(by=BY, at=clock(), file_id=file.pk, error=f"{type(error).__name__}: {error}")
    return file


def bring(actor: Actor, register: str, sent: Any, clock: Callable[[], datetime]) -> TakenFile:
    """Put an uploaded file where the worker finds it and take it in; raise BadFile where it is no table."""
    folder = queries.folder(seen_by=actor)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}{Path(sent.name or '').suffix[:8].lower()}"
    try:
        with path.open("wb") as file:
            for part in sent.chunks():
                file.write(part)
        if not beginning(path, most=2):
            raise sheets.BadFile(_("the file is empty"))
        digest, size = digest_of(path)
        return operations.bring_file(by=actor, at=clock(), register=register, name=str(sent.name or path.name), path=str(path), size=size, digest=digest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
