"""Policies and drafts as pages and over the API."""

import json
from datetime import date, timedelta
from functools import partial
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.portal.middleware import towns
from gongzhi.service_line.policies import operations
from gongzhi.service_line.policies.models import Consultation, Policy
from gongzhi.service_line.policies.tests.factories import LETTER, make_policy

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def made(town, now):
    towns.forget()
    return make_town_with_list(now)


@pytest.fixture
def enter(made):
    return partial(browser_of, made)


@pytest.fixture
def policy(made, now):
    found = make_policy(now, valid_from=now.date() - timedelta(days=3))
    operations.publish_reading(by=MAKER, at=now, policy_id=found.pk, gist="每招一人补 3,000 元。", plain={1: ("拿多少", "每人 3,000 元。")},
                               affected=[{"what": "现在就够", "count": "312 家", "note": "712 人"}])  # fmt: skip
    operations.answer_question(by=MAKER, at=now, policy_id=found.pk, text="分公司能拿吗？", answer="能。", clause="第二条")
    operations.link_policy(by=MAKER, at=now, policy_id=found.pk, kind="basis", code="SZ-33", title="溪州区政〔2025〕33 号")
    return found


class TestPages:
    def test_show_letter_and_reading_side_by_side_to_anybody(self, policy, enter):
        page = enter().get("/policies/hiring/").content.decode()
        for words in ("云溪管〔2026〕18 号", "首次为员工缴纳社会保险", "拿多少", "312 家", "分公司能拿吗", "溪州区政〔2025〕33 号"):
            assert words in page
        assert "/policies/desk/" not in page

    def test_find_by_topic_state_and_words_of_the_letter(self, policy, enter):
        client = enter()
        for query, found in (("", True), ("?topic=work", True), ("?topic=health", False), ("?q=社会保险", True), ("?q=游泳池", False),
                             ("?state=ended", False), ("?topic=%27&state=x", True)):  # fmt: skip
            assert ("用工补贴办法" in client.get(f"/policies/{query}").content.decode()) is found, query

    def test_hide_what_is_being_prepared(self, made, now, enter):
        make_policy(now, release=False)
        resident = enter("resident")
        assert enter().get("/policies/hiring/").status_code == 404
        assert resident.get("/policies/hiring/").status_code == 404
        assert enter("officer").get("/policies/desk/hiring/").status_code == 200
        assert enter("enforcer").get("/policies/desk/hiring/").status_code == 404
        assert resident.get("/policies/desk/").status_code == 403

    def test_give_what_is_new_as_atom(self, policy, made, now, enter):
        make_policy(now, code="noise", number="云〔2026〕2 号", title="噪声 <办法> & 细则", topics=["environment"])
        answer = enter().get("/policies/feed.atom")
        assert answer["Content-Type"].startswith("application/atom+xml")
        tree = ElementTree.fromstring(answer.content)
        assert [entry.findtext(f"{ATOM}title") for entry in tree.iter(f"{ATOM}entry")].count("噪声 <办法> & 细则") == 1
        only = ElementTree.fromstring(enter().get("/policies/feed.atom?topic=work").content)
        assert [entry.findtext(f"{ATOM}title") for entry in only.iter(f"{ATOM}entry")] == ["用工补贴办法"]

    def test_let_a_reader_be_told_and_say_that_an_answer_helped(self, policy, enter):
        client = enter("resident")
        assert client.post("/policies/told/", {"what": "add", "topic": "work"}).status_code == 302
        assert client.post("/policies/told/", {"what": "policy", "one": policy.pk}).status_code == 302
        page = client.get("/policies/told/").content.decode()
        assert "用工补贴办法" in page
        question = policy.questions.get()
        anybody = enter()
        for _time in range(2):
            anybody.post(f"/policies/questions/{question.pk}/useful/")
        question.refresh_from_db()
        assert question.useful == 1

    def test_show_who_may_not_be_told_the_feed_instead(self, enter):
        assert "feed.atom" in enter().get("/policies/told/").content.decode()


