"""Facts to the browser while they happen.

`announce()` sends a small message over PostgreSQL NOTIFY inside the present transaction, so it is heard only if the
act is committed. Each web process keeps one LISTEN connection and hands messages to its server-sent streams.

A page opens a stream with a signed token that names its topics; the page's view has decided that its reader may hear
them, so the stream of somebody without a session needs no database. What was made within a session belongs to it: its address
opens nothing without that session's cookie, the session is looked at when the stream opens and every HELD seconds, and the
stream ends with it (`end_session`) and with the other ways in of its log-in (`end_login`).

Topics: `town` (public: what anybody may see), `desk:<organ>`, `case:<id>`, `person:<id>`, `station:<id>`.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import psycopg
from django.conf import settings
from django.contrib.auth import get_user
from django.core import signing
from django.db import connection
from django.http import HttpRequest

from gongzhi.kernel import callers
from gongzhi.kernel.operation import gather
from gongzhi.kernel.rows import prepared
from gongzhi.kernel.towns import current_town, in_town

CHANNEL = "gongzhi_live"
SALT = "gongzhi.live"
TOKEN_AGE = 24 * 3600
BEAT = 15.0
HELD = 900.0  # seconds after which a stream of a session ends by itself and is opened anew by its page, so that what ended it unheard counts too
PUBLIC = ("town",)
END = "end"  # the kind of a message that ends streams
UNREAD = 30.0  # seconds in which a reader takes nothing
ASK_AGAIN = 20  # seconds after which a page that found no place may ask for its parts, and for a place
OLD = "This stream's address has expired; load the page again."
_ENDS = f"event: {END}\n"
log = logging.getLogger(__name__)


def announce(topics: Iterable[str], kind: str, **content: Any) -> None:
    """Tell the streams of the present town; ids and small public words only (NOTIFY carries at most 8,000 bytes)."""
    message = {"town": current_town(), "topics": list(topics), "kind": kind, **content}
    gather(_send, json.dumps(message, ensure_ascii=False))


def _send(messages: list[str]) -> None:
    prepared("SELECT pg_notify($1, m) FROM unnest($2::text[]) m", [CHANNEL, messages])


def stream_url(request: HttpRequest, *topics: str) -> str:
    """Return the address of a stream of these topics of the present town, for the page that shows it.

    Made within a session it is of use to that session only, unless it tells nothing but what anybody may hear.
    """
    content: list[Any] = [current_town(), sorted(topics)]
    if topics != PUBLIC and settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.session_key:
        content.append([request.user.pk or 0, _digest(request.session.session_key)])
    return f"/live/?token={signing.dumps(content, salt=SALT, compress=True)}"


def end_session(request: HttpRequest) -> None:
    """End the open streams of the session of a request; call it before the session is thrown away."""
    if request.session.session_key:
        announce([_of_session(_digest(request.session.session_key))], END)


def end_login(user_id: int) -> None:
    """End the open streams of all sessions of a log-in; a page whose session holds opens its own again."""
    announce([_of_login(user_id)], END)


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def _of_session(digest: str) -> str:
    return f"session:{digest}"


def _of_login(user_id: int) -> str:
    return f"login:{user_id}"


def holds(town_id: int, user_id: int, session_key: str) -> bool:
    """Return whether a session is there and still one of this log-in (0: of nobody's)."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    with in_town(town_id):
        if not store.exists(session_key):
            return False
        return (get_user(SimpleNamespace(session=store)).pk or 0) == user_id  # type: ignore[arg-type]  # it looks at the session only


_asking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live-holder")  # however many streams open at once, two connections are in use


def _holds(town_id: int, user_id: int, session_key: str) -> bool:
    try:
        return holds(town_id, user_id, session_key)
    finally:
        connection.close()


class _Hub:
    """One LISTEN connection per process, in a thread of its own, and the queues of this process's streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[tuple[int, str], set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str]]]] = {}
        self._pid: int | None = None
        self.hears = False

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
                    self.hears = True
                    self._hand_out_to_all("event: again\ndata: {}\n\n")  # what was missed meanwhile is fetched afresh
                    for notify in listening.notifies():
                        self._hand_out(notify.payload)
            except psycopg.Error as error:
                self.hears = False
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


class _Places:
    """How many streams this process has open, in all and by address."""

    def __init__(self) -> None:
        self.all = 0
        self.of: dict[str, int] = {}

    @contextlib.contextmanager
    def taken(self, address: str) -> Iterator[bool]:
        """Take a place for the time of the block; gives False when there is none."""
        if self.all >= settings.MOST_STREAMS or self.of.get(address, 0) >= settings.MOST_STREAMS_OF_ONE:
            yield False
            return
        self.all += 1
        self.of[address] = self.of.get(address, 0) + 1
        try:
            yield True
        finally:
            self.all -= 1
            self.of[address] -= 1
            if not self.of[address]:
                del self.of[address]


places = _Places()


async def serve(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """Serve one server-sent stream: an ASGI application of its own, without Django's handler, so that a thousand of them are light.

    When all places are taken it says so (503 with Retry-After): the page then asks every so often instead of listening.
    """
    if scope["method"] != "GET":
        await _say(send, 405, "A stream is opened with GET.")
        return
    try:
        token = dict(parse_qsl(scope["query_string"].decode("ascii", "replace"))).get("token", "")
        town_id, topics, *more = signing.loads(token, salt=SALT, max_age=TOKEN_AGE)
    except signing.BadSignature:
        await _say(send, 403, OLD)
        return
    holder: tuple[int, str, str] | None = None
    if more:
        user_id, digest = more[0]
        session_key = _cookie(scope, settings.SESSION_COOKIE_NAME)
        if not session_key or _digest(session_key) != digest:
            await _say(send, 403, OLD)
            return
        holder = user_id, digest, session_key
    with places.taken(_address(scope)) as has_place:
        if not has_place:
            await _say(send, 503, "All streams are taken; ask again in a while instead of listening.", (b"retry-after", str(ASK_AGAIN).encode()))
            return
        # listen first and look at the session then: an end between the two is heard
        queue, keys = hub.join(town_id, [*topics, _of_session(holder[1]), _of_login(holder[0])] if holder else topics)
        try:
            if holder and not await asyncio.get_running_loop().run_in_executor(_asking, _holds, town_id, holder[0], holder[2]):
                await _say(send, 403, OLD)
                return
            await _stream(queue, HELD if holder else None, receive, send)
        finally:
            hub.leave(queue, keys)


async def _stream(
    queue: "asyncio.Queue[str]", longest: float | None, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    loop = asyncio.get_running_loop()
    until = None if longest is None else loop.time() + longest
    leaving = asyncio.ensure_future(_until_gone(receive))
    try:
        frame = "retry: 2000\n: open\n\n"
        while not leaving.done() and not frame.startswith(_ENDS) and (until is None or loop.time() < until):
            async with asyncio.timeout(UNREAD):  # who takes nothing for so long has gone
                await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
            frame = await _next_frame(queue, leaving)
    except (TimeoutError, OSError):
        pass
    finally:
        leaving.cancel()
    with contextlib.suppress(Exception):  # nobody may be there
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _next_frame(queue: "asyncio.Queue[str]", leaving: "asyncio.Future[None]") -> str:
    """Return the next frame, a beat when there is none for a while, or whatever when the reader has left."""
    coming = asyncio.ensure_future(queue.get())
    try:
        both: set[asyncio.Future[Any]] = {coming, leaving}
        await asyncio.wait(both, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
        return coming.result() if coming.done() else ": beat\n\n"
    finally:
        coming.cancel()


async def _until_gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cookie(scope: Any, name: str) -> str:
    """Return the value of a cookie of the reader, "" where there is none."""
    try:
        told = SimpleCookie(b"; ".join(value for header, value in scope["headers"] if header == b"cookie").decode("latin-1"))
    except CookieError:
        return ""
    return told[name].value if name in told else ""


def _address(scope: Any) -> str:
    """Return where the reader is."""
    forwarded = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
    return callers.told(str((scope.get("client") or ("",))[0]), forwarded)


async def _say(send: Callable[[Any], Awaitable[None]], status: int, sentence: str, *headers: tuple[bytes, bytes]) -> None:
    body = sentence.encode()
    told = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body, "more_body": False})
