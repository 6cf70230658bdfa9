"""Tables in files: CSV in the encodings that are met here, and XLSX, row by row, so that a file may be as large as it likes.

A row is (its number from 1 as a spreadsheet shows it, its cells). Cells of a CSV are texts; those of XLSX may be numbers, booleans, dates and
moments too; empty ones are None or "". A cell is what its sheet shows: 85 % is 85, and each row of cells merged downwards has what stands in them.
What cannot be read at all is refused with BadFile and a sentence for whoever sent it.

A workbook is a few kilobytes that may unfold to gigabytes. What must be held in memory and the longest row are judged in a stream before anything is
read as XML; all else goes row by row.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
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
MOST_HELD = 32_000_000  # bytes of the parts of an XLSX that must be held in memory: its texts, its styles, all but the sheets
MOST_ROW = 2_000_000  # bytes of one row of a sheet
MOST_COLUMNS = 2_000
MOST_MERGED = 50_000
SERIALS_1904 = 1_462  # days between the two days from which workbooks count
_SHEETS = ("xl/worksheets/sheet", "xl/media/", "xl/drawings/", "xl/charts/")  # of which nothing is held
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_XLS = b"\xd0\xcf\x11\xe0"


class Serial(float):
    """A plain number of a workbook that counts its days from 1904, which others count from 1900; as a number it is what it is."""


class BadFile(ValueError):
    """A file that cannot be read as a table; the text says why."""


def is_workbook(path: Path) -> bool:
    """Return whether a file is an XLSX by its first bytes; raise BadFile for the older XLS."""
    with path.open("rb") as file:
        begin = file.read(8)
    if begin.startswith(_XLS):
        raise BadFile(_("this is a file of an older Excel (.xls) or one with a password; save it as .xlsx or .csv"))
    return begin.startswith(b"PK\x03\x04")


def lines(path: Path, encoding: str, *, most: int) -> Iterator[str]:
    """Yield the lines of a text for those who must hold it whole; raise BadFile where it is longer than `most` characters, or a line is endless."""
    count = 0
    with path.open(encoding=encoding, newline="") as file:
        while line := file.readline(MOST_ROW + 1):
            count += len(line)
            if len(line) > MOST_ROW:
                raise BadFile(_("a line of this file is too long to be read"))
            if count > most:
                raise BadFile(_("this file has more than %(most)d characters; divide it and send the parts one after the other") % {"most": most})
            yield line


def table(path: Path, *, most: int, most_rows: int, encoding: str = "", delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield (number of its last line, cells) of the rows of a CSV for those who must hold it whole; raise BadFile, also beyond `most` characters or rows.

    `encoding`: tried before those that are met here.
    """
    csv.field_size_limit(MOST_CELL)
    try:
        reader = csv.reader(lines(path, encoding_of(path, encoding), most=most), delimiter=delimiter)
        for count, cells in enumerate(reader):
            if count > most_rows:
                raise BadFile(_("this file has more than %(most)d rows; divide it and send the parts one after the other") % {"most": most_rows})
            yield reader.line_num, cells
    except (csv.Error, UnicodeDecodeError, LookupError) as error:
        raise BadFile(_("the file cannot be read: %(why)s") % {"why": error}) from error
    except OSError as error:
        raise BadFile(str(error.strerror or error)) from error


def _decodes(path: Path, name: str) -> bool:
    try:
        with path.open("rb") as file:
            decoder = codecs.getincrementaldecoder(name)()
            while part := file.read(1 << 20):
                decoder.decode(part)
            decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def encoding_of(path: Path, first: str = "") -> str:
    """Return the encoding in which the whole of a text file can be read: `first`, by its byte-order mark, UTF-8 or GB18030; raise BadFile."""
    if first and first.lower() not in ("auto", "utf-8", "utf8") and _decodes(path, first):
        return first
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
    book, _found = _workbook(path)
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


def _workbook(path: Path) -> tuple[Any, dict[str, dict[int, list[tuple[int, int]]]]]:
    """Return a workbook to be read row by row, and the cells merged downwards by the part of each sheet; raise BadFile."""
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            held = sum(part.file_size for part in packed.infolist() if not part.filename.startswith(_SHEETS))
        if held > MOST_HELD:
            raise BadFile(_("this workbook holds too much text; save the sheet as .csv"))
        merged = {part: _merged(path, part) for part in names if part.startswith(_SHEETS[0])}  # the library reads a first row when it opens a sheet
        return openpyxl.load_workbook(path, read_only=True, data_only=True), merged
    except BadFile:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged file leads it to
        raise BadFile(_("this workbook cannot be read: %(why)s") % {"why": error}) from error


