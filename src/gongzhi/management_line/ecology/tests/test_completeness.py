"""Completeness and comparison: what was due, what came, what was missing and why; lines beside each other."""

import csv
import io
import json
import re
import uuid
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import ANYONE, CLOCK, system
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.ecology.queries import StationDay
from gongzhi.management_line.ecology.spans import Share
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.models import Series, Station
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
BY = system("test")
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 10)
MIDNIGHT = datetime(2026, 11, 10, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(town, noon):
    towns.forget()
    made, station, device = make_station(noon)
    Series.objects.exclude(factor="w01018").delete()  # the outlet measures one factor, once a minute
    return made, station, device


def send(world, minutes, mark="N", every=1):
    """Let the outlet's device send these minutes of the day."""
    _made, station, device = world
    rows = [TakenPacket(b"x", device.pk, station.pk, at := MIDNIGHT + minute * MINUTE, (("w01018", "rtd", at, 40.0, mark),)) for minute in minutes]
    operations.take_readings(by=BY, at=MIDNIGHT + timedelta(days=1), key=uuid.uuid4(), packets=rows)


def day_of(noon, code="outlet"):
    found = queries.completeness(seen_by=CLOCK, since=DAY, until=DAY + timedelta(days=1), at=noon)
    return next(row for row in found if row.station.code == code).days[0]


class TestCompleteness:
    def test_tells_missing_from_not_valid(self, world, noon):
        send(world, range(600))
        send(world, range(600, 720), "D")
        found = day_of(noon)
        assert found.share == Share(due=1440, valid=600, count=720)
        assert (found.share.missing, found.share.invalid, found.share.part) == (720, 120, 600 / 1440)
        assert dict(found.marks) == {"D": 120}

    def test_names_the_work_on_the_device(self, world, noon):
        operations.plan_maintenance(
            by=MAKER, at=MIDNIGHT - timedelta(hours=2), device_id=world[2].pk, begins_at=MIDNIGHT - timedelta(hours=2),
            ends_at=MIDNIGHT + timedelta(hours=1), reason="换泵管",
        )
        found = day_of(noon)
        assert found.maintained == timedelta(hours=1)
        assert found.reasons == ("换泵管",)

    def test_more_in_one_hour_makes_up_for_nothing_in_another(self, world, noon):
        send(world, [minute + part / 4 for minute in range(60) for part in range(4)])
        assert day_of(noon).share == Share(due=1440, valid=60, count=60)

    def test_wants_nothing_before_a_series_began_and_after_now(self, world, noon):
        Series.objects.update(began_at=MIDNIGHT + timedelta(hours=12))
        assert day_of(noon).share.due == 720
        assert day_of(MIDNIGHT + timedelta(hours=13)).share.due == 60
        found = queries.completeness(seen_by=CLOCK, since=DAY, until=DAY + timedelta(days=2), at=MIDNIGHT + timedelta(hours=13))
        assert [len(row.days) for row in found] == [1]

    def test_counts_the_hours_that_a_station_sends_itself(self, world, noon):
        air = operations.register_station(by=MAKER, at=noon - timedelta(days=30), code="air", name="空气站", kind="air")
        series = operations.define_series(by=BY, at=MIDNIGHT, station_id=air.pk, factor="a34004", unit="ug/m³", aggregate="hour.avg")
        moments = [MIDNIGHT + timedelta(hours=hour) for hour in range(19)]
        operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk] * 19, moments=moments, values=[30.0] * 19)
        found = day_of(noon, "air")
        assert found.share == Share(due=24, valid=19, count=19)
        assert (found.hours, found.needed, found.short) == ({"PM2.5": 19}, 20, ("PM2.5",))

    def test_shows_the_public_its_own_stations_only(self, world, noon):
        Station.objects.update(is_public=False)
        assert queries.completeness(seen_by=ANYONE, since=DAY, until=DAY + timedelta(days=1), at=noon) == []

    @settings(deadline=None)
    @given(st.integers(1, 5000), st.integers(0, 5000), st.integers(0, 5000))
    def test_colours_by_the_part(self, due, count, valid):
        count, valid = min(count, due), min(valid, count, due)
        step = StationDay(DAY, Share(due, valid, count)).step
        part = valid / due
        assert step == (4 if part >= 0.95 else 3 if part >= 0.75 else 2 if part >= 0.5 else 1 if valid else 0)


class TestCompletenessPage:
    def test_shows_the_table_and_explains_a_cell(self, world):
        send(world, range(600))
        send(world, range(600, 720), "D")
        page = Client().get(f"/environment/completeness/?to={DAY}&days=7&station=outlet&day={DAY}").content.decode()
        assert 'data-heat="1"' in page
        assert "720" in page
        assert "D 故障 120" in page
        assert "3095" in page

    def test_gives_the_same_as_csv(self, world):
        send(world, range(720))
        rows = list(csv.reader(io.StringIO(Client().get(f"/environment/completeness.csv?to={DAY}&days=7").getvalue().decode("utf-8-sig"))))
        row = next(row for row in rows if row[:3:2] == ["outlet", str(DAY)])
        assert row[3:8] == ["1440", "720", "0", "720", "0.5"]
        assert len(rows) == 1 + 7

    @pytest.mark.parametrize("query", ["to=x", "days=9", "to=0001-01-01", "to=9999-12-31", "kind=x", "station=x&day=y", "to=2026-02-30&days=-1"])
    def test_bears_nonsense(self, world, query):
        assert Client().get(f"/environment/completeness/?{query}").status_code == 200
        assert Client().get(f"/environment/completeness.csv?{query}").status_code == 200


