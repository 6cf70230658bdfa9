"""The town's administrators at work, on pages and over the API; and a town that begins with one command."""

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from gongzhi.cases import queries as cases
from gongzhi.cases.models import Category
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.organs.models import Organ, Post
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people.models import SecondFactor, User
from gongzhi.foundation.territory import operations as territories
from gongzhi.foundation.territory import queries as territory
from gongzhi.foundation.territory.models import Area, Town
from gongzhi.foundation.territory.tests.factories import make_areas, square
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.towns import enter_town, in_town
from gongzhi.ledger import queries as ledger
from gongzhi.management_line.reports import operations as reports
from gongzhi.portal import operations

MAKER = system("tests")
PASSWORD = "a-long-password-2026"
PAGES = (
    "/administration/",
    "/administration/town/",
    "/administration/areas/",
    "/administration/areas/new/",
    "/administration/organs/",
    "/administration/organs/new/",
    "/administration/posts/",
    "/administration/posts/new/",
    "/administration/logins/",
    "/administration/logins/new/",
    "/administration/calendar/",
    "/administration/erasures/",
    "/administration/keys/",
)


@pytest.fixture
def chief(town):
    """Return a browser in which the town's administrator is signed in; `user`, `actor` hang on it."""
    at = timezone.now()
    user, _password = people.employ(by=MAKER, at=at, username="chief", name="程立", public_name="系统岗 01", must_use_second_factor=False)
    organ = Organ.objects.create(town=town, kind="committee", code="committee", name="管委会")
    Post.objects.create(town=town, person_id=user.person_id, organ=organ, role="administrator", starts_on=date(2026, 1, 1))
    browser = Client()
    browser.force_login(user)
    browser.user, browser.organ = user, organ
    return browser


def kinds_in_ledger(subject):
    return [view.entry.kind for view in ledger.entries_for(seen_by=MAKER, subject=subject)]


class TestPages:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_are_shown_to_the_administrator(self, chief, noon, language):
        make_areas(noon)
        chief.cookies["django_language"] = language
        for address in PAGES:
            assert chief.get(address).status_code == 200, address

    def test_are_shown_to_nobody_else(self, town, noon):
        plain, _password = people.employ(by=MAKER, at=noon, username="officer", name="李", public_name="经办岗 01", must_use_second_factor=False)
        browser = Client()
        browser.force_login(plain)
        for address in PAGES:
            assert browser.get(address).status_code == 403, address
            assert Client().get(address).status_code == 302, address

    def test_stand_in_the_navigation_of_administrators_only(self, chief, noon):
        assert 'href="/administration/"' in chief.get("/administration/").content.decode()
        assert 'href="/administration/"' not in Client().get("/responsibilities/").content.decode()

    def test_say_what_a_new_town_lacks(self, chief):
        told = chief.get("/administration/").content.decode()
        assert "尚未划定网格" in told
        assert "还没有指挥调度人员" in told


class TestTown:
    def _form(self, **more):
        return {"what": "name", "name": "云溪小镇", "short_name": "云溪", "name_en": "Yunxi", "hosts": "yunxi.example.cn\nyx.example.cn"} | more

    def test_is_named_and_refuses_by_the_field(self, chief, other_town):
        assert chief.post("/administration/town/", self._form()).status_code == 302
        assert Town.objects.get(code="yunxi").hosts == ["yunxi.example.cn", "yx.example.cn"]
        refused = chief.post("/administration/town/", self._form(hosts="https://x/y"))
        assert refused.status_code == 422
        assert "id_hosts_error" in refused.content.decode()
        with in_town(other_town.pk):  # a town's row is changed from within it only
            Town.objects.filter(pk=other_town.pk).update(hosts=["lw.example.cn"])
        assert "另一个镇" in chief.post("/administration/town/", self._form(hosts="lw.example.cn")).content.decode()

    def test_sets_its_rules_and_loses_none_that_the_page_does_not_know(self, chief, town, noon):
        Town.objects.update(settings={"something": 1})
        form = {
            "what": "rules",
            "dispatch_organ": "committee",
            "webhook_url": "https://gateway.example/",
            "open311_keys": "abcd1234 = 城管热线",
            "erasure_days": "3",
            "erasure_by": "administrator",
            "retention_caller_days": "365",
            "retention_caller_basis": "《个人信息保护法》第十九条",
            "photo_megabytes": "8",
        }
        assert chief.post("/administration/town/", form).status_code == 302
        kept = Town.objects.get(pk=town.pk).settings
        assert kept["something"] == 1
        assert kept["dispatch_organ"] == "committee"
        assert kept["retention"] == {"caller": {"days": 365, "basis": "《个人信息保护法》第十九条"}}
        assert kept["open311_keys"] == {"abcd1234": "城管热线"}
        assert kept["attachment_limits"] == {"photo": 8_000_000}
        assert "TownRulesSet" in kinds_in_ledger(f"territory.town:{town.pk}")
        refused = chief.post("/administration/town/", form | {"retention_caller_basis": ""})
        assert refused.status_code == 422
        assert "id_retention_caller_basis_error" in refused.content.decode()
        assert "id_openid_client_id_error" in chief.post("/administration/town/", form | {"openid_issuer": "https://id.example"}).content.decode()
        chief.post("/administration/town/", form | {"webhook_url": ""})
        assert "webhook" not in Town.objects.get(pk=town.pk).settings


