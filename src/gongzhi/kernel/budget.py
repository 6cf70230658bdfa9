"""Work done for somebody who waits: it has a time, and it ends when nobody waits any more.

The web server makes one `Work` a request and puts it where the request's thread finds it. The database backend tells it which
connection is in use. To end it means: the statement that runs is cancelled at the server, and no other begins.
"""

import contextlib
import logging
import threading
from contextvars import ContextVar
from typing import Any

from django.db import OperationalError

log = logging.getLogger(__name__)


class WorkEnded(OperationalError):
    """The work's time is up, or whoever asked has gone."""


class Work:
    """One request's work. Thread-safe: ended by the server's loop while a thread is at it."""

    __slots__ = ("_connection", "_lock", "why")

    def __init__(self) -> None:
        self.why = ""
        self._lock = threading.Lock()
        self._connection: Any = None

    def uses(self, connection: Any) -> None:
        """Note the connection of the next statement; raise WorkEnded when there is to be none."""
        if self.why:
            raise WorkEnded(self.why)
        if self._connection is not connection:
            with self._lock:
                self._connection = connection

    def leaves(self) -> None:
        """Note that the connection goes back to the pool: from now on its statements are somebody else's."""
        with self._lock:
            self._connection = None

    def end(self, why: str) -> None:
        """End the work; blocks for the moment that the server needs to hear of it."""
        self.why = why
        with self._lock:
            if self._connection is not None:
                with contextlib.suppress(Exception):  # it may have ended by itself, or the database be away
                    self._connection.cancel_safe(timeout=3.0)


_work: ContextVar[Work | None] = ContextVar("gongzhi_work", default=None)


def begin(work: Work) -> None:
    """Do what follows in this context under the work's budget."""
    _work.set(work)


def present() -> Work | None:
    """Return the work of this context, if it has a budget."""
    return _work.get()
