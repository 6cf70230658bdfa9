"""A session that has ended: it is said, what was written is kept, and it goes on after signing in."""

import html
import re
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases.models import Case
from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people.models import Session
from gongzhi.portal.middleware import ended

pytestmark = pytest.mark.django_db
PASSWORD = "Long-enough-2026"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def log_in(made):
    """Return a function that signs somebody in by the page, as people do, in this browser or a new one."""
    known = set()

    def enter(who, browser=None, to="/welcome/", **more):
        if who not in known:
            people.give_login(by=MAKER, at=timezone.now(), person_id=made.people[who].pk, username=who, password=PASSWORD)
            known.add(who)
        browser = browser or Client(**more)
        answer = browser.post("/sign-in/", {"username": who, "password": PASSWORD, "next": to}, headers=OWN)
        assert answer.status_code == 302, answer.content.decode()
        browser.went_to = answer.headers["Location"]
        return browser

    return enter


def end_session(browser):
    """Let the session run out: its row goes, and its cookie with it, as a browser does."""
    Session.objects.all().delete()
    browser.cookies.pop("sessionid", None)


class TestAnEndedSession:
    def test_keeps_a_form_and_sends_it_after_signing_in(self, made, log_in):
        case = made.open()
        officer = log_in("officer")
        end_session(officer)
        sent = officer.post(f"/cases/{case.slug}/note/", {"text": "已联系物业，约好明早八点", "internal": "on"})
        assert (sent.status_code, sent.headers["Location"]) == (303, "/sign-in/?next=%2Fagain%2F")
        assert "登录已过期" in officer.get("/sign-in/?next=/again/").content.decode()
        log_in("officer", officer, to="/again/")
        assert officer.went_to == "/again/"
        page = officer.get("/again/").content.decode()
        assert "已联系物业，约好明早八点" in page
        action = re.search(r'action="(/cases/[^"]+)"', page)[1]
        fields = {html.unescape(name): html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}
        answer = officer.post(action, fields, headers=OWN)
        assert answer.status_code == 302
        assert case.steps.filter(act="note").exists()
        assert officer.get("/again/").status_code == 302  # it is sent; nothing waits any more

    def test_shows_it_to_nobody_else(self, made, log_in):
        case = made.open()
        browser = log_in("officer")
        end_session(browser)
        browser.post(f"/cases/{case.slug}/note/", {"text": "只给自己看"})
        log_in("dispatcher", browser, to="/again/")
        answer = browser.get("/again/", follow=True)
        assert "只给自己看" not in answer.content.decode()
        log_in("officer", browser, to="/again/")
        assert browser.get("/again/").status_code == 302

    def test_says_so_in_place_where_a_part_of_a_page_was_asked_for(self, made, log_in):
        case = made.open()
        officer = log_in("officer")
        end_session(officer)
        for answer in (
            officer.post(f"/cases/{case.slug}/note/", {"text": "x"}, headers={"HX-Request": "true"}),
            officer.get("/desk/", headers={"HX-Request": "true"}),
        ):
            assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "#messages")
            assert "登录已过期" in answer.content.decode()
            assert "/sign-in/?next=/signed-in/" in answer.content.decode()

    def test_is_told_to_programs_as_such(self, made, log_in):
        officer = log_in("officer")
        end_session(officer)
        answer = officer.get("/desk/", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["title"]) == (401, "登录已过期，请重新登录。")
        assert officer.post("/field/sync/", {}).status_code == 401

    def test_leads_back_to_the_page_that_was_asked_for(self, made, log_in):
        officer = log_in("officer")
        end_session(officer)
        answer = officer.get("/desk/?queue=unit")
        assert unquote(answer.headers["Location"]) == "/sign-in/?next=/desk/?queue=unit"
        assert "登录已过期" in officer.get("/").content.decode()
        officer.get("/stay-signed-out/?next=/")
        assert "登录已过期" not in officer.get("/").content.decode()

    def test_is_not_said_to_those_who_signed_out_or_never_were_in(self, made, log_in):
        officer, stranger = log_in("officer"), Client()
        officer.post("/sign-out/")
        for browser in (officer, stranger):
            assert "登录已过期" not in browser.get("/").content.decode()
            browser.post(f"/cases/{made.open().slug}/assign/", {"text": "x"})
            assert ended.KEPT not in browser.session

    def test_cannot_be_pretended(self, made):
        browser = Client()
        browser.cookies[ended.COOKIE] = "1"
        assert "登录已过期" not in browser.get("/").content.decode()

    def test_keeps_no_secret_and_no_endless_text(self, made, log_in):
        officer = log_in("officer")
        end_session(officer)
        officer.post("/account/password/", {"old_password": "Long-enough-2026", "password": "another-one-26", "text": "x"})
        assert "another-one-26" not in str(officer.session.get(ended.KEPT))
        officer.post("/notices/read/", {"text": "长" * (ended.MOST_KEPT + 1)})
        assert "长长" not in str(officer.session.get(ended.KEPT))


class TestAPageThatIsOld:
    """Signing in or out in another tab changes the token; what our own page sent is not thrown away for it."""

    @pytest.fixture
    def strict(self, made, log_in):
        browser = Client(enforce_csrf_checks=True)
        people.give_login(by=MAKER, at=timezone.now(), person_id=made.people["dispatcher"].pk, username="strict", password=PASSWORD)
        page = browser.get("/sign-in/").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        browser.post("/sign-in/", {"username": "strict", "password": PASSWORD, "csrfmiddlewaretoken": token})
        return browser

    def test_is_shown_again_with_a_fresh_token(self, made, strict):
        case = made.open()
        sent = strict.post(f"/cases/{case.slug}/note/", {"text": "写了很久的一段话", "csrfmiddlewaretoken": "old"}, headers=OWN)
        page = sent.content.decode()
        assert sent.status_code == 403
        assert "写了很久的一段话" in page
        fields = {html.unescape(name): html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}
        assert strict.post(f"/cases/{case.slug}/note/", fields, headers=OWN).status_code == 302
        assert case.steps.filter(act="note").exists()

    def test_is_refused_when_another_site_sent_it(self, made, strict):
        case = made.open()
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
            answer = strict.post(f"/cases/{case.slug}/note/", {"text": "别处塞进来的话"}, headers=headers)
            assert answer.status_code == 403
            assert "别处塞进来的话" not in answer.content.decode()
        assert not Case.objects.get(pk=case.pk).steps.filter(act="note").exists()

    def test_is_told_to_the_field_app_by_its_code(self, made, strict):
        answer = strict.post("/field/sync/", {}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (403, "about:blank#Csrf")
