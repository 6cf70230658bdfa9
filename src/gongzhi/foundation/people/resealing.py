"""What is sealed under which key: the columns that models name in `SEALED`, counted by the head of each value."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Count, F, Func, Q, QuerySet, Value
from django.db.models.functions import Substr

from gongzhi.foundation.people import sealing
from gongzhi.kernel.tables import TownOwned


def tables() -> list[type[TownOwned]]:
    """Return the models that have sealed columns, in order of their names."""
    found = [model for model in apps.get_models() if getattr(model, "SEALED", None) and issubclass(model, TownOwned)]
    return sorted(found, key=lambda model: model._meta.label)


def table(label: str) -> type[TownOwned]:
    """Return the model of this label that has sealed columns; raise LookupError."""
    for model in tables():
        if model._meta.label == label:
            return model
    raise LookupError(label)


def _is_binary(model: Any, column: str) -> bool:
    return isinstance(model._meta.get_field(column), BinaryField)


def _head(model: Any, column: str) -> Any:
    """Return the expression of a value's head as it stands in the column: bytes, or base64 of them."""
    if _is_binary(model, column):
        return Func(F(column), Value(1), Value(sealing.HEAD), function="substring", output_field=BinaryField())
    return Substr(column, 1, sealing.HEAD * 4 // 3)


def _wanted(model: Any, column: str, key: bytes) -> Any:
    head = sealing.head(key)
    return head if _is_binary(model, column) else base64.b64encode(head).decode()


def waiting(model: Any) -> "QuerySet[Any]":
    """Return the present town's rows with a value that is not sealed under the first key."""
    found = model._base_manager.all()
    some = Q()
    for column in model.SEALED:
        found = found.annotate(**{f"head_of_{column}": _head(model, column)})
        some |= ~Q(**{column: b"" if _is_binary(model, column) else ""}) & ~Q(**{f"head_of_{column}": _wanted(model, column, sealing.field_keys()[0])})
    return found.filter(some)


@dataclass(frozen=True, slots=True)
class Held:
    """How many values of a column are sealed under a key of this name ("" where the head names none)."""

    column: str
    key: str
    count: int


def held() -> Iterator[Held]:
    """Return for each sealed column of the present town what lies under which key."""
    for model in tables():
        for column in model.SEALED:  # type: ignore[attr-defined]
            empty = b"" if _is_binary(model, column) else ""
            rows = model._base_manager.exclude(**{column: empty}).annotate(head=_head(model, column)).values_list("head").annotate(n=Count("pk")).order_by()
            counted: dict[str, int] = {}
            for head, number in rows:
                raw = bytes(head) if _is_binary(model, column) else _decoded(head)
                name = raw[len(sealing.MARK) :].hex() if raw.startswith(sealing.MARK) and len(raw) == sealing.HEAD else ""
                counted[name] = counted.get(name, 0) + number
            for name, number in sorted(counted.items()):
                yield Held(f"{model._meta.label}.{column}", name, number)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