class TestAreas:
    def test_are_drawn_from_text_and_file_and_shown_with_their_faults(self, chief, noon):
        areas = make_areas(noon)
        boundary = json.dumps(square(0, 2))
        form = {"level": "grid", "parent": str(areas["west"].pk), "code": "330110100001009", "name": "第九网格"}
        assert chief.post("/administration/areas/new/", form | {"boundary": boundary}).status_code == 302
        made = Area.objects.get(code="330110100001009")
        assert made.boundary["type"] == "MultiPolygon"
        assert "覆盖不完整" not in chief.get("/administration/areas/").content.decode()
        bent = SimpleUploadedFile("a.geojson", json.dumps({"type": "Feature", "geometry": square(0, 0), "properties": {}}).encode())
        assert chief.post(f"/administration/areas/{made.pk}/", form | {"file": bent, "boundary": boundary}).status_code == 302
        told = chief.get("/administration/areas/").content.decode()
        assert "覆盖不完整" in told
        assert "<b>第一网格、第九网格</b>" in told
        assert Area.objects.filter(code="330110100001009").count() == 2  # the former one has ended
        assert chief.get("/administration/areas/faults.geojson").json()["features"]

    def test_refuse_what_is_no_boundary_by_its_field(self, chief, noon):
        form = {"level": "town", "code": "330110", "name": "云溪"}
        bent = json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]})
        for field, given in (
            ("boundary", {"boundary": "nonsense"}),
            ("boundary", {"boundary": bent}),
            ("file", {"file": SimpleUploadedFile("a.geojson", b"[]")}),
            ("code", {"code": "三三"}),
        ):
            refused = chief.post("/administration/areas/new/", form | given)
            assert refused.status_code == 422, given
            assert f"id_{field}_error" in refused.content.decode(), given
        assert not Area.objects.exists()

    def test_are_renamed_without_a_new_version_and_ended_from_below(self, chief, noon):
        areas = make_areas(noon)
        grid, west = areas["w1"], areas["west"]
        form = {"level": "grid", "parent": str(west.pk), "name": "溪西第一网格", "boundary": ""}
        assert chief.post(f"/administration/areas/{grid.pk}/", form).status_code == 302
        assert Area.objects.get(pk=grid.pk).name == "溪西第一网格"
        assert Area.objects.filter(code=grid.code).count() == 1
        chief.post(f"/administration/areas/{west.pk}/end/")
        assert Area.objects.get(pk=west.pk).valid_to is None  # grids lie in it
        chief.post(f"/administration/areas/{grid.pk}/end/")
        assert Area.objects.get(pk=grid.pk).valid_to is not None
        assert "AreaEnded" in kinds_in_ledger(f"territory.area:{grid.pk}")
        memory.forget()
        assert territory.locate(seen_by=ANYONE, longitude=120.005, latitude=30.265) is None


