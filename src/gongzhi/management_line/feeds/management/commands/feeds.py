"""`./gongzhi feeds`: connects to the brokers of every town's feeds and keeps what they bring."""

import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gongzhi.management_line.feeds.running import Feeds


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
        feeds = Feeds(given["instance"])
        feeds.start()
        ended.wait()
        feeds.stop()
