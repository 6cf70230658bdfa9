"""What a process remembers for a few seconds of things that seldom change: the town's rules, calendar, boundaries.

The operation that changes such a thing forgets it in its own process; the others learn within AGE seconds (twice as many
while it is being found afresh). What is
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
_forgotten = [0]  # how often something was
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
    with _lock:
        before = _forgotten[0]
        held = None
        if kept is not None and now - kept[0] < 2 * age and _kept.get(key) is kept:
            # one finds it afresh, the others go on with what there is: under load a dozen threads would all do it at once
            held = _kept[key] = (now, kept[1])
    is_kept = False
    try:
        found = find()
        with _lock:
            if _forgotten[0] == before:  # else it may have changed after it was found
                if len(_kept) > MOST:
                    _kept.clear()
                _kept[key] = (now, found)
                is_kept = True
    finally:
        if held is not None and not is_kept:
            with _lock:
                if _kept.get(key) is held:
                    del _kept[key]
    return found


def forget(*names: str) -> None:
    """Find these afresh next time in the present town; without names, everything of every town."""
    with _lock:
        _forgotten[0] += 1
        if not names:
            _kept.clear()
            for other in _others:
                other()
        for name in names:
            _kept.pop((current_town(), name), None)
