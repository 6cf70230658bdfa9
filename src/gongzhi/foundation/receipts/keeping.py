"""Under which key the present call works. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Key:
    """An idempotency key: whose call, the key itself, and a digest of what was asked."""

    scope: str
    key: str
    fingerprint: str
    is_kept: bool = False


_present: ContextVar[Key | None] = ContextVar("gongzhi_receipt", default=None)


def present() -> Key | None:
    """Return the key under which this work is done, or None."""
    return _present.get()


@contextmanager
def under(key: Key) -> Iterator[Key]:
    """Do the work of the block under a key; its first act writes the receipt."""
    token = _present.set(key)
    try:
        yield key
    finally:
        _present.reset(token)
