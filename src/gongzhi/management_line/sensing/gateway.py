"""Takes HJ 212 packets of all towns on one TCP port, keeps them, and answers when they are kept.

A connection is read into frames; each frame is judged and its device looked up at once. What brings readings waits a
moment with what comes from other connections, so that one transaction keeps many packets; only after its commit are the
devices answered. While the database is away a bounded number of packets waits in memory and connections are read no
further: a device then sends again, and nothing that was answered is lost. A batch has its key before its first try, so
a try whose outcome was not heard is not done twice.
"""

import asyncio
import contextlib
import hmac
import logging
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.db import close_old_connections, connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.towns import enter_town, in_town
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.hj212 import Framer, Packet, Verdict, answer, judge
from gongzhi.management_line.sensing.hj212.packet import blot
from gongzhi.management_line.sensing.operations import Known, TakenPacket

log = logging.getLogger(__name__)
GATEWAY = system("gateway")
LINGER = 0.03  # seconds that a packet waits for others
MOST_TOGETHER = 1000  # packets in one transaction
MOST_WAITING = 8000  # packets kept in memory; beyond it connections are read no further
SILENT = 900.0  # seconds after which a connection that says nothing is closed
MOST_REFUSED = 30  # refused packets a minute of one peer that are kept; the rest is only counted
LOOK_AGAIN = 5.0  # seconds that what is known of a device is believed
AHEAD = timedelta(days=1)  # a reading from further ahead would stand as the newest until its day comes
BEHIND = timedelta(days=3650)  # the database keeps no months before


@dataclass(slots=True)
class _Item:
    """A packet on its way in."""

    town_id: int
    taken: TakenPacket
    reply: bytes
    writer: asyncio.StreamWriter


@dataclass(slots=True)
class _Device:
    """What is known of a device, and since when (monotonic)."""

    known: queries.KnownDevice | None
    town_id: int | None
    zone: tzinfo | None
    since: float


