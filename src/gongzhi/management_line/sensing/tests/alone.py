"""A connection of the gateway without a socket, a server and a database: what it is given, what it asks for."""

import asyncio
import sys
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from gongzhi.management_line.sensing.gateway import connection as connections
from gongzhi.management_line.sensing.gateway.connection import Connection, Times
from gongzhi.management_line.sensing.gateway.database import Sender
from gongzhi.management_line.sensing.operations import Targets

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime.now(SHANGHAI).replace(microsecond=0)
PASSWORD = b"123456"
UNBOUNDED = True  # no refusal is one too many
SENDERS = {mn: Sender(town, number, number, PASSWORD, SHANGHAI) for number, (mn, town) in enumerate((("A1", 1), ("A2", 1), ("B1", 2)), start=1)}


class Transport:
    def __init__(self):
        self.written, self.closed = b"", False

    def get_extra_info(self, _name):
        return ("127.0.0.1", 1)

    def write(self, content):
        self.written += content

    def is_closing(self):
        return False

    def pause_reading(self):
        pass

    resume_reading = pause_reading

    def close(self):
        self.closed = True


class Gateway:
    """What a connection asks of the gateway, without a server and without a database."""

    is_full = ending = False

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.entries, self.times, self.connections, self.reach = {}, Times(), set(), {}
        self.taken = []
        self._targets = {}

    def take(self, town_id, items):
        self.taken += [(town_id, packed, connection, reply) for packed, connection, reply in items]

    def targets(self, station_id, names):
        return self._targets.setdefault((station_id, names), Targets(station_id, names))

    async def sender(self, mn):
        return SENDERS.get(mn)


async def read(pieces):
    """Return what a connection makes of pieces: packets taken, what the database was asked, what it has written at once, who is reached by it.

    The clock stands still at NOW and no refusal is one too many, so that reading the same again is reading the same. Fails where the connection failed.
    """
    asked = []

    async def patiently(function, *given):
        asked.append((function.__name__, *given))

    kept = connections.patiently, connections.time, connections.log, connections.MOST_REFUSED, connections.MOST_JUNK
    failed: list[BaseException | None] = []
    connections.patiently = patiently
    if UNBOUNDED:
        connections.MOST_REFUSED = connections.MOST_JUNK = 1_000_000
    connections.time = SimpleNamespace(time_ns=lambda: int(NOW.timestamp()) * 10**9)
    connections.log = SimpleNamespace(warning=lambda *_given: None, exception=lambda *_given: failed.append(sys.exc_info()[1]))
    try:
        gateway, transport = Gateway(), Transport()
        one = Connection(gateway)
        one.connection_made(transport)
        for piece in pieces:
            one.data_received(piece)
            await one.settle()
        one.eof_received()
        await one.settle()
    finally:
        connections.patiently, connections.time, connections.log, connections.MOST_REFUSED, connections.MOST_JUNK = kept
    if failed:
        raise AssertionError("the connection ended") from failed[0]
    taken = [
        (town_id, packed.raw, packed.device_id, packed.targets.names, packed.moment, list(packed.values), packed.flags, reply)
        for town_id, packed, _connection, reply in gateway.taken
    ]
    assert one.waiting == len(taken)
    return taken, asked, transport.written, {device_id: there is one for device_id, there in gateway.reach.items()}
