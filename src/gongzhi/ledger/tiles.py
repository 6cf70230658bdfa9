"""Names of tiles (C2SP tlog-tiles). Pure.

A tile holds 256 hashes of one level; level L holds the roots of complete tiles of level L-1. The last one of a level
may be partial: `.p/<width>`. Entry bundles go beside them: each entry with its length in two bytes before it.
"""

import re
import struct
from collections.abc import Iterable

WIDTH = 256
HEIGHT = 8
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class NoSuchTile(LookupError):
    """A name that is not a tile's."""


def read_place(text: str) -> tuple[int, int | None]:
    """Return (number, width of a partial tile or None) of the last part of a tile's address; raise NoSuchTile."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise NoSuchTile(text)
    number = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2]) if found[2] else None
    if place(number) != found[1] or (width is not None and not 0 < width < WIDTH):
        raise NoSuchTile(text)
    return number, width


def place(number: int) -> str:
    """Return the address part of a tile's number: 1234067 is x001/x234/067."""
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts))


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)
