"""The navigation: what modules hang is where readers may go; every entry leads to a page."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.foundation.people import operations as people
from gongzhi.kernel import doors
from gongzhi.kernel.actors import ANYONE, Actor, Duty, system
from gongzhi.portal import navigation, queries
from gongzhi.portal.middleware import towns

MAKER = system("tests")


@pytest.fixture
def made(town):
    towns.forget()
    return make_town_with_list(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(made) -> Callable[[str], Client]:
    def browser(who: str) -> Client:
        client = Client()
        client.cookies["django_language"] = "zh-hans"
        if who:
            login = people.give_login(by=MAKER, at=made.at, person_id=made.people[who].pk, username=who, password="eine-lange-Losung-26")
            client.force_login(login)
        return client

    return browser


def links(page: str, css: str) -> list[str]:
    found = re.search(rf'<nav class="{css}".*?</nav>', page, re.DOTALL)
    return re.findall(r'href="([^"]+)"', found[0]) if found else []


@pytest.mark.parametrize("who", ["", "resident", "contact", "officer", "dispatcher", "walker"])
def test_every_entry_leads_to_a_page_that_its_reader_may_see(enter, who):
    browser = enter(who)
    page = browser.get("/open/").content.decode()
    shown = links(page, "topnav") + links(page, "subnav") + links(page, "tabbar")
    if who in ("officer", "dispatcher", "walker"):
        shown += links(browser.get("/desk/").content.decode(), "sidenav")
        assert "/desk/?queue=mine" in shown
    assert {"/report/", "/open/", "/ledger/"} <= set(shown)
    assert ("/firm/" in shown) == (who == "contact")
    for address in dict.fromkeys(shown):
        answer = browser.get(address)
        assert answer.status_code == 200 or (answer.status_code == 302 and not who), (address, answer.status_code)


def test_a_module_adds_an_entry_and_what_hangs_below_it(monkeypatch):
    monkeypatch.setattr(doors, "_places", doors.defaultdict(dict, {
        place: {key: door for key, door in kept.items() if key != "serve"} for place, kept in doors._places.items() if place != "public:serve"
    }))
    doors.hang("public", doors.Door(key="serve", title="Services", url="/services/", icon="list", rank=10))
    doors.hang("public:serve", doors.Door(key="items", title="Items", url="/services/", icon="list", rank=10))
    doors.hang("public:serve", doors.Door(key="policies", title="Policies", url="/policies/", icon="list", rank=20))
    doors.hang("public:serve", doors.Door(key="inner", title="Inner", url="/inner/", icon="list", may=lambda actor: actor.is_signed_in))
    now = timezone.now()
    top = navigation.shown(navigation.public(), ANYONE, "/policies/7/", now)
    assert [(entry.url, entry.is_here) for entry in top][:3] == [("/services/", True), ("/report/", False), ("/open/", False)]
    assert [(entry.url, entry.is_here) for entry in navigation.below("/policies/7/", ANYONE, now)] == [("/services/", False), ("/policies/", True)]
    officer = Actor(kind="person", person_id=1, duties=(Duty(organ_id=1, role="department_officer"),))
    assert "/inner/" in [entry.url for entry in navigation.below("/policies/7/", officer, now)]


def test_the_home_page_and_single_pages_have_no_row_below(enter):
    browser = enter("")
    assert not links(browser.get("/").content.decode(), "subnav")
    assert not links(browser.get("/sign-in/").content.decode(), "subnav")


@pytest.mark.parametrize(("path", "marked"), [
    ("/desk/", "/desk/?queue=mine"), ("/desk/?queue=overdue", "/desk/?queue=overdue"), ("/desk/?queue=mine&part=week", "/desk/?queue=mine"),
    ("/cases/2026-1/", "/desk/?queue=mine"), ("/stations/feeds/", "/stations/feeds/"), ("/stations/east/", "/stations/"),
])  # fmt: skip
def test_the_sidebar_marks_the_entry_that_the_page_belongs_to(path, marked):
    officer = Actor(kind="person", person_id=1, duties=(Duty(organ_id=1, role="department_officer"),))
    found = [entry for place, _title in navigation.DESK for entry in navigation.shown(navigation.entries(place), officer, path, timezone.now())]
    assert [entry.url for entry in found if entry.is_here] == [marked]


def test_the_sidebar_counts_the_queues_of_its_reader(made, enter):
    made.open()
    told = enter("officer").get("/desk/queues.json").json()
    assert told["mine"] == 1
    assert "dispatch" not in told
    assert enter("").get("/desk/queues.json").status_code in (302, 401, 403)


class TestNeedsNow:
    def _closed(self, made):
        case = made.open()
        by = made.by
        cases.answer_case(by=by("officer"), at=made.at, case_id=case.pk, public_text="清掉了")
        return cases.verify_case(by=by("walker"), at=made.at, case_id=case.pk, passed=True, text="干净了")

    def test_asks_whoever_raised_a_closed_case_to_rate_it_until_they_have(self, made, enter):
        case = self._closed(made)
        browser = enter("resident")
        assert f'href="/follow/{case.slug}/rate/"' in browser.get("/").content.decode()
        assert browser.get(f"/follow/{case.slug}/rate/").status_code == 200
        cases.rate_case(by=made.by("resident"), at=made.at, case_id=case.pk, level=5)
        assert "h-needs" not in browser.get("/").content.decode()
        assert queries.needs_now(seen_by=made.by("neighbour") if "neighbour" in made.people else ANYONE, at=made.at) == []

    def test_shows_those_who_serve_what_is_due_first_and_nobody_else_s(self, made, enter):
        case = made.open()
        assert f'href="/cases/{case.slug}/"' in enter("officer").get("/").content.decode().split('id="h-needs"')[1].split("</section>")[0]
        assert [need.case for need in queries.needs_now(seen_by=made.by("officer"), at=made.at)] == [case]
        assert queries.needs_now(seen_by=made.by("enforcer"), at=made.at) == []
        assert queries.needs_now(seen_by=made.by("resident"), at=made.at) == []
