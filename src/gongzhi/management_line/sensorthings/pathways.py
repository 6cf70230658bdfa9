"""Addresses below the root: Things(1)/Datastreams(2)/Observations, Things(1)/name/$value, Things/$ref. Pure."""

import re
from dataclasses import dataclass
from typing import Any

from gongzhi.management_line.sensorthings import entities
from gongzhi.management_line.sensorthings.entities import SETS, Link, Set
from gongzhi.management_line.sensorthings.faults import BadQuery, NotFound, NotOffered

MOST_STEPS = 12
_TASKING = frozenset({"Tasks", "TaskingCapabilities", "Actuators", "MultiDatastreams"})
_SEGMENT = re.compile(r"(\w+)(?:\(([^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One set on the way, entered by a link except at the beginning; `number`: the one entity of it that is meant."""

    of: Set
    link: Link | None
    number: Any = None

    @property
    def is_single(self) -> bool:
        return self.number is not None or (self.link is not None and not self.link.is_many)


@dataclass(frozen=True, slots=True)
class Way:
    """Where an address leads. `properties`: a property and keys inside it."""

    steps: tuple[Step, ...]
    properties: tuple[str, ...] = ()
    is_ref: bool = False
    is_value: bool = False

    @property
    def last(self) -> Step:
        return self.steps[-1]


def read(path: str) -> Way:
    """Return where an address leads; raise NotFound, NotOffered, BadQuery."""
    parts = _split(path)
    if len(parts) > MOST_STEPS:
        raise BadQuery(part=path[:60])
    steps: list[Step] = []
    properties: list[str] = []
    is_ref = is_value = False
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        if part == "$ref" and is_last and steps and not properties:
            is_ref = True
        elif part == "$value" and is_last and properties:
            is_value = True
        elif properties:
            properties.append(part)
        else:
            step = _step(steps[-1] if steps else None, part)
            if step is None:
                if not steps or not steps[-1].is_single or not _has(steps[-1].of, part):
                    raise NotFound(name=part[:60])
                properties.append(part)
            else:
                steps.append(step)
    if not steps:
        raise NotFound(name=path[:60])
    return Way(tuple(steps), tuple(properties), is_ref, is_value)


def _split(path: str) -> list[str]:
    """Cut an address at slashes that stand outside quotes."""
    parts, begin, quoted = [], 0, False
    for place, sign in enumerate(path):
        if sign == "'":
            quoted = not quoted
        elif sign == "/" and not quoted:
            parts.append(path[begin:place])
            begin = place + 1
    return [*parts, path[begin:]]


def _has(of: Set, name: str) -> bool:
    return name in of.properties or name in ("id", "@iot.id")


def _step(before: Step | None, part: str) -> Step | None:
    found = _SEGMENT.fullmatch(part)
    if found is None:
        return None
    name, written = found.groups()
    if name in _TASKING:
        raise NotOffered(name=name)
    if before is None:
        of, link = SETS.get(name), None
    else:
        link = before.of.link(name)
        of = SETS[link.target] if link is not None and before.is_single else None
    if of is None:
        return None
    if written is None:
        return Step(of, link)
    if link is not None and not link.is_many:
        raise NotFound(name=part[:60])
    number = _number(of, written.strip())
    if number is None:
        raise NotFound(name=part[:60])
    return Step(of, link, number)


def _number(of: Set, written: str) -> Any:
    if of.name == "Observations":
        return entities.number(of, written[1:-1].replace("''", "'")) if len(written) > 2 and written[0] == written[-1] == "'" else None
    return entities.number(of, written)
