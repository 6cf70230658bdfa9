"""Asking, requesting and the statutory list as pages and over the API."""

import json
import re
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.models import Case
from gongzhi.cases.tests.factories import MAKER
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.portal.middleware import towns
from gongzhi.service_line.openness import operations
from gongzhi.service_line.openness.models import Column, Enquiry, Entry
from gongzhi.service_line.openness.tests.factories import make_open_town
from gongzhi.service_line.policies.tests.factories import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def made(town, now):
    towns.forget()
    return make_open_town(now)


@pytest.fixture
def enter(made):
    return partial(browser_of, made)


def answered(made, text="路灯坏了找谁修？", words="打 0571。", **more):
    case, _code = operations.ask(by=made.by("resident"), at=made.at, organ_id=made.organs["utilities"].pk, text=text, **more)
    cases.accept_case(by=made.by("officer"), at=made.at, case_id=case.pk)
    cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text=words)
    return case


def ask(client, made, go="look", **more):
    given = {"organ_id": made.organs["utilities"].pk, "text": "小区路灯坏了找谁修？", "go": go, "key": "k" * 20} | more
    return client.post("/enquiries/ask/", given)


class TestAsking:
    def test_shows_what_may_answer_before_it_is_sent(self, made, enter):
        earlier = answered(made)
        client = enter()
        looked = ask(client, made)
        assert looked.status_code == 200
        page = looked.content.decode()
        assert f"/enquiries/{earlier.slug}/" in page
        assert "小区路灯坏了找谁修？" in page
        assert Enquiry.objects.count() == 1
        sent = ask(client, made, go="send", offered="1")
        assert sent.status_code == 302
        case = Case.objects.order_by("-pk").first()
        assert sent["Location"] == f"/enquiries/sent/{case.slug}/"
        assert Enquiry.objects.get(case=case).offered == 1
        page = client.get(sent["Location"]).content.decode()
        assert re.search(r"<code>[2-9A-Z]{4}(-[2-9A-Z]{4}){3}</code>", page)
        assert ask(client, made, go="send")["Location"] == sent["Location"]
        assert Enquiry.objects.count() == 2

    def test_sends_at_once_where_nothing_answers_and_lets_the_asker_ask_on(self, made, enter):
        client = enter()
        assert ask(client, made, text="").status_code == 422
        sent = ask(client, made)
        assert sent.status_code == 302
        case = Case.objects.get()
        cases.accept_case(by=made.by("officer"), at=made.at, case_id=case.pk)
        cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="当天修。")
        own = client.get(f"/enquiries/{case.slug}/").content.decode()
        assert f"/follow/{case.slug}/" in own
        assert "当天修。" in own
        followed = client.get(f"/follow/{case.slug}/")
        assert followed.status_code == 200
        assert "当天修。" in enter().get(f"/enquiries/{case.slug}/").content.decode()

    def test_of_a_policy_asks_who_answers_for_it(self, made, now, enter):
        policy = make_policy(now)
        page = enter().get(f"/enquiries/ask/?policy={policy.code}").content.decode()
        assert policy.title in page
        assert f'value="{policy.organ_id}" selected' in page

    def test_in_private_is_found_by_nobody_else(self, made, enter):
        case = answered(made, is_private=True)
        assert enter().get(f"/enquiries/{case.slug}/").status_code == 404
        assert case.title not in enter().get("/enquiries/").content.decode()
        assert enter("resident").get(f"/enquiries/{case.slug}/").status_code == 200

    def test_lists_what_was_answered_by_unit_and_words(self, made, enter):
        case = answered(made)
        client = enter()
        for query, found in (("", True), (f"?organ={made.organs['utilities'].pk}", True), (f"?organ={made.organs['station'].pk}", False), ("?q=路灯", True),
                             ("?organ=x&q=%00", False)):  # fmt: skip
            answer = client.get(f"/enquiries/{query}")
            assert answer.status_code == 200, query
            if query != "?organ=x&q=%00":
                assert (f"/enquiries/{case.slug}/" in answer.content.decode()) is found, query

    def test_shows_the_officer_the_thread_and_what_may_answer(self, made, enter):
        earlier = answered(made)
        case, _code = operations.ask(by=MAKER, at=made.at, organ_id=made.organs["utilities"].pk, text="路灯又坏了找谁修？")
        page = enter("officer").get(f"/cases/{case.slug}/").content.decode()
        assert f"/enquiries/{earlier.slug}/" in page


