"""What everybody sees of the town: home, search, map, figures and the data under them; and what nobody sees."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from gongzhi.cases.models import Case
from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.search import indexing
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.management_line.reports.tests.factories import finish
from gongzhi.management_line.sensing import operations as sensing

pytestmark = pytest.mark.django_db


class TestHome:
    def test_shows_open_and_solved_cases_and_ones_own(self, made, enter):
        made.open(title="文昌路的垃圾桶满溢")
        done = made.open(title="东街的垃圾桶已清运", raised_by_id=made.people["neighbour"].pk)
        finish(made, done, made.at)
        anybody, resident = enter().get("/").content.decode(), enter("resident").get("/").content.decode()
        assert "文昌路的垃圾桶满溢" in anybody
        assert "东街的垃圾桶已清运" in anybody
        assert resident.count("文昌路的垃圾桶满溢") > anybody.count("文昌路的垃圾桶满溢")  # under what they follow too

    def test_says_nothing_of_a_private_case_or_of_another_town(self, made, enter, elsewhere):
        made.open(title="只给当事人看的事", visibility=Case.Visibility.PARTIES)
        page = enter("neighbour").get("/").content.decode()
        assert "只给当事人看的事" not in page
        assert "兰湾" not in page
        assert "只给当事人看的事" in enter("resident").get("/").content.decode()

    def test_refuses_other_ways_of_asking(self, enter):
        assert enter().post("/").status_code == 405


class TestSearch:
    def test_finds_public_cases_by_words_and_what_may_be_reported(self, made, enter):
        made.open(title="文昌路的垃圾桶满溢")
        page = enter().get("/search/", {"q": "垃圾"}).content.decode()
        assert "文昌路的垃圾桶满溢" in page
        assert "/report/?category=H3-bin" in page

    def test_leads_a_number_to_its_case(self, made, enter):
        case = made.open()
        assert enter().get("/search/", {"q": case.number}).headers["Location"] == f"/cases/{case.slug}/"

    def test_finds_by_what_people_say_once_the_index_has_followed(self, made, enter):
        made.open(title="文昌路路灯坏了三盏")
        hidden = made.open(title="路灯下的私事", visibility=Case.Visibility.PARTIES)
        assert indexing.follow() == 2
        page = enter().get("/search/", {"q": "晚上灯不亮"}).content.decode()
        assert "文昌路路灯坏了三盏" in page
        assert hidden.title not in page
        assert hidden.title in enter("resident").get("/search/", {"q": "晚上灯不亮"}).content.decode()

    def test_does_not_betray_a_private_case_by_words_or_number(self, made, enter):
        case = made.open(title="只给当事人看的事", visibility=Case.Visibility.PARTIES)
        for asked in ("当事人", case.number):
            answer = enter().get("/search/", {"q": asked})
            assert answer.status_code == 200
            assert "只给当事人看的事" not in answer.content.decode()
        assert enter("resident").get("/search/", {"q": case.number}).status_code == 302

    @pytest.mark.parametrize("asked", ["", "   ", "%_'\"<blink>", "没有这样的事" * 40])
    def test_answers_whatever_is_typed(self, made, enter, asked):
        answer = enter().get("/search/", {"q": asked})
        assert answer.status_code == 200
        assert "<blink>" not in answer.content.decode()


class TestMap:
    def test_lists_open_cases_and_narrows_by_life(self, made, enter):
        made.open(title="文昌路的垃圾桶满溢")
        assert "文昌路的垃圾桶满溢" in enter().get("/map/").content.decode()
        assert "文昌路的垃圾桶满溢" in enter().get("/map/", {"life": "home"}).content.decode()
        assert "文昌路的垃圾桶满溢" not in enter().get("/map/", {"life": "eco"}).content.decode()

    def test_gives_htmx_the_list_alone(self, made, enter):
        part = enter().get("/map/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert "<html" in enter().get("/map/").content.decode()


class TestData:
    def test_gives_open_public_cases_as_points(self, made, enter, elsewhere):
        shown = made.open(title="文昌路的垃圾桶满溢")
        made.open(title="没有地点的事", longitude=None, latitude=None)
        made.open(title="只给当事人看的事", visibility=Case.Visibility.PARTIES)
        finish(made, made.open(title="已办结的事"), made.at)
        told = enter().get("/cases.geojson").json()
        assert told["type"] == "FeatureCollection"
        assert [point["properties"]["title"] for point in told["features"]] == ["文昌路的垃圾桶满溢"]
        assert told["features"][0]["geometry"]["coordinates"] == pytest.approx(list(middle(0, 0)))
        assert told["features"][0]["properties"]["url"] == f"/cases/{shown.slug}/"
        assert enter("resident").get("/cases.geojson").json()["features"] == told["features"]  # the same for everybody
        assert enter().get("/cases.geojson", {"life": "eco"}).json()["features"] == []

    def test_gives_the_areas_of_this_town_alone(self, made, enter, elsewhere):
        told = enter().get("/areas.geojson").json()["features"]
        assert {area["id"] for area in told} == {area.pk for area in made.areas.values()}
        grids = enter().get("/areas.geojson", {"level": "grid"}).json()["features"]
        assert {area["properties"]["level"] for area in grids} == {"grid"}
        assert len(enter().get("/areas.geojson", {"level": "no-such"}).json()["features"]) == len(told)

    def test_gives_stations_that_have_a_place(self, made, enter, elsewhere):
        longitude, latitude = middle(0, 1)
        sensing.register_station(by=MAKER, at=made.at, code="shown", name="溪西站", kind="air", longitude=longitude, latitude=latitude)
        sensing.register_station(by=MAKER, at=made.at, code="nowhere", name="没有地点的站", kind="air")
        told = enter().get("/stations.geojson").json()["features"]
        assert [station["properties"]["code"] for station in told] == ["shown"]

    @pytest.mark.parametrize("path", ["/cases.geojson", "/areas.geojson", "/stations.geojson", "/open/daily.csv"])
    def test_is_only_to_be_read(self, made, enter, path):
        assert enter().get(path).status_code == 200
        assert enter().post(path).status_code == 405


class TestFigures:
    def test_counts_what_came_in_and_what_was_closed(self, made, enter):
        made.open()
        finish(made, made.open(), made.at)
        made.open(visibility=Case.Visibility.PARTIES)
        assert "溪西社区" in enter().get("/open/").content.decode()
        answer = enter().get("/open/daily.csv")
        rows = list(csv.reader(io.StringIO(answer.content.decode())))
        assert rows[0] == ["day", "opened", "closed"]
        assert len(rows) == 367  # the last year, day by day, and today
        assert sum(int(opened) for _day, opened, _closed in rows[1:]) in (2, 3)
        assert sum(int(closed) for _day, _opened, closed in rows[1:]) == 1
        assert answer.headers["Content-Disposition"] == 'attachment; filename="daily.csv"'

    def test_shows_a_month_and_forgives_what_is_none(self, made, enter):
        for _n in range(3):  # fewer are told under no name
            made.open()
        month = f"{made.at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m}"  # the town's own day
        assert "垃圾满溢" in enter().get("/open/", {"month": month}).content.decode()
        assert len(enter().get("/open/daily.csv", {"month": month}).content.decode().splitlines()) <= 32
        whole = len(enter().get("/open/daily.csv").content.decode().splitlines())
        for wrong in ("2999-01", "2026-13", "x", "2026/01", "0000-00"):
            assert enter().get("/open/", {"month": wrong}).status_code == 200
            assert len(enter().get("/open/daily.csv", {"month": wrong}).content.decode().splitlines()) == whole


class TestAboutTheSite:
    @pytest.mark.parametrize("path", ["/access/", "/privacy/"])
    def test_is_for_everybody_in_both_languages(self, made, enter, path):
        browser = enter()
        chinese = browser.get(path)
        browser.get("/language/", {"to": "en"})
        english = browser.get(path)
        assert (chinese.headers["Content-Language"], english.headers["Content-Language"]) == ("zh-Hans", "en")
        assert chinese.content != english.content
        assert browser.post(path).status_code == 405


class TestChoices:
    def test_keeps_language_size_and_theme_and_forgets_them(self, made, enter):
        browser = enter()
        for path, to, cookie in (("/language/", "en", "django_language"), ("/size/", "large", "gongzhi_size"), ("/theme/", "dark", "gongzhi_theme")):
            answer = browser.get(path, {"to": to, "next": "/map/"})
            assert answer.headers["Location"] == "/map/"
            assert browser.cookies[cookie].value == to
            browser.get(path, {"to": "no-such"})
            assert browser.cookies[cookie].value == ""

    def test_draws_the_page_as_chosen(self, made, enter):
        browser = enter()
        browser.get("/theme/", {"to": "dark"})
        assert 'data-theme="dark"' in browser.get("/").content.decode()
        plain = browser.get("/").content
        browser.get("/size/", {"to": "large"})
        assert browser.get("/").content != plain

    @pytest.mark.parametrize("away", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "/\\elsewhere.example", ""])
    def test_leads_nobody_to_another_site(self, made, enter, away):
        assert enter().get("/theme/", {"to": "dark", "next": away}).headers["Location"] == "/"


class TestCockpit:
    def test_shows_the_town_now_to_those_who_steer_it(self, made, enter):
        made.open(title="文昌路的垃圾桶满溢")
        browser = enter("dispatcher")
        assert "文昌路的垃圾桶满溢" in browser.get("/cockpit/").content.decode()
        part = browser.get("/cockpit/", {"area": made.areas["east"].pk}, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert "文昌路的垃圾桶满溢" not in part  # it lies in the west
        assert browser.get("/cockpit/", {"area": "no-such"}).status_code == 200

    @pytest.mark.parametrize("who", ["resident", "contact", "walker"])
    def test_refuses_those_who_do_not(self, made, enter, who):
        assert enter(who).get("/cockpit/").status_code == 403

    def test_asks_strangers_to_sign_in(self, made, enter):
        assert enter().get("/cockpit/").headers["Location"].startswith("/sign-in/?next=/cockpit/")
        assert enter().get("/desk/?queue=unit&order=due").headers["Location"] == "/sign-in/?next=/desk/%3Fqueue%3Dunit%26order%3Ddue"
