"""The bridge to the pages, driven as the server drives it; times are shortened, none is measured."""

import asyncio
import json
import threading

import pytest
from django.core import signing
from django.db import connection

from gongzhi.config import serving
from gongzhi.kernel import budget, live


def scope(method="GET", path="/", headers=(), client=("10.0.0.1", 5), query=b""):
    return {"type": "http", "method": method, "path": path, "query_string": query, "headers": list(headers), "http_version": "1.1",
            "scheme": "http", "server": ("localhost", 80), "client": client}  # fmt: skip


def call(application, asked, *parts, stays=True):
    """Return (status, headers, body) of what the application sends; after the parts the caller stays, or leaves."""
    sent = []

    async def run():
        given = list(parts)

        async def receive():
            if given:
                return given.pop(0)
            if stays:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        await asyncio.wait_for(application(asked, receive, send), 20)

    asyncio.run(run())
    if not sent:
        return None
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def part(body=b"", more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Length", environ["CONTENT_LENGTH"])])
    return [environ["wsgi.input"].read()]


POST = {"method": "POST", "path": "/report/", "headers": [(b"content-length", b"6")]}


class TestBody:
    def test_is_handed_over_whole(self):
        status, headers, body = call(serving.Pages(echo, threads=1), scope(**POST), part(b"abc", more=True), part(b"def"))
        assert (status, headers[b"x-length"], body) == (200, b"6", b"abcdef")

    def test_of_no_told_length_has_its_length(self):
        chunked = scope("POST", headers=[(b"transfer-encoding", b"chunked")])
        assert call(serving.Pages(echo, threads=1), chunked, part(b"abc"))[1][b"x-length"] == b"3"

    def test_that_does_not_come_holds_no_thread_and_is_told(self, monkeypatch):
        monkeypatch.setattr(serving, "SILENCE", 0.05)
        called = []
        status, headers, body = call(serving.Pages(lambda *a: called.append(a), threads=1), scope(**POST), part(b"a", more=True))
        assert status == 408
        assert "没有传完" in body.decode()
        assert headers[b"connection"] == b"close"
        assert called == []

    def test_that_comes_too_slowly_is_told_in_the_form_of_the_caller(self, monkeypatch):
        monkeypatch.setattr(serving, "GRACE", 0.0)
        monkeypatch.setattr(serving, "SLOWEST", 10**9)
        asked = scope("POST", "/api/v1/reports", [(b"content-length", b"9"), (b"accept-language", b"en")])
        status, headers, body = call(serving.Pages(echo, threads=1), asked, part(b"a", more=True), part(b"b", more=True))
        assert (status, headers[b"content-type"]) == (408, b"application/problem+json")
        assert json.loads(body)["title"].startswith("What was sent did not arrive")

    @pytest.mark.parametrize("told", [b"600000001", b"-1", b"x"])
    def test_that_is_too_large_or_of_no_length_is_refused_unread(self, told):
        assert call(serving.Pages(echo, threads=1), scope("POST", headers=[(b"content-length", told)]))[0] == 413

    def test_at_the_limit_is_read(self, monkeypatch):
        monkeypatch.setattr(serving, "MOST_BODY", 3)
        assert call(serving.Pages(echo, threads=1), scope("POST", headers=[(b"content-length", b"3")]), part(b"abc"))[0] == 200
        chunked = scope("POST", headers=[(b"transfer-encoding", b"chunked")])
        assert call(serving.Pages(echo, threads=1), chunked, part(b"abcd"))[0] == 413


class TestBusy:
    def test_is_told_with_when_to_come_again(self, monkeypatch):
        monkeypatch.setattr(serving, "MOST_WAITING", -1)
        status, headers, body = call(serving.Pages(echo, threads=1), scope())
        assert (status, headers[b"retry-after"]) == (503, b"10")
        assert "使用的人太多" in body.decode()


def sleeper(seconds):
    def application(environ, start_response):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
        start_response("200 OK", [])
        return [b"slept"]

    return application


@pytest.mark.usefixtures("committed_db")
class TestWork:
    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch):
        monkeypatch.setattr(serving, "LOOK_FOR_THE_CALLER", 0.05)
        monkeypatch.setattr(serving, "ANSWER", 0.3)

    def test_of_a_reader_who_has_gone_ends_in_the_database_too(self, monkeypatch):
        monkeypatch.setattr(serving, "ANSWER", 60)
        ended = threading.Event()

        def application(environ, start_response):
            try:
                return sleeper(30)(environ, start_response)
            finally:
                ended.set()
                connection.close()

        assert call(serving.Pages(application, threads=1), scope(), stays=False) is None
        assert ended.is_set()

    def test_of_an_act_goes_on_without_its_caller(self, monkeypatch):
        monkeypatch.setattr(serving, "ANSWER", 60)
        done = []

        def application(environ, start_response):
            answer = sleeper(0.3)(environ, start_response)
            done.append(True)
            connection.close()
            return answer

        call(serving.Pages(application, threads=1), scope(**POST), part(b"abcdef"), stays=False)
        assert done == [True]

    def test_beyond_its_time_is_stopped_and_told(self):
        def application(environ, start_response):
            try:
                return sleeper(30)(environ, start_response)
            finally:
                connection.close()

        status, _headers, body = call(serving.Pages(application, threads=1), scope())
        assert status == 504
        assert "算得太久" in body.decode()

    def test_that_has_ended_begins_no_other_statement(self):
        work = budget.Work()
        work.end("gone")
        token = budget._work.set(work)
        try:
            with pytest.raises(budget.WorkEnded), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        finally:
            budget._work.reset(token)


