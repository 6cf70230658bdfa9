"""`./gongzhi gateway`: the HJ 212 gateway alone, for service managers that keep one process each."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from gongzhi.management_line.sensing.gateway import Gateway


class Command(BaseCommand):
    """Run the gateway until SIGTERM or Ctrl-C."""

    help = "run only the HJ 212 gateway"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9212)
        parser.add_argument("--spool", type=Path, default=None, help="folder that holds packets while the database is away (default: in the data folder)")

    def handle(self, *args: Any, **options: Any) -> None:
        # packets are read in one thread and kept in another that mostly waits for the database: when its answer is there it must not
        # wait five milliseconds for its turn, eighteen times a batch
        sys.setswitchinterval(0.0002)

        async def run() -> None:
            gateway = Gateway(options["host"], options["port"], options["spool"] or settings.VAR / "gateway")
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, gateway.stop)
            await gateway.run()

        uvloop.run(run())
