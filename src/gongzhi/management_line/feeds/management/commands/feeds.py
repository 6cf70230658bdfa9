"""`./gongzhi feeds`: connects to the brokers of every town's feeds and keeps what they bring."""

import logging
import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection
from django.utils import timezone

from gongzhi.foundation.people.sealing import CannotOpen
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.feeds import operations, queries
from gongzhi.management_line.feeds.client import BY, Connection, Settings
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import Feed

log = logging.getLogger(__name__)
LOOK_AGAIN = 3.0  # seconds after which changed feeds are noticed


class Command(BaseCommand):
    """Run the feeds until SIGTERM or Ctrl-C."""

    help = "run only the MQTT feeds: messages of brokers become readings"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--instance", default="1", help="name of this process, when several share $share subscriptions (default 1)")

    def handle(self, *_args: Any, **given: Any) -> None:
        sys.setswitchinterval(0.0005)
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_given: ended.set())
        running: dict[int, tuple[int, Connection]] = {}
        while not ended.is_set():
            try:
                self._look(running, given["instance"])
            except Error as error:  # the database is away; what is connected waits by itself
                log.warning("feeds cannot be looked up: %s", error)
                connection.close()
            ended.wait(LOOK_AGAIN)
        for _version, one in running.values():
            one.stop()

    def _look(self, running: dict[int, tuple[int, Connection]], instance: str) -> None:
        """Begin what is new or changed, end what is gone."""
        wanted: dict[int, tuple[int, Feed]] = {}
        for town_id in territory.town_ids(seen_by=BY):
            with in_town(town_id):
                wanted |= {feed.pk: (town_id, feed) for feed in queries.feeds(seen_by=BY).filter(is_active=True)}
        for feed_id in [one for one, (version, _c) in running.items() if one not in wanted or wanted[one][1].version != version]:
            running.pop(feed_id)[1].stop()
        for feed_id, (town_id, feed) in wanted.items():
            if feed_id in running:
                continue
            with in_town(town_id):
                try:
                    settings = Settings(
                        town_id, feed_id, f"gongzhi-{town_id}-{feed.code}-{instance}", feed.host, feed.port, feed.tls, feed.authority, feed.username,
                        queries.password_of(seen_by=BY, feed=feed), feed.topic, feed.qos, feed.session_seconds,
                    )  # fmt: skip
                    made = Connection(settings, queries.book_of(seen_by=BY, feed_id=feed_id), timezone.now)
                    made.start()
                except (BadMapping, CannotOpen, OSError, ValueError) as error:
                    if feed.state != Feed.State.BROKEN or str(error)[:300] != feed.last_error:
                        operations.note_state(by=BY, at=timezone.now(), feed_id=feed_id, state=Feed.State.BROKEN, error=str(error) or type(error).__name__)
                    continue
            running[feed_id] = (feed.version, made)
