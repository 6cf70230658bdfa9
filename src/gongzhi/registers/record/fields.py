"""Which fields the registers hold: code, words and sort of each. Forms, imports, the API and the catalogue of exchange read this one list."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register. `heads`: names that columns of files have for it; `sealed`: it is kept sealed and looked at by an operation."""

    code: str
    title: Any
    sort: str = "text"  # text | date | choice | number | phone
    choices: Sequence[tuple[str, Any]] = ()
    sealed: bool = False
    heads: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict, hash=False)  # how files spell the choices


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
class Register:
    """A register: its fields, and how a batch of a file's rows is taken into it, how a text is looked for, who may use it."""

    code: str
    title: Any
    fields: tuple[Field, ...]
    take: "Callable[..., Any]"
    find: "Callable[..., list[Hit]]"
    may: "Callable[[Actor], bool]"

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


def declare(register: Register) -> Register:
    """Make a register known."""
    _registers[register.code] = register
    return register


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
