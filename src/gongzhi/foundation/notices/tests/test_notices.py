"""Notices in the product, by a real SMTP peer and a real HTTP peer, which are down at first."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from smtplib import SMTPException

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gongzhi.foundation.notices import operations, queries, signature, tasks
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.operation import NotAllowed

MAKER = system("tests")


@pytest.fixture
def me(town, noon):
    person = people.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰")
    user = people.give_login(by=MAKER, at=noon, person_id=person.pk, username="wang", password="a-long-password-26")
    return Actor(kind="person", person_id=person.pk, user_id=user.pk)


def give(me, noon, **more):
    return operations.give_notice(by=CLOCK, at=noon, person_ids=[me.person_id], kind="t",
                                  title="Case %(number)s is overdue", params={"number": "报〔2026〕00001"},
                                  text="垃圾桶满溢", url="/cases/2026-00001/", **more)  # fmt: skip


def free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


class TestApi:
    @pytest.fixture
    def call(self, me, noon):
        _token, text = people.issue_token(by=me, at=timezone.now(), title="t", scopes=["cases:read", "cases:write", "town:read", "town:write"])
        headers = {"authorization": f"Bearer {text}"}

        def caller(method, path, body=None):
            answer = Client().generic(method, f"/api/v1{path}", json.dumps(body) if body is not None else "", content_type="application/json", headers=headers)
            return answer.status_code, answer.json()

        return caller

    def test_gives_marks_and_pages_the_readers_own(self, me, noon, call):
        for _time in range(3):
            give(me, noon)
        stranger = people.register_person(by=MAKER, at=noon, kind="resident", name="别人")
        operations.give_notice(by=CLOCK, at=noon, person_ids=[stranger.pk], kind="t", title="not theirs")
        status, first = call("GET", "/notices?most=2")
        assert (status, len(first["items"]), first["unread"]) == (200, 2, 3)
        assert "报〔2026〕00001" in first["items"][0]["title"]
        rest = call("GET", f"/notices?most=2&after={first['after']}")[1]
        assert (len(rest["items"]), rest["after"]) == (1, None)
        assert call("POST", "/notices/read", {"ids": [first["items"][0]["id"]]}) == (200, {"read": 1})
        assert call("POST", "/notices/read", {}) == (200, {"read": 2})
        assert call("GET", "/notices")[1]["unread"] == 0

    def test_keeps_a_choice_that_can_be_kept(self, me, noon, call):
        assert call("GET", "/notices/choice") == (200, {"mail": "none", "address": "", "webhook": False})
        status, told = call("PUT", "/notices/choice", {"mail": "daily", "address": "no address"})
        assert (status, told["field"]) == (409, "address")
        assert call("PUT", "/notices/choice", {"mail": "daily", "address": "wang@example.cn"})[0] == 200
        assert call("GET", "/notices/choice")[1]["mail"] == "daily"

    def test_keeps_deliveries_for_the_administrator(self, me, noon, call):
        assert call("GET", "/notices/deliveries")[0] == 403
        assert Client().get("/api/v1/notices").status_code == 403


class TestGiveNotice:
    def test_is_read_by_its_person_only(self, me, noon):
        give(me, noon)
        assert queries.unread_count(seen_by=me) == 1
        assert queries.unread_count(seen_by=Actor(kind="person", person_id=me.person_id + 1)) == 0
        with pytest.raises(NotAllowed):
            operations.read_notices(by=ANYONE, at=noon)
        assert operations.read_notices(by=me, at=noon) == 1
        assert queries.unread_count(seen_by=me) == 0

    def test_is_given_once_for_the_same_key(self, me, noon):
        give(me, noon, dedupe="k")
        give(me, noon, dedupe="k")
        assert queries.notices(seen_by=me).count() == 1

    def test_is_told_in_the_readers_language(self, me, noon):
        from django.utils import translation

        notice = give(me, noon)[0]
        with translation.override("en"):
            assert notice.words == "Case 报〔2026〕00001 is overdue"


class Context:
    """What the queue tells a task about its job."""

    class job:
        attempts = 0


def try_delivery(delivery):
    return tasks.deliver.func(Context, town_id=delivery.town_id, delivery_id=delivery.pk)


class TestMail:
    def test_goes_out_once_the_server_is_up_and_is_lost_by_nothing(self, me, noon, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 3
        with pytest.raises(operations.NoAddress):
            operations.choose(by=me, at=noon, mail="at_once", address="not one")
        operations.choose(by=me, at=noon, mail="at_once", address="wang@example.org")
        give(me, noon)
        delivery = queries.deliveries(seen_by=CLOCK).get()
        with pytest.raises(tasks.NotDelivered):
            try_delivery(delivery)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.tries) == ("waiting", 1)
        assert delivery.last_error
        taken = []

        class Box:
            async def handle_DATA(self, _server, _session, envelope):
                taken.append(envelope)
                return "250 OK"

        server = Controller(Box(), hostname="127.0.0.1", port=settings.EMAIL_PORT)
        server.start()
        try:
            try_delivery(delivery)
            try_delivery(delivery)  # a second run sends nothing
        finally:
            server.stop()
        assert [envelope.rcpt_tos for envelope in taken] == [["wang@example.org"]]
        delivery.refresh_from_db()
        assert delivery.state == "sent"

    def test_is_queued_with_the_notice(self, me, noon):
        from django.db import connection

        operations.choose(by=me, at=noon, mail="at_once", address="wang@example.org")
        give(me, noon)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notices.deliver'")
            assert cursor.fetchone()[0] == 1

    def test_comes_once_a_day_for_those_who_want_it_so(self, me, noon, mailoutbox):
        operations.choose(by=me, at=noon, mail="daily", address="wang@example.org")
        give(me, noon)
        assert tasks.digest.func(0) == 1
        assert tasks.digest.func(0) == 0
        assert mailoutbox[0].to == ["wang@example.org"]

    def test_reaches_others_when_one_mail_fails_and_is_tried_again(self, me, noon, mailoutbox, monkeypatch):
        other = people.register_person(by=MAKER, at=noon, kind="resident", public_name="李", name="李", phone="13900000077")
        them = Actor(kind="person", person_id=other.pk)
        for actor, address in ((me, "wang@example.org"), (them, "li@example.org")):
            operations.choose(by=actor, at=noon, mail="daily", address=address)
            give(actor, noon)
        send = EmailMessage.send

        def refuse_wang(mail, *given, **more):
            if mail.to == ["wang@example.org"]:
                raise SMTPException("mailbox is full")
            return send(mail, *given, **more)

        monkeypatch.setattr(EmailMessage, "send", refuse_wang)
        assert tasks.digest.func(0) == 1
        assert [mail.to for mail in mailoutbox] == [["li@example.org"]]
        monkeypatch.undo()
        assert tasks.digest.func(0) == 1
        assert [mail.to for mail in mailoutbox][1:] == [["wang@example.org"]]


class TestWebhook:
    def test_is_signed_and_tried_again(self, me, noon, settings):
        settings.WEBHOOK_SECRET = "s"
        taken, answers = [], [503, 200]

        class Peer(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken.append((body, self.headers["X-Gongzhi-Signature"]))
                self.send_response(answers.pop(0))
                self.end_headers()

            def log_message(self, *_words):
                return

        server = HTTPServer(("127.0.0.1", 0), Peer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        territory.set_town_rules(by=MAKER, at=noon, webhook={"url": f"http://127.0.0.1:{server.server_port}/"})
        operations.choose(by=me, at=noon, mail="none", webhook=True)
        give(me, noon)
        delivery = queries.deliveries(seen_by=CLOCK).get()
        with pytest.raises(tasks.NotDelivered):
            try_delivery(delivery)
        try_delivery(delivery)
        server.shutdown()
        body, header = taken[1]
        assert json.loads(body)["text"] == "垃圾桶满溢"
        assert signature.holds(body, "s", header, now=int(time.time()))
        assert not signature.holds(body + b" ", "s", header, now=int(time.time()))
        assert not signature.holds(body, "s", header, now=int(time.time()) + 1000)


class TestPages:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_show_and_mark(self, me, noon, language):
        give(me, noon)
        client = Client()
        client.cookies["django_language"] = language
        assert client.get("/notices/").status_code == 302  # to sign in
        client.post("/sign-in/", {"username": "wang", "password": "a-long-password-26"})
        assert "00001" in client.get("/notices/").content.decode()
        assert client.get("/notices/choices/").status_code == 200
        assert client.post("/notices/choices/", {"mail": "at_once", "address": ""}).status_code == 422
        assert client.post("/notices/choices/", {"mail": "daily", "address": "a@example.org"}).status_code == 302
        assert client.get("/notices/deliveries/").status_code == 403
        assert client.post("/notices/read/", {"notice": queries.notices(seen_by=me).get().pk}).headers["Location"] == "/cases/2026-00001/"
        assert queries.unread_count(seen_by=me) == 0


@pytest.mark.django_db
class TestStatements:
    def test_a_notice_for_people_who_asked_for_nothing_more_asks_once(self, me, noon):
        give(me, noon)  # whatever a process remembers is there
        with CaptureQueriesContext(connection) as asked:
            give(me, noon)
        about_notices = [one["sql"] for one in asked if "notices_" in one["sql"]]
        assert [sql.split(" ", 1)[0].strip("(") for sql in about_notices] == ["INSERT", "SELECT"], about_notices

    def test_each_channel_that_somebody_chose_has_one_delivery(self, me, noon):
        operations.choose(by=me, at=noon, mail="at_once", address="wang@example.test", webhook=True)
        (notice,) = give(me, noon)
        assert sorted(notice.deliveries.values_list("channel", "state")) == [("mail", "waiting"), ("webhook", "waiting")]
