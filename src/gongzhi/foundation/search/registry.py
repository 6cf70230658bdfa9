"""What is found: modules say it of their own, beside their subscribers.

register(Searchable(
    kind="policy", title=_("Policies"), seen=queries.seen, texts=queries.search_texts, shown=queries.search_shown,
    changed={PolicyReleased: lambda fact: [fact.policy_id]}, rank=30,
))
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a thing that was found is shown to its reader."""

    item: int
    title: str
    url: str
    note: str = ""
    thing: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Searchable:
    """A kind of thing that is found.

    `seen(actor)`: the things that this actor may see, as a query of one column, their numbers (`visible_to(actor).values("pk")`).
    `texts(items)`: the words by which each of these is found; one that is left out is found no more.
    `shown(actor, items)`: how each is shown to this actor, in any order; asked for those only that `seen` holds.
    `every(after, most)`: the numbers of all things after one, in their order: for an index made anew.
    `changed`: the facts after which a thing's words are read anew, and which things each names.
    """

    kind: str
    title: Any
    seen: Callable[[Actor], Any]
    texts: Callable[[Sequence[int]], Mapping[int, str]]
    shown: Callable[[Actor, Sequence[int]], Iterable[Shown]]
    every: Callable[[int, int], Sequence[int]]
    changed: Mapping[type[Fact], Callable[[Any], Iterable[int]]] = field(default_factory=dict)
    rank: int = 50


class RegisteredTwice(ValueError):
    """Two modules have one kind of thing found."""


_kinds: dict[str, Searchable] = {}
_by_fact: dict[type[Fact], list[Searchable]] = {}


def register(searchable: Searchable) -> Searchable:
    """Have a kind of thing found; raises RegisteredTwice."""
    if searchable.kind in _kinds and _kinds[searchable.kind] != searchable:
        raise RegisteredTwice(searchable.kind)
    _kinds[searchable.kind] = searchable
    for fact in searchable.changed:
        _by_fact.setdefault(fact, []).append(searchable)
    return searchable


def registered() -> list[Searchable]:
    """Return all kinds of things that are found, in the order in which they are shown."""
    return sorted(_kinds.values(), key=lambda one: (one.rank, one.kind))


def searchable(kind: str) -> Searchable | None:
    """Return what is registered under a kind."""
    return _kinds.get(kind)


def touched_by(fact: Fact) -> list[tuple[str, int]]:
    """Return the things whose words are to be read anew after a fact."""
    return [(one.kind, item) for one in _by_fact.get(type(fact), ()) for item in one.changed[type(fact)](fact)]