def _of_workbook(path: Path, sheet: str) -> Iterator[Row]:
    book, sheets_merged = _workbook(path)
    number = 0
    try:
        if sheet and sheet not in book.sheetnames:
            raise BadFile(_("there is no sheet “%(name)s”; there are: %(names)s") % {"name": sheet, "names": ", ".join(map(str, book.sheetnames))})
        chosen = book[sheet] if sheet else book.worksheets[0]
        chosen.reset_dimensions()  # some writers say them wrong; the rows themselves do not
        merged = sheets_merged.get(chosen._worksheet_path.lstrip("/"), {})
        shows = _reader(book)
        fill: dict[int, tuple[int, Cell]] = {}  # column → last row of the cell that stands there, its value
        for number, found in enumerate(chosen.iter_rows(values_only=shows is None), 1):
            cells: list[Cell] = list(found) if shows is None else [shows(cell) for cell in found]
            while cells and cells[-1] is None:
                cells.pop()
            if merged:
                _fill(cells, number, merged, fill)
            if len(cells) > MOST_COLUMNS:
                raise BadFile(_("row %(row)d has more than %(most)d columns") % {"row": number, "most": MOST_COLUMNS})
            yield number, cells
    except BadFile:
        raise
    except Exception as error:
        raise BadFile(_("after row %(row)d the workbook cannot be read: %(why)s") % {"row": number, "why": error}) from error
    finally:
        book.close()


def _reader(book: Any) -> Callable[[Any], Cell] | None:
    """Return how a cell is read as it is shown, None where its value is what is shown: a book without percents that counts from 1900."""
    percents = {place for place, style in enumerate(book._cell_styles) if _is_percent(book, style.numFmtId)}
    is_1904 = book.epoch.year == 1904
    if not percents and not is_1904:
        return None

    def shows(cell: Any) -> Cell:
        value: Cell = cell.value
        if type(value) is not int and type(value) is not float:
            return value
        if cell._style_id in percents:
            return float(f"{value * 100:.12g}")
        return Serial(value) if is_1904 else value

    shows.__doc__ = "Return a cell as its sheet shows it."
    return lambda cell: None if type(cell).__name__ == "EmptyCell" else shows(cell)


def _is_percent(book: Any, number: int) -> bool:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    place = number - BUILTIN_FORMATS_MAX_SIZE
    text = BUILTIN_FORMATS.get(number) if place < 0 else book._number_formats[place] if place < len(book._number_formats) else ""
    return "%" in re.sub(r'"[^"]*"|\\.', "", text or "")


def _merged(path: Path, part: str) -> dict[int, list[tuple[int, int]]]:
    """Return the cells merged downwards, first row → (column from 0, last row), having judged the length of every row. Raises BadFile."""
    found: dict[int, list[tuple[int, int]]] = {}
    since, count, tail = 0, 0, b""
    with zipfile.ZipFile(path) as packed, packed.open(part.lstrip("/")) as file:
        while chunk := file.read(1 << 18):
            end = chunk.rfind(b"</row>")
            since = since + len(chunk) if end < 0 else len(chunk) - end
            if since > MOST_ROW:
                raise BadFile(_("a row of this sheet is too long to be read; save the sheet as .csv"))
            text = tail + chunk
            for match in _MERGE.finditer(text):
                count += 1
                if count > MOST_MERGED:
                    raise BadFile(_("this sheet has more than %(most)d merged cells; save it as .csv") % {"most": MOST_MERGED})
                left, top, right, bottom = match.groups()
                if left == right and int(bottom) > int(top):
                    found.setdefault(int(top), []).append((_column(left.decode()), int(bottom)))
            cut = text.rfind(b"<mergeCell ")
            tail = text[cut:] if cut >= 0 and b">" not in text[cut:] else text[-12:] if b">" not in text[-12:] else b""
    return found


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _fill(cells: list[Cell], number: int, merged: dict[int, list[tuple[int, int]]], fill: dict[int, tuple[int, Cell]]) -> None:
    """Put into a row what stands in cells that are merged downwards into it; a row with nothing else in it stays empty."""
    for column, last in merged.get(number, ()):
        if column < len(cells):
            fill[column] = (last, cells[column])
    if is_blank(cells):
        return
    for column, (last, value) in list(fill.items()):
        if number > last:
            del fill[column]
        elif column >= len(cells):
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = value
        elif cells[column] is None:
            cells[column] = value


def is_blank(cells: Sequence[Cell]) -> bool:
    """Return whether a row says nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)
