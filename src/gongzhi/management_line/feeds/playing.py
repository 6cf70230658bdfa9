"""A maker's cloud for the demo: an MQTT 5 broker that sends the messages of a few simulated devices to whoever subscribes.

`python -m gongzhi.management_line.feeds.playing --port 18830`. Standard library only, so that it starts at once and stays small. It knows
what a subscriber needs (CONNECT, SUBSCRIBE, PUBLISH with QoS 0 and 1, PUBACK, PING, DISCONNECT; MQTT 5, chapters 2 and 3) and takes no
messages from anybody: tests and real towns use a real broker.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import math
import random
import signal
import time
from collections.abc import Callable, Iterator

ROOT = "yunxi/iot"
USER, PASSWORD = "yunxi", "demo-mqtt"
# name → (key of the value, mean, swing over a day, noise, decimals); levels in centimetres, as such devices send them
DEVICES = {
    "well-wenchang": ("lv", 62.0, 9.0, 1.2, 1),
    "well-hekou": ("lv", 94.0, 14.0, 1.6, 1),
    "noise-school": ("db", 54.0, 7.0, 1.5, 1),
}
STRANGER = "well-new"  # a device that its maker has put up and nobody has registered here
STRANGER_EVERY = 60  # rounds


def message(device: str, at: float, chance: random.Random) -> tuple[str, bytes]:
    """Return topic and payload of what a device sends at a moment (seconds since 1970)."""
    key, mean, swing, noise, decimals = DEVICES.get(device, ("lv", 50.0, 5.0, 1.0, 1))
    hour = (at / 3600 + 8) % 24
    value = round(mean + swing * math.cos((hour - 15) / 24 * math.tau) + chance.gauss(0, noise), decimals)
    body = {"dev": device, "ts": int(at * 1000), "data": {key: value}, "bat": round(3.6 - chance.random() / 10, 2)}
    return f"{ROOT}/{device}/up", json.dumps(body).encode()


# ---- MQTT 5 on the wire ---------------------------------------------------------------------------------------------
def packet(kind: int, body: bytes) -> bytes:
    """Return a control packet: first byte, remaining length as a variable byte integer, body (2.1)."""
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | 128 if rest else digit])
        if not rest:
            return bytes([kind]) + length + body


async def read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return first byte and body of the next packet."""
    kind = (await reader.readexactly(1))[0]
    length = 0
    for place in range(4):
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 127) << 7 * place
        if not digit & 128:
            break
    if length > 100_000:
        raise ValueError("a packet of a subscriber is small")
    return kind, await reader.readexactly(length)


def _text(body: bytes, place: int) -> tuple[str, int]:
    size = int.from_bytes(body[place : place + 2], "big")
    return body[place + 2 : place + 2 + size].decode(errors="replace"), place + 2 + size


def _properties(body: bytes, place: int) -> int:
    """Return where the properties that begin here end."""
    size = shift = 0
    while True:
        digit = body[place]
        place += 1
        size |= (digit & 127) << shift
        shift += 7
        if not digit & 128:
            return place + size


def credentials(body: bytes) -> tuple[str, str]:
    """Return user name and password of a CONNECT without a will (3.1)."""
    flags = body[7]
    _client, place = _text(body, _properties(body, 10))
    user = password = ""
    if flags & 0x80:
        user, place = _text(body, place)
    if flags & 0x40:
        password, place = _text(body, place)
    return user, password


def filters(body: bytes) -> Iterator[tuple[str, int]]:
    """Yield each topic filter of a SUBSCRIBE with the QoS it asks for (3.8)."""
    place = _properties(body, 2)
    while place < len(body):
        text, place = _text(body, place)
        yield text, body[place] & 3
        place += 1


def fits(wanted: str, topic: str) -> bool:
    """Return whether a filter covers a topic (4.7)."""
    for one, level in itertools.zip_longest(wanted.split("/"), topic.split("/")):
        if one == "#":
            return True
        if one is None or level is None or one not in ("+", level):
            return False
    return True


class Broker:
    """Sends every round of messages to all who have subscribed."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds, self.clock = seconds, clock
        self._writers: dict[asyncio.StreamWriter, list[tuple[str, int]]] = {}
        self._number = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client until it leaves."""
        try:
            kind, body = await read_packet(reader)
            if kind >> 4 != 1 or credentials(body) != (USER, PASSWORD):
                writer.write(packet(0x20, b"\x00\x87\x00"))  # CONNACK, not authorized
                return
            writer.write(packet(0x20, b"\x00\x00\x00"))
            while True:
                kind, body = await read_packet(reader)
                if kind >> 4 == 8:
                    asked = list(filters(body))
                    self._writers[writer] = asked
                    writer.write(packet(0x90, body[:2] + b"\x00" + bytes(min(qos, 1) for _filter, qos in asked)))
                elif kind >> 4 == 12:
                    writer.write(packet(0xD0, b""))
                elif kind >> 4 == 3:
                    return  # it takes no messages
                elif kind >> 4 == 14:
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, IndexError):
            pass
        finally:
            self._writers.pop(writer, None)
            writer.close()

    async def play(self) -> None:
        """Send a round of messages every few seconds."""
        chance = random.Random(3)  # noqa: S311 - a demo
        for number in itertools.count():
            names = [*DEVICES, *([STRANGER] if number % STRANGER_EVERY == 5 else [])]
            for name in names:
                self._send(*message(name, self.clock(), chance))
            await asyncio.sleep(self.seconds)

    def _send(self, topic: str, payload: bytes) -> None:
        for writer, asked in list(self._writers.items()):
            qos = max((min(qos, 1) for wanted, qos in asked if fits(wanted, topic)), default=-1)
            if qos < 0 or writer.is_closing():
                continue
            self._number = self._number % 65_535 + 1
            named = len(topic.encode()).to_bytes(2, "big") + topic.encode()
            writer.write(packet(0x30 | qos << 1, named + (self._number.to_bytes(2, "big") if qos else b"") + b"\x00" + payload))


async def run(port: int, seconds: float) -> None:
    """Listen until stopped."""
    broker, ended = Broker(seconds, time.time), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await asyncio.start_server(broker.serve, "127.0.0.1", port)
    playing = asyncio.create_task(broker.play())
    await ended.wait()
    server.close()
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18_830)
    parser.add_argument("--seconds", type=float, default=60.0, help="between two rounds of messages")
    given = parser.parse_args()
    asyncio.run(run(given.port, given.seconds))
