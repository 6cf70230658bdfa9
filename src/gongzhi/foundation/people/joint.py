"""Acts that take two people 双人办理: one asks, another confirms, and neither is the one whom it is about.

Through such an act somebody could come by what they may not give themselves: a post with critical abilities, the password of
whoever holds one. A module registers what it does in the end; `operations.joint` keeps who asked and who confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class JointAct:
    """A sort of act. `may` is the rule for both people, `perform(by, at, content)` does it inside the confirming operation.

    `reach(content, at)`: the critical abilities that it gives away; one of the two must hold them all, so nobody gives what
    stands above them. `words(content)` says what is to be done, for whoever confirms. `shows`: what it returns is shown once.
    """

    code: str
    title: Any
    may: Callable[[Actor], bool]
    perform: Callable[[Actor, datetime, Mapping[str, Any]], Any]
    reach: Callable[[Mapping[str, Any], datetime], frozenset[str]]
    words: Callable[[Mapping[str, Any]], Any]
    shows: bool = False


_known: dict[str, JointAct] = {}


def register(act: JointAct) -> None:
    """Make a sort of act known."""
    _known[act.code] = act


def known(code: str) -> JointAct:
    """Return a sort of act; raises KeyError."""
    return _known[code]


def all_of_them() -> list[JointAct]:
    """Return every sort of act."""
    return list(_known.values())
