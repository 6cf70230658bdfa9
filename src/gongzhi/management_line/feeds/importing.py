"""An import at work: batches of rows until the file ends; whoever cuts it off, the next run goes on where it was."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.db import Error
from django.utils.translation import gettext as _

from gongzhi.kernel import sheets
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.management_line.feeds import operations, queries
from gongzhi.management_line.feeds.book import Book
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import FileImport
from gongzhi.management_line.feeds.recipe import BadHeader, Found, Recipe, names_of
from gongzhi.management_line.feeds.running import BY

log = logging.getLogger(__name__)
BATCH_ROWS = 4_000
BATCH_READINGS = 20_000


def digest_of(path: Path) -> tuple[str, int]:
    """Return a file's SHA-256 and its size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def open_rows(path: Path, recipe: Recipe) -> Iterator[sheets.Row]:
    """Yield the rows below the header, which is bound to the recipe; raise BadFile or BadHeader."""
    rows = sheets.rows(path, sheet=recipe.sheet)
    names: list[str] = []
    for number, cells in rows:
        if number == recipe.header:
            names = names_of(cells)
            break
    recipe.bind(names)
    return rows


def run(file: FileImport, clock: Callable[[], datetime], *, goes_on: Callable[[], bool] = lambda: True,
        tell: Callable[[FileImport], None] = lambda _file: None) -> FileImport:  # fmt: skip
    """Import what is left of a file whose import has begun, until its end or until `goes_on` says no; return how it stands."""
    try:
        book, recipe = queries.import_book(seen_by=BY, file=file)
        rows = open_rows(Path(file.path), recipe)
        while goes_on():
            batch = list(_batch(rows, recipe, file.row))
            if not batch:
                return operations.end_import(by=BY, at=clock(), file_id=file.pk)
            file = _take(file, book, recipe, batch, clock)
            tell(file)
    except (sheets.BadFile, BadHeader, BadMapping, Refused) as error:
        return operations.end_import(by=BY, at=clock(), file_id=file.pk, error=str(error))
    except FileNotFoundError:
        return operations.end_import(by=BY, at=clock(), file_id=file.pk, error=_("the file is no longer there"))
    except Error:
        raise
    except Exception as error:
        log.exception("import %s", file.pk)
        return operations.end_import(by=BY, at=clock(), file_id=file.pk, error=f"{type(error).__name__}: {error}")
    return file


def _take(file: FileImport, book: Book, recipe: Recipe, batch: list[tuple[int, Found | None]], clock: Callable[[], datetime]) -> FileImport:
    try:
        return operations.take_rows(by=BY, at=clock(), file_id=file.pk, book=book, recipe=recipe, rows=batch)
    except Exception:
        book.forget()  # series that this transaction made are gone with it
        raise


def _batch(rows: Iterator[sheets.Row], recipe: Recipe, known: int) -> Iterator[tuple[int, Found | None]]:
    """Yield rows that are not accounted for yet, read, as many as go into one transaction."""
    readings = 0
    for count, (number, cells) in enumerate(row for row in rows if row[0] > known):
        found = None if sheets.is_blank(cells) else recipe.read(cells)
        yield number, found
        readings += len(found.rows) if found else 0
        if count + 1 >= BATCH_ROWS or readings >= BATCH_READINGS:
            return


def beginning(path: Path, sheet: str = "", most: int = 80) -> list[sheets.Row]:
    """Return the first rows of a file. Raises BadFile."""
    return list(islice(chain(sheets.rows(path, sheet=sheet)), most))


def bring(actor: Actor, sent: Any, clock: Callable[[], datetime]) -> FileImport:
    """Put an uploaded file where the worker finds it and take it in; raise BadFile where it is no table."""
    folder = queries.import_folder(seen_by=actor)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}{Path(sent.name or '').suffix[:8].lower()}"
    try:
        with path.open("wb") as file:
            for part in sent.chunks():
                file.write(part)
        if not beginning(path, most=2):
            raise sheets.BadFile(_("the file is empty"))
        digest, size = digest_of(path)
        return operations.bring_file(by=actor, at=clock(), name=str(sent.name or path.name), path=str(path), size=size, digest=digest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
