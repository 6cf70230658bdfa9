"""What a policy is linked with: modules above say how theirs are called and where they stand.

    linked.register("item", lambda seen_by, code: linked.Found("开饭馆一件事", "办事 · 5 个部门", "/items/…/"))

Unknown things are shown by what the policy itself says of them, without an address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gongzhi.foundation.criteria import queries as criteria
from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Found:
    """A linked thing as a reader finds it."""

    title: Any
    note: Any
    url: str


Resolve = Callable[[Actor, str], Found | None]
_known: dict[str, Resolve] = {}
ICONS = {"item": "file-text", "benefit": "badge-check", "criterion": "list-checks", "basis": "landmark", "consultation": "message-square"}


def register(kind: str, resolve: Resolve) -> None:
    """Make known how things of a kind are found by their code."""
    _known[kind] = resolve


def find(*, seen_by: Actor, kind: str, code: str) -> Found | None:
    """Return the thing, or None where nobody knows it."""
    resolve = _known.get(kind)
    return resolve(seen_by, code) if resolve else None


def _criterion(actor: Actor, code: str) -> Found | None:
    found = criteria.criteria(seen_by=actor).filter(code=code).first()
    return Found(found.title, "", f"/criteria/{found.code}/") if found is not None else None


register("criterion", _criterion)