class TestWork:
    def test_leads_from_the_letter_to_the_release_by_another(self, made, now, enter):
        officer, member = enter("officer"), enter("member")
        given = {"title": "停车办法", "number": "", "code": "parking", "organ_id": made.organs["utilities"].pk, "signed_on": "2026-11-01",
                 "valid_from": "2026-11-02", "text": LETTER, "topics": ["traffic"]}  # fmt: skip
        assert officer.post("/policies/desk/new/", given | {"code": "停车"}).status_code == 422
        assert officer.post("/policies/desk/new/", given)["Location"] == "/policies/desk/parking/"
        policy = Policy.objects.get()
        refused = member.post("/policies/desk/parking/", {"what": "release"}, follow=True).content.decode()
        assert "文号" in refused
        assert officer.post("/policies/desk/parking/letter/", given | {"number": "云〔2026〕5 号"}).status_code == 302
        reading = {"gist": "停车收费。", "plain_0": "为什么", "title_0": "目的", "affected": "车主 | 9 人"}
        assert officer.post("/policies/desk/parking/reading/", reading).status_code == 302
        assert officer.post("/policies/desk/parking/", {"what": "link", "kind": "item", "code": "P-1"}).status_code == 302
        assert officer.post("/policies/desk/parking/", {"what": "question", "text": "免费多久？", "answer": "半小时。"}).status_code == 302
        officer.post("/policies/desk/parking/", {"what": "release"})
        policy.refresh_from_db()
        assert not policy.is_released
        member.post("/policies/desk/parking/", {"what": "release"})
        policy.refresh_from_db()
        assert policy.is_released
        page = enter().get("/policies/parking/").content.decode()
        assert "半小时。" in page
        assert "9 人" in page
        member.post("/policies/desk/parking/", {"what": "repeal", "since": "2099-01-01", "reason": "换新办法"})
        policy.refresh_from_db()
        assert policy.ended_on == date(2099, 1, 1)


class TestDrafts:
    def test_take_opinions_and_show_their_answers(self, made, now, enter):
        officer, anybody = enter("officer"), enter()
        closes = now.date() + timedelta(days=10)
        assert officer.post("/policies/desk/draft/", {"title": "噪声办法", "code": "noise", "organ_id": made.organs["utilities"].pk, "why": "太吵",
                                                      "closes_on": closes.isoformat(), "text": LETTER}).status_code == 302  # fmt: skip
        asked = Consultation.objects.get()
        section = asked.sections.get(place=1)
        assert anybody.post(asked.url, {"text": "", "section_id": ""}).status_code == 422
        assert anybody.post(asked.url, {"text": "建议改为九点", "section_id": section.pk}).status_code == 302
        assert "建议改为九点" in anybody.get(asked.url).content.decode()
        assert anybody.get(f"{asked.url}answers/")["Location"].startswith("/sign-in/")
        assert enter("enforcer").get(f"{asked.url}answers/").status_code == 403
        opinion = asked.opinions.get()
        assert officer.post(f"{asked.url}answers/", {"what": "answer", "opinions": [opinion.pk], "taken": "partly", "reason": "折中"}).status_code == 302
        assert "折中" in anybody.get(asked.url).content.decode()
        refused = officer.post(f"{asked.url}answers/", {"what": "result", "result": "完成"})
        assert refused.status_code == 422

    def test_take_so_many_a_minute_of_one_address(self, made, now, enter):
        asked = operations.open_consultation(by=MAKER, at=now, code="x", title="草案", why="因为", organ_id=made.organs["utilities"].pk,
                                             closes_on=now.date() + timedelta(days=9), text=LETTER)  # fmt: skip
        client = enter()
        answers = [client.post(f"/api/v1/consultations/{asked.code}/opinions", json.dumps({"text": f"意见 {n}"}), content_type="application/json").status_code
                   for n in range(11)]  # fmt: skip
        assert answers == [201] * 10 + [429]
        assert asked.opinions.count() == 10


class TestApi:
    def test_gives_policies_and_one_with_its_reading(self, policy, enter):
        client = enter()
        listed = client.get("/api/v1/policies?topic=work").json()
        assert [one["code"] for one in listed] == ["hiring"]
        assert listed[0]["state"] == "in_force"
        told = client.get("/api/v1/policies/hiring").json()
        assert told["clauses"][1]["plain"] == "每人 3,000 元。"
        assert told["links"] == [{"kind": "basis", "title": "溪州区政〔2025〕33 号", "url": ""}]
        assert client.get("/api/v1/policies/none").status_code == 404
        assert client.get("/api/v1/consultations/none").status_code == 404
