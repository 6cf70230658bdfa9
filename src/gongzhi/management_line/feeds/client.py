"""A feed's connection to its broker: messages in, acknowledgements out, and between them one committed transaction.

paho's network thread only puts messages into a bounded store; one worker thread keeps them, batch by batch, and tells the broker
after the commit. What was not told comes again after a crash or a broken line, and repeats change nothing. The broker sends no
more than the receive maximum ahead, and the store has a limit in bytes: a flood waits at the broker, not in our memory.
"""

import logging
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt
from django.db import InterfaceError, OperationalError, connection
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gongzhi.kernel import outbound
from gongzhi.kernel.actors import system
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.feeds import operations
from gongzhi.management_line.feeds.book import Book, Message

log = logging.getLogger(__name__)
BY = system("feeds")
AHEAD = 2_000  # messages that the broker may send before we have told it of any
MOST_PACKET = 4_000_000
MOST_BYTES = 32_000_000  # held in memory
BATCH_BYTES = 2_000_000
BATCH_MESSAGES = 1_000
TAKEN_OVER = 0x8E  # reason code of MQTT 5: session taken over
LINGER = 0.1  # seconds a batch waits for company


@dataclass(frozen=True, slots=True)
class Settings:
    """What is needed to connect."""

    town_id: int
    feed_id: int
    client_id: str
    host: str
    port: int
    tls: bool
    authority: str
    username: str
    password: str
    topics: tuple[str, ...]
    qos: int
    session_seconds: int


class _Client(mqtt.Client):
    """paho's client that connects where it may, and remembers why it could not: a name that is not known, a certificate that nobody vouches for."""

    why = ""

    def _create_socket_connection(self) -> socket.socket:
        return outbound.connect(self._host, self._port, self._connect_timeout)

    def reconnect(self) -> mqtt.MQTTErrorCode:
        try:
            return super().reconnect()
        except (OSError, ValueError) as error:
            self.why = str(error) or type(error).__name__
            raise


