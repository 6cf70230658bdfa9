"""What acts leave behind.

A fact is a frozen, keyword-only dataclass with ids and small enums, never personal text: erasure must not touch the
ledger. `subject` names what it is about as `module.model:id`. A fact about a restricted matter is recorded with
`public=False`: the ledger then hashes it with a secret salt.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that an operation did. Subclasses are named in the past tense: MotionFiled."""

    subject: str
    public: bool = True

    kinds: ClassVar[dict[str, type["Fact"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        name = cls.__name__
        known = Fact.kinds.get(name)
        if known is not None and known.__module__ != cls.__module__:
            raise TypeError(f"two facts are named {name}: {known.__module__} and {cls.__module__}")
        Fact.kinds[name] = cls

    @property
    def kind(self) -> str:
        return type(self).__name__

    def content(self) -> dict[str, Any]:
        """Return the fact's own fields as plain JSON values, without subject and visibility."""
        kind: Any = type(self)
        return {name: _plain(getattr(self, name)) for name in _own_fields(kind)}


@cache
def _own_fields(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in ("subject", "public"))


def ref(thing: Any) -> str:
    """Return `label.model:pk`, the reference by which facts and the ledger name a model instance."""
    return f"{thing._meta.label_lower}:{thing.pk}"


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(item) for item in value]
    return value
