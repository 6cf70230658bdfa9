"""The residents' page: one word a station, what it means, how the day went; the same for everybody."""

import uuid
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.ecology.queries import ForResidents
from gongzhi.management_line.ecology.queries.residents import AirHour
from gongzhi.management_line.ecology.views.residents import ADVICE, WATERS
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.models import Station
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station
from gongzhi.management_line.standards import air
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
BY = system("test")
AIR = {"a34004": ("ug/m³", 90.0), "a34002": ("ug/m³", 100.0), "a05024": ("ug/m³", 60.0), "a21004": ("ug/m³", 40.0), "a21026": ("ug/m³", 8.0),
       "a21005": ("mg/m³", 0.8)}  # fmt: skip


@pytest.fixture
def now():
    return timezone.now().replace(minute=30, second=0, microsecond=0)


@pytest.fixture
def world(town, now):
    towns.forget()
    return make_station(now)


def measure(now, code, kind, means, hours=24):
    station = operations.register_station(by=MAKER, at=now - timedelta(days=2), code=code, name=code, kind=kind)
    for factor, (unit, value) in means.items():
        series = operations.define_series(by=BY, at=now - timedelta(days=2), station_id=station.pk, factor=factor, unit=unit)
        moments = [now - timedelta(hours=hour) for hour in range(1, hours + 1)]
        operations.take_measurements(by=BY, at=now, key=uuid.uuid4(), series_ids=[series.pk] * hours, moments=moments, values=[value] * hours)
    return station


class TestForResidents:
    def test_gives_the_hours_of_the_last_day_in_order(self, world, now):
        measure(now, "sq", "air", AIR, hours=6)
        airs, waters = queries.for_residents(at=now)
        one = airs[0]
        assert len(one.hours) == 24
        assert [hour.at for hour in one.hours] == sorted(hour.at for hour in one.hours)
        wanted = air.hourly({"PM2.5": 90, "PM10": 100, "O3": 60, "NO2": 40, "SO2": 8, "CO": 0.8}, on=now.date()).value
        assert [hour.value for hour in one.hours] == [None] * 18 + [wanted] * 6
        assert one.last.value == wanted
        assert waters == []

    def test_leaves_out_what_is_not_public_even_for_staff(self, world, now):
        measure(now, "sq", "air", AIR)
        Station.objects.filter(code="sq").update(is_public=False)
        assert queries.for_residents(at=now) == ([], [])
        assert "/stations/sq/" not in browser_of(world[0], "officer").get("/air-and-water/").content.decode()

    @settings(deadline=None)
    @given(st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=24, max_size=24))
    def test_says_of_the_trend_nothing_that_the_hours_do_not(self, values):
        at = datetime(2026, 11, 18, tzinfo=timezone.get_current_timezone())
        one = ForResidents(SimpleNamespace(), [AirHour(at + timedelta(hours=n), value, None) for n, value in enumerate(values)])
        early, late = ([value for value in part if value is not None] for part in (values[18:21], values[21:]))
        if len(early) < 2 or len(late) < 2:
            assert one.trend == ""
        elif one.trend == "worse":
            assert sum(late) / len(late) > sum(early) / len(early)
        elif one.trend == "better":
            assert sum(late) / len(late) < sum(early) / len(early)


class TestPage:
    def test_says_the_word_and_what_it_means(self, world, now):
        measure(now, "sq", "air", AIR)
        measure(now, "river", "surface_water", {"w21003": ("mg/L", 1.8), "w01019": ("mg/L", 3.0), "w01009": ("mg/L", 8.0)})
        page = Client().get("/air-and-water/").content.decode()
        airs, waters = queries.for_residents(at=timezone.now())
        level = airs[0].last.level
        assert str(level.name) in page
        assert str(ADVICE[level.number][1]) in page
        assert str(WATERS[waters[0].found.water.number][1]) in page
        assert waters[0].found.water.keeps is False
        assert "/opendata/" in page

    def test_is_short_in_the_large_and_simple_mode(self, world, now):
        measure(now, "sq", "air", AIR)
        browser = Client()
        whole = browser.get("/air-and-water/").content.decode()
        browser.get("/size/?to=large")
        large = browser.get("/air-and-water/").content.decode()
        assert 'data-size="large"' in large
        assert "daybars" in whole
        assert "daybars" not in large
        assert "data-read-aloud" in large

    def test_says_plainly_what_is_not_known(self, world, now):
        measure(now, "sq", "air", {"a05024": ("ug/m³", 60.0)})
        operations.register_station(by=MAKER, at=now, code="fresh", name="新断面", kind="surface_water")
        page = Client().get("/air-and-water/").content.decode()
        assert page.count("暂无结果") == 2

    def test_gives_its_fragment_to_live_updates(self, world, now):
        page = Client().get("/air-and-water/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page

    def test_every_level_and_class_has_its_words(self):
        assert set(ADVICE) == {level.number for level in air.LEVELS}
        assert set(WATERS) == set(range(1, 7))
        assert queries.for_residents.__kwdefaults__ == {"seen_by": ANYONE}
