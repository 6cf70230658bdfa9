"""A definition changed at one place, as its page does it. Pure: data in, new data out.

A place is the way to a condition: "all/0/any/2" is the third of the `any` that is the first of the `all`; "" is the whole.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

Definition = dict[str, Any]
GROUPS = ("all", "any", "not")


class NoSuchPlace(ValueError):
    """The definition has no condition there, or none that can be changed so."""


def empty() -> Definition:
    """Return a definition that asks nothing yet."""
    return {"all": []}


def group_of(definition: Mapping[str, Any]) -> str:
    """Return how a group's parts belong together; nothing for a single condition."""
    return next((how for how in GROUPS if how in definition), "")


def _changed(definition: Any, steps: list[str], change: Callable[[Any], Any]) -> Any:
    if not steps:
        return change(definition)
    how = steps[0]
    if not isinstance(definition, Mapping) or how not in definition:
        raise NoSuchPlace("/".join(steps))
    if how == "not":
        return {**definition, "not": _changed(definition["not"], steps[1:], change)}
    parts = list(definition[how])
    if len(steps) < 2 or not (steps[1].isascii() and steps[1].isdigit() and len(steps[1]) < 5) or int(steps[1]) >= len(parts):
        raise NoSuchPlace("/".join(steps))
    parts[int(steps[1])] = _changed(parts[int(steps[1])], steps[2:], change)
    return {**definition, how: [part for part in parts if part is not None]}


def _steps(place: str) -> list[str]:
    return [step for step in place.split("/") if step]


def add(definition: Definition, place: str, part: Definition) -> Definition:
    """Return the definition with a condition more in the group at a place."""

    def change(group: Any) -> Any:
        how = group_of(group) if isinstance(group, Mapping) else ""
        if how not in ("all", "any"):
            raise NoSuchPlace(place)
        return {how: [*group[how], part]}

    return _changed(definition, _steps(place), change)  # type: ignore[no-any-return]


def remove(definition: Definition, place: str) -> Definition:
    """Return the definition without the condition at a place; without the whole it asks nothing."""
    steps = _steps(place)
    if not steps:
        return empty()
    if steps[-1] == "not":
        return remove(definition, "/".join(steps[:-1]))
    return _changed(definition, steps, lambda _gone: None)  # type: ignore[no-any-return]


def turn(definition: Definition, place: str) -> Definition:
    """Return the definition with a group of `all` made one of `any`, or the other way round."""

    def change(group: Any) -> Any:
        how = group_of(group) if isinstance(group, Mapping) else ""
        if how not in ("all", "any"):
            raise NoSuchPlace(place)
        return {"any" if how == "all" else "all": group[how]}

    return _changed(definition, _steps(place), change)  # type: ignore[no-any-return]


def negate(definition: Definition, place: str) -> Definition:
    """Return the definition with the opposite of the condition at a place."""
    return _changed(definition, _steps(place), lambda part: part["not"] if isinstance(part, Mapping) and "not" in part else {"not": part})  # type: ignore[no-any-return]


def digest(definition: Any) -> str:
    """Return the SHA-256 of a definition in its one writing."""
    return hashlib.sha256(json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
