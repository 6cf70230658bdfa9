"""Which fields the registers hold: code, words and sort of each. Forms, imports, the API and the catalogue of exchange read this one list."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register. `heads`: names that columns of files have for it; `sealed`: it is kept sealed and looked at by an operation.

    What exchange lists of it as shipped: `meaning`; `share` 1 (given whoever asks), 2 (given on request), 3 (not given, `closed_by` names the law);
    `renewed`: how often it should be told anew (once, month, quarter, year).
    """

    code: str
    title: Any
    sort: str = "text"  # text | date | choice | number | phone
    choices: Sequence[tuple[str, Any]] = ()
    sealed: bool = False
    heads: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict, hash=False)  # how files spell the choices
    meaning: Any = ""
    share: int = 2
    closed_by: str = ""
    renewed: str = "once"


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search shows of a thing: masked, with its page."""

    title: str
    note: str
    url: str
    icon: str
    chip: str = ""
    state: Any = ""
    state_icon: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """One value of one thing in the open: as it is kept (`value`), as it is read (`text`), and which statement told it when."""

    value: str
    text: str
    source: str = ""
    basis: str = ""
    at: datetime | None = None
    statement_id: int | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the values are: the account of the person, the organ of the firm; `title` names the thing, masked."""

    person_id: int | None
    organ_id: int | None
    title: str
    ref: str  # as facts name it


@dataclass(frozen=True, slots=True)
class Quality:
    """How good one field of a register is now: `things` that should have it, how many do, how many were told within its period, the newest day."""

    things: int
    held: int
    fresh: int
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """How exchange reaches the things of a register. None of these asks who may: the grant, the case or the own page has answered that before.

    find(text): the id of the thing that a whole number or code names, or None. open(id, fields): the values, {} where there is no such thing.
    owner(id): whose they are, or None. correct(by=, at=, subject_id=, field=, value=, source=, basis=): put a value right.
    quality(at): {field: Quality}.
    """

    find: "Callable[[str], int | None]"
    open: "Callable[[int, Sequence[str]], dict[str, Opened] | None]"
    owner: "Callable[[int], Owner | None]"
    correct: "Callable[..., Any]"
    quality: "Callable[[datetime], dict[str, Quality]]"
    shown_as: Any = ""  # what identifies a thing, as a form asks for it


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its fields, and how a batch of a file's rows is taken into it, how a text is looked for, who may use it."""

    code: str
    title: Any
    fields: tuple[Field, ...]
    take: "Callable[..., Any]" = field(default=lambda **_arguments: None)
    find: "Callable[..., list[Hit]]" = field(default=lambda **_arguments: [])
    may: "Callable[[Actor], bool]" = field(default=lambda _actor: False)
    subjects: Subjects | None = None

    def field(self, code: str) -> Field:
        """Return the field of this code; raise KeyError."""
        for one in self.fields:
            if one.code == code:
                return one
        raise KeyError(code)


def spelt(file: Path, *known: Field) -> tuple[Field, ...]:
    """Return the fields with how files name their columns and spell their choices, as a YAML file beside the module lists it.

    Its form: {field: {heads: [name, …], words: {choice: [spelling, …]}}}. Raises KeyError where it names a field that there is not.
    """
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    if unknown := set(told) - {one.code for one in known}:
        raise KeyError(f"{file.name}: {', '.join(sorted(unknown))}")
    found = []
    for one in known:
        spellings = told.get(one.code, {})
        words = {str(word): str(choice) for choice, listed in spellings.get("words", {}).items() for word in listed}
        found.append(replace(one, heads=tuple(map(str, spellings.get("heads", ()))), words=words))
    return tuple(found)


_registers: dict[str, Register] = {}
_closed: dict[str, Register] = {}


def declare(register: Register) -> Register:
    """Make a register known."""
    _registers[register.code] = register
    return register


def declare_closed(register: Register) -> Register:
    """Make something known that is held here and that the catalogue lists, though nobody is given it: no search, no file, no grant reaches it."""
    _closed[register.code] = register
    return register


def closed() -> dict[str, Register]:
    """Return what is held and given to nobody, by its code."""
    return dict(_closed)


def registers() -> dict[str, Register]:
    """Return the registers by their codes."""
    return dict(_registers)


def register(code: str) -> Register:
    """Return a register; raise KeyError."""
    return _registers[code]


# ---- values as they are read ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that cannot be as it stands."""

    field: str
    text: str
    why: str


@dataclass(slots=True)
class Read:
    """A row or form as it was read: typed values by field, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a value as it is told in a statement."""
        value = self.values.get(name, "")
        return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)

    def blame(self, name: str, text: str, why: str) -> None:
        """Note that a field cannot be as it stands."""
        self.wrong.append(Wrong(name, text, why))


def day(text: str) -> date:
    """Return a day as files write it: 2001-02-03, 2001/2/3, 2001.2.3, 20010203, 2001年2月3日; raise ValueError."""
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})", unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError(text)
    year, month, of_month = found.group(1) or found.group(4), found.group(2) or found.group(5), found.group(3) or found.group(6)
    return date(int(year), int(month), int(of_month))


def choice(one: Field, text: str) -> str:
    """Return the code of a choice that is spelt in some known way; raise ValueError with a sentence."""
    code = text if text in dict(one.choices) else one.words.get(text, "")
    if not code:
        raise ValueError(_("“%(text)s” is none of: %(all)s.") % {"text": text[:20], "all": ", ".join(str(word) for _code, word in one.choices)})
    return code


def degrees(text: str, most: int) -> float:
    """Return a longitude or latitude; raise ValueError with a sentence."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= most:
        raise ValueError(_("This is not a place on the map in degrees."))
    return value
