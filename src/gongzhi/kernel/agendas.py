"""Agendas 议程: what modules offer for a meeting to take up, without knowing which meeting there is.

A module declares in a file `agendas.py`, found at start like `doors`, where its matters come from; whoever prepares an agenda
asks `offered` and gets them all, most pressing first:

    # evaluation/agendas.py
    declare(Source(code="findings", title=_("Findings"), offer=_findings))
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that a meeting may take up. `key` names it for ever; `weight` in 0…1 orders matters; `organ_id` owns it."""

    key: str
    title: Any
    text: Any
    url: str
    weight: float
    organ_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where matters come from: offer(*, seen_by, at) → matters."""

    code: str
    title: Any
    offer: Callable[..., Iterable[Matter]]


class DeclaredTwice(ValueError):
    """Two sources have the same code."""


_sources: dict[str, Source] = {}


def declare(source: Source) -> None:
    """Make a source known; raises DeclaredTwice."""
    if _sources.get(source.code, source) != source:
        raise DeclaredTwice(source.code)
    _sources[source.code] = source


def offered(*, seen_by: Actor, at: datetime) -> list[tuple[Source, Matter]]:
    """Return what all sources offer this reader for a meeting, most pressing first."""
    found = [(source, matter) for source in _sources.values() for matter in source.offer(seen_by=seen_by, at=at)]
    return sorted(found, key=lambda pair: (-pair[1].weight, pair[1].key))