class TestOrgansAndPosts:
    def test_are_defined_given_and_ended(self, chief, noon):
        form = {"name": "公用设施养护中心", "kind": "department", "code": "utilities", "parent": str(chief.organ.pk), "area": "", "duty_phone": "0571-1"}
        assert chief.post("/administration/organs/new/", form).status_code == 302
        organ = Organ.objects.get(code="utilities")
        assert "id_code_error" in chief.post("/administration/organs/new/", form).content.decode()
        refused = chief.post(f"/administration/organs/{chief.organ.pk}/", {"name": "管委会", "kind": "committee", "parent": str(organ.pk)})
        assert "id_parent_error" in refused.content.decode()  # it cannot stand below its own department
        officer, _password = people.employ(by=MAKER, at=noon, username="officer", name="陈建军", public_name="经办岗 03")
        today = timezone.localdate()
        post = {"person": str(officer.person_id), "organ": str(organ.pk), "role": "department_officer", "starts_on": today.isoformat()}
        refused = chief.post("/administration/posts/new/", post | {"ends_on": (today - timedelta(days=1)).isoformat()})
        assert "id_ends_on_error" in refused.content.decode()
        assert chief.post("/administration/posts/new/", post).status_code == 302
        given = Post.objects.get(person_id=officer.person_id)
        told = chief.get("/administration/posts/").content.decode()
        assert "经办岗 03" in told
        assert "陈建军" not in told
        assert chief.post(f"/administration/posts/{given.pk}/end/", {"ends_on": today.isoformat()}).status_code == 302
        assert "经办岗 03" not in chief.get("/administration/posts/").content.decode()
        assert "经办岗 03" in chief.get("/administration/posts/?ended=1").content.decode()
        assert kinds_in_ledger(f"organs.post:{given.pk}") == ["PostGiven", "PostEnded"]


class TestLogins:
    @pytest.fixture
    def officer(self, chief):
        form = {"kind": "staff", "name": "陈建军", "public_name": "经办岗 03", "username": "chen", "must_use_second_factor": "on"}
        shown = chief.post("/administration/logins/new/", form)
        assert shown.status_code == 200
        password = shown.context["password"]
        assert password in shown.content.decode()
        return User.objects.get(username="chen"), password

    def _act(self, chief, user, act):
        return chief.post(f"/administration/logins/{user.pk}/", {"act": act})

    def test_are_made_with_a_password_for_once(self, chief, officer):
        user, password = officer
        assert people.try_password(by=ANYONE, at=timezone.now(), username="chen", password=password, address="x").user == user
        assert user.must_use_second_factor
        for form, field in (
            ({"username": "chen"}, "username"),
            ({"username": "138 0000 1234"}, "username"),
            ({"username": "new", "public_name": " "}, "public_name"),
        ):
            refused = chief.post("/administration/logins/new/", {"kind": "staff", "name": "陈", "public_name": "经办岗 04"} | form)
            assert refused.status_code == 422
            assert f"id_{field}_error" in refused.content.decode(), form

    def test_are_locked_with_their_sessions_and_tokens_and_unlocked(self, chief, officer, noon):
        user, password = officer
        mine = Client()
        mine.force_login(user)
        _token, text = people.issue_token(
            by=Actor(kind="person", person_id=user.person_id, user_id=user.pk), at=timezone.now(), title="t", scopes=["cases:read"]
        )
        assert mine.get("/account/second-factor/").status_code == 200
        self._act(chief, user, "lock")
        assert mine.get("/account/second-factor/").status_code == 302
        assert Client().get("/api/v1/cases", headers={"authorization": f"Bearer {text}"}).status_code == 401
        assert people.try_password(by=ANYONE, at=timezone.now(), username="chen", password=password, address="x").user is None
        self._act(chief, user, "unlock")
        assert people.try_password(by=ANYONE, at=timezone.now(), username="chen", password=password, address="y").user == user
        assert mine.get("/account/second-factor/").status_code == 302  # the old session stays ended
        assert kinds_in_ledger(f"people.user:{user.pk}").count("LoginChanged") == 3  # made, locked, unlocked

    def test_are_signed_out_and_given_new_secrets(self, chief, officer):
        user, password = officer
        SecondFactor.objects.create(town_id=user.town_id, user=user, sealed_secret=b"x", confirmed_at=timezone.now())
        mine = Client()
        mine.force_login(user)
        self._act(chief, user, "sessions")
        assert mine.get("/account/").status_code == 302
        self._act(chief, user, "factor")
        assert not SecondFactor.objects.exists()
        shown = self._act(chief, user, "password")
        assert shown.context["password"] != password
        assert people.try_password(by=ANYONE, at=timezone.now(), username="chen", password=password, address="x").user is None

    def test_leave_ones_own_alone(self, chief):
        own = chief.user
        self._act(chief, own, "lock")
        assert User.objects.get(pk=own.pk).is_active
        assert chief.get("/administration/").status_code == 200

    def test_of_somebody_erased_stay_shut(self, chief, officer):
        user, _password = officer
        people.erase_person(by=MAKER, at=timezone.now(), person_id=user.person_id)
        self._act(chief, user, "unlock")
        assert not User.objects.get(pk=user.pk).is_active


