"""One device's bytes. Alike packets are read by their plan at once; everything else waits its turn for the careful way."""

import asyncio
import hmac
import logging
import time
from collections import deque
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from gongzhi.management_line.sensing.bounds import AHEAD, BEHIND, is_in_reach
from gongzhi.management_line.sensing.columns import micros
from gongzhi.management_line.sensing.gateway import database
from gongzhi.management_line.sensing.gateway.database import Sender, patiently
from gongzhi.management_line.sensing.hj212 import Framer, Packet, Verdict, answer, judge
from gongzhi.management_line.sensing.hj212.answer import write, write_many
from gongzhi.management_line.sensing.hj212.crc import are_right
from gongzhi.management_line.sensing.hj212.frame import Frame
from gongzhi.management_line.sensing.hj212.packet import blot
from gongzhi.management_line.sensing.hj212.plan import Plan, key_of, plan_of
from gongzhi.management_line.sensing.operations import Packed, Targets

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.gateway.server import Gateway

log = logging.getLogger(__name__)
MOST_WAITING = 2000  # packets of one connection that wait to be kept; beyond it the connection is read no further
MOST_REFUSED = 30  # refused packets a minute that are kept of one device on a connection; the rest is only counted
MOST_JUNK = 30  # the same of what names no device that is known: it goes to the log and uses up nobody's count
MOST_PLANS = 4  # forms of packets that a device sends under one command
UNTOLD = frozenset({"9013", "9014", "9015"})  # answers to notices and data, heartbeats
LONGEST_REST = 12_000  # bytes without an end: no frame is as long
KEY_AT = 27  # where the key of a frame begins that names its QN first
_SKEW_EVERY = 10_000_000  # µs between two looks at a device's clock


class NotReadable(Exception):
    """Why the readings of a packet cannot be used, for whoever connects the device."""


