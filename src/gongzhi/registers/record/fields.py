"""Which fields the registers hold: code, words and sort of each. Forms, imports, the API and the catalogue of exchange read this one list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


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