class TestCalendar:
    def test_sets_hours_and_days_and_takes_a_day_back(self, chief):
        today = timezone.localdate()
        assert chief.post("/administration/calendar/", {"what": "hours", "shifts": "9:00", "valid_from": today.isoformat()}).status_code == 422
        hours = {"what": "hours", "shifts": "09:00–12:00，14:00至18:00", "valid_from": today.isoformat(), "reason": "夏令"}
        assert chief.post("/administration/calendar/", hours).status_code == 302
        assert calendar.working_time(seen_by=ANYONE).hours_words() == "09:00–12:00, 14:00–18:00"
        day = today + timedelta(days=14)
        refused = chief.post("/administration/calendar/", {"what": "day", "day": day.isoformat(), "is_working": "0", "reason": ""})
        assert "id_reason_error" in refused.content.decode()
        assert chief.post("/administration/calendar/", {"what": "day", "day": day.isoformat(), "is_working": "0", "reason": "小镇开街日"}).status_code == 302
        assert "小镇开街日" in chief.get("/administration/calendar/").content.decode()
        kept = calendar.exceptions(seen_by=ANYONE, since=today).get()
        chief.post("/administration/calendar/", {"what": "clear", "day": str(kept.pk)})
        assert not calendar.exceptions(seen_by=ANYONE, since=today).exists()
        assert kinds_in_ledger(f"calendar.dayexception:{kept.pk}") == ["DaySet", "DayCleared"]


class TestErasures:
    def test_are_decided_on_their_page(self, chief, noon):
        Town.objects.update(settings={"erasure": {"by": "administrator"}})
        memory.forget()
        user = people.register_resident(by=ANYONE, at=noon, phone="136 5555 1234", name="王", password=PASSWORD)
        asked = people.ask_erasure(by=Actor(kind="person", person_id=user.person_id, user_id=user.pk), at=noon, present=PASSWORD)
        refused = chief.post("/administration/erasures/", {"request": str(asked.pk), "decision": "decline", "ground": ""})
        assert refused.status_code == 422
        assert "ground-error" in refused.content.decode()
        assert chief.post("/administration/erasures/", {"request": str(asked.pk), "decision": "approve"}).status_code == 302
        asked.refresh_from_db()
        assert asked.state == "approved"


