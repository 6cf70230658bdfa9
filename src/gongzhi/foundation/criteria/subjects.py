"""What criteria may speak of: subjects and their typed fields.

A register declares its subject (`register`), or brings the rows to one that is declared here (`supply`). A field that is
no longer kept is marked `withdrawn`: no new version may use it, and versions that do are told unknown because of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from gongzhi.kernel.actors import Actor


class Sort(StrEnum):
    """What a field holds."""

    NUMBER = "number"  # at most four decimals, in the field's unit
    DATE = "date"
    FLAG = "flag"  # yes or no
    CHOICE = "choice"  # one of a closed list
    CHOICES = "choices"  # several of a closed list
    CODE = "code"  # one of an open list, such as an industry
    CODES = "codes"  # several of an open list, such as the areas in which a dwelling lies
    LIST = "list"  # records of their own fields, such as children


@dataclass(frozen=True, slots=True)
class Field:
    """A typed field of a subject."""

    code: str
    title: Any
    sort: Sort
    unit: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    fields: "tuple[Field, ...]" = ()
    span_title: Any = ""  # of a date: what the time since it is called, such as age
    withdrawn: date | None = None

    def part(self, code: str) -> "Field | None":
        """Return a field of the records of a list."""
        return next((one for one in self.fields if one.code == code), None)


Row = Mapping[str, Any]


class Rows(Protocol):
    """What a register brings: its rows as the asker may see them, each with the values of the fields by their codes (None: not known)."""

    def __call__(self, *, seen_by: Actor, on: date, most: int) -> Iterable[Row]: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom or what a criterion speaks."""

    code: str
    title: Any
    fields: tuple[Field, ...]
    rows: Rows | None = None
    samples: Callable[[date], Iterable[Row]] | None = None  # made rows, on which a criterion is tried where there is no register

    def field(self, code: str) -> Field | None:
        """Return the field with this code."""
        return next((one for one in self.fields if one.code == code), None)


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> Subject:
    """Declare a subject; one that is declared already is refused."""
    if subject.code in _subjects:
        raise ValueError(f"two subjects are called {subject.code}")
    _subjects[subject.code] = subject
    return subject


def supply(code: str, rows: Rows, fields: Iterable[Field] = ()) -> Subject:
    """Bring a register's rows to a declared subject, with more fields where it keeps more; a field of the same code replaces the declared one."""
    known = _subjects[code]
    more = {one.code: one for one in fields}
    kept = tuple(more.pop(one.code, one) for one in known.fields)
    _subjects[code] = replace(known, rows=rows, fields=(*kept, *more.values()))
    return _subjects[code]


def subject(code: str) -> Subject | None:
    """Return the subject with this code."""
    return _subjects.get(code)


def subjects() -> list[Subject]:
    """Return the subjects in the order of their declaration."""
    return list(_subjects.values())
