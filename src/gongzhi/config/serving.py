"""Pages in threads, each request with a budget.

A request gets a thread only when all of it has come, so slow senders hold none. Bodies have a time-out without progress and a
slowest rate; what was asked has a time until it answers; answers that are not read have one too. When whoever only read has gone,
the database is told to stop. An act goes on without its caller: a phone that lost its signal has filed its report all the same.
"""

import asyncio
import contextvars
import json
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from a2wsgi.wsgi import build_environ

from gongzhi.kernel import budget

log = logging.getLogger(__name__)

SILENCE = 15.0  # seconds without a byte of a body
GRACE = 30.0  # seconds after which a body must have come at SLOWEST
SLOWEST = 1_000  # bytes a second: a photo of 3 MB over a bad line takes its time
MOST_BODY = 600_000_000  # bytes; what a page or route takes is less and judged there
IN_MEMORY = 65_536  # bytes of a body that are not put on the disk
ANSWER = 60.0  # seconds until a page begins to answer
UNREAD = 30.0  # seconds in which a reader takes nothing
GATHERED = 262_144  # bytes of an answer that are handed over at once
LOOK_FOR_THE_CALLER = 1.0  # seconds of work after which it is watched whether anybody still waits
MOST_WAITING = 400  # requests that wait for a thread
MOST_BODIES = 600  # bodies on their way at one time
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

WORDS = {
    408: ("内容没有传完，已停止接收。请检查网络后再发一次。", "What was sent did not arrive in time. Check the connection and send it again."),
    413: ("内容太大，系统收不下。", "What was sent is too large."),
    503: ("现在使用的人太多，请过一会儿再试。", "Too many are using this at the moment; please try again in a little while."),
    504: ("这一页算得太久，已停止。请缩小范围再试。", "This took too long and was stopped. Ask for less and try again."),
    500: ("系统出错了，已经记下。请过一会儿再试。", "Something went wrong and has been logged. Please try again in a moment."),
}


