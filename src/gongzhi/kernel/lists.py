"""Registers as lists: columns with filters, order and pages on the screen, all rows as CSV or XLSX.

A module says what its columns are and hands over its rows, a queryset or a list that a query worked out; both faces of the
list come from the same columns, so the file holds what the page shows.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Manager, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gongzhi.kernel import numbers
from gongzhi.kernel.web import page

PAGE = 50
MOST_SHEET = 50_000
Rows = Any  # QuerySet or list


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `value` gives what the file holds; on the page it may carry an address, a chip (state, icon) and a note under it.

    `order` names the field of the queryset to sort by; lists are sorted by the value itself where `order` is not empty.
    """

    name: str
    title: Any
    value: Callable[[Any], Any]
    url: Callable[[Any], str] | None = None
    chip: Callable[[Any], tuple[str, str] | None] | None = None
    note: Callable[[Any], Any] | None = None
    order: str = ""
    end: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One choice by which a list is narrowed; what an address asks for and is no choice is left out."""

    name: str
    title: Any
    choices: Sequence[tuple[str, Any]]
    narrow: Callable[[Rows, str], Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way from a list to something else: a form, another list."""

    url: str
    title: Any
    icon: str = "plus"
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the page draws it."""

    text: str
    url: str = ""
    chip: tuple[str, str] | None = None
    note: str = ""
    end: bool = False
    label: Any = ""  # of its column, for narrow screens, where a row is a card


@dataclass(slots=True, kw_only=True)
class Register:
    """A list: what it is called, its rows and columns, and how it may be narrowed."""

    name: str  # of the file
    title: Any
    rows: Rows
    columns: Sequence[Column]
    order: str  # column name, with - before it for descending; "": the rows' own order
    filters: Sequence[Filter] = ()
    search: Callable[[Rows, str], Rows] | None = None
    search_words: Any = ""
    lead: Any = ""
    crumbs: Sequence[tuple[str, Any]] = ()
    ways: Sequence[Way] = ()
    nothing: Any = ""
    nothing_more: Any = ""
    map_points: str = ""
    map_words: Any = ""
    chosen: dict[str, str] = field(default_factory=dict)

    def ask(self, request: HttpRequest) -> "Register":
        """Narrow and order by what the address says; what it cannot mean is left out."""
        given = request.GET
        for one in self.filters:
            wanted = given.get(one.name, "")
            if wanted and wanted in {str(code) for code, _word in one.choices}:
                self.rows = one.narrow(self.rows, wanted)
                self.chosen[one.name] = wanted
        words = given.get("q", "").replace("\0", "").strip()[:80]
        if self.search is not None and words:
            self.rows = self.search(self.rows, words)
            self.chosen["q"] = words
        orders = {column.name: column for column in self.columns if column.order}
        wanted = given.get("order", "")
        if wanted.removeprefix("-") in orders:
            self.order = wanted
        if not self.order:
            return self  # the rows stand in an order of their own
        down = self.order.startswith("-")
        column = orders[self.order.removeprefix("-")]
        if isinstance(self.rows, QuerySet | Manager):
            self.rows = self.rows.order_by(("-" if down else "") + column.order, "pk")
        else:
            known = [row for row in self.rows if column.value(row) not in (None, "")]
            rest = [row for row in self.rows if column.value(row) in (None, "")]
            self.rows = sorted(known, key=lambda row: _sortable(column.value(row)), reverse=down) + rest
        return self

    @property
    def searchable(self) -> bool:
        """Return whether words can be looked for; templates would call the function itself."""
        return self.search is not None

    @property
    def total(self) -> int:
        return self.rows.count() if isinstance(self.rows, QuerySet) else len(self.rows)

    def heads(self) -> list[dict[str, Any]]:
        """Return the headings with the order that a click on each asks for."""
        down, now = self.order.startswith("-"), self.order.removeprefix("-")
        return [
            {
                "title": column.title,
                "end": column.end,
                "order": (f"-{column.name}" if column.name == now and not down else column.name) if column.order else "",
                "sorted": ("descending" if down else "ascending") if column.name == now else "",
            }
            for column in self.columns
        ]

    def cells(self, row: Any) -> list[Cell]:
        """Return a row as the page draws it."""
        return [
            Cell(
                shown(column.value(row), column.decimals),
                column.url(row) if column.url else "",
                column.chip(row) if column.chip else None,
                str(column.note(row) or "") if column.note else "",
                column.end,
                column.title,
            )
            for column in self.columns
        ]


def _sortable(value: Any) -> Any:
    return value if isinstance(value, int | float | date) else str(value)


def shown(value: Any, decimals: int | None = None) -> str:
    """Return a value as a page shows it: dates as they are filed, numbers without idle zeros, a dash where nothing is known."""
    if value is None or value == "":
        return "—"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float) or decimals is not None:
        return f"{float(value):,.{decimals}f}" if decimals is not None else f"{value:g}"
    return str(value)


def register_page(request: HttpRequest, register: Register, **more: Any) -> HttpResponse:
    """Show the list, fifty rows a page."""
    register.ask(request)
    total = register.total
    pages = max(1, -(-total // PAGE))
    wanted = request.GET.get("page", "1")
    number = min(pages, numbers.key(wanted, 1) or 1)
    rows = list(register.rows[(number - 1) * PAGE : number * PAGE])
    query = request.GET.copy()
    for name in ("page", "order"):
        query.pop(name, None)
    return page(
        request,
        "portal/list.html",
        {
            "register": register,
            "heads": register.heads(),
            "lines": [register.cells(row) for row in rows],
            "total": total,
            "number": number,
            "pages": pages,
            "query": query.urlencode(),
            "filters": [(one, register.chosen.get(one.name, "")) for one in register.filters],
            "order": register.order,
            "words": register.chosen.get("q", ""),
            **more,
        },
    )


def guarded(value: Any) -> Any:
    """Keep spreadsheets from running what people typed as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or isinstance(value, int | float | str):
        return guarded(value)
    return value.isoformat() if isinstance(value, date) else guarded(str(value))


def _lines(register: Register) -> Iterator[list[Any]]:
    rows: Iterable[Any] = register.rows.iterator(chunk_size=500) if isinstance(register.rows, QuerySet) else register.rows
    for row in rows:
        yield [_plain(column.value(row)) for column in register.columns]


def register_file(request: HttpRequest, register: Register, form: str) -> HttpResponseBase:
    """Give the list as it is narrowed: `csv` (all rows, streamed) or `xlsx` (at most 50,000 rows)."""
    register.ask(request)
    name = f"{register.name}.{form}"
    heads = [str(column.title) for column in register.columns]
    if form == "xlsx":
        return _sheet(register, heads, name)
    language = translation.get_language() or "zh-hans"

    def parts() -> Iterator[bytes]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        buffer.write("\ufeff")
        writer.writerow(heads)
        with translation.override(language):
            for line in _lines(register):
                writer.writerow(line)
                if buffer.tell() > 32_000:
                    yield buffer.getvalue().encode()
                    buffer.seek(0)
                    buffer.truncate()
        yield buffer.getvalue().encode()

    answer = StreamingHttpResponse(parts(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _sheet(register: Register, heads: list[str], name: str) -> HttpResponseBase:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(register.title)[:30])
    sheet.freeze_panes = "A2"
    for number in range(1, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 20
    head = [WriteOnlyCell(sheet, value=word) for word in heads]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for number, line in enumerate(_lines(register)):
        if number >= MOST_SHEET:
            sheet.append([_("Only the first %(n)d rows are here; take the CSV for all.") % {"n": MOST_SHEET}])
            break
        sheet.append(line)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