@pytest.fixture
def three(world, noon):
    """Give two air stations with hours of two factors and a river with one of another unit."""
    for code, offset in (("one", 0.0), ("two", 10.0)):
        station = operations.register_station(by=MAKER, at=noon - timedelta(days=30), code=code, name=code, kind="air")
        for factor, unit, value in (("a34004", "ug/m³", 30.0), ("a21005", "mg/m³", 0.5), ("a34002", "ug/m³", 60.0)):
            series = operations.define_series(by=BY, at=MIDNIGHT, station_id=station.pk, factor=factor, unit=unit, aggregate="hour.avg")
            moments = [MIDNIGHT + timedelta(hours=hour) for hour in range(24)]
            values = [value + offset + hour for hour in range(24)]
            operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk] * 24, moments=moments, values=values)


def drawn(page):
    return [json.loads(found) for found in re.findall(r'<script id="chart-\d+" type="application/json">(.*?)</script>', page)]


SPAN = {"from": str(DAY), "to": str(DAY)}


class TestComparison:
    def test_draws_stations_in_one_factor(self, three):
        query = urlencode([("factor", "a34004"), ("station", "one"), ("station", "two"), *SPAN.items()])
        page = Client().get(f"/environment/comparison/?{query}").content.decode()
        (chart,) = drawn(page)
        assert [line["name"] for line in chart["series"]] == ["one", "two"]
        assert [line["values"][5] for line in chart["series"]] == [35.0, 45.0]
        assert len(chart["categories"]) == 24

    def test_draws_factors_of_one_station_one_chart_a_unit(self, three):
        query = urlencode([("by", "factors"), ("station", "one"), ("factor", "a34004"), ("factor", "a21005"), ("factor", "a34002"), *SPAN.items()])
        charts = drawn(Client().get(f"/environment/comparison/?{query}").content.decode())
        assert {chart["unit"]: len(chart["series"]) for chart in charts} == {"ug/m³": 2, "mg/m³": 1}

    def test_gives_one_row_a_step_as_csv(self, three):
        query = urlencode([("factor", "a34004"), ("station", "one"), ("station", "two"), *SPAN.items()])
        rows = list(csv.reader(io.StringIO(Client().get(f"/environment/comparison.csv?{query}").getvalue().decode("utf-8-sig"))))
        assert rows[0][1:] == ["one (ug/m³)", "two (ug/m³)"]
        assert len(rows) == 25
        assert rows[6][1:] == ["35.0", "45.0"]

    @pytest.mark.parametrize(
        "query", ["", "by=factors", "by=x&factor=y&station=z", "from=x", "by=factors&station=outlet&factor=a34004", "span=hour", "span=year"]
    )
    def test_bears_what_is_not_there(self, three, query):
        assert Client().get(f"/environment/comparison/?{query}").status_code == 200

    def test_shows_a_town_without_stations(self, town):
        towns.forget()
        assert Client().get("/environment/comparison/").status_code == 200
        assert Client().get("/environment/comparison.csv").status_code == 200

    def test_draws_six_lines_at_most_and_names_no_station_that_is_not_public(self, three):
        Station.objects.filter(code="two").update(is_public=False)
        page = Client().get("/environment/comparison/?factor=a34004&station=two&station=one").content.decode()
        assert 'value="two"' not in page
        assert [line["name"] for line in drawn(page)[0]["series"]] == ["one"]


class TestClosedStation:
    def test_owes_what_was_due_up_to_its_closing_and_nothing_after(self, world, noon):
        send(world, range(600))
        operations.close_station(by=MAKER, at=noon, station_id=world[1].pk, reason="搬迁", since=MIDNIGHT + 720 * MINUTE)
        found = queries.completeness(seen_by=CLOCK, since=DAY - timedelta(days=1), until=DAY + timedelta(days=2), at=MIDNIGHT + timedelta(days=2))
        (row,) = found
        assert [(day.share.due, day.share.valid) for day in row.days] == [(1440, 0), (720, 600), (0, 0)]
        assert row.days[2].step is None
        later = DAY + timedelta(days=1)
        assert queries.completeness(seen_by=CLOCK, since=later, until=later + timedelta(days=1), at=MIDNIGHT + timedelta(days=2)) == []
        page = Client().get(f"/environment/completeness/?to={later}&days=7").content.decode()
        assert "/stations/outlet/" in page
        chart = Client().get(f"/stations/outlet/?from={DAY}&to={later}&series={Series.objects.get().pk}").content.decode()
        assert "应有 720 条，有效 600 条" in chart
