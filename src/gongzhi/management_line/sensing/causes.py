"""Why an episode is: a limit that was passed, or what another module watches for. Each cause says in words what it found.

Sensing brings the limit; a module that judges otherwise registers its causes in its `kinds.py` and hands what it finds to
`operations.follow_warnings`. There is one sort of episode, and one way from it to a case, whatever the cause.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A cause: its name, its icon, and how it says what was found.

    `say` gets what the episode keeps (`Episode.said`) and returns a sentence in the reader's language; `heads` names the
    columns of the small table that it keeps under `table`, the first of them a moment.
    """

    code: str
    title: Any
    icon: str
    say: Callable[[Mapping[str, Any]], str]
    heads: tuple[Any, ...] = ()


_known: dict[str, Cause] = {}


def register(cause: Cause) -> Cause:
    """Make a cause known; a second one of the same code is a bug."""
    if cause.code in _known:
        raise ValueError(f"cause {cause.code} is declared twice")
    _known[cause.code] = cause
    return cause


def cause_of(code: str) -> Cause:
    """Return the cause of this code."""
    return _known[code]
