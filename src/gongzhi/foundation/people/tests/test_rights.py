"""What people may ask about their own details: linked identities, a proved number, erasure; and erasure by term."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import httpx
import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.notices import queries as notice_queries
from gongzhi.foundation.notices import signature
from gongzhi.foundation.notices import tasks as notice_tasks
from gongzhi.foundation.notices.models import Choice
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.people import operations, queries, sealing, tasks, terms
from gongzhi.foundation.people.models import OutsideIdentity, Person, PhoneCode, SealedLook, User
from gongzhi.foundation.people.tests.test_sign_in import provider  # noqa: F401 - a fixture
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger import queries as ledger
from gongzhi.management_line.reports import operations as reports
from gongzhi.management_line.reports.tests.factories import finish, make_reporting_town

MAKER = system("tests")
PASSWORD = "a-long-password-2026"
PHONE = "136 5555 1234"


def account(noon, phone=PHONE, name="王秀兰"):
    user = operations.register_resident(by=ANYONE, at=noon, phone=phone, name=name, password=PASSWORD)
    return user, Actor(kind="person", person_id=user.person_id, user_id=user.pk)


def signed_in(phone=PHONE):
    client = Client()
    assert client.post("/sign-in/", {"username": phone, "password": PASSWORD}).status_code == 302
    return client


def set_rules(at, **rules):
    territory.set_town_rules(by=MAKER, at=at, **rules)
    memory.forget()


class TestIdentities:
    @pytest.fixture
    def gate(self, committed_db, town, noon, provider, monkeypatch):  # noqa: F811
        monkeypatch.setenv("GONGZHI_OPENID_SECRET", "secret")
        set_rules(noon, openid={"issuer": provider, "client_id": "gongzhi", "name": "统一身份", "registers": True})
        return provider

    def _come_back(self, client, begun, sub):
        parts = urlsplit(httpx.post(begun.headers["Location"], data={"sub": sub}).headers["location"])
        return client.get(f"{parts.path}?{parts.query}")

    def test_are_linked_from_ones_page_and_sign_in_from_then_on(self, gate, noon):
        user, me = account(noon)
        client = signed_in()
        assert "统一身份" in client.get("/account/identities/").content.decode()
        back = self._come_back(client, client.post("/sign-in/openid/", {"next": "/account/identities/"}), "u-1")
        assert back.headers["Location"] == "/account/identities/"
        assert queries.user_by_identity(seen_by=MAKER, issuer=gate, identity="u-1") == user
        other = Client()
        assert self._come_back(other, other.get("/sign-in/openid/?next=/account/"), "u-1").headers["Location"] == "/account/"
        assert other.get("/account/").status_code == 200
        linked = queries.identities(seen_by=me).get()
        client.post("/account/identities/", {"unlink": str(linked.pk)})
        assert not OutsideIdentity.objects.exists()

    def test_of_somebody_else_are_not_taken_over(self, gate, noon):
        first, _me = account(noon)
        account(noon, phone="136 5555 9999", name="李")
        for phone in (PHONE, "136 5555 9999"):
            client = signed_in(phone)
            self._come_back(client, client.post("/sign-in/openid/"), "u-1")
        assert OutsideIdentity.objects.get().user == first

    def test_that_are_the_last_way_in_stay(self, gate, noon):
        client = Client()
        self._come_back(client, client.get("/sign-in/openid/"), "u-7")
        user = queries.user_by_identity(seen_by=MAKER, issuer=gate, identity="u-7")
        me = Actor(kind="person", person_id=user.person_id, user_id=user.pk)
        linked = queries.identities(seen_by=me).get()
        with pytest.raises(operations.LastWayIn):
            operations.unlink_identity(by=me, at=noon, identity_id=linked.pk)
        answer = client.post("/account/identities/", {"unlink": str(linked.pk)}, follow=True)
        assert "唯一的登录方式" in answer.content.decode()
        # one at a provider that the town has no longer is no way in either
        old = operations.link_identity(by=me, at=noon, issuer="https://old.example", identity="x", user_id=user.pk)
        with pytest.raises(operations.LastWayIn):
            operations.unlink_identity(by=me, at=noon, identity_id=linked.pk)
        operations.unlink_identity(by=me, at=noon, identity_id=OutsideIdentity.objects.get(user=old, identity="x").pk)
        with pytest.raises(NotAllowed):
            operations.unlink_identity(by=Actor(kind="person", user_id=0), at=noon, identity_id=linked.pk)

    def test_do_not_pass_the_second_factor_by(self, gate, noon):
        user, me = account(noon)
        operations.link_identity(by=me, at=noon, issuer=gate, identity="u-1", user_id=user.pk)
        secret = operations.begin_second_factor(by=me, at=noon, user_id=user.pk)
        operations.confirm_second_factor(by=me, at=noon, user_id=user.pk, code=pyotp.TOTP(secret).at(noon))
        client = Client()
        back = self._come_back(client, client.get("/sign-in/openid/?next=/account/"), "u-1")
        assert back.headers["Location"].startswith("/sign-in/second-factor/")
        assert client.get("/account/").status_code == 302


class TestProvingANumber:
    @pytest.fixture
    def me(self, town, noon):
        return account(noon)[1]

    def _code(self, at):
        made = PhoneCode.objects.latest("pk")
        return queries.code_to_send(seen_by=CLOCK, code_id=made.pk, at=at)[1]

    def test_takes_the_code_that_was_sent_once_and_keeps_only_its_hash(self, me, noon):
        made = operations.ask_phone_code(by=me, at=noon)
        code = self._code(noon)
        assert len(code) == 6
        assert code.encode() not in b"".join(bytes(value) for value in (made.code_hash, made.sealed_code))
        assert queries.person_by_phone(seen_by=MAKER, phone=PHONE) is None  # typed, not proved
        assert operations.prove_phone(by=me, at=noon, code=f" {code[:3]} {code[3:]}").is_proved
        assert queries.person_by_phone(seen_by=MAKER, phone=PHONE).pk == me.person_id
        assert not operations.prove_phone(by=me, at=noon, code=code).is_proved
        with pytest.raises(operations.ProvedAlready):
            operations.ask_phone_code(by=me, at=noon + timedelta(minutes=5))

    def test_bounds_tries_time_and_how_often_one_asks(self, me, noon):
        operations.ask_phone_code(by=me, at=noon)
        code = self._code(noon)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        assert [operations.prove_phone(by=me, at=noon, code=wrong).tries_left for _try in range(5)] == [4, 3, 2, 1, 0]
        assert not operations.prove_phone(by=me, at=noon, code=code).is_proved  # even the right one
        with pytest.raises(operations.TooSoon):
            operations.ask_phone_code(by=me, at=noon + timedelta(seconds=30))
        operations.ask_phone_code(by=me, at=noon + timedelta(minutes=2))
        late = self._code(noon + timedelta(minutes=2))
        assert not operations.prove_phone(by=me, at=noon + timedelta(minutes=12), code=late).is_proved
        for minute in (4, 6, 8):
            operations.ask_phone_code(by=me, at=noon + timedelta(minutes=minute))
        with pytest.raises(operations.TooManyCodes):
            operations.ask_phone_code(by=me, at=noon + timedelta(minutes=10))
        operations.ask_phone_code(by=me, at=noon + timedelta(days=1, minutes=10))

    def test_makes_the_number_that_persons_alone(self, me, noon):
        operations.ask_phone_code(by=me, at=noon)
        operations.prove_phone(by=me, at=noon, code=self._code(noon))
        new = operations.register_person(by=MAKER, at=noon, kind="resident", name="新机主", phone=PHONE)
        login = operations.give_login(by=MAKER, at=noon, person_id=new.pk, username="new", password=PASSWORD)
        owner = Actor(kind="person", person_id=new.pk, user_id=login.pk)
        later = noon + timedelta(days=400)
        operations.ask_phone_code(by=owner, at=later)
        operations.prove_phone(by=owner, at=later, code=self._code(later))
        assert queries.person_by_phone(seen_by=MAKER, phone=PHONE).pk == new.pk
        assert Person.objects.get(pk=me.person_id).phone_proved_at is None

    def test_keeps_knowing_a_caller_without_a_log_in(self, me, noon):
        caller = operations.register_person(by=MAKER, at=noon, kind="resident", name="来电人", phone=PHONE)
        assert queries.person_by_phone(seen_by=MAKER, phone=PHONE).pk == caller.pk

    def test_sends_the_code_by_the_towns_gateway_signed(self, me, noon, settings):
        got = []

        class Gateway(BaseHTTPRequestHandler):
            def do_POST(self):
                got.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers["X-Gongzhi-Signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_words):
                return

        server = HTTPServer(("127.0.0.1", 0), Gateway)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.WEBHOOK_SECRET = "s"
        set_rules(noon, webhook={"url": f"http://127.0.0.1:{server.server_port}/"})
        now = timezone.now()
        made = operations.ask_phone_code(by=me, at=now)
        code = self._code(now)

        class Context:
            class job:
                attempts = 0

        notice_tasks.send_phone_code.func(Context, town_id=made.town_id, code_id=made.pk)
        server.shutdown()
        body, header = got[0]
        assert signature.holds(body, "s", header, now=int(now.timestamp()))
        told = json.loads(body)
        assert (told["to"], told["code"], told["kind"]) == ("13655551234", code, "people.PhoneCode")
        assert code in told["text"]
        made.refresh_from_db()
        assert made.sent_at is not None
        assert bytes(made.sealed_code) == b""  # gone out: kept no longer
        assert operations.prove_phone(by=me, at=now, code=code).is_proved

    def test_says_so_when_the_gateway_is_down(self, me, noon):
        set_rules(noon, webhook={"url": "http://127.0.0.1:9/"})
        made = operations.ask_phone_code(by=me, at=timezone.now())

        class Context:
            class job:
                attempts = notice_tasks.CODE_TRIES - 1

        with pytest.raises(notice_tasks.NotDelivered):
            notice_tasks.send_phone_code.func(Context, town_id=made.town_id, code_id=made.pk)
        made.refresh_from_db()
        assert made.failed_at is not None
        assert "验证码未能发出" in signed_in().get("/account/phone/").content.decode()

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_is_offered_after_registering_and_shown_in_the_demo_only(self, town, settings, language):
        given = {"phone": "139 1234 5678", "name": "李志强", "password": PASSWORD, "agreed": "on", "next": "/follow/"}
        plain = Client()
        assert plain.post("/register/", given).headers["Location"] == "/follow/"  # no gateway: nothing is asked that cannot be done
        settings.DEMO = True
        client = Client()
        client.cookies["django_language"] = language
        answer = client.post("/register/", given | {"phone": "139 1234 5679"})
        assert answer.headers["Location"] == "/account/phone/?next=%2Ffollow%2F"
        shown = client.get(answer.headers["Location"]).content.decode()
        code = self._code(timezone.now())
        assert code in shown
        wrong = client.post("/account/phone/", {"code": f"{(int(code) + 1) % 10**6:06d}"})
        assert wrong.status_code == 422
        assert client.post("/account/phone/", {"code": code, "next": "/follow/"}).headers["Location"] == "/follow/"
        settings.DEMO = False
        assert code not in client.get("/account/phone/").content.decode()


class TestErasure:
    @pytest.fixture
    def world(self, town, noon):
        made = make_reporting_town(noon)
        user, me = account(noon)
        case, _code = reports.file_report(by=me, at=noon, text="文昌路垃圾桶满了两天", category_code="H3-bin", longitude=120.005, latitude=30.265)
        return made, user, me, case

    def test_is_confirmed_waits_and_names_the_open_cases(self, world, noon):
        _made, user, me, case = world
        with pytest.raises(operations.WrongPassword):
            operations.ask_erasure(by=me, at=noon, present="x")
        with pytest.raises(NotAllowed):
            operations.ask_erasure(by=replace(me, scopes=frozenset({"cases:read"})), at=noon, present=PASSWORD)
        asked = operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        assert asked.due_at == noon + timedelta(days=7)
        with pytest.raises(operations.AskedAlready):
            operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        assert [need.url for need in queries.needs_of(seen_by=me, person_id=user.person_id, at=noon)] == [f"/cases/{case.slug}/"]
        with pytest.raises(operations.NotDue):
            operations.carry_out_erasure(by=CLOCK, at=noon + timedelta(days=6), request_id=asked.pk)

    def test_is_carried_out_when_the_last_case_has_ended_and_not_before(self, world, noon):
        made, user, me, case = world
        asked = operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        later = noon + timedelta(days=8)
        assert queries.erasures_to_carry_out(seen_by=CLOCK, at=later) == []
        finish(made, case, noon + timedelta(hours=1))
        case.refresh_from_db()
        assert not case.is_open
        assert queries.erasures_to_carry_out(seen_by=CLOCK, at=noon + timedelta(days=2)) == []
        assert queries.erasures_to_carry_out(seen_by=CLOCK, at=later) == [asked.pk]
        operations.carry_out_erasure(by=CLOCK, at=later, request_id=asked.pk)
        person = Person.objects.get(pk=user.person_id)
        assert sealing.unseal(person.name_sealed, "name") == ""
        assert operations.try_password(by=ANYONE, at=later, username=PHONE, password=PASSWORD, address="x").user is None
        assert notice_queries.notices(seen_by=me).count() == 0
        with pytest.raises(operations.NotOpen):
            operations.carry_out_erasure(by=CLOCK, at=later, request_id=asked.pk)
        kinds = [view.entry.kind for view in ledger.entries_for(seen_by=MAKER, subject=f"people.person:{user.person_id}")]
        assert {"ErasureAsked", "PersonErased"} <= set(kinds)
        told = str([view.entry.content for view in ledger.entries_for(seen_by=MAKER, subject=f"people.person:{user.person_id}")])
        assert "王秀兰" not in told
        assert "13655551234" not in told

    def test_takes_the_second_factor_where_it_is_on(self, town, noon):
        user, me = account(noon)
        secret = operations.begin_second_factor(by=me, at=noon, user_id=user.pk)
        operations.confirm_second_factor(by=me, at=noon, user_id=user.pk, code=pyotp.TOTP(secret).at(noon))
        later = noon + timedelta(minutes=5)
        with pytest.raises(operations.WrongCode):
            operations.ask_erasure(by=me, at=later, present=PASSWORD, code="000000")
        assert operations.ask_erasure(by=me, at=later, present=PASSWORD, code=pyotp.TOTP(secret).at(later)).is_open

    def test_is_withdrawn_by_the_person_at_any_moment(self, town, noon):
        _user, me = account(noon)
        with pytest.raises(operations.NotOpen):
            operations.withdraw_erasure(by=me, at=noon)
        asked = operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        operations.withdraw_erasure(by=me, at=noon + timedelta(days=30))
        assert queries.erasures_to_carry_out(seen_by=CLOCK, at=noon + timedelta(days=31)) == []
        assert operations.ask_erasure(by=me, at=noon + timedelta(days=31), present=PASSWORD).pk != asked.pk

    def test_is_decided_by_the_administrator_where_the_town_wants_it(self, town, noon):
        set_rules(noon, erasure={"days": 1, "by": "administrator"})
        admin = operations.register_person(by=MAKER, at=noon, kind="staff", public_name="系统岗 01")
        organ = organs.define_organ(by=MAKER, at=noon, kind="committee", code="committee", name="管委会")
        organs.give_post(by=MAKER, at=noon, person_id=admin.pk, organ_id=organ.pk, role="administrator", starts_on=noon.date())
        from gongzhi.foundation.organs import queries as organ_queries

        chief = organ_queries.actor_for_person(seen_by=ANYONE, person_id=admin.pk, at=noon)
        _user, me = account(noon)
        asked = operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        later = noon + timedelta(days=2)
        assert notice_queries.notices(seen_by=chief).get().url == "/administration/erasures/"
        assert queries.erasures_to_carry_out(seen_by=CLOCK, at=later) == []
        with pytest.raises(NotAllowed):
            operations.decide_erasure(by=me, at=noon, request_id=asked.pk, approved=True)
        with pytest.raises(operations.NoGround):
            operations.decide_erasure(by=chief, at=noon, request_id=asked.pk, approved=False, ground=" ")
        operations.decide_erasure(by=chief, at=noon, request_id=asked.pk, approved=False, ground="《档案法》第十四条")
        assert "declined" in notice_queries.notices(seen_by=me).get().title
        again = operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        operations.decide_erasure(by=chief, at=noon, request_id=again.pk, approved=True)
        assert queries.erasures_to_carry_out(seen_by=CLOCK, at=later) == [again.pk]

    def test_waits_for_the_end_of_a_post(self, town, noon):
        user, me = account(noon)
        organ = organs.define_organ(by=MAKER, at=noon, kind="committee", code="committee", name="管委会")
        post = organs.give_post(by=MAKER, at=noon, person_id=user.person_id, organ_id=organ.pk, role="steward", starts_on=noon.date())
        with pytest.raises(operations.StillServes) as refused:
            operations.ask_erasure(by=me, at=noon, present=PASSWORD)
        assert "管委会" in str(refused.value)
        organs.end_post(by=MAKER, at=noon, post_id=post.pk, ends_on=noon.date())
        assert operations.ask_erasure(by=me, at=noon, present=PASSWORD).is_open

    def test_takes_notices_and_mail_address_along(self, town, noon):
        user, me = account(noon)
        notices.choose(by=me, at=noon, mail="at_once", address="wang@example.org", webhook=True)
        notices.give_notice(by=CLOCK, at=noon, person_ids=[user.person_id], kind="t", title="t", text="文昌路")
        operations.erase_person(by=me, at=noon, person_id=user.person_id)
        assert not Choice.objects.exists()
        assert notice_queries.notices(seen_by=me).count() == 0

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_is_asked_for_and_taken_back_on_a_page(self, world, language):
        case = world[3]
        client = signed_in()
        client.cookies["django_language"] = language
        shown = client.get("/account/erase/").content.decode()
        assert case.number in shown
        assert client.post("/account/erase/", {"present": PASSWORD}).status_code == 422
        refused = client.post("/account/erase/", {"present": "x", "understood": "on"})
        assert refused.status_code == 422
        assert "id_present_error" in refused.content.decode()
        assert client.post("/account/erase/", {"present": PASSWORD, "understood": "on"}).status_code == 302
        assert 'name="withdraw"' in client.get("/account/erase/").content.decode()
        assert client.post("/account/erase/", {"withdraw": "1"}).status_code == 302
        assert 'name="understood"' in client.get("/account/erase/").content.decode()


class TestTerms:
    RULE = {"caller": {"days": 365, "basis": "《个人信息保护法》第十九条"}, "resident": {"days": 1095, "basis": "x"}, "looks": {"days": 400, "basis": "y"}}

    def test_erase_what_is_past_them_once(self, town, noon):
        early = noon - timedelta(days=500)
        caller = operations.register_person(by=MAKER, at=early, kind="resident", name="来电人", phone="13700000001")
        fresh = operations.register_person(by=MAKER, at=noon, kind="resident", name="新来电人", phone="13700000002")
        owner, _me = account(early)
        operations.show_sealed(by=MAKER, at=early, person_id=fresh.pk, field="phone", purpose="回访")
        with pytest.raises(operations.NoTerm):
            operations.erase_by_term(by=CLOCK, at=noon, kind="caller")
        assert queries.kinds_past_their_term(seen_by=CLOCK, at=noon) == []
        set_rules(noon, retention=self.RULE)
        assert queries.kinds_past_their_term(seen_by=CLOCK, at=noon) == ["caller", "looks"]
        with pytest.raises(NotAllowed):
            operations.erase_by_term(by=ANYONE, at=noon, kind="caller")
        assert operations.erase_by_term(by=CLOCK, at=noon, kind="caller") == 1
        assert operations.erase_by_term(by=CLOCK, at=noon, kind="caller") == 0
        assert operations.erase_by_term(by=CLOCK, at=noon, kind="looks") == 1
        erased = {pk for pk in (caller.pk, fresh.pk, owner.person_id) if Person.objects.get(pk=pk).erased_at}
        assert erased == {caller.pk}
        assert SealedLook.objects.get().purpose == ""
        kept = [view.entry for view in ledger.entries_for(seen_by=MAKER, subject=f"territory.town:{town.pk}") if view.entry.kind == "TermApplied"]
        assert kept[0].content["basis"].startswith("《个人信息保护法》")

    def test_run_from_the_last_need_not_from_the_first(self, town, noon):
        made = make_reporting_town(noon)
        where = {"longitude": 120.005, "latitude": 30.265}
        case, _code = reports.file_report(by=ANYONE, at=noon, text="垃圾桶满了", category_code="H3-bin", phone="13711112222", **where)
        caller = case.raised_by_id
        term = terms.terms({"retention": self.RULE})["caller"]
        assert caller not in terms.due_people(term, noon + timedelta(days=500), 100)  # the case is open, however old
        finish(made, case, noon + timedelta(days=1))
        assert caller not in terms.due_people(term, noon + timedelta(days=365, hours=12), 100)  # registered longer ago, its case ended within the term
        set_rules(noon, retention=self.RULE)
        assert operations.erase_by_term(by=CLOCK, at=noon + timedelta(days=367), kind="caller") >= 1
        assert Person.objects.get(pk=caller).erased_at is not None
        case.refresh_from_db()
        assert case.text == "垃圾桶满了"  # the case and its proof stay

    def test_count_a_sign_in(self, town, noon):
        user, _me = account(noon - timedelta(days=1200))
        set_rules(noon, retention=self.RULE)
        assert queries.kinds_past_their_term(seen_by=CLOCK, at=noon) == ["resident"]
        User.objects.filter(pk=user.pk).update(last_login=noon - timedelta(days=10))
        assert queries.kinds_past_their_term(seen_by=CLOCK, at=noon) == []

    def test_are_applied_every_hour_until_nothing_is_left(self, town, noon):
        now = timezone.now()
        for number in range(3):
            operations.register_person(by=MAKER, at=now - timedelta(days=500), kind="resident", name="来电人", phone=f"1370000000{number}")
        _user, me = account(now - timedelta(days=20))
        operations.ask_erasure(by=me, at=now - timedelta(days=10), present=PASSWORD)
        set_rules(now, retention=self.RULE)
        assert tasks.erase(timestamp=0) == 2
        assert Person.objects.filter(erased_at__isnull=True).count() == 0
        assert tasks.erase(timestamp=0) == 0
