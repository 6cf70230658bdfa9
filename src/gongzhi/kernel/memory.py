"""What a process remembers for a few seconds of things that seldom change: the town's rules, calendar, boundaries.

The operation that changes such a thing forgets it in its own process; the others learn within AGE seconds. What is
remembered is kept by town and shared between threads, so it must not be changed by whoever reads it.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from gongzhi.kernel.towns import current_town

AGE = 5.0
MOST = 5_000
T = TypeVar("T")
_lock = Lock()
_kept: dict[tuple[int, str], tuple[float, Any]] = {}
_others: list[Callable[[], None]] = []


def forgets(other: Callable[[], None]) -> Callable[[], None]:
    """Let something else that remembers be emptied together with everything."""
    _others.append(other)
    return other


def remember(what: str, find: Callable[[], T], *, age: float = AGE) -> T:
    """Return what was found lately under this name for the present town, or find it now."""
    key = (current_town(), what)
    kept = _kept.get(key)
    now = time.monotonic()
    if kept is not None and now - kept[0] < age:
        return kept[1]  # type: ignore[no-any-return]
    found = find()
    with _lock:
        if len(_kept) > MOST:
            _kept.clear()
        _kept[key] = (now, found)
    return found


def forget(*names: str) -> None:
    """Find these afresh next time in the present town; without names, everything of every town."""
    with _lock:
        if not names:
            _kept.clear()
            for other in _others:
                other()
        for name in names:
            _kept.pop((current_town(), name), None)