@dataclass
class Gateway:
    """The server. `run()` until `stop()`; then what has been read is still kept and answered."""

    host: str
    port: int
    series: dict[int, Known] = field(default_factory=lambda: defaultdict(dict))
    _devices: dict[str, _Device] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: list[_Item] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _connections: set[asyncio.StreamWriter] = field(default_factory=set)
    taken: int = 0

    async def run(self) -> None:
        """Serve until stopped."""
        self._room.set()
        self._server = await asyncio.start_server(self._connected, self.host, self.port, limit=64_000, backlog=1000)
        log.warning("HJ 212 gateway listens on %s:%d", self.host, self._server.sockets[0].getsockname()[1])
        keeper = asyncio.create_task(self._keep())
        try:
            ending = asyncio.create_task(self._ended.wait())
            await asyncio.wait({keeper, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._server.close()
            self._ended.set()
            self._wake.set()
            try:
                await keeper  # raises what ended it: better to be started anew than to listen and keep nothing
            finally:
                for writer in list(self._connections):
                    writer.close()  # after the keeper, so that what it kept is still answered

    def stop(self) -> None:
        """Take no more connections, keep what has been read, and end."""
        self._ended.set()

    # -- one connection --------------------------------------------------------------------------------------------
    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = "{}:{}".format(*(writer.get_extra_info("peername") or ("?", 0))[:2])
        framer, refused, times = Framer(), _Refusals(peer), _Times()
        self._connections.add(writer)
        try:
            while not self._ended.is_set():
                await self._room.wait()
                # a device that never reads its answers is read no further itself
                await asyncio.wait_for(writer.drain(), timeout=SILENT)
                chunk = await asyncio.wait_for(reader.read(65_536), timeout=SILENT)
                for frame in framer.feed(chunk) if chunk else framer.finish():
                    await self._take(judge(frame), writer, refused, times)
                if framer.junk:
                    await refused.keep(None, None, "malformed", f"{framer.junk} bytes that are no packet", framer.sample, "")
                    framer.junk = 0
                if not chunk:
                    return
        except (TimeoutError, ConnectionError):
            return
        except Exception:
            log.exception("connection of %s ended", peer)
        finally:
            self._connections.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                await writer.wait_closed()

    async def _take(self, judged: Any, writer: asyncio.StreamWriter, refused: "_Refusals", times: "_Times") -> None:
        packet: Packet | None = judged.packet
        if packet is None or not packet.mn:
            await refused.keep(None, None, judged.verdict.value, judged.reason or "MN: missing", judged.frame.raw, packet.mn if packet else "")
            return
        device = await self._device(packet.mn)
        if device.known is None or device.town_id is None:
            await refused.keep(None, None, "unknown_device", "MN: no device of this name is registered", judged.frame.raw, packet.mn)
            return
        if judged.verdict is not Verdict.ACCEPT:
            await refused.keep(device.town_id, device.known.device_id, judged.verdict.value, judged.reason, judged.frame.raw, packet.mn)
            return
        if not hmac.compare_digest(packet.pw.encode(), device.known.password.encode()):
            await refused.keep(device.town_id, device.known.device_id, "wrong_password", "PW: not this device's", judged.frame.raw, packet.mn)
            return
        reply = _reply(packet)
        now = datetime.now(UTC)
        try:
            rows = _rows(packet, times.of(packet), device.zone or UTC, now)
        except _NotReadable as fault:
            await refused.keep(device.town_id, device.known.device_id, "malformed", str(fault), judged.frame.raw, packet.mn)
            return
        if not rows and packet.period == "":
            writer.write(reply)  # heartbeats, start times, answers to requests: nothing to keep
            return
        taken = TakenPacket(judged.frame.raw, device.known.device_id, device.known.station_id, now, rows)
        await self._room.wait()
        self._waiting.append(_Item(device.town_id, taken, reply, writer))
        if len(self._waiting) >= MOST_WAITING:
            self._room.clear()
        self._wake.set()

    async def _device(self, mn: str) -> _Device:
        now = asyncio.get_running_loop().time()
        kept = self._devices.get(mn)
        if kept is not None and now - kept.since < LOOK_AGAIN:
            return kept
        found = await _patiently(_look_up, mn)
        device = _Device(*found, now)
        if len(self._devices) > 20_000:
            self._devices.clear()
        self._devices[mn] = device
        return device

    # -- keeping ---------------------------------------------------------------------------------------------------
    async def _keep(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not self._ended.is_set():
                await asyncio.sleep(LINGER)
            while self._waiting:
                together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                if len(self._waiting) < MOST_WAITING // 2:
                    self._room.set()
                by_town: dict[int, list[_Item]] = defaultdict(list)
                for item in together:
                    by_town[item.town_id].append(item)
                for town_id, items in by_town.items():
                    await self._keep_together(town_id, items)
            if self._ended.is_set() and not self._waiting:
                return

    async def _keep_together(self, town_id: int, items: list[_Item]) -> None:
        key = uuid.uuid4()
        try:
            await _patiently(_store, town_id, key, [item.taken for item in items], self.series[town_id])
        except Exception:  # whatever one packet brings about, the others are kept
            if len(items) == 1:  # this one packet cannot be kept: say so, and do not answer it
                log.exception("a packet of town %d could not be kept", town_id)
                try:
                    await _patiently(_refuse, town_id, "gateway", "", "not_kept", "the packet could not be kept", items[0].taken.raw, items[0].taken.device_id)
                except Exception:
                    log.exception("nor could it be kept as refused")
                return
            self.series[town_id].clear()
            for item in items:
                await self._keep_together(town_id, [item])
            return
        self.taken += len(items)
        for item in items:
            if item.reply and not item.writer.is_closing():
                item.writer.write(item.reply)


class _Refusals:
    """What of a peer's refused packets is kept; a peer that floods fills no table."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self._minute = 0
        self._count = 0

    async def keep(self, town_id: int | None, device_id: int | None, verdict: str, reason: str, raw: bytes, mn: str) -> None:
        """Keep a refused packet in its town; without a town it goes to the log."""
        minute = int(asyncio.get_running_loop().time() // 60)
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        if self._count > MOST_REFUSED:
            await asyncio.sleep(0.05)  # slow a flood down without harming others
            return
        if town_id is None:
            log.warning("refused from %s: %s (%s) %r", self.peer, verdict, reason, blot(raw[:400])[:160])
            return
        await _patiently(_refuse, town_id, self.peer, mn, verdict, reason, raw, device_id)


def _reply(packet: Packet) -> bytes:
    """Return what the standard says to answer: 9014 to data, 9013 to notices; nothing where no answer is asked."""
    if not packet.wants_answer or packet.cn.startswith("90"):
        return b""
    return answer(qn=packet.qn.encode(), cn="9013" if packet.cn in ("2081",) else "9014", pw=packet.pw.encode(), mn=packet.mn.encode(), flag=packet.flag)


class _Times:
    """Remembers the DataTime of the message that a connection is in the middle of.

    A message too long for one packet comes in several with the same QN (PNUM, PNO); some devices name its DataTime in
    the first of them only.
    """

    def __init__(self) -> None:
        self._message = ("", "")
        self._time = ""

    def of(self, packet: Packet) -> str:
        """Return the packet's DataTime, or that of the message which it goes on with; "" if there is none."""
        message = (packet.mn, packet.qn)
        if packet.data_time:
            self._message, self._time = message, packet.data_time
            return packet.data_time
        return self._time if packet.qn and message == self._message else ""


class _NotReadable(Exception):
    """Why the readings of a packet cannot be used, for whoever connects the device."""


def _rows(packet: Packet, data_time: str, zone: tzinfo, now: datetime) -> "tuple[tuple[str, str, datetime, float, str], ...]":
    """Return the readings of a packet measured at `data_time` (YYYYMMDDhhmmss in `zone`), () where it brings none.

    Raises _NotReadable where their time is missing, no moment, or too far from now.
    """
    period = packet.period
    if not period or not any(item.values for item in packet.items):
        return ()
    if not data_time:
        raise _NotReadable("DataTime: missing")
    try:
        parts = int(data_time[:4]), int(data_time[4:6]), int(data_time[6:8]), int(data_time[8:10]), int(data_time[10:12]), int(data_time[12:14])
        measured = datetime(*parts, tzinfo=zone)
        is_near = now - BEHIND < measured < now + AHEAD
    except (ValueError, OverflowError):
        raise _NotReadable(f"DataTime: {data_time} is not a moment") from None
    if not is_near:
        raise _NotReadable(f"DataTime: {data_time} is too far from now, is the device's clock set?")
    rows = []
    for item in packet.items:
        flag = item.flag[:1].upper() or "-"
        if not flag.isascii():
            flag = "?"  # one byte is kept; a mark that nobody knows is not a good one
        for statistic, number in item.values.items():
            aggregate = "rtd" if period == statistic == "rtd" else f"{period}.{statistic}"
            rows.append((item.factor[:40], aggregate, measured, float(number), flag))
    return tuple(rows)


# -- the database, in threads ------------------------------------------------------------------------------------------
async def _patiently(function: Any, *given: Any) -> Any:
    """Do blocking work in a thread; while the database is away, try again with growing pauses."""
    pause = 0.1
    while True:
        try:
            return await asyncio.to_thread(function, *given)
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away (%s), trying again in %.1f s", str(error).strip().splitlines()[0] if str(error) else type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)


def _connected_anew(function: Any) -> Any:
    """Let go of a connection that has died."""

    def work(*given: Any) -> Any:
        try:
            return function(*given)
        except (OperationalError, InterfaceError):
            connection.close()
            raise
        finally:
            close_old_connections()

    return work


@_connected_anew
def _look_up(mn: str) -> "tuple[queries.KnownDevice | None, int | None, tzinfo | None]":
    enter_town(None)
    town_id = queries.town_of_device(seen_by=CLOCK, mn=mn)
    if town_id is None:
        return None, None, None
    with in_town(town_id):
        return queries.known_device(seen_by=CLOCK, mn=mn), town_id, territory.town(seen_by=CLOCK).zone


@_connected_anew
def _store(town_id: int, key: uuid.UUID, packets: list[TakenPacket], known: Known) -> None:
    with in_town(town_id):
        operations.take_readings(by=GATEWAY, at=timezone.now(), key=key, packets=packets, known=known)


@_connected_anew
def _refuse(town_id: int, peer: str, mn: str, verdict: str, reason: str, raw: bytes, device_id: int | None) -> None:
    with in_town(town_id):
        operations.keep_refused(by=GATEWAY, at=timezone.now(), peer=peer, mn=mn, verdict=verdict, reason=reason, raw=raw, device_id=device_id)
