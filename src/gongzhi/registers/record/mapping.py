"""What the columns of a file mean: written by hand as YAML, or proposed from the names of the columns. Pure.

fields: {name: 姓名, number: 公民身份号码, birth: 出生日期, address: 现住址}   # field of the register: column of the file
words: {relation: {户主之妻: spouse}}                                        # how this file spells a choice, beside the usual ways
source: 公安人口库
basis: 《居住证暂行条例》第八条
as_of: 2026-11-30      # the day of which the file speaks; left out: the day it is brought
header: 1              # the row with the names of the columns
sheet: 人员
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.kernel.sheets import Cell
from gongzhi.registers.record.fields import Register

KNOWN = {"fields", "words", "source", "basis", "word", "as_of", "header", "sheet"}


class BadMapping(ValueError):
    """A mapping that cannot be used; the sentence names the part."""

    def __init__(self, part: str, why: str) -> None:
        self.part, self.why = part, why
        super().__init__(f"{part}: {why}")


def plain(text: str) -> str:
    """Return the name of a column as it is compared: without spaces, marks, notes in brackets, in one width and case."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s*:：_\-/]+", "", re.sub(r"\(.*?\)|\[.*?\]", "", text))


def names_of(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the columns as they stand in the header."""
    return ["" if cell is None else str(cell).strip() for cell in cells]


def propose(register: Register, names: Sequence[str]) -> dict[str, str]:
    """Return field → column for each column whose name is known; each column and each field once."""
    found: dict[str, str] = {}
    for name in names:
        for one in register.fields:
            if name and one.code not in found and plain(name) in {plain(head) for head in (*one.heads, one.code)}:
                found[one.code] = name
                break
    return found


def header_of(register: Register, rows: Sequence[tuple[int, Sequence[Cell]]]) -> int:
    """Return the number of the row that looks most like the names of columns."""
    scored = [(len(propose(register, names_of(cells))), -number) for number, cells in rows[:20]]
    best = max(scored, default=(0, -1))
    return -best[1] if best[0] else (rows[0][0] if rows else 1)


@dataclass(slots=True)
class FileMapping:
    """A mapping that was checked; `bind` finds its columns in a header."""

    register: Register
    fields: dict[str, str]
    words: dict[str, dict[str, str]]
    source: str
    basis: str
    word: str = "source"
    as_of: date | None = None
    header: int = 1
    sheet: str = ""
    places: dict[str, int] = field(default_factory=dict)

    def bind(self, names: Sequence[str]) -> None:
        """Find the columns; raise BadMapping where one is missing or stands twice."""
        known: dict[str, int] = {}
        twice = set()
        for place, name in enumerate(names):
            if plain(name) in known:
                twice.add(plain(name))
            known.setdefault(plain(name), place)
        for code, column in self.fields.items():
            if plain(column) not in known:
                there = ", ".join(filter(None, names))
                raise BadMapping(f"fields.{code}", _("the file has no column “%(name)s”; it has: %(names)s") % {"name": column, "names": there})
            if plain(column) in twice:
                raise BadMapping(f"fields.{code}", _("the column “%(name)s” stands twice in the file") % {"name": column})
            self.places[code] = known[plain(column)]

    def read(self, cells: Sequence[Cell]) -> dict[str, str]:
        """Return field → text of a row; empty cells are left out."""
        found = {}
        for code, place in self.places.items():
            text = text_of(cells[place]) if place < len(cells) else ""
            if text:
                found[code] = self.words.get(code, {}).get(text, text)
        return found


def text_of(cell: Cell) -> str:
    """Return a cell as text: days as they are filed, whole numbers without a point (a spreadsheet keeps 12 as 12.0)."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.hour == cell.minute == cell.second == 0 else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).replace("\0", "").strip()


def checked(register: Register, given: Any) -> FileMapping:
    """Return a mapping ready for use; raise BadMapping where a part of it cannot be used."""
    if not isinstance(given, Mapping):
        raise BadMapping("mapping", _("it names fields and columns"))
    for name in given:
        if name not in KNOWN:
            raise BadMapping(str(name), _("there is no such part; there are: %(names)s") % {"names": ", ".join(sorted(KNOWN))})
    fields = given.get("fields")
    if not isinstance(fields, Mapping) or not fields:
        raise BadMapping("fields", _("say which column holds which field"))
    codes = {one.code for one in register.fields}
    for code, column in fields.items():
        if code not in codes:
            raise BadMapping(f"fields.{code}", _("the register has no such field; it has: %(names)s") % {"names": ", ".join(sorted(codes))})
        if not isinstance(column, str) or not column.strip():
            raise BadMapping(f"fields.{code}", _("name the column"))
    words = given.get("words") or {}
    if not isinstance(words, Mapping) or not all(code in codes and isinstance(spelt, Mapping) for code, spelt in words.items()):
        raise BadMapping("words", _("for a field, how the file spells each choice"))
    for name in ("source", "basis"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise BadMapping(name, _("say where the file comes from") if name == "source" else _("name the law or rule"))
    as_of = given.get("as_of")
    if isinstance(as_of, str):
        try:
            as_of = date.fromisoformat(as_of)
        except ValueError:
            raise BadMapping("as_of", _("a day such as 2026-11-30")) from None
    if as_of is not None and (not isinstance(as_of, date) or isinstance(as_of, datetime)):
        raise BadMapping("as_of", _("a day such as 2026-11-30"))
    header = given.get("header", 1)
    if not isinstance(header, int) or isinstance(header, bool) or not 1 <= header <= 1_000:
        raise BadMapping("header", _("the number of the row with the names of the columns"))
    return FileMapping(
        register, {str(code): column.strip() for code, column in fields.items()},
        {str(code): {str(said): str(meant) for said, meant in spelt.items()} for code, spelt in words.items()},
        given["source"].strip(), given["basis"].strip(), str(given.get("word") or "source"), as_of, header, str(given.get("sheet") or ""),
    )  # fmt: skip
