"""The server: what waits together, one transaction for many packets, answers after its commit."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from gongzhi.management_line.sensing.gateway import database
from gongzhi.management_line.sensing.gateway.connection import Connection, Entry, Times
from gongzhi.management_line.sensing.gateway.database import AWAY, Asking, Sender, patiently, sentence
from gongzhi.management_line.sensing.gateway.spool import Full, Spool
from gongzhi.management_line.sensing.hj212.answer import write
from gongzhi.management_line.sensing.operations import Packed, Targets

log = logging.getLogger(__name__)
LINGER = 0.02  # seconds that a packet waits for others
MOST_TOGETHER = 4000  # packets in one transaction
MOST_WAITING = 20_000  # packets kept in memory; beyond it connections are read no further
SILENT = 900.0  # seconds after which a connection that says nothing is closed
LOOK_AGAIN = 5.0  # seconds that an unknown MN is believed to be unknown
REQUESTS_EVERY = 2.0  # seconds between two looks for what devices are to be asked
UNTIL_SPOOLED = 2.0  # seconds of an absent database before packets go to disk

Waiting = tuple[Packed, Connection, bytes]


class Gateway:
    """The server. `run()` until `stop()`; then what has been read is still kept and answered."""

    def __init__(self, host: str, port: int, spool: Path) -> None:
        self.host, self.port = host, port
        self.loop: asyncio.AbstractEventLoop = None  # type: ignore[assignment] # set by run()
        self.entries: dict[bytes, Entry] = {}
        self.times = Times()
        self.connections: set[Connection] = set()
        self.reach: dict[int, Connection] = {}  # device → its connection
        self.ending = False
        self.is_full = False
        self.taken = 0
        self._spool = Spool(spool)
        self._away_since: float | None = None
        self._targets: dict[tuple[int, tuple[tuple[str, str], ...]], Targets] = {}
        self._senders: dict[str, tuple[Sender | None, float]] = {}
        self._versions: dict[int, int] = {}
        self._waiting: dict[int, list[Waiting]] = defaultdict(list)
        self._count = 0
        self._wake = asyncio.Event()
        self._stopped = asyncio.Event()

    # -- running ---------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Serve until stopped."""
        self.loop = asyncio.get_running_loop()
        server = await self.loop.create_server(lambda: Connection(self), self.host, self.port, backlog=1000)
        log.warning("HJ 212 gateway listens on %s:%d", self.host, server.sockets[0].getsockname()[1])
        keeper = asyncio.create_task(self._keep())
        beside = [asyncio.create_task(work()) for work in (self._watch, self._ask, self._sweep)]
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({keeper, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.ending = True
            server.close()
            for task in [*beside, stopped]:
                task.cancel()
            for connection in list(self.connections):
                connection.hold("full")
                await connection.settle()
            self._wake.set()
            try:
                await keeper  # raises what ended it: better to be started anew than to listen and keep nothing
            finally:
                for connection in list(self.connections):
                    connection.transport.close()  # writes what is left first
                for _round in range(100):
                    if not self.connections:
                        break
                    await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Take no more connections, keep what has been read, and end."""
        self._stopped.set()

    def forget(self, connection: Connection) -> None:
        """Let go of a connection that has ended."""
        self.connections.discard(connection)
        for device_id in connection.devices:
            if self.reach.get(device_id) is connection:
                del self.reach[device_id]

    # -- what connections ask ----------------------------------------------------------------------------------------
    def take(self, town_id: int, items: list[Waiting]) -> None:
        """Have packets kept; each is answered when it is."""
        self._waiting[town_id] += items
        self._count += len(items)
        if self._count >= MOST_WAITING and not self.is_full:
            self.is_full = True
            for each in self.connections:
                each.hold("full")
        self._wake.set()

    def targets(self, station_id: int, names: tuple[tuple[str, str], ...]) -> Targets:
        """Return where the numbers of packets like this one go."""
        found = self._targets.get((station_id, names))
        if found is None:
            if len(self._targets) > 20_000:
                self._targets.clear()
            found = self._targets[(station_id, names)] = Targets(station_id, names)
        return found

    async def sender(self, mn: str) -> Sender | None:
        """Return the device of this MN, None where there is none."""
        now = self.loop.time()
        kept = self._senders.get(mn)
        if kept is not None and (kept[0] is not None or now - kept[1] < LOOK_AGAIN):
            return kept[0]
        found: Sender | None = await patiently(database.look_up, mn)
        if len(self._senders) > 20_000:
            self._senders.clear()
        self._senders[mn] = (found, now)
        return found

    # -- beside ------------------------------------------------------------------------------------------------------
    async def _watch(self) -> None:
        """Forget what is known of a town's devices when its registry changes."""
        while True:
            fresh: dict[int, int] = await patiently(database.versions)
            changed = {town_id for town_id, version in fresh.items() if self._versions.get(town_id) != version}
            if changed:
                self._versions = fresh
                self.entries = {key: entry for key, entry in self.entries.items() if entry.sender.town_id not in changed}
                self._senders = {mn: kept for mn, kept in self._senders.items() if kept[0] is not None and kept[0].town_id not in changed}
            await asyncio.sleep(1.0)

    async def _sweep(self) -> None:
        """Close connections that have said nothing for long."""
        while True:
            await asyncio.sleep(30.0)
            now = self.loop.time()
            for connection in list(self.connections):
                if now - connection.heard > SILENT:
                    connection.transport.close()

    async def _ask(self) -> None:
        """Send devices what they are asked for."""
        while True:
            await asyncio.sleep(REQUESTS_EVERY)
            by_town: dict[int, list[int]] = defaultdict(list)
            for connection in self.connections:
                for sender in connection.devices.values():
                    by_town[sender.town_id].append(sender.device_id)
            if not by_town:
                continue
            for asking in await patiently(database.waiting_requests, dict(by_town)):
                there = self.reach.get(asking.device_id)
                if there is None or there.closed or there.transport.is_closing():
                    continue
                sender = there.devices[asking.device_id]
                mn = next((mn for mn, kept in self._senders.items() if kept[0] == sender), None)
                if mn is None:
                    continue
                now = datetime.now(UTC).astimezone(sender.zone)
                qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
                if await patiently(database.note_sent, asking, qn) and not there.closed:
                    there.transport.write(_request(asking, sender, mn, qn, now))
                await asyncio.sleep(0.002)  # no two under one QN

    # -- keeping -----------------------------------------------------------------------------------------------------
    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), 1.0 if self._spool.files else None)
            self._wake.clear()
            if not self.ending:
                await asyncio.sleep(LINGER)
            if self._spool.files:
                await self._replay()
            while self._count:
                for town_id in [town_id for town_id, items in self._waiting.items() if items]:
                    items = self._waiting[town_id]
                    together, self._waiting[town_id] = items[:MOST_TOGETHER], items[MOST_TOGETHER:]
                    self._count -= len(together)
                    await self._keep_together(town_id, together)
                    if self.is_full and self._count < MOST_WAITING // 2 and not self.ending:
                        self.is_full = False
                        for each in self.connections:
                            each.release("full")
            if self.ending and not self._count:
                return

    async def _keep_together(self, town_id: int, items: list[Waiting]) -> None:
        key = uuid.uuid4()
        packets = [item[0] for item in items]
        pause = 0.1
        while True:
            if not self._spool.files:  # what came before goes before
                try:
                    await asyncio.to_thread(database.store, town_id, key, packets)
                    self._away_since = None
                    break
                except AWAY as error:
                    self._away_since = self._away_since or time.monotonic()
                    log.warning("the database is away: %s", sentence(error))
                except Exception:  # whatever one packet brings about, the others are kept
                    await self._keep_apart(town_id, items)
                    return
            if self._spool.files or self.ending or time.monotonic() - (self._away_since or 0.0) >= UNTIL_SPOOLED:
                try:
                    await asyncio.to_thread(self._spool.put, town_id, key, packets)
                    break
                except (Full, OSError) as error:
                    log.error("nothing more can be set down on disk (%s): devices wait", sentence(error))
                    await self._replay()
                    if self.ending and self._spool.files:
                        return  # not answered: their devices send again
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)
        self.taken += len(items)
        replies: dict[Connection, list[bytes]] = defaultdict(list)
        counts: dict[Connection, int] = defaultdict(int)
        for _packed, connection, reply in items:
            counts[connection] += 1
            if reply:
                replies[connection].append(reply)
        for connection, count in counts.items():
            connection.answered(count, replies.get(connection, []))

    async def _keep_apart(self, town_id: int, items: list[Waiting]) -> None:
        """Keep packets that could not be kept together; the one that cannot be kept at all is refused and not answered."""
        if len(items) > 1:
            middle = len(items) // 2
            await self._keep_together(town_id, items[:middle])
            await self._keep_together(town_id, items[middle:])
            return
        packed, connection, _reply = items[0]
        log.exception("a packet of town %d could not be kept", town_id)
        connection.answered(1, [])
        try:
            await patiently(database.refuse, town_id, connection.peer, "", "not_kept", "the packet could not be kept", packed.raw, packed.device_id)
        except Exception:
            log.exception("nor could it be kept as refused")

    async def _replay(self) -> None:
        """Keep what lies on disk, oldest first, as long as the database takes it."""
        while self._spool.files:
            spooled = await asyncio.to_thread(self._spool.oldest)
            if spooled is None:
                return
            try:
                await asyncio.to_thread(database.store, spooled.town_id, spooled.key, spooled.packets)
            except AWAY:
                return
            except Exception:
                log.exception("a batch on disk cannot be kept and is set aside")
                self._spool.set_aside()
                continue
            self._spool.done()
            if not self._spool.files:
                log.warning("everything that lay on disk is kept")
            self._away_since = None


def _request(asking: Asking, sender: Sender, mn: str, qn: str, now: datetime) -> bytes:
    """Return the packet by which a device is asked (HJ 212-2017, 6.6 and Annex C)."""

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(sender.zone):%Y%m%d%H%M%S}" if moment else ""

    if asking.command == "1012":
        content = f"SystemTime={now:%Y%m%d%H%M%S}"
    else:
        content = f"BeginTime={local(asking.begins_at)};EndTime={local(asking.ends_at)}"
    segment = f"QN={qn};ST=91;CN={asking.command};PW={sender.password.decode()};MN={mn};Flag=5;CP=&&{content}&&"
    return write(segment.encode())
