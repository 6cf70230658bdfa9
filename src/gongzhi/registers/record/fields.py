"""Which fields the registers hold: code, words and sort of each. Forms, imports, the API and the catalogue of exchange read this one list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml


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
class Register:
    """A register: its fields, and how a batch of a file's rows is taken into it."""

    code: str
    title: Any
    fields: tuple[Field, ...]
    take: "Callable[..., Any]"

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