class TestApi:
    @pytest.fixture
    def call(self, chief):
        actor = Actor(kind="person", person_id=chief.user.person_id, user_id=chief.user.pk)

        def make(*scopes):
            _token, text = people.issue_token(by=actor, at=timezone.now(), title="t", scopes=scopes)

            def call(method, path, body=None, **headers):
                headers = {"authorization": f"Bearer {text}"} | headers
                return getattr(Client(), method)(
                    f"/api/v1{path}", json.dumps(body) if body is not None else None, content_type="application/json", headers=headers
                )

            return call

        return make

    def test_does_what_the_pages_do(self, call, noon):
        write = call("town:write", "town:read")
        assert write("put", "/town", {"name": "云溪小镇", "short_name": "云溪"}).status_code == 200
        assert write("patch", "/town/rules", {"erasure": {"days": 2}}).json()["erasure"] == {"days": 2}
        refused = write("patch", "/town/rules", {"retention": {"caller": {"days": 1, "basis": "x"}}})
        assert refused.status_code == 409
        assert refused.json()["field"] == "retention"
        area = write("post", "/areas", {"level": "town", "code": "330110", "name": "云溪", "boundary": square(0, 0)})
        assert area.status_code == 201
        organ = write("post", "/organs", {"kind": "department", "code": "centre", "name": "指挥中心"}).json()
        made = write("post", "/logins", {"username": "zhou", "name": "周岚", "public_name": "调度岗 01"}).json()
        post = write("post", "/posts", {"person_id": made["login"]["person_id"], "organ_id": organ["id"], "role": "dispatcher", "starts_on": "2026-01-01"})
        assert post.status_code == 201
        assert "调度岗 01" in {one["person"] for one in write("get", "/posts").json()}
        login = made["login"]["id"]
        assert write("post", f"/logins/{login}/lock").json()["is_active"] is False
        assert write("post", f"/logins/{login}/unlock").json()["is_active"] is True
        assert [one["username"] for one in write("get", "/logins").json()] == ["chief", "zhou"]
        assert write("post", f"/posts/{post.json()['id']}/end", {"ends_on": "2026-02-01"}).status_code == 200
        assert write("post", "/calendar/office-hours", {"valid_from": "2026-01-01", "shifts": [["09:00", "08:00"]]}).json()["field"] == "shifts"
        assert write("post", "/calendar/office-hours", {"valid_from": "2026-01-01", "shifts": [["08:00+08:00", "09:00"]]}).status_code == 409
        for body in ({"person_id": 10**9, "organ_id": organ["id"]}, {"person_id": made["login"]["person_id"], "organ_id": 10**9}):
            assert write("post", "/posts", body | {"role": "dispatcher", "starts_on": "2026-01-01"}).status_code == 404
        assert write("post", "/organs", {"kind": "department", "code": "x", "name": "x", "parent_id": 10**9}).status_code == 404
        day = write("post", "/calendar/days", {"day": "2026-12-24", "is_working": False, "reason": "镇庆"}).json()
        assert write("get", "/calendar").json()["days"][0]["reason"] == "镇庆"
        assert write("delete", f"/calendar/days/{day['id']}").status_code == 204
        assert write("get", "/coverage").json() == []
        assert write("post", f"/areas/{area.json()['id']}/end").status_code == 200

    def test_asks_for_scopes_and_posts(self, call, town, noon):
        reader = call("cases:read")
        assert reader("get", "/logins").status_code == 403
        assert reader("post", "/logins", {"username": "x", "name": "x", "public_name": "x"}).status_code == 403
        assert Client().get("/api/v1/logins").status_code == 403
        assert Client().get("/api/v1/town/rules").status_code == 403

    def test_keeps_no_answer_with_a_password(self, call):
        from gongzhi.foundation.receipts.models import Receipt

        write = call("town:write")
        body = {"username": "zhou", "name": "周岚", "public_name": "调度岗 01"}
        first = write("post", "/logins", body, **{"idempotency-key": "a-key-of-some-length"})
        assert first.status_code == 201
        assert first.json()["password"] not in str(list(Receipt.objects.values()))
        again = write("post", "/logins", body, **{"idempotency-key": "a-key-of-some-length"})
        assert again.status_code == 409
        assert User.objects.filter(username="zhou").count() == 1

    def test_lets_people_do_with_their_account_what_the_pages_do_but_no_token(self, town, noon):
        user = people.register_resident(by=ANYONE, at=noon, phone="136 5555 1234", name="王", password=PASSWORD)
        mine = Client()
        mine.force_login(user)
        assert mine.get("/api/v1/account/identities").json() == []
        assert mine.post("/api/v1/account/erasure", json.dumps({"present": "x"}), content_type="application/json").json()["field"] == "present"
        assert mine.post("/api/v1/account/erasure", json.dumps({"present": PASSWORD}), content_type="application/json").status_code == 201
        assert mine.get("/api/v1/account/erasure").json()["state"] == "waiting"
        assert mine.delete("/api/v1/account/erasure").status_code == 204
        assert mine.post("/api/v1/account/phone/code").status_code == 202
        assert mine.post("/api/v1/account/phone/proof", json.dumps({"code": "0"}), content_type="application/json").json()["tries_left"] == 4
        _token, text = people.issue_token(
            by=Actor(kind="person", person_id=user.person_id, user_id=user.pk), at=timezone.now(), title="t", scopes=["town:write"]
        )
        refused = Client().post(
            "/api/v1/account/erasure", json.dumps({"present": PASSWORD}), content_type="application/json", headers={"authorization": f"Bearer {text}"}
        )
        assert refused.status_code == 403