class TestLongAnswer:
    def test_comes_part_by_part_and_whole(self, monkeypatch):
        monkeypatch.setattr(serving, "GATHERED", 4)

        def application(environ, start_response):
            start_response("200 OK", [("X-A", "b")])
            return iter([b"abc", b"def", b"gh"])

        assert call(serving.Pages(application, threads=1), scope()) == (200, {b"x-a": b"b"}, b"abcdefgh")

    def test_that_nobody_takes_ends(self, monkeypatch):
        monkeypatch.setattr(serving, "GATHERED", 1)
        monkeypatch.setattr(serving, "UNREAD", 0.05)
        made = []

        def application(environ, start_response):
            start_response("200 OK", [])
            for number in range(100):
                made.append(number)
                yield b"x"

        async def run():
            async def receive():
                await asyncio.Event().wait()

            async def send(message):
                if message["type"] == "http.response.body":
                    await asyncio.Event().wait()

            await asyncio.wait_for(serving.Pages(application, threads=1)(scope(), receive, send), 10)

        asyncio.run(run())
        assert len(made) == 1


def token(*topics):
    return b"token=" + signing.dumps([1, sorted(topics)], salt=live.SALT, compress=True).encode()


class TestStream:
    def test_opens_with_its_token_only_and_ends_with_its_reader(self):
        assert call(live.serve, scope(query=b"token=x"))[0] == 403
        assert call(live.serve, scope("HEAD", query=token("town")))[0] == 405
        status, headers, body = call(live.serve, scope(query=token("town")), stays=False)
        assert (status, headers[b"content-type"]) == (200, b"text/event-stream")
        assert body.startswith(b"retry: 2000")
        assert live.places.all == 0
        assert live.places.of == {}

    def test_beyond_the_places_of_a_process_or_an_address_is_told_to_ask_instead(self, settings):
        settings.MOST_STREAMS, settings.MOST_STREAMS_OF_ONE = 2, 1
        with live.places.taken("10.0.0.1"):
            status, headers, _body = call(live.serve, scope(query=token("town")), stays=False)
            assert (status, headers[b"retry-after"]) == (503, b"20")
            assert call(live.serve, scope(query=token("town"), client=("10.0.0.2", 5)), stays=False)[0] == 200
            with live.places.taken("10.0.0.3"):
                assert call(live.serve, scope(query=token("town"), client=("10.0.0.2", 5)), stays=False)[0] == 503
        assert live.places.all == 0