class Turned(Exception):
    """The request is answered here, with a status and a sentence."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def sentence(scope: Any, status: int, words: "tuple[str, str] | None" = None) -> tuple[bytes, bytes]:
    """Return (content type, body) of a short answer in the form that this caller reads."""
    zh, en = words or WORDS[status]
    headers = dict(scope["headers"])
    accept = headers.get(b"accept", b"")
    if scope["path"].startswith("/api/") or b"application/json" in accept.split(b",")[0]:
        in_english = headers.get(b"accept-language", b"").lower().startswith(b"en")
        body = {"type": "about:blank#" + HTTPStatus(status).phrase.title().replace(" ", ""), "title": en if in_english else zh, "status": status}
        return b"application/problem+json", json.dumps(body, ensure_ascii=False).encode()
    page = (
        f'<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{status}</title><h1>{zh}</h1><p lang="en">{en}</p><p><a href="/">首页 · Home</a></p></html>'
    )
    return b"text/html; charset=utf-8", page.encode()


class Pages:
    """The bridge from the server's loop to Django in threads."""

    def __init__(self, application: Callable[..., Any], *, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._most_waiting = threads + MOST_WAITING
        self._present = 0
        self._bodies = 0

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        """Serve one request."""
        try:
            if self._present >= self._most_waiting:
                raise Turned(503)
            body, length = await self._body(scope, receive)
        except Turned as turned:
            await _turn(scope, send, turned.status)
            return
        except _Gone:
            return
        self._present += 1
        try:
            await self._work(scope, receive, send, body, length)
        finally:
            self._present -= 1
            body.close()

    async def _body(self, scope: Any, receive: Callable[[], Awaitable[Any]]) -> tuple[Any, int]:
        """Return the whole body as a file, and its length."""
        headers = dict(scope["headers"])
        told = headers.get(b"content-length", b"0")
        if not told.isdigit() or int(told) > MOST_BODY:
            raise Turned(413)
        if scope["method"] in SAFE and told == b"0" and b"transfer-encoding" not in headers:
            return tempfile.SpooledTemporaryFile(IN_MEMORY), 0
        if self._bodies >= MOST_BODIES:
            raise Turned(503)
        self._bodies += 1
        body, length, began = tempfile.SpooledTemporaryFile(IN_MEMORY), 0, time.monotonic()  # noqa: SIM115 - closed by the caller
        try:
            while True:
                try:
                    message = await asyncio.wait_for(_next(receive), SILENCE)
                except TimeoutError:
                    raise Turned(408) from None
                if message["type"] == "http.disconnect":
                    raise _Gone
                if part := message.get("body", b""):
                    length += len(part)
                    if length > MOST_BODY:
                        raise Turned(413)
                    body.write(part)
                if not message.get("more_body", False):
                    body.seek(0)
                    return body, length
                lasted = time.monotonic() - began
                if lasted > GRACE and length < lasted * SLOWEST:
                    raise Turned(408)
        except BaseException:
            body.close()
            raise
        finally:
            self._bodies -= 1

    async def _work(self, scope: Any, receive: Any, send: Any, body: Any, length: int) -> None:
        loop = asyncio.get_running_loop()
        environ: dict[str, Any] = dict(build_environ(scope, body))
        environ["CONTENT_LENGTH"] = str(length) if length else environ.get("CONTENT_LENGTH", "")
        environ.pop("HTTP_TRANSFER_ENCODING", None)  # all of it has come
        work, answer = budget.Work(), _Answer(self._application, environ, loop, send)
        context = contextvars.copy_context()
        context.run(budget.begin, work)
        doing = loop.run_in_executor(self._threads, context.run, answer.make, work)
        done, _waiting = await asyncio.wait({doing}, timeout=LOOK_FOR_THE_CALLER)
        if not done:
            await self._watched(scope, receive, send, doing, work, answer)
            if not doing.done():  # it was answered for it; the thread comes back by itself
                doing.add_done_callback(_heard)
                return
        try:
            whole = doing.result()
        except Exception:
            if work.why:  # it was ended; that surfaces in one way or another
                if not answer.begun and work.why == "time":
                    await _turn(scope, send, 504)
                return
            log.exception("%s %s failed outside the application", scope["method"], scope["path"])
            if not answer.begun:
                await _turn(scope, send, 500)
            return
        for message in whole:
            await send(message)

    async def _watched(self, scope: Any, receive: Any, send: Any, doing: "asyncio.Future[Any]", work: budget.Work, answer: "_Answer") -> None:
        """Wait for the work, its time's end, or its caller's leaving."""
        loop = asyncio.get_running_loop()
        leaving = loop.create_task(_until_gone(receive)) if scope["method"] in SAFE else None
        try:
            waited = {doing} | ({leaving} if leaving else set())
            await asyncio.wait(waited, timeout=ANSWER - LOOK_FOR_THE_CALLER, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return
            if leaving is not None and leaving.done():
                await loop.run_in_executor(None, work.end, "gone")
                await asyncio.wait({doing}, timeout=5)
            elif answer.begun:  # a long answer that is read; who stops reading it is noticed there
                await asyncio.wait({doing})
            else:
                await loop.run_in_executor(None, work.end, "time")
                await asyncio.wait({doing}, timeout=2)
                if not doing.done():
                    answer.is_late = True
                    await _turn(scope, send, 504)
        finally:
            if leaving is not None:
                leaving.cancel()


class _Gone(Exception):
    """Whoever sent has gone."""


class _Answer:
    """What the application answers: handed over in one piece when it is short, part by part when it is long."""

    def __init__(self, application: Callable[..., Any], environ: dict[str, Any], loop: asyncio.AbstractEventLoop, send: Any) -> None:
        self._application, self._environ, self._loop, self._send = application, environ, loop, send
        self._start: dict[str, Any] = {}
        self.begun = False  # parts have been sent
        self.is_late = False  # somebody else has answered

    def make(self, work: budget.Work) -> list[dict[str, Any]]:
        """Run the application (in a thread); return what is left to be sent."""
        if work.why:
            raise budget.WorkEnded(work.why)
        parts = self._application(self._environ, self._start_response)
        try:
            held: list[bytes] = []
            size = 0
            for part in parts:
                held.append(part)
                size += len(part)
                if size >= GATHERED:
                    self._hand_over(b"".join(held), work)
                    held, size = [], 0
            last = {"type": "http.response.body", "body": b"".join(held), "more_body": False}
            return [last] if self.begun else [self._start, last]
        finally:
            getattr(parts, "close", lambda: None)()

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        self._start = {
            "type": "http.response.start", "status": int(status.split(" ", 1)[0]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }  # fmt: skip
        return lambda part: None

    def _hand_over(self, part: bytes, work: budget.Work) -> None:
        """Send a part and wait until it is taken; who takes nothing for a while has gone."""
        if work.why or self.is_late:
            raise budget.WorkEnded(work.why or "late")
        if not self.begun:
            self.begun = True
            asyncio.run_coroutine_threadsafe(_said(self._send, self._start), self._loop).result(UNREAD)
        try:
            asyncio.run_coroutine_threadsafe(_said(self._send, {"type": "http.response.body", "body": part, "more_body": True}), self._loop).result(UNREAD)
        except TimeoutError:
            work.why = "unread"
            raise budget.WorkEnded(work.why) from None


async def _next(receive: Any) -> Any:
    return await receive()


async def _said(send: Any, message: Any) -> None:
    await send(message)


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _heard(doing: "asyncio.Future[Any]") -> None:
    doing.exception()  # said already; not once more by the loop


async def _turn(scope: Any, send: Any, status: int) -> None:
    """Answer with a sentence, and close: what may still come of the body is not wanted."""
    kind, body = sentence(scope, status)
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), (b"connection", b"close")]
    if status == 503:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b"", "more_body": False})
