"""Tables in files: CSV in the encodings that are met here, and XLSX, row by row, so that a file may be as large as it likes.

A row is (its number from 1 as a spreadsheet shows it, its cells). Cells of a CSV are texts; those of XLSX may be numbers, booleans, dates and
moments too; empty ones are None or "". What cannot be read at all is refused with BadFile and a sentence for whoever sent it.
"""

import codecs
import csv
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

Cell = str | int | float | bool | datetime | date | time | timedelta | None
Row = tuple[int, list[Cell]]
ENCODINGS = ("utf-8", "gb18030")
DELIMITERS = (",", "\t", ";", "|")
MOST_CELL = 1_000_000  # characters of one cell of a CSV
MOST_STRINGS = 400_000_000  # bytes of the texts that an XLSX keeps apart and that must be held in memory
_XLS = b"\xd0\xcf\x11\xe0"


class BadFile(ValueError):
    """A file that cannot be read as a table; the text says why."""


def is_workbook(path: Path) -> bool:
    """Return whether a file is an XLSX by its first bytes; raise BadFile for the older XLS."""
    with path.open("rb") as file:
        begin = file.read(8)
    if begin.startswith(_XLS):
        raise BadFile(_("this is a file of an older Excel (.xls) or one with a password; save it as .xlsx or .csv"))
    return begin.startswith(b"PK\x03\x04")


def encoding_of(path: Path) -> str:
    """Return the encoding in which the whole of a text file can be read: by its byte-order mark, else UTF-8, else GB18030; raise BadFile."""
    with path.open("rb") as file:
        begin = file.read(4)
        for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
            if begin.startswith(mark):
                return name
        for name in ENCODINGS:
            file.seek(0)
            decoder = codecs.getincrementaldecoder(name)()
            try:
                while part := file.read(1 << 20):
                    if b"\0" in part:
                        raise BadFile(_("this is no text; send a .csv or an .xlsx"))
                    decoder.decode(part)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return name
    raise BadFile(_("the text is neither UTF-8 nor GB18030; save it as UTF-8"))


def delimiter_of(path: Path, encoding: str) -> str:
    """Return the character that parts the columns: the one by which the first lines fall into most columns alike."""
    with path.open(encoding=encoding, newline="") as file:
        begin = list(islice(file, 20))
    best, width = ",", 1
    for one in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(begin, delimiter=one) if row]
        except csv.Error:
            continue
        common = max(set(widths), key=lambda n: (widths.count(n), n), default=0)
        if common > width:
            best, width = one, common
    return best


def sheets(path: Path) -> list[str]:
    """Return the names of a workbook's sheets; of a CSV none. Raises BadFile."""
    if not is_workbook(path):
        return []
    book = _workbook(path)
    try:
        return [str(name) for name in book.sheetnames]
    finally:
        book.close()


def rows(path: Path, *, sheet: str = "", encoding: str = "", delimiter: str = "") -> Iterator[Row]:
    """Yield the rows of a file in order, empty ones too; what is left out is found by looking. Raises BadFile, where it stands in the file."""
    if is_workbook(path):
        yield from _of_workbook(path, sheet)
    else:
        encoding = encoding or encoding_of(path)
        yield from _of_text(path, encoding, delimiter or delimiter_of(path, encoding))


def _of_text(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MOST_CELL)
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), 1):
                yield number, list[Cell](cells)
    except (csv.Error, UnicodeDecodeError, LookupError) as error:
        raise BadFile(_("after row %(row)d the file cannot be read: %(why)s") % {"row": number, "why": error}) from error


def _workbook(path: Path) -> Any:
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            held = sum(part.file_size for part in packed.infolist() if part.filename.endswith(("sharedStrings.xml", "styles.xml")))
        if held > MOST_STRINGS:
            raise BadFile(_("this workbook holds too much text; save the sheet as .csv"))
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except BadFile:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged file leads it to
        raise BadFile(_("this workbook cannot be read: %(why)s") % {"why": error}) from error


def _of_workbook(path: Path, sheet: str) -> Iterator[Row]:
    book = _workbook(path)
    number = 0
    try:
        if sheet and sheet not in book.sheetnames:
            raise BadFile(_("there is no sheet “%(name)s”; there are: %(names)s") % {"name": sheet, "names": ", ".join(map(str, book.sheetnames))})
        chosen = book[sheet] if sheet else book.worksheets[0]
        chosen.reset_dimensions()  # some writers say them wrong; the rows themselves do not
        for number, cells in enumerate(chosen.iter_rows(values_only=True), 1):
            yield number, list(cells)
    except BadFile:
        raise
    except Exception as error:
        raise BadFile(_("after row %(row)d the workbook cannot be read: %(why)s") % {"row": number, "why": error}) from error
    finally:
        book.close()


def is_blank(cells: Sequence[Cell]) -> bool:
    """Return whether a row says nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)