class TestFounding:
    def test_gives_a_town_that_is_set_up_in_the_browser_until_a_report_finds_its_unit(self, db):
        out = StringIO()
        call_command("found_town", "qinghe", "清河小镇", "--admin-name", "程立", "--json", stdout=out)
        told = json.loads(out.getvalue())
        town = Town.objects.get(code="qinghe")
        enter_town(town.pk)
        assert town.is_default
        assert town.short_name == "清河"
        browser = Client()
        answer = browser.post("/sign-in/", {"username": told["username"], "password": told["password"]})
        assert answer.headers["Location"] == "/account/second-factor/"  # before anything else
        User.objects.update(must_use_second_factor=False)
        lacks = browser.get("/administration/").content.decode()
        assert "尚未划定网格" in lacks

        def fill(address, **form):
            answer = browser.post(address, form)
            assert answer.status_code in (200, 302), (address, answer.context["form"].errors)
            memory.forget()
            return answer

        fill("/administration/areas/new/", level="town", code="330110", name="清河小镇", boundary=json.dumps(square(0, 0)))
        fill(
            "/administration/areas/new/",
            level="community",
            code="330110001",
            name="河东社区",
            parent=str(Area.objects.get(level="town").pk),
            boundary=json.dumps(square(0, 0)),
        )
        fill(
            "/administration/areas/new/",
            level="grid",
            code="330110001001",
            name="第一网格",
            parent=str(Area.objects.get(level="community").pk),
            boundary=json.dumps(square(0, 0)),
        )
        fill("/administration/organs/new/", name="养护中心", kind="department", code="care", parent=str(Organ.objects.get(code="committee").pk))
        care = Organ.objects.get(code="care")
        for username, role in (("zhou", "dispatcher"), ("chen", "department_officer"), ("wu", "grid_worker")):
            fill("/administration/logins/new/", kind="staff", name="某某", public_name=f"{username} 岗", username=username)
            holder = User.objects.get(username=username).person_id
            fill("/administration/posts/new/", person=str(holder), organ=str(care.pk), role=role, starts_on=timezone.localdate().isoformat())
        category = {
            "name": "垃圾满溢",
            "life": "home",
            "sort": "occurrence",
            "severity": "1",
            "limit_amount": "1",
            "limit_unit": "working_days",
            "for_public": "on",
        }
        fill("/categories/new/", code="B", **(category | {"name": "市容环境"}))
        fill("/categories/new/", code="B01", parent=str(Category.objects.get(code="B").pk), **category)
        leaf = Category.objects.get(code="B01")
        yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
        fill("/responsibilities/new/", clause="B-001", category=str(leaf.pk), lead=str(care.pk), starts_on=yesterday)
        assert "还需要设置" not in browser.get("/administration/").content.decode()
        case, _code = reports.file_report(by=ANYONE, at=timezone.now(), text="垃圾桶满了", category_code="B01", longitude=120.005, latitude=30.265)
        assert case.lead == care
        assert case.area.name == "第一网格"
        assert cases.case_by_id(seen_by=CLOCK, case_id=case.pk).state == "assigned"

    def test_refuses_a_second_town_of_the_code_and_a_bad_one(self, db):
        call_command("found_town", "qinghe", "清河小镇", stdout=StringIO())
        for code, words in (("qinghe", "已有"), ("Qing He", "小写字母")):
            with pytest.raises(CommandError) as refused:
                call_command("found_town", code, "清河小镇", stdout=StringIO())
            assert words in str(refused.value) or "代码" in str(refused.value)
        with pytest.raises(CommandError):
            call_command("found_town", "beihe", "北河小镇", "--time-zone", "Mars/Olympus", stdout=StringIO())
        call_command("found_town", "beihe", "北河小镇", stdout=StringIO())
        assert not Town.objects.get(code="beihe").is_default

    def test_gives_a_town_of_an_import_its_administrator_once(self, db, settings):
        settings.PUBLIC_URL = "http://127.0.0.1:8103"
        territories.found_town(by=system("import"), at=timezone.now(), code="pingshan", name="坪山", short_name="坪山")
        enter_town(None)
        out = StringIO()
        call_command("found_town", "pingshan", stdout=out)
        assert "http://pingshan.localhost:8103/sign-in/" in out.getvalue()
        password = re.search(r"password: (\S+)", out.getvalue()).group(1)
        browser = Client(headers={"host": "pingshan.localhost"})
        assert browser.post("/sign-in/", {"username": "admin", "password": password}).status_code == 302
        with pytest.raises(CommandError) as refused:
            call_command("found_town", "pingshan", stdout=StringIO())
        assert "已有管理员" in str(refused.value)
        with pytest.raises(CommandError, match="give its name"):
            call_command("found_town", "nowhere", stdout=StringIO())

    def test_is_for_the_installation_only(self, chief, noon):
        from gongzhi.kernel.operation import NotAllowed

        with pytest.raises(NotAllowed):
            operations.open_town(by=Actor(kind="person", user_id=chief.user.pk), at=noon, code="x", name="x", short_name="x")

    def test_is_a_verb(self):
        done = subprocess.run([sys.executable, "-c", "from gongzhi.config import verbs; print(verbs.listing())"], capture_output=True, text=True, check=True)
        assert "found-town" in done.stdout
        assert "reseal" in done.stdout
