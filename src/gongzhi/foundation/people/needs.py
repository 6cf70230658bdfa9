"""What still needs a person 在办牵连: open cases, posts. Modules above say it by `register`, so that erasure asks without knowing them.

A need that `blocks` must be ended before erasure may even be asked for (a post); any other goes on, and the person's details
stay until its end (a case that somebody is working on).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that still needs a person, as the person may read it."""

    title: str
    url: str = ""
    state: Any = ""
    blocks: bool = False


Listed = Callable[[int, datetime], list[Need]]
Since = Callable[[Iterable[int], datetime, datetime], set[int]]
_known: list[tuple[Listed, Since]] = []


def register(listed: Listed, since: Since) -> None:
    """Let a module name what needs a person, `listed(person_id, at)`, and say of many people who was needed after a moment,
    `since(person_ids, after, at)`.
    """
    if (listed, since) not in _known:
        _known.append((listed, since))


def of(person_id: int, at: datetime) -> list[Need]:
    """Return everything that needs the person now."""
    return [need for listed, _since in _known for need in listed(person_id, at)]


def still_needed(person_ids: Iterable[int], after: datetime, at: datetime) -> set[int]:
    """Return those of the people whom something needs now, or needed after the moment."""
    asked = list(person_ids)
    found: set[int] = set()
    for _listed, since in _known:
        found |= since(asked, after, at)
    return found