class Times:
    """DataTime and QN in microseconds, each minute worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, int], int] = {}

    def of(self, text: bytes, zone: tzinfo) -> int:
        """Return the moment of YYYYMMDDhhmmss; raises ValueError where it is none. No zone changes its hour within a minute."""
        minute = text[:12]
        found = self._known.get((minute, id(zone)))
        if found is None:
            parts = minute.decode("ascii")
            found = micros(datetime(int(parts[:4]), int(parts[4:6]), int(parts[6:8]), int(parts[8:10]), int(parts[10:12]), tzinfo=zone))
            if len(self._known) > 5000:
                self._known.clear()
            self._known[(minute, id(zone))] = found
        second = int(text[12:14])
        if not 0 <= second < 60:
            raise ValueError(text)
        return found + second * 1_000_000


class Entry:
    """How the packets under one key (ST, CN, PW, MN, Flag) are read. The password has been found right: it is in the key."""

    __slots__ = ("plans", "reply_tail", "sender", "skew_due", "wants_answer")

    def __init__(self, sender: Sender, packet: Packet) -> None:
        self.sender = sender
        self.plans: list[tuple[Plan, Targets]] = []
        self.wants_answer = packet.wants_answer
        self.skew_due = 0
        # all of an answer but its QN, see hj212.answer
        empty = answer(qn=b"", cn="9014", pw=packet.pw.encode(), mn=packet.mn.encode(), flag=packet.flag)
        self.reply_tail = empty[6:-6]

    def reply(self, qn: bytes) -> bytes:
        """Return the data segment of the answer to the packet with this QN."""
        return b"QN=%b;%b" % (qn, self.reply_tail) if qn else self.reply_tail


class Connection(asyncio.Protocol):
    """A device's connection. What is read goes to the gateway in order; answers come back when it is kept."""

    def __init__(self, gateway: "Gateway") -> None:
        self.gateway = gateway
        self.transport: Any = None
        self.peer = "?"
        self.heard = gateway.loop.time()
        self.waiting = 0  # packets handed on and not yet answered
        self.closed = False  # the connection is gone
        self._ended = False  # nothing more comes
        self.devices: dict[int, Sender] = {}
        self._framer = Framer()
        self._rest = b""
        self._queue: deque[Frame | bytes] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._held: set[str] = set()
        self._message = ("", "")  # of which packets are coming: a long message names its DataTime in the first packet only
        self._message_time = ""
        self._refused_minute = 0
        self._refused: dict[int | None, int] = {}  # this minute, by device; None: of no device that is known

    # -- asyncio ---------------------------------------------------------------------------------------------------
    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.peer = "{}:{}".format(*(transport.get_extra_info("peername") or ("?", 0))[:2])
        self.gateway.connections.add(self)
        if self.gateway.is_full or self.gateway.ending:
            self.hold("full")

    def data_received(self, data: bytes) -> None:
        self.heard = self.gateway.loop.time()
        try:
            self._read(data)
        except Exception:
            log.exception("connection of %s ended", self.peer)
            self.transport.close()

    def eof_received(self) -> bool:
        self._finish()
        return True  # answers may still be on their way; connection_lost follows when they are written or the peer is gone

    def connection_lost(self, _error: Exception | None) -> None:
        self.closed = True
        self._finish()
        self.gateway.forget(self)

    def pause_writing(self) -> None:
        self.hold("unread")  # a device that never reads its answers is read no further itself

    def resume_writing(self) -> None:
        self.release("unread")

    def hold(self, why: str) -> None:
        """Read no further, until every reason has gone."""
        if not self._held and not self.closed:
            self.transport.pause_reading()
        self._held.add(why)

    def release(self, why: str) -> None:
        """Let a reason go."""
        self._held.discard(why)
        if not self._held and not self.closed and not self.transport.is_closing():
            self.transport.resume_reading()

    def answered(self, count: int, replies: list[bytes]) -> None:
        """Send the answers to packets that are durable now."""
        self.waiting -= count
        if replies and not self.closed and not self.transport.is_closing():
            self.transport.write(b"".join(replies))
        if "share" in self._held and self.waiting < MOST_WAITING // 2:
            self.release("share")
        if self._ended and not self.waiting and not self._queue and not self.closed:
            self.transport.close()

    async def settle(self) -> None:
        """Wait until everything that was read has been handed on."""
        while self._worker is not None:
            await asyncio.wait({self._worker})

    # -- reading ---------------------------------------------------------------------------------------------------
    def _finish(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._rest:
            self._queue.extend(self._framer.feed(self._rest))
            self._rest = b""
        self._queue.extend(self._framer.finish())
        if self._queue or self._framer.junk:
            self._work()
        elif not self.waiting and not self.closed:
            self.transport.close()

    def _read(self, data: bytes) -> None:
        if self._framer.waiting:  # in the middle of something that did not end where it should
            self._slowly(data)
            return
        parts = (self._rest + data if self._rest else data).split(b"\r\n")
        self._rest = b""
        rest = parts.pop()
        done = 0 if self._queue or self._worker is not None else self._quickly(parts)
        for number, part in enumerate(parts[done:], start=done):
            if not part:
                continue
            if part[:2] != b"##" or not part[2:6].isdigit() or int(part[2:6]) + 10 != len(part) or part.find(b"##", 2) >= 0:
                self._slowly(b"\r\n".join(parts[number:]) + b"\r\n" + rest)
                return
            self._queue.append(part)
        if self._queue:
            self._work()
        if rest and (len(rest) > LONGEST_REST or rest.find(b"##", 2) >= 0):
            self._slowly(rest)
        else:
            self._rest = rest
        if self.waiting > MOST_WAITING or len(self._queue) > MOST_WAITING:
            self.hold("share")

    def _slowly(self, data: bytes) -> None:
        self._queue.extend(self._framer.feed(data))
        if self._queue or self._framer.junk:
            self._work()
        if len(self._queue) > MOST_WAITING:
            self.hold("share")

    def _quickly(self, parts: list[bytes]) -> int:
        """Read frames by their plans, side by side, up to the first that none fits; return how many of the parts were read.

        A plan fits only what is a whole frame, so all that is left to be looked at is its length and its CRC.
        """
        received = time.time_ns() // 1000
        entries = self.gateway.entries
        key, entry = b"", None
        frames: list[bytes] = []
        packets: list[tuple[Entry, Packed, bytes]] = []
        places: list[int] = []
        for place, part in enumerate(parts):
            if not part:
                continue
            if not key or part[KEY_AT : KEY_AT + len(key)] != key:
                entry = entries.get(key_of(part))
                key = key_of(part) + b"CP=" if entry is not None and part.find(b";ST=", 6, 40) + 1 == KEY_AT else b""
            if entry is None or part[2:6] != b"%04d" % (len(part) - 10):
                break
            found = self._by_plan(entry, part, received)
            if found is None:
                break
            frames.append(part)
            packets.append((entry, *found))
            places.append(place)
        right = are_right(frames)
        if not all(right):
            del packets[right.index(False) :]
        if not packets:
            return 0
        segments = [entry.reply(qn) for entry, _packed, qn in packets if entry.wants_answer]
        replies = iter(write_many(segments))
        self.waiting += len(packets)
        by_town: dict[int, list[tuple[Packed, Connection, bytes]]] = {}
        for entry, packed, _qn in packets:
            sender = entry.sender
            if sender.device_id not in self.devices:
                self._meet(sender)
            by_town.setdefault(sender.town_id, []).append((packed, self, next(replies) if entry.wants_answer else b""))
        for town_id, items in by_town.items():
            self.gateway.take(town_id, items)
        return places[len(packets) - 1] + 1

    def _by_plan(self, entry: Entry, frame: bytes, received: int) -> "tuple[Packed, bytes] | None":
        """Return a frame whose length is right as read by the plans under its key, with its QN; None where none fits. Its CRC is not looked at."""
        for plan, targets in entry.plans:
            found = plan.read_right(frame)
            if found is None:
                continue
            qn, data_time, values, marks = found
            sender = entry.sender
            try:
                moment = self.gateway.times.of(data_time, sender.zone)
                skew = None
                if received > entry.skew_due and qn:
                    entry.skew_due = received + _SKEW_EVERY
                    skew = (self.gateway.times.of(qn[:14], sender.zone) + int(qn[14:17]) * 1000 - received) / 1e6
            except (ValueError, OverflowError):
                return None
            if not received - BEHIND < moment < received + AHEAD:
                return None
            return Packed(frame, sender.device_id, targets, received, moment, values, marks, skew), qn
        return None

    def _meet(self, sender: Sender) -> None:
        self.devices[sender.device_id] = sender
        self.gateway.reach[sender.device_id] = self

    # -- the careful way -------------------------------------------------------------------------------------------
    def _work(self) -> None:
        if self._worker is None:
            self._worker = asyncio.ensure_future(self._work_off())

    async def _work_off(self) -> None:
        try:
            while self._queue or self._framer.junk:
                if self._framer.junk:
                    junk, sample, self._framer.junk = self._framer.junk, self._framer.sample, 0
                    await self._refuse(None, "malformed", f"{junk} bytes that are no packet", sample, "")
                    continue
                item = self._queue[0]
                if isinstance(item, bytes):
                    # what it is like may have become known while it waited
                    if not self._again(item):
                        await self._take(Framer().feed(item + b"\r\n")[0])
                else:
                    await self._take(item)
                self._queue.popleft()
                if "share" in self._held and self.waiting < MOST_WAITING // 2 and len(self._queue) < MOST_WAITING // 2:
                    self.release("share")
                while self.waiting > MOST_WAITING and not self.gateway.ending:
                    self.hold("share")
                    await asyncio.sleep(0.02)
        except Exception:
            log.exception("connection of %s ended", self.peer)
            self._queue.clear()
            if not self.closed:
                self.transport.close()
        finally:
            self._worker = None
            if self._ended and not self.waiting and not self.closed:
                self.transport.close()

    def _again(self, frame: bytes) -> bool:
        """Read a frame that has waited by the plans there are now; False where none fits."""
        entry = self.gateway.entries.get(key_of(frame))
        found = self._by_plan(entry, frame, time.time_ns() // 1000) if entry is not None and are_right([frame])[0] else None
        if entry is None or found is None:
            return False
        self._meet(entry.sender)
        self.waiting += 1
        self.gateway.take(entry.sender.town_id, [(found[0], self, write(entry.reply(found[1])) if entry.wants_answer else b"")])
        return True

    async def _take(self, frame: Frame) -> None:
        judged = judge(frame)
        packet = judged.packet
        if packet is None or not packet.mn:
            await self._refuse(None, judged.verdict.value, judged.reason or "MN: missing", frame.raw, packet.mn if packet else "")
            return
        sender = await self.gateway.sender(packet.mn)
        if sender is None:
            await self._refuse(None, "unknown_device", "MN: no device of this name is registered", frame.raw, packet.mn)
            return
        if judged.verdict is not Verdict.ACCEPT:
            await self._refuse(sender, judged.verdict.value, judged.reason, frame.raw, packet.mn)
            return
        if not hmac.compare_digest(packet.pw.encode(), sender.password):
            await self._refuse(sender, "wrong_password", "PW: not this device's", frame.raw, packet.mn)
            return
        self._meet(sender)
        received = time.time_ns() // 1000
        try:
            rows = self._rows(packet, sender, received)
        except NotReadable as fault:
            await self._refuse(sender, "malformed", str(fault), frame.raw, packet.mn)
            return
        reply = _reply(packet)
        if rows is None:
            if packet.cn in ("9011", "9012"):
                await self._hear(sender, packet)
                return
            # starts, alarms of the device, its logging on (9021): no readings, but told and therefore kept; not answers, nor what it says every minute
            if packet.cn not in UNTOLD and not packet.period:
                await self._notice(sender, packet)
            if reply and not self.closed:
                self.transport.write(reply)
            return
        names, moment, values, marks = rows
        self.waiting += 1
        packed = Packed(frame.raw, sender.device_id, self.gateway.targets(sender.station_id, names), received, moment, values, marks)
        self._plan(frame, packet, sender, packed)
        self.gateway.take(sender.town_id, [(packed, self, reply)])

    def _plan(self, frame: Frame, packet: Packet, sender: Sender, packed: Packed) -> None:
        """Work out once how packets like this one are read; only if that reads this one the same."""
        plan = plan_of(frame.raw, packet)
        if plan is None:
            return
        found = plan.read(frame.raw)
        if found is None or plan.names != packed.targets.names or found[2] != list(packed.values) or found[3] != packed.flags:
            return
        entry = self.gateway.entries.get(key_of(frame.raw))
        if entry is None or entry.sender != sender:
            self.gateway.entries[key_of(frame.raw)] = entry = Entry(sender, packet)
        if len(entry.plans) < MOST_PLANS:
            entry.plans.append((plan, packed.targets))

    def _rows(self, packet: Packet, sender: Sender, received: int) -> tuple[tuple[tuple[str, str], ...], int, list[float], bytes] | None:
        """Return (names, moment, values, marks) of a packet's readings, None where it brings none; raises NotReadable."""
        message = (packet.mn, packet.qn)
        data_time = packet.data_time
        if data_time:
            self._message, self._message_time = message, data_time
        elif packet.qn and message == self._message:
            data_time = self._message_time
        period = packet.period
        if not period or not any(item.values for item in packet.items):
            return None
        if not data_time:
            raise NotReadable("DataTime: missing")
        try:
            moment = self.gateway.times.of(data_time.encode("ascii", "replace"), sender.zone)
        except (ValueError, OverflowError):
            raise NotReadable(f"DataTime: {data_time} is not a moment") from None
        if not is_in_reach(moment, received):
            raise NotReadable(f"DataTime: {data_time} is too far from now, is the device's clock set?")
        names: dict[tuple[str, str], tuple[float, bytes]] = {}
        for item in packet.items:
            flag = item.flag[:1].upper() or "-"
            mark = flag.encode("ascii", "replace")  # one byte is kept; a mark that nobody knows is not a good one
            for statistic, number in item.values.items():
                names.setdefault((item.factor[:40], "rtd" if period == statistic == "rtd" else f"{period}.{statistic}"), (float(number), mark))
        return tuple(names), moment, [value for value, _mark in names.values()], b"".join(mark for _value, mark in names.values())

    async def _hear(self, sender: Sender, packet: Packet) -> None:
        """Keep a device's answer to a request (HJ 212-2017, 6.6): 9011 that it takes it on, 9012 what came of it."""
        name = "QnRtn" if packet.cn == "9011" else "ExeRtn"
        result = packet.fields.get(name, "")
        good = result.strip() == "1"
        state = ("accepted" if packet.cn == "9011" else "done") if good else "failed"
        await patiently(database.note_reply, sender.town_id, sender.device_id, packet.qn, state, result)

    async def _notice(self, sender: Sender, packet: Packet) -> None:
        """Keep what a device tells beside readings (2081 its start, 2071 and 2072 its own alarms), before it is answered."""
        told: datetime | None = None
        for name in ("RestartTime", "AlarmTime", "DataTime"):
            moment = packet.fields.get(name, "")[:14]
            if len(moment) == 14:
                try:
                    micros = self.gateway.times.of(moment.encode("ascii", "replace"), sender.zone)
                except (ValueError, OverflowError):
                    continue
                if is_in_reach(micros, time.time_ns() // 1000):
                    told = datetime.fromtimestamp(micros / 1e6, UTC)
                    break
        await patiently(database.notice, sender.town_id, sender.device_id, packet.cn, told, packet.content, packet.qn)

    async def _refuse(self, sender: Sender | None, verdict: str, reason: str, raw: bytes, mn: str) -> None:
        """Keep a refused packet in its town; without a town it goes to the log. A peer that floods fills no table."""
        minute = int(self.gateway.loop.time() // 60)
        if minute != self._refused_minute:
            self._refused_minute, self._refused = minute, {}
        whose = sender.device_id if sender is not None else None
        count = self._refused[whose] = self._refused.get(whose, 0) + 1
        if count > (MOST_REFUSED if sender is not None else MOST_JUNK):
            await asyncio.sleep(0.05)  # slow a flood down without harming others
        elif sender is None:
            log.warning("refused from %s: %s (%s) %r", self.peer, verdict, reason, blot(raw[:400])[:160])
        else:
            await patiently(database.refuse, sender.town_id, self.peer, mn, verdict, reason, raw, sender.device_id)


def _reply(packet: Packet) -> bytes:
    """Return what the standard says to answer: 9014 to data, 9013 to notices and heartbeats; nothing where no answer is asked."""
    if not packet.wants_answer or (packet.cn.startswith("90") and packet.cn != "9015"):
        return b""
    number = "9013" if packet.cn in ("2081", "9015") else "9014"
    return answer(qn=packet.qn.encode(), cn=number, pw=packet.pw.encode(), mn=packet.mn.encode(), flag=packet.flag)
