"""Signing in: password with lock-out, second factor, recovery codes, a real OpenID provider, tokens."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.foundation.people import openid, operations, queries, sealing
from gongzhi.foundation.people.models import Person
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town

MAKER = system("tests")
PASSWORD = "a-long-password-2026"


@pytest.fixture
def user(town, noon):
    person = operations.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰", phone="138 0000 1234")
    return operations.give_login(by=MAKER, at=noon, person_id=person.pk, username="wang", password=PASSWORD)


@pytest.fixture
def me(user):
    return Actor(kind="person", person_id=user.person_id, user_id=user.pk)


def try_it(at, password=PASSWORD, username="wang"):
    return operations.try_password(by=ANYONE, at=at, username=username, password=password, address="10.0.0.1")


class TestPassword:
    def test_lets_in_and_makes_wait_after_failures(self, user, noon):
        assert try_it(noon).user == user
        for _try in range(4):
            assert try_it(noon, "wrong").wait_until is None
        waiting = try_it(noon, "wrong").wait_until
        assert waiting == noon + timedelta(seconds=30)
        with pytest.raises(operations.MustWait):  # even the right password waits
            try_it(noon)
        assert try_it(waiting + timedelta(seconds=1)).user == user
        assert try_it(waiting + timedelta(seconds=2), "wrong").wait_until is None

    def test_waits_longer_each_time_up_to_an_hour(self, user, noon):
        at, waits = noon, []
        for _try in range(16):
            until = try_it(at, "wrong").wait_until
            if until:
                waits.append((until - at).total_seconds())
                at = until + timedelta(seconds=1)
        assert waits[:3] == [30, 60, 120]
        assert max(waits) == 3600

    def test_tells_nothing_of_whether_a_name_exists(self, user, noon):
        known, unknown = try_it(noon, "wrong"), try_it(noon, "wrong", "nobody")
        assert known == unknown

    def test_of_another_town_is_nobody_here(self, user, other_town, noon):
        with in_town(other_town.pk):
            assert try_it(noon).user is None

    def test_is_changed_with_the_present_one(self, user, me, noon):
        change = {"by": me, "at": noon, "user_id": user.pk}
        with pytest.raises(operations.WrongPassword):
            operations.change_password(**change, present="x", password="another-long-one-26")
        with pytest.raises(operations.WeakPassword):
            operations.change_password(**change, present=PASSWORD, password="short")
        with pytest.raises(NotAllowed):
            operations.change_password(**(change | {"by": Actor(kind="person", user_id=0)}), present=PASSWORD, password="another-long-one-26")
        operations.change_password(**change, present=PASSWORD, password="another-long-one-26")
        assert try_it(noon, "another-long-one-26").user == user


class TestSecondFactor:
    @pytest.fixture
    def secret(self, user, me, noon):
        secret = operations.begin_second_factor(by=me, at=noon, user_id=user.pk)
        with pytest.raises(operations.WrongCode):
            operations.confirm_second_factor(by=me, at=noon, user_id=user.pk, code="000000")
        self.codes = operations.confirm_second_factor(by=me, at=noon, user_id=user.pk, code=pyotp.TOTP(secret).at(noon))
        return secret

    def _try(self, user, at, code):
        return operations.try_second_factor(by=ANYONE, at=at, user_id=user.pk, code=code, address="10.0.0.1").user

    def test_takes_each_code_once(self, user, secret, noon):
        later = noon + timedelta(minutes=2)
        code = pyotp.TOTP(secret).at(later)
        assert self._try(user, noon, pyotp.TOTP(secret).at(noon)) is None  # used when it was turned on
        assert self._try(user, later, code) == user
        assert self._try(user, later, code) is None
        assert self._try(user, later + timedelta(minutes=5), code) is None

    def test_takes_each_recovery_code_once(self, user, secret, noon):
        assert self._try(user, noon, self.codes[0].lower()) == user
        assert self._try(user, noon, self.codes[0]) is None
        assert self._try(user, noon, self.codes[1]) == user

    def test_is_kept_sealed(self, user, secret, noon):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT sealed_secret FROM people_secondfactor")
            assert secret.encode() not in bytes(cursor.fetchone()[0])

    def test_is_asked_on_its_own_page(self, user, secret, noon):
        client = Client()
        answer = client.post("/sign-in/", {"username": "wang", "password": PASSWORD, "next": "/account/"})
        assert answer.headers["Location"].startswith("/sign-in/second-factor/")
        assert client.get("/account/").status_code == 302  # half way is not in
        code = pyotp.TOTP(secret).at(timezone.now())
        answer = client.post("/sign-in/second-factor/", {"code": code, "next": "/account/"})
        assert answer.headers["Location"] == "/account/"
        assert client.get("/account/").status_code == 200

    def test_can_still_be_set_up_after_a_mistyped_code(self, user):
        client = Client()
        client.post("/sign-in/", {"username": "wang", "password": PASSWORD})
        scanned = client.get("/account/second-factor/").context["secret"]
        again = client.post("/account/second-factor/", {"code": "000000"})
        assert again.status_code == 422
        assert again.context["secret"] == scanned  # whoever has scanned it types the next code
        assert client.get("/account/second-factor/").context["secret"] == scanned
        client.post("/account/second-factor/", {"code": pyotp.TOTP(scanned.replace(" ", "")).at(timezone.now())})
        assert "second_factor_begun" not in client.session
        elsewhere = Client()
        elsewhere.post("/sign-in/", {"username": "wang", "password": PASSWORD})
        code = pyotp.TOTP(scanned.replace(" ", "")).at(timezone.now() + timedelta(seconds=30))
        assert elsewhere.post("/sign-in/second-factor/", {"code": code}).status_code == 302

    def test_shows_another_secret_to_another_browser(self, user):
        shown = set()
        for _browser in range(2):
            client = Client()
            client.post("/sign-in/", {"username": "wang", "password": PASSWORD})
            shown.add(client.get("/account/second-factor/").context["secret"])
        assert len(shown) == 2

    def test_is_set_up_before_anything_else_where_it_must_be(self, user):
        from gongzhi.foundation.people.models import User

        User.objects.update(must_use_second_factor=True)
        client = Client()
        client.post("/sign-in/", {"username": "wang", "password": PASSWORD})
        assert client.get("/account/").headers["Location"] == "/account/second-factor/"
        assert client.get("/account/second-factor/").status_code == 200


class TestSealed:
    def test_fields_hold_no_plain_text_and_are_found_by_hash(self, user, noon):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(p)::text FROM people_person p")
            raw = cursor.fetchone()[0]
        assert "王秀兰" not in raw
        assert "13800001234" not in raw
        assert queries.person_by_phone(seen_by=MAKER, phone="+86 138-0000-1234") is None  # nobody has proved it
        Person.objects.update(phone_proved_at=noon)
        assert queries.person_by_phone(seen_by=MAKER, phone="+86 138-0000-1234").pk == user.person_id
        assert queries.masked(seen_by=MAKER, person=user.person) == {"name": "王**", "phone": "138****1234"}

    def test_is_shown_for_a_purpose_and_leaves_a_trace(self, user, noon):
        look = {"at": noon, "person_id": user.person_id, "field": "phone"}
        with pytest.raises(NotAllowed):
            operations.show_sealed(by=ANYONE, purpose="x", **look)
        with pytest.raises(operations.NoPurpose):
            operations.show_sealed(by=MAKER, purpose=" ", **look)
        assert operations.show_sealed(by=MAKER, purpose="回访", **look) == "13800001234"
        from gongzhi.ledger.queries import entries_for

        entries = entries_for(seen_by=MAKER, subject=f"people.person:{user.person_id}")
        assert "SealedFieldShown" in [view.entry.kind for view in entries]
        assert not any("1380000" in str(view.entry.content) or "回访" in str(view.entry.content) for view in entries)

    def test_goes_when_a_person_is_erased(self, user, me, noon):
        with pytest.raises(NotAllowed):
            operations.erase_person(by=ANYONE, at=noon, person_id=user.person_id)
        operations.erase_person(by=me, at=noon, person_id=user.person_id)
        assert bytes(Person.objects.get().name_sealed) == b""
        assert queries.user_by_name(seen_by=MAKER, username="wang") is None
        assert try_it(noon).user is None

    def test_opens_with_an_older_key_too(self, settings):
        import base64

        old, new = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
        settings.FIELD_KEY = old
        sealed = sealing.seal("text", "name")
        settings.FIELD_KEY = f"{new},{old}"
        assert sealing.unseal(sealed, "name") == "text"
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(sealed, "phone")  # bound to its field
        settings.FIELD_KEY = new
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(sealed, "name")


class TestTokens:
    def test_act_until_they_are_revoked(self, user, me, noon):
        with pytest.raises(operations.NoScopes):
            operations.issue_token(by=me, at=noon, title="x", scopes=["everything"])
        token, text = operations.issue_token(by=me, at=noon, title="我的程序", scopes=["cases:read"], days=1)
        assert queries.token_for(seen_by=ANYONE, presented=text, at=noon) == token
        assert queries.token_for(seen_by=ANYONE, presented=text + "x", at=noon) is None
        assert queries.token_for(seen_by=ANYONE, presented=text, at=noon + timedelta(days=1)) is None
        operations.revoke_token(by=me, at=noon, token_id=token.pk)
        assert queries.token_for(seen_by=ANYONE, presented=text, at=noon) is None


class TestPages:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_sign_in_and_out(self, user, language):
        client = Client()
        client.cookies["django_language"] = language
        assert client.get("/sign-in/").status_code == 200
        assert client.post("/sign-in/", {"username": "wang", "password": "wrong"}).status_code == 422
        answer = client.post("/sign-in/", {"username": "wang", "password": PASSWORD, "next": "//evil.example/"})
        assert answer.headers["Location"] == "/welcome/"
        for address in ("/account/", "/account/password/", "/account/second-factor/", "/account/tokens/"):
            assert client.get(address).status_code == 200, address
        client.post("/sign-out/")
        assert client.get("/account/").status_code == 302

    def test_a_session_of_one_town_is_nobody_in_another(self, user, other_town):
        client = Client()
        client.post("/sign-in/", {"username": "wang", "password": PASSWORD})
        assert client.get("/account/").status_code == 200
        assert client.get("/account/", headers={"host": "lanwan.localhost"}).status_code == 302

    def test_residents_make_a_log_in_of_their_own(self, town):
        given = {"phone": "139 1234 5678", "name": "李志强", "password": PASSWORD, "agreed": "on"}
        assert Client().post("/register/", given | {"agreed": ""}).status_code == 422
        assert Client().post("/register/", given | {"phone": "abc"}).status_code == 422
        assert Client().post("/register/", given).status_code == 302
        assert try_it(timezone.now(), username="+86 139-1234-5678").user is not None
        from gongzhi.foundation.people.models import User

        assert "13912345678" not in str(list(User.objects.values()))


@pytest.fixture
def provider():
    """Run a real OpenID provider on a free port."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    import oidc_provider_mock

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_words):
            return

    server = make_server("127.0.0.1", 0, oidc_provider_mock.app(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class TestOpenId:
    def test_signs_in_at_a_real_provider(self, committed_db, town, noon, provider, monkeypatch):
        monkeypatch.setenv("GONGZHI_OPENID_SECRET", "secret")
        territory.set_town_rules(by=MAKER, at=noon, openid={"issuer": provider, "client_id": "gongzhi", "name": "统一身份", "registers": False})
        client = Client()
        assert "统一身份" in client.get("/sign-in/").content.decode()

        def come_back(begun):
            answer = httpx.post(begun.headers["Location"], data={"sub": "u-1"})
            parts = urlsplit(answer.headers["location"])
            return client.get(f"{parts.path}?{parts.query}")

        assert come_back(client.get("/sign-in/openid/")).headers["Location"] == "/sign-in/"  # unknown, and the town registers nobody
        territory.set_town_rules(by=MAKER, at=noon, openid={"issuer": provider, "client_id": "gongzhi", "name": "统一身份", "registers": True})
        memory.forget()  # the page believes what it read of the town for some seconds
        assert come_back(client.get("/sign-in/openid/?next=/account/")).headers["Location"] == "/account/"
        assert client.get("/account/").status_code == 200
        assert queries.user_by_identity(seen_by=MAKER, issuer=provider, identity="u-1") is not None

    def test_refuses_what_does_not_hold(self, provider):
        given = openid.provider({"openid": {"issuer": provider, "client_id": "gongzhi"}})
        address, kept = openid.begin(given, "http://testserver/sign-in/openid/back/")
        assert parse_qs(urlsplit(address).query)["code_challenge_method"] == ["S256"]
        back = httpx.post(address, data={"sub": "u-1"}).headers["location"]
        told = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        for bent in (told | {"state": "x"}, {"error": "access_denied"}, told | {"code": "x"}):
            with pytest.raises(openid.CannotSignIn):
                openid.finish(given, "http://testserver/sign-in/openid/back/", bent, kept)
        with pytest.raises(openid.CannotSignIn):
            openid.finish(given, "http://testserver/sign-in/openid/back/", told, kept | {"nonce": "x"})
        with pytest.raises(openid.CannotSignIn):
            openid.begin(openid.provider({"openid": {"issuer": "http://127.0.0.1:9", "client_id": "x"}}), "http://testserver/")

    def test_asks_no_provider_on_this_machine_unless_the_installation_allows_it(self, provider, settings):
        given = openid.provider({"openid": {"issuer": provider, "client_id": "gongzhi"}})
        assert openid.begin(given, "http://testserver/")[0].startswith(provider)
        settings.OUTBOUND_ALLOWED = []
        with pytest.raises(openid.CannotSignIn):
            openid.begin(given, "http://testserver/")
