"""The report flow and following, page by page, as a browser without JavaScript does it."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.following import MASKED
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.management_line.reports.tests.factories import finish, make_reporting_town, picture
from gongzhi.portal.middleware import towns

WEST = middle(0, 0)
TEXT = "文昌路菜场门口垃圾桶满了两天，苍蝇乱飞。"


@pytest.fixture
def made(town):
    towns.forget()
    cache.clear()
    return make_reporting_town(timezone.now() - timedelta(minutes=5))


@pytest.fixture
def browser():
    return Client()


def place(browser, **more):
    given = {"longitude": WEST[0], "latitude": WEST[1], "address": "文昌路菜场门口", "go": "next"} | more
    return browser.post("/report/place/", given)


def key_of(browser):
    return re.search(r'name="key" value="([^"]+)"', browser.get("/report/words/").content.decode())[1]


def send(browser, **more):
    """Send as without JavaScript: the page is asked once more where there is something to look at."""
    given = {"text": TEXT, "contact": "code", "key": key_of(browser)} | more
    answer = browser.post("/report/words/", given)
    if answer.status_code != 200:
        return answer
    page = answer.content.decode()
    chosen = re.search(r'name="category" value="(\d+)" checked', page)
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    return browser.post("/report/words/", given | {"category": chosen[1] if chosen else "none", "seen": seen[1] if seen else ""} | more)


def code_on(page):
    return re.search(r"<code>([0-9A-Z-]{19})</code>", page)[1]


class TestFlow:
    def test_leads_from_photo_to_a_case_with_code_number_and_due_time(self, made, browser):
        assert browser.get("/report/").status_code == 200
        browser.post("/report/", {"photos": SimpleUploadedFile("a.jpg", picture(), "image/jpeg"), "go": "next"})
        assert place(browser).url == "/report/words/"
        answer = send(browser)
        assert answer.status_code == 302
        page = browser.get(answer.url).content.decode()
        case = case_queries.cases(seen_by=ANYONE, kind="report").get()
        assert case.number in page
        assert code_on(page)
        assert "<svg" in page[page.index("qrbox") :]
        assert case.lead.code == "utilities"
        assert case.category.code == "H3-bin"
        assert case.area == made.areas["w1"]
        assert case.steps.get(act="open").papers.count() == 1

    def test_says_at_each_step_what_is_missing_and_keeps_what_was_typed(self, made, browser):
        page = browser.post("/report/place/", {"go": "next"})
        assert page.status_code == 422
        assert 'id="id_address_error"' in page.content.decode()
        place(browser)
        page = browser.post("/report/words/", {"text": " ", "contact": "phone", "phone": "abc"})
        assert page.status_code == 422
        assert 'id="id_text_error"' in page.content.decode()
        assert 'id="id_phone_error"' in page.content.decode()
        assert 'value="abc"' in page.content.decode()
        assert "文昌路菜场门口" in browser.get("/report/place/").content.decode()

    def test_sends_back_for_the_place_that_is_missing(self, made, browser):
        answer = browser.post("/report/words/", {"text": TEXT, "contact": "code"})
        assert answer.status_code == 422
        assert 'href="/report/place/"' in answer.content.decode()
        assert TEXT in answer.content.decode()

    def test_makes_one_case_of_a_double_submission(self, made, browser):
        place(browser)
        key = key_of(browser)
        first = send(browser, key=key)
        again = browser.post("/report/words/", {"text": TEXT, "contact": "code", "key": key, "seen": ""})
        assert again.url == first.url
        assert case_queries.cases(seen_by=ANYONE, kind="report").count() == 1

    @pytest.mark.parametrize("path", ["/report/place/", "/report/words/", "/report/kind/", "/report/contact/"])
    def test_back_after_sending_shows_what_was_sent_until_another_one_is_begun(self, made, browser, path):
        assert browser.get(path).status_code in (200, 302)
        assert browser.get("/report/place/").status_code == 200  # nothing sent yet: the page itself
        place(browser)
        sent = send(browser).url
        assert browser.get(path).url == sent
        assert browser.get("/report/").status_code == 200
        assert browser.get("/report/place/").status_code == 200
        assert TEXT not in browser.get("/report/words/").content.decode()

    def test_shows_possible_repeats_before_sending_and_lets_one_follow_instead(self, made, browser):
        place(browser)
        send(browser)
        other = Client()
        place(other)
        page = other.post("/report/words/", {"text": TEXT, "contact": "code"})
        assert page.status_code == 200
        same = re.search(r'name="same" value="(\d+)"', page.content.decode())[1]
        answer = other.post("/report/same/", {"same": same, "text": TEXT})
        assert case_queries.cases(seen_by=ANYONE, kind="report").count() == 1
        assert code_on(other.get(answer.url).content.decode())
        assert case_queries.cases(seen_by=ANYONE, kind="report").get().parties.count() == 2

    def test_takes_a_pin_outside_every_grid_and_tells_so(self, made, browser):
        place(browser, longitude=121.4, latitude=31.2)
        assert 'data-state="warn"' in browser.get("/report/place/").content.decode()
        answer = send(browser)
        assert case_queries.cases(seen_by=ANYONE, kind="report").get().unlocated
        assert "map-pin-off" in browser.get(answer.url).content.decode()

    def test_finds_a_place_by_its_name_and_puts_the_pin_there(self, made, browser):
        answer = browser.post("/report/place/", {"address": "文昌路", "go": "search"})
        page = browser.get(answer.url).content.decode()
        spot = re.search(r'name="spot" value="([^"]+)"', page)[1]
        browser.post("/report/place/", {"address": "文昌路", "spot": spot})
        assert 'value="120.005"' in browser.get("/report/place/").content.decode()

    def test_takes_the_place_that_a_camera_wrote_and_strips_it(self, made, browser):
        browser.post("/report/", {"photos": SimpleUploadedFile("a.jpg", picture(gps=WEST), "image/jpeg"), "go": "next"})
        assert 'data-longitude="120.005"' in browser.get("/report/place/").content.decode()

    def test_refuses_a_file_that_is_no_photo_beside_the_input(self, made, browser):
        answer = browser.post("/report/", {"photos": SimpleUploadedFile("a.jpg", b"not a photo", "image/jpeg")})
        assert answer.status_code == 422
        assert 'id="photos_error"' in answer.content.decode()

    def test_shows_a_draft_s_photo_to_nobody_else(self, made, browser):
        browser.post("/report/", {"photos": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
        address = re.search(r"/report/photo/\d+/", browser.get("/report/").content.decode())[0]
        assert browser.get(address).status_code == 200
        assert Client().get(address).status_code == 404

    def test_asks_one_thing_a_page_in_the_large_mode(self, made, browser):
        browser.cookies["gongzhi_size"] = "large"
        place(browser)
        key = key_of(browser)
        assert browser.post("/report/words/", {"text": TEXT, "key": key}).url == "/report/kind/"
        category = made.categories["bin"].pk
        assert f'value="{category}" checked' in browser.get("/report/kind/").content.decode()
        assert browser.post("/report/kind/", {"category": category}).url == "/report/contact/"
        answer = browser.post("/report/contact/", {"contact": "code", "key": key})
        assert answer.url.startswith("/report/sent/")
        assert case_queries.cases(seen_by=ANYONE, kind="report").get().category_id == category

    def test_draws_suggestions_and_repeats_while_one_writes(self, made, browser):
        place(browser)
        part = browser.post("/report/look/", {"text": TEXT, "guess": ""}, headers={"HX-Request": "true"}).content.decode()
        assert f'value="{made.categories["bin"].pk}" checked' in part
        changed = browser.post("/report/look/", {"text": "车乱停，违停堵住路", "guess": made.categories["bin"].pk, "category": made.categories["bin"].pk})
        assert f'value="{made.categories["parking"].pk}" checked' in changed.content.decode()
        kept = browser.post("/report/look/", {"text": TEXT, "guess": "", "category": made.categories["smell"].pk}).content.decode()
        assert f'value="{made.categories["smell"].pk}" checked' in kept


class TestFollow:
    @pytest.fixture
    def sent(self, made, browser):
        place(browser)
        page = browser.get(send(browser).url).content.decode()
        return case_queries.cases(seen_by=ANYONE, kind="report").get(), code_on(page)

    def test_opens_by_code_on_another_device(self, made, sent):
        case, code = sent
        phone = Client()
        assert phone.get(f"/follow/{case.slug}/").url == f"/follow/?number={case.slug}"
        answer = phone.post("/follow/", {"code": code.lower(), "number": case.number})
        assert answer.url == f"/follow/{case.slug}/"
        page = phone.get(answer.url).content.decode()
        assert case.number in page
        assert "data-live=" in page

    def test_says_what_a_wrong_code_lacks_and_stops_trying(self, made, sent):
        phone = Client(REMOTE_ADDR="10.9.8.7")
        assert phone.post("/follow/", {"code": "abc"}).status_code == 422
        for _n in range(12):
            phone.post("/follow/", {"code": "K7QF-9M2X-4HTB-WZ83"})
        assert phone.post("/follow/", {"code": sent[1]}).status_code == 422

    def test_numbers_in_what_is_written_are_read_by_the_unit_only(self, made, browser):
        place(browser)
        words = TEXT + "我的电话138 0000 1234，身份证11010519491231002X。"
        page = browser.get(send(browser, text=words).url).content.decode()
        case = case_queries.cases(seen_by=ANYONE, kind="report").get()
        assert str(MASKED) in page
        assert case.text == TEXT + "我的电话138****1234，身份证11******2X。"
        for written in ("138 0000 1234", "13800001234", "11010519491231002X"):
            assert written not in case.title + case.text + case.search + "".join(step.public_text for step in case.steps.all())
            assert written not in Client().get(f"/cases/{case.slug}/").content.decode()
        assert case.steps.get(act="open").internal_text == words
        browser.post(f"/follow/{case.slug}/note/", {"text": "请打13800001234"})
        note = case.steps.get(act="note")
        assert (note.public_text, note.internal_text) == ("请打138****1234", "请打13800001234")

    def test_words_without_numbers_keep_nothing_inside(self, made, sent):
        assert sent[0].steps.get(act="open").internal_text == ""

    def test_somebody_unknown_sends_so_many_a_minute_from_one_address(self, made, settings):
        settings.REPORTS_A_MINUTE = 2
        body = {"text": TEXT, "category": None, "longitude": WEST[0], "latitude": WEST[1]}
        def post(address):
            return Client(REMOTE_ADDR=address).post("/api/v1/reports", body, content_type="application/json")

        assert [post("198.51.100.1").status_code for _n in range(3)] == [201, 201, 429]
        assert post("198.51.100.2").status_code == 201
        browser = Client(REMOTE_ADDR="198.51.100.1")
        place(browser)
        answer = send(browser)
        assert answer.status_code == 422
        assert TEXT in answer.content.decode()

    def test_wrong_codes_from_elsewhere_stop_nobody_behind_the_same_proxy(self, made, sent, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        behind = [Client(headers={"x-forwarded-for": f"203.0.113.99, {address}"}) for address in ("198.51.100.1", "198.51.100.2")]
        for _n in range(13):
            behind[0].post("/follow/", {"code": "K7QF-9M2X-4HTB-WZ83"})
        assert behind[0].post("/follow/", {"code": sent[1]}).status_code == 422
        assert behind[1].post("/follow/", {"code": sent[1]}).status_code == 302

    def test_lets_the_raiser_add_urge_and_withdraw(self, made, sent, browser):
        case, _code = sent
        browser.post(f"/follow/{case.slug}/note/", {"text": "今天更臭了", "photos": SimpleUploadedFile("b.jpg", picture("red"), "image/jpeg")})
        assert case.steps.get(act="note").papers.count() == 1
        browser.post(f"/follow/{case.slug}/urge/")
        assert case.steps.filter(act="urge").exists()
        browser.post(f"/follow/{case.slug}/withdraw/", {"reason": ""})
        case.refresh_from_db()
        assert case.state == "withdrawn"

    def test_lets_the_raiser_rate_and_shows_what_follows(self, made, sent, browser):
        case, _code = sent
        finish(made, case, timezone.now())
        page = browser.get(f"/follow/{case.slug}/").content.decode()
        assert f"/follow/{case.slug}/rate/" in page
        assert browser.post(f"/follow/{case.slug}/rate/", {}).status_code == 422
        assert browser.post(f"/follow/{case.slug}/rate/", {"level": "1", "solved": "no", "tags": ["slow"], "text": "没清"}).status_code == 302
        page = browser.get(f"/follow/{case.slug}/").content.decode()
        assert "没清" in page
        assert case_queries.follow_ups(seen_by=CLOCK, case=case).count() == 1
        assert f"/follow/{case.slug}/rate/" not in page

    def test_asks_somebody_without_a_number_why_and_shows_the_written_answer(self, made, sent, browser):
        case, _code = sent
        finish(made, case, timezone.now())
        path = f"/follow/{case.slug}/rate/"
        assert 'name="phone"' in browser.get(path).content.decode()
        refused = browser.post(path, {"level": "1"})
        assert refused.status_code == 422
        assert "请简单写下哪里没办好" in refused.content.decode()
        wrong = browser.post(path, {"level": "1", "text": "没清干净", "phone": "12"})
        assert wrong.status_code == 422
        assert "没清干净" in wrong.content.decode()
        assert browser.post(path, {"level": "1", "text": "没清干净"}).status_code == 302
        page = browser.get(f"/follow/{case.slug}/").content.decode()
        assert "书面答复" in page
        assert "电话回访" not in page
        follow_up = case_queries.follow_ups(seen_by=CLOCK, case=case).get()
        cases.follow_up_rating(by=made.by("supervisor"), at=timezone.now(), follow_up_id=follow_up.pk, step="called", answer="明早再收一次")
        assert "明早再收一次" in browser.get(f"/follow/{case.slug}/").content.decode()
        assert "明早再收一次" not in Client().get(f"/cases/{case.slug}/").content.decode()

    def test_lets_whoever_wants_to_be_called_leave_a_number(self, made, sent, browser):
        case, _code = sent
        finish(made, case, timezone.now())
        assert browser.post(f"/follow/{case.slug}/rate/", {"level": "1", "phone": "139 0000 1234"}).status_code == 302
        assert case_queries.follow_ups(seen_by=CLOCK, case=case).get().can_be_called
        page = browser.get(f"/follow/{case.slug}/").content.decode()
        assert "电话回访" in page
        assert "13900001234" not in page.replace(" ", "")

    def test_lets_the_raiser_reopen_with_a_reason(self, made, sent, browser):
        case, _code = sent
        finish(made, case, timezone.now())
        assert browser.post(f"/follow/{case.slug}/reopen/", {"reason": ""}).status_code == 422
        browser.post(f"/follow/{case.slug}/reopen/", {"reason": "第二天又满了"})
        case.refresh_from_db()
        assert case.state == "reopened"

    def test_keeps_internal_notes_from_the_raiser(self, made, sent, browser):
        case, _code = sent
        cases.note_case(by=made.by("officer"), at=timezone.now(), case_id=case.pk, text="内部：老问题", internal=True)
        assert "内部：老问题" not in browser.get(f"/follow/{case.slug}/").content.decode()

    def test_forgets_the_case_on_a_device_that_others_use(self, made, sent, browser):
        case, _code = sent
        browser.post(f"/follow/{case.slug}/leave/")
        assert browser.get(f"/follow/{case.slug}/").status_code == 302

    def test_lets_nobody_else_act(self, made, sent):
        case, _code = sent
        stranger = Client()
        stranger.post(f"/follow/{case.slug}/withdraw/", {"reason": "x"})
        case.refresh_from_db()
        assert case.is_open
