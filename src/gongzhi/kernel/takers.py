"""What else `./gongzhi import` takes: a module names its sort of file beside itself, in a file `takers.py` that is found at start.

    register(Taker(code="items", help="a CSV of matters, as drafts", arguments=add_arguments, take=take))

`arguments(parser)` adds what the command line may say; `take(given, at, write)` does it in the town that was named, and writes the account.
It raises BadFile or a Refused where the file cannot be taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """One sort of file that a module takes over."""

    code: str
    help: str
    arguments: Callable[[Any], None]
    take: Callable[[dict[str, Any], datetime, Callable[[str], object]], None]


_takers: dict[str, Taker] = {}


def register(taker: Taker) -> Taker:
    """Make a sort of file known; refuse a second one of the same code."""
    if _takers.get(taker.code, taker) != taker:
        raise ValueError(f"two modules take files called {taker.code}")
    _takers[taker.code] = taker
    return taker


def takers() -> dict[str, Taker]:
    """Return the sorts of files that modules take, by code."""
    return dict(_takers)
