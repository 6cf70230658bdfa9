"""`./gongzhi simulate`: plays the demo stations over real TCP, an exceedance of the dyeing works now and then."""

import asyncio
import random
import signal
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandParser

from gongzhi.management_line.sensing import demo
from gongzhi.management_line.sensing.hj212 import build

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY = 3600.0  # seconds from one exceedance to the next
LASTS = 240.0


class Command(BaseCommand):
    """Play the stations until stopped."""

    help = "play the demo stations against a gateway"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9212)
        parser.add_argument("--seconds", type=float, default=5.0, help="between two packets of a station (default 5)")
        parser.add_argument("--first", type=float, default=60.0, help="seconds until the first exceedance (default 60)")

    def handle(self, *args: Any, **options: Any) -> None:
        async def run() -> None:
            loop = asyncio.get_running_loop()
            ended = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, ended.set)
            began = loop.time()
            playing = [asyncio.create_task(_play(played, options, began)) for played in demo.STATIONS if not played.silent_hours]
            await ended.wait()
            for task in playing:
                task.cancel()

        asyncio.run(run())


async def _play(played: demo.Played, options: dict[str, Any], began: float) -> None:
    chance = random.Random(played.mn)  # noqa: S311 - a demo
    loop = asyncio.get_running_loop()
    told = datetime.now(SHANGHAI).hour
    while True:
        try:
            reader, writer = await asyncio.open_connection(options["host"], options["port"])
            drain = asyncio.create_task(_drain(reader))
            try:
                while not drain.done():
                    since = loop.time() - began - options["first"]
                    is_beyond = played.overshoot > 1 and since >= 0 and since % EVERY < LASTS
                    now = datetime.now(SHANGHAI)
                    writer.write(_packet(played, now, chance, is_beyond=is_beyond))
                    if played.code in demo.HOURLY and now.hour != told:
                        writer.write(_hour_packet(played, now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1), now, chance))
                        told = now.hour
                    await writer.drain()
                    await asyncio.sleep(options["seconds"])
            finally:
                drain.cancel()
                writer.close()
        except OSError:
            await asyncio.sleep(2)


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass


def _packet(played: demo.Played, at: datetime, chance: random.Random, *, is_beyond: bool) -> bytes:
    values = {factor: curve.at(at, chance) for factor, (_unit, curve) in played.series.items()}
    if is_beyond and played.limit:
        values[played.limit[0]] = round(played.limit[1] * (played.overshoot + chance.uniform(-0.05, 0.05)), 1)
    stamp = f"{at:%Y%m%d%H%M%S}"
    return build(
        mn=played.mn, cn="2011", st=played.st, pw=demo.password_of(played), qn=f"{stamp}{at.microsecond // 1000:03d}", data_time=stamp, flag=5,
        factors=[(factor, {"Rtd": value, "Flag": "N"}) for factor, value in values.items()],
    )


def _hour_packet(played: demo.Played, hour: datetime, at: datetime, chance: random.Random) -> bytes:
    """Return the means of an hour (2061), as loggers send them when it is over."""
    means = {factor: demo.hour_mean(factor, curve, hour, 1.0, chance) for factor, (_unit, curve) in played.hourly.items()}
    return build(
        mn=played.mn, cn="2061", st=played.st, pw=demo.password_of(played), qn=f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}",
        data_time=f"{hour:%Y%m%d%H%M%S}", flag=5, factors=[(factor, {"Avg": value, "Flag": "N"}) for factor, value in means.items()],
    )  # fmt: skip
