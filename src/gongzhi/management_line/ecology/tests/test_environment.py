"""The environment's pages, from readings to index, class and register."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import ANYONE, CLOCK, system
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.models import Station
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.standards import air
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
BY = system("test")


@pytest.fixture
def now():
    return timezone.now().replace(minute=30, second=0, microsecond=0)


@pytest.fixture
def world(town, now):
    towns.forget()
    return make_station(now)


def measure(now, code, kind, values, hours=(1, 2, 3)):
    """Register a station and let it measure: factor → (unit, value) in each of the last hours."""
    station = sensing.register_station(by=MAKER, at=now - timedelta(days=2), code=code, name=code, kind=kind)
    for factor, (unit, value) in values.items():
        series = sensing.define_series(by=BY, at=now - timedelta(days=2), station_id=station.pk, factor=factor, unit=unit)
        moments = [now - timedelta(hours=hour) for hour in hours]
        sensing.take_measurements(by=BY, at=now, key=uuid.uuid4(), series_ids=[series.pk] * len(moments), moments=moments, values=[value] * len(moments))
    return station


AIR = {"a34004": ("ug/m³", 90.0), "a34002": ("ug/m³", 120.0), "a05024": ("ug/m³", 60.0), "a21004": ("ug/m³", 40.0), "a21026": ("ug/m³", 8.0),
       "a21005": ("mg/m³", 0.8)}  # fmt: skip


class TestEnvironment:
    def test_computes_the_index_of_the_last_whole_hour(self, world, now):
        measure(now, "air", "air", AIR)
        one = queries.environment(seen_by=ANYONE, at=now).compartments["air"][0]
        wanted = air.hourly({"PM2.5": 90, "PM10": 120, "O3": 60, "NO2": 40, "SO2": 8, "CO": 0.8}, on=now.date())
        assert one.air.value == wanted.value is not None
        assert one.air.primary == wanted.primary

    def test_says_why_there_is_no_index(self, world, now):
        measure(now, "air", "air", {"a05024": ("ug/m³", 60.0)})
        one = queries.environment(seen_by=ANYONE, at=now).compartments["air"][0]
        assert one.air.value is None
        assert str(one.air.why)
        measure(now, "odd", "air", {"a34004": ("ppm", 60.0)})
        assert [one.fault for one in queries.environment(seen_by=ANYONE, at=now).compartments["air"] if one.now.station.code == "odd"] != [""]

    def test_gives_a_river_its_class_and_the_item_that_decides(self, world, now):
        measure(now, "river", "surface_water", {"w21003": ("mg/L", 1.2), "w01019": ("mg/L", 3.0), "w01009": ("mg/L", 8.0), "w99": ("x", 1.0)})
        one = queries.environment(seen_by=ANYONE, at=now).compartments["water"][0]
        assert one.water.number == 4
        assert one.water.deciding == ("NH3-N",)
        assert one.water.keeps is False

    def test_shows_the_public_only_what_is_public(self, world, now):
        measure(now, "river", "surface_water", {"w21003": ("mg/L", 1.2)})
        Station.objects.update(is_public=False)
        assert queries.environment(seen_by=ANYONE, at=now).stations == []
        assert queries.environment(seen_by=CLOCK, at=now).stations


class TestPages:
    def test_show_the_day_and_the_register(self, world, now):
        measure(now, "air", "air", AIR)
        browser = Client()
        page = browser.get("/environment/").content.decode()
        level = air.level(air.hourly({"PM2.5": 90, "PM10": 120, "O3": 60, "NO2": 40, "SO2": 8, "CO": 0.8}, on=now.date()).value)
        assert str(level.name) in page
        assert 'href="/environment/exceedances/"' in page
        page = browser.get("/environment/air/").content.decode()
        assert "PM2.5" in page
        assert "HJ 633" in page
        series = sensing.define_series(by=BY, at=now, station_id=world[1].pk, factor="w01018")
        moments = [now - timedelta(minutes=2), now - timedelta(minutes=1)]
        sensing.take_measurements(by=BY, at=now, key=uuid.uuid4(), series_ids=[series.pk] * 2, moments=moments, values=[91.0, 95.5])
        for query in ("", "?open=1"):
            assert "95.5" in browser.get(f"/environment/exceedances/{query}").content.decode()
        rows = list(csv.reader(io.StringIO(browser.get("/environment/exceedances.csv").getvalue().decode("utf-8-sig"))))
        assert len(rows) == 2
        assert rows[1][0] == "outlet"

    def test_every_compartment_leads_somewhere(self, world, now):
        measure(now, "air", "air", AIR)
        browser = Client()
        home = browser.get("/environment/").content.decode()
        for part in queries.COMPARTMENTS:
            assert f'href="/environment/{part}/"' in home
            page = browser.get(f"/environment/{part}/")
            assert page.status_code == 200
            stations = queries.environment(seen_by=ANYONE, at=timezone.now()).compartments[part]
            assert all(f"/stations/{one.now.station.code}/" in page.content.decode() for one in stations)
            assert stations or "/report/" in page.content.decode()
        assert browser.get("/environment/fire/").status_code == 404

    def test_name_the_stations_that_need_somebody(self, world, now):
        series = sensing.define_series(by=BY, at=now, station_id=world[1].pk, factor="w01018")
        moments = [now - timedelta(minutes=2), now - timedelta(minutes=1)]
        sensing.take_measurements(by=BY, at=now, key=uuid.uuid4(), series_ids=[series.pk] * 2, moments=moments, values=[91.0, 95.5])
        page = Client().get("/environment/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        assert "/stations/outlet/" in page
        assert "95.5" in page
