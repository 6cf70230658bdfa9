"""Facts to the browser while they happen.

`announce()` sends a small message over PostgreSQL NOTIFY inside the present transaction, so it is heard only if the
act is committed. Each web process keeps one LISTEN connection and hands messages to its server-sent streams.

A page opens a stream with a signed token that names its topics; the page's view has decided that its reader may hear
them, so the stream itself needs no database.

Topics: `town` (public: what anybody may see), `desk:<organ>`, `case:<id>`, `person:<id>`, `station:<id>`.
"""

import asyncio
import contextlib
import json
import logging
import os
import threading
from collections.abc import AsyncIterator, Iterable
from typing import Any

import psycopg
from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from gongzhi.kernel.operation import gather
from gongzhi.kernel.rows import prepared
from gongzhi.kernel.towns import current_town

CHANNEL = "gongzhi_live"
SALT = "gongzhi.live"
TOKEN_AGE = 24 * 3600
BEAT = 15.0
log = logging.getLogger(__name__)


def announce(topics: Iterable[str], kind: str, **content: Any) -> None:
    """Tell the streams of the present town; ids and small public words only (NOTIFY carries at most 8,000 bytes)."""
    message = {"town": current_town(), "topics": list(topics), "kind": kind, **content}
    gather(_send, json.dumps(message, ensure_ascii=False))


def _send(messages: list[str]) -> None:
    prepared("SELECT pg_notify($1, m) FROM unnest($2::text[]) m", [CHANNEL, messages])


def stream_url(*topics: str) -> str:
    """Return the address of a stream of these topics of the present town, for the page that shows it."""
    token = signing.dumps([current_town(), sorted(topics)], salt=SALT, compress=True)
    return f"/live/?token={token}"


class _Hub:
    """One LISTEN connection per process, in a thread of its own, and the queues of this process's streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[tuple[int, str], set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str]]]] = {}
        self._pid: int | None = None

    def join(self, town_id: int, topics: Iterable[str]) -> tuple[asyncio.Queue[str], list[tuple[int, str]]]:
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=500)
        member = (asyncio.get_running_loop(), queue)
        keys = [(town_id, topic) for topic in topics]
        with self._lock:
            for key in keys:
                self._streams.setdefault(key, set()).add(member)
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._listen, name="live-listener", daemon=True).start()
        return queue, keys

    def leave(self, queue: asyncio.Queue[str], keys: Iterable[tuple[int, str]]) -> None:
        with self._lock:
            for key in keys:
                members = self._streams.get(key, set())
                members -= {member for member in members if member[1] is queue}
                if not members:
                    self._streams.pop(key, None)

    def _listen(self) -> None:
        database = settings.DATABASES["default"]
        conninfo = psycopg.conninfo.make_conninfo(
            dbname=connection.settings_dict["NAME"], user=database["USER"], password=database["PASSWORD"],
            host=database["HOST"], port=database["PORT"] or None, application_name="gongzhi live",
        )  # fmt: skip
        while True:
            try:
                with psycopg.connect(conninfo, autocommit=True, connect_timeout=5) as listening:
                    listening.execute(f"LISTEN {CHANNEL}")
                    self._hand_out_to_all("event: again\ndata: {}\n\n")  # what was missed meanwhile is fetched afresh
                    for notify in listening.notifies():
                        self._hand_out(notify.payload)
            except psycopg.Error as error:
                log.warning("live stream lost the database (%s), trying again", error)
                threading.Event().wait(1)

    def _hand_out(self, payload: str) -> None:
        message = json.loads(payload)
        frame = f"event: {message['kind']}\ndata: {payload}\n\n"
        with self._lock:
            members = set().union(*(self._streams.get((message["town"], topic), set()) for topic in message["topics"]))
        for loop, queue in members:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(_put, queue, frame)

    def _hand_out_to_all(self, frame: str) -> None:
        with self._lock:
            members = set().union(*self._streams.values()) if self._streams else set()
        for loop, queue in members:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_put, queue, frame)


def _put(queue: "asyncio.Queue[str]", frame: str) -> None:
    if queue.full():  # a reader that does not keep up loses the oldest; it fetches afresh on the next one
        queue.get_nowait()
    queue.put_nowait(frame)


hub = _Hub()


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Serve one server-sent stream (async; mounted at /live/ on the ASGI side)."""
    try:
        town_id, topics = signing.loads(request.GET.get("token", ""), salt=SALT, max_age=TOKEN_AGE)
    except signing.BadSignature:
        return HttpResponse("This stream's address has expired; load the page again.", status=403)

    async def frames() -> AsyncIterator[str]:
        queue, keys = hub.join(town_id, topics)
        try:
            yield "retry: 2000\n: open\n\n"
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), timeout=BEAT)
                except TimeoutError:
                    yield ": beat\n\n"
        finally:
            hub.leave(queue, keys)

    response = StreamingHttpResponse(frames(), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response