class TestRequests:
    def test_are_filed_with_name_and_number_and_shown_to_nobody_else(self, made, enter):
        client = enter()
        given = {"organ_id": made.organs["utilities"].pk, "text": "路灯合同", "form": "file", "key": "k" * 20}
        assert client.post("/requests/new/", given).status_code == 422
        sent = client.post("/requests/new/", given | {"name": "张三", "phone": "13812345678"})
        case = Case.objects.get()
        assert sent["Location"] == f"/enquiries/sent/{case.slug}/"
        assert "路灯合同" in client.get(f"/follow/{case.slug}/").content.decode()
        assert enter("dispatcher").get(f"/cases/{case.slug}/").status_code == 404
        assert "路灯合同" in enter("officer").get(f"/cases/{case.slug}/").content.decode()
        assert "路灯合同" not in enter("neighbour").get("/requests/").content.decode()

    def test_on_paper_are_taken_down_by_officers(self, made, enter):
        assert enter("resident").get("/requests/paper/").status_code == 403
        officer = enter("officer")
        sent = officer.post("/requests/paper/", {"organ_id": made.organs["utilities"].pk, "text": "路灯合同", "form": "paper", "key": "k" * 20, "name": "张三",
                                                 "phone": "13812345678", "channel": "in_person", "received_on": made.at.date().isoformat()})  # fmt: skip
        assert sent.status_code == 302
        assert Case.objects.get().stage == "examine"


class TestColumns:
    def test_are_set_filled_and_seen_by_everybody(self, made, enter):
        member, officer, anybody = enter("member"), enter("officer"), enter()
        given = {"title": "财政预算", "code": "budget", "organ_id": made.organs["utilities"].pk, "basis": "第二十条", "days": "20", "every": "12", "place": "1"}
        assert officer.get("/disclosure/new/").status_code == 403
        assert member.post("/disclosure/new/", given | {"days": "21"}).status_code == 422
        assert member.post("/disclosure/new/", given)["Location"] == "/disclosure/budget/"
        assert 'data-state="late"' in anybody.get("/disclosure/").content.decode()
        told = officer.post("/disclosure/budget/", {"title": "2026 年预算", "made_on": made.at.date().isoformat()})
        entry = Entry.objects.get()
        assert told["Location"] == f"/disclosure/entry/{entry.pk}/"
        assert enter("enforcer").get(told["Location"]).status_code == 403
        assert officer.post(told["Location"], {"text": ""}).status_code == 422
        assert officer.post(told["Location"], {"text": "收入 4.86 亿元"}).status_code == 302
        assert "收入 4.86 亿元" in anybody.get("/disclosure/budget/").content.decode()
        assert anybody.post("/disclosure/budget/", {"title": "x", "made_on": "2026-01-01"}).status_code in (302, 403)
        assert Entry.objects.count() == 1
        assert anybody.get("/api/v1/disclosure").json()[0]["state"] == "ok"
        assert anybody.get("/api/v1/disclosure/budget").json()[0]["late_days"] == 0
        assert anybody.get("/api/v1/disclosure/none").status_code == 404
        assert Column.objects.get().every == 12


class TestApi:
    def test_asks_looks_and_requests(self, made, enter):
        client = enter()

        def post(path, body):
            return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")

        sent = post("enquiries", {"organ": "utilities", "text": "路灯坏了找谁修？", "submission_key": "0123456789abcdef"})
        assert sent.status_code == 201
        assert len(sent.json()["follow_code"]) == 19
        again = post("enquiries", {"organ": "utilities", "text": "路灯坏了找谁修？", "submission_key": "0123456789abcdef"}).json()
        assert (again["number"], again["follow_code"]) == (sent.json()["number"], sent.json()["follow_code"])
        assert post("enquiries", {"organ": "nobody", "text": "x"}).json()["field"] == "organ"
        case, at = Case.objects.get(), timezone.now()
        cases.accept_case(by=made.by("officer"), at=at, case_id=case.pk)
        cases.answer_case(by=made.by("officer"), at=at, case_id=case.pk, public_text="打 0571。")
        assert post("enquiries/likely", {"text": "路灯不亮找谁"}).json()[0]["url"] == f"/enquiries/{case.slug}/"
        listed = client.get("/api/v1/enquiries?organ=utilities").json()
        assert [turn["by"] for turn in listed[0]["thread"]] == ["asker", "organ"]
        assert post("requests", {"organ": "utilities", "text": "合同"}).json()["field"] == "name"
        assert post("requests", {"organ": "utilities", "text": "合同", "name": "张三", "phone": "13812345678"}).status_code == 201