class Connection:
    """One feed while it is connected, or tries to be."""

    def __init__(self, settings: Settings, book: Book, clock: Callable[[], datetime]) -> None:
        self.settings, self.book, self.clock = settings, book, clock
        self._store: deque[Message] = deque()
        self._bytes = 0
        self._room = threading.Condition()
        self._line = threading.Lock()  # an acknowledgement belongs to the connection its message came by
        self._turn = 0
        self._ended = False
        self._is_connected = False
        self._states: deque[tuple[str, str]] = deque(maxlen=20)
        self._thread = threading.Thread(target=self._work, name=f"feed-{settings.feed_id}", daemon=True)
        self.client = self._client()

    def _client(self) -> mqtt.Client:
        given = self.settings
        client = _Client(mqtt.CallbackAPIVersion.VERSION2, client_id=given.client_id, protocol=mqtt.MQTTv5, manual_ack=True)
        if given.username or given.password:
            client.username_pw_set(given.username, given.password or None)
        if given.tls:
            client.tls_set_context(ssl.create_default_context(cadata=given.authority or None))
        client.reconnect_delay_set(min_delay=1, max_delay=60)
        client.on_connect, client.on_disconnect, client.on_message = self._connected, self._parted, self._came
        client.on_connect_fail = lambda *_given: self._states.append(("broken", f"{given.host}:{given.port}: {client.why or 'cannot be reached'}"))
        client.on_subscribe = self._subscribed
        client.max_inflight_messages_set(100)
        return client

    # -- begin and end --
    def start(self) -> None:
        """Connect, and connect again whenever the line breaks."""
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self.settings.session_seconds
        properties.ReceiveMaximum = AHEAD
        properties.MaximumPacketSize = MOST_PACKET
        self.client.connect_async(self.settings.host, self.settings.port, keepalive=30, clean_start=False, properties=properties)
        self._thread.start()
        self.client.loop_start()

    def stop(self, patience: float = 8.0) -> None:
        """Finish the batch in hand and part; what else was received comes again."""
        with self._room:
            self._ended = True
            self._room.notify_all()
        self._thread.join(patience)
        self.client.disconnect()
        self.client.loop_stop()

    # -- paho's thread --
    def _connected(self, client: mqtt.Client, _data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._states.append(("broken", _said(reason, properties)))
            return
        self._is_connected = True
        with self._line:
            self._turn += 1
        if not flags.session_present:
            self._states.append(("new session", ""))
        client.reconnect_delay_set(min_delay=1, max_delay=60)
        client.subscribe([(topic, mqtt.SubscribeOptions(qos=self.settings.qos, retainHandling=1)) for topic in self.settings.topics])
        self._states.append(("connected", ""))

    def _subscribed(self, _client: mqtt.Client, _data: Any, _mid: int, reasons: Any, properties: Any) -> None:
        for topic, reason in zip(self.settings.topics, reasons, strict=False):
            if reason.is_failure:
                self._states.append(("broken", f"{topic}: {_said(reason, properties)}"))

    def _parted(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, properties: Any) -> None:
        if reason.value == TAKEN_OVER:  # another process goes by our name; to come back at once would only throw it out in turn
            client.reconnect_delay_set(min_delay=60, max_delay=120)
        if self._is_connected and not self._ended:  # one that was refused has said why already
            self._states.append(("broken", _said(reason, properties)))
        self._is_connected = False

    def _came(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        size = len(message.payload) + 200
        with self._room:
            while self._bytes + size > MOST_BYTES and not self._ended and self._store:
                self._room.wait(1)
            if self._ended:
                return
            self._store.append(
                Message(_topic(message), bytes(message.payload), self.clock(), message.mid, message.qos, message.dup, self._turn, message.retain)
            )
            self._bytes += size
            if len(self._store) == 1 or self._bytes > BATCH_BYTES:
                self._room.notify_all()

    # -- the worker's thread --
    def _work(self) -> None:
        with in_town(self.settings.town_id):
            try:
                while not self._ended:
                    self._tell_states()
                    batch = self._batch()
                    if batch:
                        self._keep(batch)
            finally:
                connection.close()

    def _batch(self) -> list[Message]:
        """Return what is to be kept together; wait a little for company."""
        with self._room:
            if not self._store:
                self._room.wait(0.5)
            if not self._store or self._ended:
                return []
            deadline = time.monotonic() + LINGER
            while len(self._store) < BATCH_MESSAGES and self._bytes < BATCH_BYTES and not self._ended:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._room.wait(left)
            found: list[Message] = []
            size = 0
            while self._store and len(found) < BATCH_MESSAGES and size < BATCH_BYTES:
                found.append(self._store.popleft())
                size += len(found[-1].payload) + 200
            self._bytes = max(0, self._bytes - size)
            self._room.notify_all()
            return found

    def _keep(self, batch: list[Message]) -> None:
        """Keep a batch and tell the broker; while the database is away wait for it, bounded by what the broker sends ahead."""
        wait = 0.5
        while not self._ended:
            try:
                self._take(batch)
                break
            except (OperationalError, InterfaceError) as error:
                log.warning("feed %s: the database is away: %s", self.settings.feed_id, str(error).splitlines()[0] if str(error) else error)
                self.book.forget()
                connection.close()
                with self._room:
                    self._room.wait_for(lambda: self._ended, wait)
                wait = min(15.0, wait * 2)
        else:
            return
        with self._line:
            turn = self._turn
            for message in batch:
                if message.qos and message.turn == turn:
                    self.client.ack(message.mid, message.qos)

    def _take(self, batch: list[Message]) -> None:
        """Keep a batch; what the town refuses as a whole is tried one by one, so that one poisonous message holds up no other."""
        try:
            operations.take_messages(by=BY, at=self.clock(), book=self.book, messages=batch, client=self.settings.client_id)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            self.book.forget()
            if len(batch) == 1:
                if not isinstance(error, Refused):
                    log.exception("feed %s: a message on %s", self.settings.feed_id, batch[0].topic)
                operations.refuse_message(by=BY, at=self.clock(), feed_id=self.settings.feed_id, message=batch[0], reason=str(error) or type(error).__name__)
                return
            half = len(batch) // 2
            self._take(batch[:half])
            self._take(batch[half:])

    def _tell_states(self) -> None:
        while self._states:
            state, error = self._states.popleft()
            if self._states and self._states[0] == (state, error):
                continue
            try:
                if state == "new session":
                    operations.forget_session(by=BY, at=self.clock(), feed_id=self.settings.feed_id, client=self.settings.client_id)
                    continue
                operations.note_state(by=BY, at=self.clock(), feed_id=self.settings.feed_id, state=state, error=error)
            except (OperationalError, InterfaceError):
                connection.close()


def _said(reason: Any, properties: Any) -> str:
    """Return a reason code in words, with the broker's own reason string where it gave one (MQTT 5, 3.2.2.3.9)."""
    own = getattr(properties, "ReasonString", "") if properties is not None else ""
    return f"{reason}: {own}" if own else str(reason)


def _topic(message: mqtt.MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return message._topic.decode("utf-8", "replace")
