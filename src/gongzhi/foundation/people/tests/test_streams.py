"""Live streams end with what they were opened by: signing out, a new password, a lock; and their address is worth nothing afterwards."""

import asyncio
from types import SimpleNamespace

import pytest
from django.conf import settings as project
from django.test import Client

from gongzhi.foundation.people import operations
from gongzhi.kernel import live
from gongzhi.kernel.actors import Actor, system
from gongzhi.kernel.towns import in_town

MAKER = system("tests")


@pytest.fixture
def login(committed_db, town, noon):
    return operations.employ(by=MAKER, at=noon, username="wang", name="王小明", public_name="经办岗 03", must_use_second_factor=False)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="gongzhi.foundation.people.backends.TownBackend")
    return client


def address(client, user, *topics):
    """Return the query of a stream's address, as a page of this client's session shows it."""
    request = SimpleNamespace(COOKIES={project.SESSION_COOKIE_NAME: client.session.session_key}, session=client.session, user=user)
    return live.stream_url(request, *topics).partition("?")[2].encode()


def scope(query, session_key=""):
    headers = [(b"cookie", f"theme=dark; {project.SESSION_COOKIE_NAME}={session_key}".encode())] if session_key else []
    return {"method": "GET", "query_string": query, "headers": headers, "client": ("10.0.0.1", 5)}


def listen(asked, act=None, patience=20):
    """Open a stream, do `act` once it runs and return (status, body, whether it ended by itself)."""
    told = []

    async def run():
        opened, gone = asyncio.Event(), asyncio.Event()

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            told.append(message)
            if message["type"] == "http.response.body":
                opened.set()

        serving = asyncio.ensure_future(live.serve(asked, receive, send))
        await asyncio.wait_for(opened.wait(), patience)
        if told[0]["status"] == 200:
            for _try in range(200):  # the listener of this process hears from when it has said LISTEN
                if live.hub.hears:
                    break
                await asyncio.sleep(0.05)
        if act is not None:
            await asyncio.to_thread(_closing(act))
        done, _waiting = await asyncio.wait([serving], timeout=patience if act else 0.3)
        gone.set()
        await asyncio.wait_for(serving, 5)
        return bool(done)

    ended = asyncio.run(run())
    return told[0]["status"], b"".join(message["body"] for message in told[1:]), ended


def _closing(act):
    def do():
        from django.db import connection

        try:
            act()
        finally:
            connection.close()

    return do


ACTS = {
    "change": lambda user, password, at: operations.change_password(
        by=Actor(kind="person", person_id=user.person_id, user_id=user.pk), at=at, user_id=user.pk, present=password, password="another-Word-55"),
    "reset": lambda user, _password, at: operations.reset_password(by=MAKER, at=at, user_id=user.pk),
    "lock": lambda user, _password, at: operations.lock_login(by=MAKER, at=at, user_id=user.pk),
    "everywhere": lambda user, _password, at: operations.end_sessions(by=MAKER, at=at, user_id=user.pk),
    "factor": lambda user, _password, at: operations.reset_second_factor(by=MAKER, at=at, user_id=user.pk),
    "erasure": lambda user, _password, at: operations.erase_person(by=MAKER, at=at, person_id=user.person_id),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_a_stream_ends_with_the_ways_in_of_its_login(login, town, noon, act):
    user, password = login
    client = signed_in(user)
    asked = scope(address(client, user, "desk:1"), client.session.session_key)

    def do():
        with in_town(town.pk):
            ACTS[act](user, password, noon)

    assert listen(asked)[::2] == (200, False)
    assert listen(asked, do)[::2] == (200, True)
    assert listen(asked)[0] == 403


def test_a_stream_ends_with_its_session_and_with_no_other(login, town):
    user, _password = login
    here, elsewhere = signed_in(user), signed_in(user)
    asked = scope(address(here, user, "desk:1"), here.session.session_key)
    assert listen(asked, lambda: elsewhere.post("/sign-out/"), patience=2)[::2] == (200, False)
    assert listen(asked, lambda: here.post("/sign-out/"))[::2] == (200, True)
    assert listen(asked)[0] == 403


def test_an_address_is_of_use_to_its_own_session_only(login, town):
    user, _password = login
    here, elsewhere = signed_in(user), signed_in(user)
    query = address(here, user, "case:1")
    assert listen(scope(query))[0] == 403
    assert listen(scope(query, elsewhere.session.session_key))[0] == 403
    assert listen(scope(query, here.session.session_key))[0] == 200


def test_what_anybody_may_hear_needs_no_session(login, town):
    user, _password = login
    client = signed_in(user)
    assert listen(scope(address(client, user, "town")))[0] == 200


def test_a_stream_of_a_session_is_looked_at_anew_now_and_then(login, town, monkeypatch):
    user, _password = login
    client = signed_in(user)
    monkeypatch.setattr(live, "HELD", 0.2)
    monkeypatch.setattr(live, "BEAT", 0.1)
    assert listen(scope(address(client, user, "desk:1"), client.session.session_key), lambda: None)[::2] == (200, True)
