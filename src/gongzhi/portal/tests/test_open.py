"""The open figures, the cockpit and the map: also of a town that drew nothing and of months long past."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.portal import queries
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(town):
    towns.forget()
    return timezone.now().replace(microsecond=0)


class TestMonth:
    def test_shows_what_came_in_and_what_became_of_it(self, now):
        made = make_town_with_list(now)
        for _n in range(3):  # fewer are told under no name
            made.open()
        page = Client().get(f"/open/?month={timezone.localtime(now):%Y-%m}").content.decode()
        assert "市容环卫" in page
        assert "utilities" in page

    def test_is_found_from_the_present_when_nothing_came_in_of_late(self, now):
        made = make_town_with_list(now)
        then = now - timedelta(days=70)
        made.open(at=then)
        month = f"{timezone.localtime(then):%Y-%m}"
        page = Client().get("/open/").content.decode()
        assert f"/open/?month={month}" in page
        assert "最近一件" in page
        made.open()
        assert "最近一件" not in Client().get("/open/").content.decode()

    @pytest.mark.parametrize("month", ["2999-01", "2018-13", "0000-01", "x", "2018-1", "20181-1"])
    def test_of_no_month_shows_the_present(self, now, month):
        make_town_with_list(now)
        answer = Client().get("/open/", {"month": month})
        assert answer.status_code == 200
        assert "今日受理" in answer.content.decode()

    def test_gives_its_days_as_csv(self, now):
        made = make_town_with_list(now)
        made.open(at=now - timedelta(days=70))
        then = timezone.localtime(now - timedelta(days=70))
        rows = list(csv.DictReader(io.StringIO(Client().get(f"/open/daily.csv?month={then:%Y-%m}").content.decode())))
        assert {row["day"][:7] for row in rows} == {f"{then:%Y-%m}"}
        assert sum(int(row["opened"]) for row in rows) == 1


class TestNamesOfCategories:
    @pytest.mark.parametrize("path", ["/", "/open/", "/open/?month={month}"])
    def test_are_in_the_language_of_the_reader(self, now, path):
        made = make_town_with_list(now)
        main = made.categories["bin"].parent
        cases.define_category(by=MAKER, at=now, code=main.code, name=main.name, name_en="City looks & cleaning", life=main.life)
        for _each in range(3):  # fewer stand together without a name
            made.open()
        path = path.format(month=f"{timezone.localtime(now):%Y-%m}")
        assert main.name in Client().get(path).content.decode()
        reader = Client()
        reader.cookies["django_language"] = "en"
        english = reader.get(path).content.decode()
        assert "City looks &amp; cleaning" in english
        assert main.name not in english


class TestUndrawnTown:
    def test_counts_by_community_on_the_command_screen(self, now):
        town = territory.define_area(by=MAKER, at=now, level="town", code="330110100000", name="云溪小镇")
        west = territory.define_area(by=MAKER, at=now, level="community", code="330110100001", name="溪西社区", parent_id=town.pk)
        counted = queries.town_map(seen_by=CLOCK, by_area={west.pk: (3, 1), None: (2, 0)})
        assert [(area_id, name, n, late) for area_id, name, n, late, _shade in counted.tiles] == [(west.pk, "溪西社区", 3, 1)]
        assert counted.elsewhere == (2, 0)
        territory.define_area(by=MAKER, at=now, level="grid", code="330110100001001", name="第一网格", parent_id=west.pk)
        assert [name for _id, name, *_counts in queries.town_map(seen_by=CLOCK, by_area={}).tiles] == ["第一网格"]

    def test_says_so_on_the_map(self, now):
        assert "还没有划定区域" in Client().get("/map/").content.decode()
        make_town_with_list(now)
        assert "还没有划定区域" not in Client().get("/map/").content.decode()


class TestFooter:
    def test_leads_to_pages_that_are_there(self, now):
        page = Client().get("/open/").content.decode()
        foot = page[page.index("<footer") :]
        found = re.findall(r'href="(/[^"]*)"', foot)
        assert len(found) >= 5
        for address in found:
            assert Client().get(address).status_code in (200, 302), address
