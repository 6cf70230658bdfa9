"""A matter from its search to its decision over pages, and over the API; what is typed is never lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.models import Case, Task
from gongzhi.foundation.attachments.models import Attachment
from gongzhi.foundation.drafts.models import Draft
from gongzhi.foundation.people.models import User
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.portal.middleware import towns
from gongzhi.service_line.applications import operations, queries
from gongzhi.service_line.applications.models import Filing, ItemVersion
from gongzhi.service_line.applications.tests.factories import ANSWERS, MAKER, make_town, matter, offer, paper
from gongzhi.service_line.applications.tests.test_operations import BRANCHES

pytestmark = pytest.mark.django_db
JSON = "application/json"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def made(town):
    towns.forget()
    return make_town(timezone.now())


def pdf(name="图.pdf"):
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def text(answer):
    return answer.content.decode()


def sent(browser, code="JY-02", query="", papers=("layout",), **answers):
    """Go through the steps of filing; return the address of the page after sending."""
    at = f"/matters/{code}/apply/"
    assert browser.post(at + query, ANSWERS | answers).status_code == 302
    for name in papers:
        assert browser.post(f"{at}papers/{query}", {f"paper_{name}": pdf()}).status_code == 302
    assert browser.post(f"{at}papers/{query}", {"go": "next"}).headers["Location"].startswith(f"{at}check/")
    return browser.post(f"{at}check/{query}").headers["Location"]


class TestFinding:
    def test_shows_the_ways_in_and_finds_by_everyday_words(self, made):
        browser = Client()
        assert "JY-02" in text(browser.get("/matters/?text=开饭馆"))
        assert "JY-02" in text(browser.get("/matters/?life=open_business"))
        assert "JY-02" not in text(browser.get("/matters/?life=retire"))
        assert browser.get("/matters/?text=飞机票").status_code == 200

    def test_shows_the_guide_and_not_what_is_only_drafted(self, made):
        browser = Client()
        page = text(browser.get("/matters/JY-02/"))
        assert all(word in page for word in ("食品安全法第三十五条", "厨房布局图", "10", "20"))
        operations.draft_item(by=MAKER, at=made.at, content_of=matter(code="NEW-1"))
        assert browser.get("/matters/NEW-1/").status_code == 404


class TestFiling:
    def test_asks_to_sign_in_first(self, made):
        assert Client().get("/matters/JY-02/apply/").headers["Location"].startswith("/sign-in/")

    def test_names_each_fault_beside_its_field_and_keeps_what_was_typed(self, made):
        browser = browser_of(made, "resident")
        answer = browser.post("/matters/JY-02/apply/", {"shop": "桂花巷小馆", "sells": ["drinks"], "bar_area": "2.4", "phone": "12"})
        page = text(answer)
        assert answer.status_code == 422
        assert 'href="#bar_area"' in page
        assert 'href="#phone"' in page
        assert 'value="桂花巷小馆"' in page
        assert 'value="2.4"' in page

    def test_keeps_itself_and_is_resumed_on_another_device(self, made):
        browser_of(made, "resident").post("/matters/JY-02/apply/", {"shop": "桂花巷小馆", "go": "save"})
        other = Client()
        other.force_login(User.objects.get(person_id=made.people["resident"].pk))
        assert 'value="桂花巷小馆"' in text(other.get("/matters/JY-02/apply/"))
        assert "/matters/JY-02/apply/" in text(other.get("/matters/mine/"))
        assert 'value="桂花巷小馆"' not in text(browser_of(made, "neighbour").get("/matters/JY-02/apply/"))
        other.post("/matters/JY-02/apply/drop/")
        assert not Draft.objects.exists()

    def test_shows_the_fields_that_an_answer_asks_for(self, made):
        browser = browser_of(made, "resident")
        part = text(browser.post("/matters/JY-02/apply/", {"sells": ["drinks"], "go": "fields"}))
        assert 'name="bar_area"' in part
        assert "<html" not in part
        assert 'name="bar_area"' not in text(browser.post("/matters/JY-02/apply/", {"sells": ["hot"], "go": "fields"}))

    def test_lists_all_papers_that_lack_and_refuses_what_is_no_paper(self, made):
        browser = browser_of(made, "resident")
        browser.post("/matters/JY-02/apply/", ANSWERS | {"sells": ["drinks"], "bar_area": "3"})
        answer = browser.post("/matters/JY-02/apply/papers/", {"go": "next"})
        assert answer.status_code == 422
        assert 'href="#p-layout"' in text(answer)
        assert 'href="#p-bar_plan"' in text(answer)
        bad = browser.post("/matters/JY-02/apply/papers/", {"paper_layout": SimpleUploadedFile("a.docm", b"PK\x03\x04macro")})
        assert bad.status_code == 422
        assert "a.docm" in text(bad)

    def test_sends_once_however_often_the_button_is_pressed(self, made):
        browser = browser_of(made, "resident")
        address = sent(browser)
        assert address.startswith("/matters/sent/")
        assert Filing.objects.get().case.number in text(browser.get(address))
        assert not Draft.objects.exists()

    def test_is_filed_at_the_window_with_a_code_for_whoever_came(self, made):
        browser = browser_of(made, "officer")
        assert browser_of(made, "resident").get("/matters/JY-02/window/").status_code == 403
        wrong = browser.post("/matters/JY-02/window/", {"name": "张三"})
        assert wrong.status_code == 422
        assert 'value="张三"' in text(wrong)
        answer = browser.post("/matters/JY-02/window/", ANSWERS | {"name": "张三", "phone": "13900001111", "paper_layout": pdf()})
        assert "bigcode" in text(browser.get(answer.headers["Location"]))
        assert Filing.objects.get().way == "window"


class TestJourney:
    def test_a_firm_files_four_departments_work_one_asks_for_more_and_it_is_granted(self, made):
        offer(made, code="GH-01", pattern="parallel", applicants=["firm"], branches=BRANCHES, materials=[{"code": "layout", "title": {"zh": "总平面图"}}])
        firm, officer = browser_of(made, "contact"), browser_of(made, "officer")
        address = sent(firm, "GH-01", f"?firm={made.organs['firm'].pk}")
        slug = address.rstrip("/").rsplit("/", 1)[1]
        page = text(officer.get(f"/cases/{slug}/"))
        assert "application-ask" in page
        assert officer.post(f"/cases/{slug}/application-ask/", {"missing": ["layout"], "text": "没有标红线"}).status_code == 302
        assert "没有标红线" in text(firm.get(f"/cases/{slug}/"))
        complete = f"/matters/filings/{slug}/complete/"
        assert firm.post(complete, {}).status_code == 422
        assert officer.get(complete).status_code == 302
        assert firm.post(complete, {"paper_layout": pdf()}).status_code == 302
        case = Case.objects.get(kind="application")
        assert case.stage == "receive"
        assert officer.post(f"/cases/{slug}/decide/", {"result": "admit"}).status_code == 302
        fire, noise = Task.objects.filter(case=case).order_by("pk")
        enforcer = browser_of(made, "enforcer")
        assert "lanes" in text(enforcer.get(f"/cases/{slug}/"))
        stop = {"task": fire.pk, "ground": "correction", "basis": "消防法", "reason": "等新图纸"}
        assert enforcer.post(f"/cases/{slug}/join-stop/", stop).status_code == 302
        assert enforcer.post(f"/cases/{slug}/join-resume/", {"task": fire.pk}).status_code == 302
        assert officer.get(f"/cases/{slug}/application-grant/").status_code == 200
        for who, task in (("enforcer", fire), ("dispatcher", noise)):
            told = {"task": task.pk, "result": "合格", "verdict": "agreed"}
            browser = enforcer if who == "enforcer" else browser_of(made, who)
            assert browser.post(f"/cases/{slug}/join-answer/", told).status_code == 302
        assert officer.post(f"/cases/{slug}/application-grant/", {"text": "准予"}).status_code == 302
        case.refresh_from_db()
        assert (case.state, case.result) == ("closed", "grant")
        assert "准予" in text(firm.get(f"/cases/{slug}/"))
        board = text(Client().get("/open/matters/"))
        assert "1 / 1" in board
        assert "桂花" not in board
        for stranger in ("neighbour", "walker"):
            assert browser_of(made, stranger).get(f"/cases/{slug}/").status_code == 404


class TestMaking:
    def test_a_department_drafts_on_a_page_and_the_committee_adopts(self, made):
        officer, member = browser_of(made, "officer"), browser_of(made, "member")
        page = officer.get("/matters/made/JY-02/")
        content = page.context["form"].initial["content"].replace("promised: 10", "promised: 6")
        bad = officer.post("/matters/made/JY-02/", {"content": content.replace("pattern: ordinary", "pattern: magic")})
        assert bad.status_code == 422
        assert "pattern" in text(bad)
        assert officer.post("/matters/made/JY-02/", {"content": content}).status_code == 302
        assert officer.post("/matters/made/JY-02/adopt/").status_code == 403
        assert member.post("/matters/made/JY-02/adopt/").status_code == 302
        assert ItemVersion.objects.get(number=2).promised_days == 6
        assert "JY-02" in text(member.get("/matters/made/"))
        assert browser_of(made, "resident").get("/matters/made/").status_code == 403
        assert member.post("/matters/made/JY-02/end/").status_code == 302
        assert queries.offered(seen_by=made.by("resident")) == []


class TestBoard:
    def test_is_open_to_everybody_for_every_month_and_as_csv(self, made):
        browser = Client()
        for query in ("", "?month=2026-01", "?month=x", "?organ=utilities", "?item=JY-02"):
            assert browser.get(f"/open/matters/{query}").status_code == 200
        assert b"filed_online" in b"".join(browser.get("/open/matters/export.csv").streaming_content)


class TestApi:
    def test_lists_matters_and_gives_the_schema_of_a_form(self, made):
        browser = Client()
        assert [one["code"] for one in browser.get("/api/v1/matters?text=开饭馆").json()] == ["JY-02"]
        told = browser.get("/api/v1/matters/JY-02").json()
        assert told["form_schema"]["required"] == ["shop", "sells", "phone"]
        assert [one["code"] for one in told["materials"]] == ["layout", "report", "bar_plan"]

    def test_files_by_the_same_schema_and_names_every_fault(self, made):
        browser = browser_of(made, "resident")
        wrong = browser.post("/api/v1/matters/JY-02/applications", {"values": {"sells": ["drinks"]}}, content_type=JSON)
        assert wrong.status_code == 422
        assert [one["field"] for one in wrong.json()["errors"]] == ["shop", "bar_area", "phone"]
        lacking = browser.post("/api/v1/matters/JY-02/applications", {"values": ANSWERS}, content_type=JSON)
        assert lacking.json()["field"] == "layout"
        key = Attachment.objects.get(pk=paper(made)).key
        told = {"values": ANSWERS, "materials": {"layout": [key]}}
        filed = browser.post("/api/v1/matters/JY-02/applications", told, content_type=JSON)
        assert filed.status_code == 201
        assert filed.json()["lacking"] == ["report"]
        slug = filed.json()["slug"]
        assert browser.get(f"/api/v1/applications/{slug}").json()["stage"] == "receive"
        assert browser_of(made, "neighbour").get(f"/api/v1/applications/{slug}").status_code == 404
        officer = browser_of(made, "officer")
        asked = officer.post(f"/api/v1/cases/{slug}/acts/application-ask", {"missing": ["phone"], "text": "少一位"}, content_type=JSON)
        assert asked.status_code == 200, asked.json()
        mended = browser.post(f"/api/v1/applications/{slug}/completion", {"values": {"phone": "13800000000"}}, content_type=JSON)
        assert mended.json()["stage"] == "receive"
        assert [one["slug"] for one in browser.get("/api/v1/applications").json()] == [slug]
        assert Client().get("/api/v1/figures/matters").json()["town"]["filed"] == 1

    def test_does_not_take_the_own_result_of_a_kind_by_the_engines_door(self, made):
        browser = browser_of(made, "resident")
        sent(browser)
        filing = Filing.objects.select_related("case").get()
        cases.decide_case(by=made.by("officer"), at=timezone.now(), case_id=filing.case_id, result="admit")
        answer = browser_of(made, "officer").post(f"/api/v1/cases/{filing.case.slug}/acts/decide", {"result": "grant"}, content_type=JSON)
        assert answer.status_code == 422
