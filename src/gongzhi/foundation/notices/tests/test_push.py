"""Web Push to a real push endpoint that decrypts: what is said, to whom, and when no longer."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from gongzhi.foundation.notices import operations, push, queries, tasks
from gongzhi.foundation.notices.models import Delivery, Device
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import CLOCK, Actor, system

MAKER = system("tests")
KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode()


def text_of(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class PushService:
    """A push service and the browser behind it: takes what is pushed, checks who sent it, decrypts it."""

    def __init__(self):
        self.private, self.auth, self.answer, self.took = ec.generate_private_key(ec.SECP256R1()), bytes(range(16)), 201, []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.took.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(service.answer)
                if service.answer in (301, 307):
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *said):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def keys(self):
        public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": f"{self.origin}/send/abc", "p256dh": text_of(public), "auth": text_of(self.auth)}

    def told(self):
        import http_ece

        headers, body = self.took[-1]
        assert headers["content-encoding"] == "aes128gcm"
        assert headers["authorization"].startswith("vapid t=")
        return json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm"))


@pytest.fixture
def service():
    made = PushService()
    with override_settings(PUSH_HOSTS=[made.origin], PUSH_KEY=KEY, PUSH_CONTACT="mailto:town@example.org"):
        yield made
    made.server.shutdown()


@pytest.fixture
def me(town, noon):
    person = people.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰")
    user = people.give_login(by=MAKER, at=noon, person_id=person.pk, username="wang", password="a-long-password-26")
    return Actor(kind="person", person_id=person.pk, user_id=user.pk)


@pytest.fixture
def browser(me):
    browser = Client(headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0"})
    browser.post("/sign-in/", {"username": "wang", "password": "a-long-password-26"})
    return browser


def give(me, at, **more):
    [notice] = operations.give_notice(by=CLOCK, at=at, person_ids=[me.person_id], kind="t", title="Case %(number)s is overdue",
                                      params={"number": "报〔2026〕00001"}, text="垃圾桶满溢，电话 13800001234", url="/cases/2026-00001/", **more)  # fmt: skip
    return notice


def deliver(notice):
    delivery = Delivery.objects.get(notice=notice, channel="push")
    tasks._push(queries.delivery_for(seen_by=CLOCK, delivery_id=delivery.pk))


@pytest.mark.django_db
class TestPush:
    def test_says_the_title_and_where_it_leads_and_never_the_text(self, me, noon, service, browser):
        answer = browser.post("/account/devices/", {"act": "add"} | service.keys)
        assert answer.status_code == 302
        assert [device.title for device in queries.devices(seen_by=me)] == ["Chrome, Android"]
        deliver(give(me, noon))
        told = service.told()
        assert (told["url"], "报〔2026〕00001" in told["title"]) == ("/cases/2026-00001/", True)
        assert "138" not in json.dumps(told)

    def test_says_no_word_of_a_closed_matter(self, me, noon, service, monkeypatch):
        monkeypatch.setattr(push, "_closed", [lambda case_id: case_id == 7])
        operations.add_device(by=me, at=noon, title="t", **service.keys)
        deliver(give(me, noon, case_id=7))
        assert {key: value for key, value in service.told().items() if key != "tag"} == {"title": "您有一条新通知", "url": "/notices/"}
        deliver(give(me, noon, case_id=8))
        assert "00001" in service.told()["title"]

    @pytest.mark.parametrize("status", [404, 410])
    def test_forgets_a_device_that_is_gone(self, me, noon, service, status):
        operations.add_device(by=me, at=noon, title="t", **service.keys)
        service.answer = status
        deliver(give(me, noon))
        assert queries.devices(seen_by=me) == []

    @pytest.mark.parametrize("status", [429, 500, 307])
    def test_tries_again_while_the_service_is_down_and_follows_nowhere(self, me, noon, service, status):
        operations.add_device(by=me, at=noon, title="t", **service.keys)
        service.answer = status
        with pytest.raises(OSError):
            deliver(give(me, noon))
        assert len(service.took) == 1
        assert len(queries.devices(seen_by=me)) == 1

    def test_is_on_its_way_only_to_those_who_have_a_device(self, me, noon, service):
        assert not Delivery.objects.filter(notice=give(me, noon)).exists()
        operations.add_device(by=me, at=noon, title="t", **service.keys)
        assert Delivery.objects.filter(notice=give(me, noon)).values_list("channel", flat=True).get() == "push"


@pytest.mark.django_db
class TestDevices:
    def test_end_with_signing_out_there_and_only_there(self, me, noon, service, browser):
        operations.add_device(by=me, at=noon, title="other", endpoint=f"{service.origin}/other", p256dh=service.keys["p256dh"], auth=service.keys["auth"])
        browser.post("/account/devices/", {"act": "add"} | service.keys)
        browser.post("/sign-out/")
        assert [device.title for device in queries.devices(seen_by=me)] == ["other"]

    def test_all_end_with_a_new_password_and_when_sessions_are_ended(self, me, noon, service):
        operations.add_device(by=me, at=noon, title="t", **service.keys)
        people.change_password(by=me, at=noon, user_id=me.user_id, present="a-long-password-26", password="another-long-password-26")
        assert queries.devices(seen_by=me) == []

    def test_belong_to_whoever_has_the_browser_now(self, me, noon, service, town):
        other = people.register_person(by=MAKER, at=noon, kind="resident", name="别人")
        for who in (Actor(kind="person", person_id=other.pk), me):
            operations.add_device(by=who, at=noon, title="t", **service.keys)
        assert Device.objects.get().person_id == me.person_id

    @pytest.mark.parametrize(
        "fields",
        [
            {"endpoint": "https://evil.example/x"}, {"endpoint": "http://169.254.169.254/latest"}, {"endpoint": "https://fcm.googleapis.com.evil.example/x"},
            {"endpoint": "https://fcm.googleapis.com:8443/x"}, {"endpoint": "https://u:p@fcm.googleapis.com/x"}, {"endpoint": "http://fcm.googleapis.com/x"},
            {"endpoint": "https://[::1/x"}, {"endpoint": ""}, {"p256dh": "short"}, {"auth": "²²²"}, {"endpoint": "https://fcm.googleapis.com/" + "x" * 600},
        ],
    )  # fmt: skip
    def test_are_refused_where_they_are_no_push_service(self, me, noon, service, fields):
        with override_settings(PUSH_HOSTS=[service.origin, "fcm.googleapis.com"]):
            with pytest.raises(operations.BadDevice):
                operations.add_device(by=me, at=noon, title="t", **(service.keys | fields))
            operations.add_device(by=me, at=noon, title="t", **(service.keys | {"endpoint": "https://fcm.googleapis.com/fcm/send/abc"}))

    def test_are_turned_off_by_their_owner_alone(self, me, noon, service, browser):
        other = people.register_person(by=MAKER, at=noon, kind="resident", name="别人")
        theirs = operations.add_device(by=Actor(kind="person", person_id=other.pk), at=timezone.now(), title="t", **service.keys)
        browser.post("/account/devices/", {"act": "remove", "device": str(theirs.pk)})
        assert Device.objects.filter(pk=theirs.pk).exists()

    def test_are_behind_the_wall_of_their_town(self, me, noon, service, other_town):
        from gongzhi.kernel.towns import in_town

        operations.add_device(by=me, at=noon, title="t", **service.keys)
        with in_town(other_town.pk), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notices_device")
            assert cursor.fetchone() == (0,)
