"""JSON Patch (RFC 6902) on the properties of an entity. Pure."""

import copy
from typing import Any

from gongzhi.management_line.sensorthings.faults import BadQuery, TooMuch

MOST_STEPS = 200
_NOTHING = object()


def _parts(pointer: Any) -> list[str]:
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise BadQuery(part=str(pointer)[:60])
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _place(holder: list[Any], part: str, *, adding: bool = False) -> int:
    if part == "-" and adding:
        return len(holder)
    if not (part.isascii() and part.isdigit() and len(part) < 9) or int(part) > len(holder) - (not adding):
        raise BadQuery(part=part[:60])
    return int(part)


def _find(document: Any, parts: list[str]) -> Any:
    for part in parts:
        if isinstance(document, list):
            document = document[_place(document, part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            raise BadQuery(part="/".join(parts)[:60])
    return document


def _add(document: Any, parts: list[str], value: Any) -> None:
    holder = _find(document, parts[:-1])
    if isinstance(holder, list):
        holder.insert(_place(holder, parts[-1], adding=True), value)
    elif isinstance(holder, dict):
        holder[parts[-1]] = value
    else:
        raise BadQuery(part="/".join(parts)[:60])


def _remove(document: Any, parts: list[str]) -> Any:
    holder, held = _find(document, parts[:-1]), _find(document, parts)
    if isinstance(holder, list):
        del holder[_place(holder, parts[-1])]
    else:
        del holder[parts[-1]]
    return held


def apply(document: dict[str, Any], steps: Any) -> dict[str, Any]:
    """Return the properties that a patch changes, with their new values (None: removed); raise BadQuery, TooMuch."""
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise BadQuery(part="application/json-patch+json")
    if len(steps) > MOST_STEPS:
        raise TooMuch
    made = copy.deepcopy(document)
    for step in steps:
        act, parts = step.get("op"), _parts(step.get("path"))
        if not parts or act not in ("add", "replace", "remove", "move", "copy", "test"):
            raise BadQuery(part=str(step)[:60])
        if act in ("add", "replace", "test") and "value" not in step:
            raise BadQuery(part=str(step)[:60])
        if act == "test":
            if _find(made, parts) != step["value"]:
                raise BadQuery(part=str(step)[:60])
        elif act == "remove":
            _remove(made, parts)
        elif act == "replace":
            _remove(made, parts)
            _add(made, parts, step["value"])
        elif act == "add":
            _add(made, parts, step["value"])
        else:
            source = _parts(step.get("from"))
            if not source:
                raise BadQuery(part=str(step)[:60])
            _add(made, parts, _remove(made, source) if act == "move" else copy.deepcopy(_find(made, source)))
    names = {*document, *made}
    return {name: made.get(name) for name in sorted(names) if document.get(name, _NOTHING) != made.get(name, _NOTHING)}
