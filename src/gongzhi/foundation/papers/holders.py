"""Whose a paper is: an account's person, a firm by its code, an organ of the town, or somebody who is known by name only."""

from dataclasses import dataclass
from typing import Literal

Sort = Literal["person", "firm", "organ", "named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose a paper is. `key`: the number of a person or an organ, a firm's unified social credit code, or "" for who is known by name only."""

    sort: Sort
    name: str
    key: str = ""

    def __post_init__(self) -> None:
        if (self.sort == "named") is bool(self.key):
            raise ValueError("a holder is known by a key, or by name only")
        if not self.name.strip():
            raise ValueError("a holder has a name")


def person(person_id: int, name: str) -> Holder:
    """Return a person with an account as a holder."""
    return Holder(sort="person", key=str(person_id), name=name)


def firm(code: str, name: str) -> Holder:
    """Return a firm as a holder, by its unified social credit code."""
    return Holder(sort="firm", key=code, name=name)


def organ(organ_id: int, name: str) -> Holder:
    """Return an organ of the town as a holder."""
    return Holder(sort="organ", key=str(organ_id), name=name)


def named(name: str) -> Holder:
    """Return somebody without an account as a holder."""
    return Holder(sort="named", name=name)
