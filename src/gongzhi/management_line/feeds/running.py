"""All towns' feeds in one process: begun, noticed when they change, ended."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from gongzhi.foundation.people.sealing import CannotOpen
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import towns_having
from gongzhi.management_line.feeds import operations, queries
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import Feed

if TYPE_CHECKING:
    from gongzhi.management_line.feeds.client import Connection

log = logging.getLogger(__name__)
LOOK_AGAIN = 3.0  # seconds after which changed feeds are noticed
BY = system("feeds")


class Feeds:
    """Keeps a connection for each feed that is switched on. `instance`: name of this process where several share $share subscriptions."""

    def __init__(self, instance: str = "1", clock: Callable[[], datetime] = timezone.now) -> None:
        self.instance, self.clock = instance, clock
        self._ended = threading.Event()
        self._running: dict[int, tuple[int, Connection]] = {}
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Look after the feeds until stop()."""
        try:
            while not self._ended.is_set():
                try:
                    self._look()
                except Error as error:  # the database is away; what is connected waits by itself
                    log.warning("feeds cannot be looked up: %s", error)
                    connection.close()
                except Exception:  # one feed that cannot be begun must not end the others
                    log.exception("feeds cannot be looked after")
                close_old_connections()
                self._ended.wait(LOOK_AGAIN)
            for _version, one in self._running.values():
                one.stop()
        finally:
            connection.close()

    def start(self) -> None:
        """Run beside what else this process does."""
        self._thread = threading.Thread(target=self.run, name="feeds", daemon=True)
        self._thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """Finish the batches in hand and part from the brokers."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _look(self) -> None:
        """Begin what is new or changed, end what is gone."""
        wanted: dict[int, tuple[int, Feed]] = {}
        for town_id in towns_having("active_feeds", self.clock()):
            with in_town(town_id):
                wanted |= {feed.pk: (town_id, feed) for feed in queries.feeds(seen_by=BY).filter(is_active=True)}
        for feed_id in [one for one, (version, _c) in self._running.items() if one not in wanted or wanted[one][1].version != version]:
            self._running.pop(feed_id)[1].stop()
        for feed_id, (town_id, feed) in wanted.items():
            if feed_id not in self._running:
                self._begin(town_id, feed)

    def _begin(self, town_id: int, feed: Feed) -> None:
        from gongzhi.management_line.feeds.client import Connection, Settings  # who has no feed does not carry the client's library

        with in_town(town_id):
            try:
                settings = Settings(
                    town_id, feed.pk, f"gongzhi-{town_id}-{feed.code}-{self.instance}", feed.host, feed.port, feed.tls, feed.authority, feed.username,
                    queries.password_of(seen_by=BY, feed=feed), tuple(feed.topics), feed.qos, feed.session_seconds,
                )  # fmt: skip
                made = Connection(settings, queries.book_of(seen_by=BY, feed_id=feed.pk), self.clock)
                made.start()
            except (BadMapping, CannotOpen, OSError, ValueError) as error:
                if feed.state != Feed.State.BROKEN or str(error)[:300] != feed.last_error:
                    operations.note_state(by=BY, at=self.clock(), feed_id=feed.pk, state=Feed.State.BROKEN, error=str(error) or type(error).__name__)
                return
        self._running[feed.pk] = (feed.version, made)
