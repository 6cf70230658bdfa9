"""The calendar of the air: each day's index from the hours that are valid, and why there is none where there is none."""

import csv
import io
import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel import memory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.ecology.views import airdays
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.standards import air
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
BY = system("test")
ZONE = ZoneInfo("Asia/Shanghai")
MEANS = {"a34004": ("ug/m³", 90.0), "a34002": ("ug/m³", 100.0), "a05024": ("ug/m³", 60.0), "a21004": ("ug/m³", 40.0), "a21026": ("ug/m³", 8.0),
         "a21005": ("mg/m³", 0.8)}  # fmt: skip
DAY = date(2026, 11, 10)


@pytest.fixture
def station(town, noon):
    towns.forget()
    memory.forget()
    make_station(noon)
    return operations.register_station(by=MAKER, at=noon - timedelta(days=90), code="air", name="空气站", kind="air")


def measure(station, noon, day, hours=range(24), aggregate="hour.avg", means=MEANS, flags="N", each=1):
    """Let the station measure these hours of a day, `each` readings an hour."""
    for factor, (unit, value) in means.items():
        series = operations.define_series(by=BY, at=noon - timedelta(days=60), station_id=station.pk, factor=factor, unit=unit, aggregate=aggregate)
        moments = [datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE) for hour in hours for minute in range(each)]
        n = len(moments)
        operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk] * n, moments=moments, values=[value] * n, flags=[flags] * n)


def days(station, noon, first=DAY, last=DAY):
    memory.forget()
    return queries.air_days(seen_by=CLOCK, station=station, since=first, until=last + timedelta(days=1), at=noon)


class TestAirDays:
    def test_give_the_index_of_the_days_means(self, station, noon):
        measure(station, noon, DAY)
        one = days(station, noon)[DAY]
        wanted = air.daily({"PM2.5": 90, "PM10": 100, "O3_8h": 60, "NO2": 40, "SO2": 8, "CO": 0.8}, on=DAY)
        assert (one.value, one.index.primary) == (wanted.value, wanted.primary) == (wanted.value, ("PM2.5",))
        assert {name: mean.count for name, mean in one.means.items()} == dict.fromkeys(("PM2.5", "PM10", "SO2", "NO2", "CO"), 24) | {"O3": 17}
        assert one.state == "level"

    @pytest.mark.parametrize(("hours", "enough"), [(20, True), (19, False)])
    def test_want_twenty_hours_of_a_day(self, station, noon, hours, enough):
        measure(station, noon, DAY, range(24 - hours, 24))
        one = days(station, noon)[DAY]
        assert one.means["PM2.5"].is_valid is enough
        assert (one.value is not None) is enough
        assert one.state == ("level" if enough else "thin")
        assert one.why

    @pytest.mark.parametrize(("minutes", "enough"), [(45, True), (44, False)])
    def test_want_forty_five_minutes_of_an_hour_of_single_readings(self, station, noon, minutes, enough):
        operations.register_device(by=MAKER, at=noon, station_id=station.pk, mn="A" * 24, password="x", report_seconds=60)
        measure(station, noon, DAY, aggregate="rtd", each=minutes)
        assert (days(station, noon)[DAY].value is not None) is enough

    def test_take_the_hours_that_the_station_sent_before_its_single_readings(self, station, noon):
        measure(station, noon, DAY)
        measure(station, noon, DAY, aggregate="rtd", means={"a34004": ("ug/m³", 500.0)})
        assert days(station, noon)[DAY].means["PM2.5"].value == 90.0

    def test_say_nothing_of_a_day_without_data_and_leave_faulty_readings_out(self, station, noon):
        measure(station, noon, DAY, flags="D")
        found = days(station, noon, DAY - timedelta(days=1))
        assert [one.state for one in found.values()] == ["none", "none"]

    def test_convert_units_and_name_those_that_cannot_be(self, station, noon):
        measure(station, noon, DAY, means=MEANS | {"a21005": ("ug/m³", 800.0)})
        assert days(station, noon)[DAY].means["CO"].value == pytest.approx(0.8)
        measure(station, noon, DAY + timedelta(days=1), means={"a21026": ("ppm", 1.0)})
        assert days(station, noon)[DAY].value is not None

    def test_count_the_running_day_as_not_final_and_know_no_days_to_come(self, station, noon):
        measure(station, noon, noon.astimezone(ZONE).date(), range(11))
        found = days(station, noon, DAY, date(2026, 12, 1))
        assert max(found) == noon.astimezone(ZONE).date()
        assert found[max(found)].is_running
        assert not found[DAY].is_running


class TestCalendar:
    @settings(deadline=None)
    @given(st.integers(2012, 2060))
    def test_has_every_day_of_the_year_once_under_its_weekday(self, year):
        cells = [(place, cell) for month in airdays._months(year, {}) for week in month.weeks for place, cell in enumerate(week) if cell]
        assert [cell.day for _place, cell in cells] == [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
        assert all(place == cell.day.weekday() for place, cell in cells)
        assert all(len(week) == 7 for month in airdays._months(year, {}) for week in month.weeks)

    def test_shows_number_and_word_of_each_day_and_explains_the_one_chosen(self, station, noon):
        measure(station, noon, DAY)
        page = Client().get(f"/stations/air/air/?day={DAY}", headers={"Accept-Language": "en"}).content.decode()
        one = days(station, noon)[DAY]
        assert f'data-level="{one.level.number}"' in page
        assert f": {one.value} {one.level.name}" in page.replace("&#x27;", "'") or f"{one.value} 轻度污染" in page
        assert "HJ 663" in page
        assert "GB 3095" in page

    def test_bears_nonsense_and_is_for_air_only(self, station, noon):
        browser = Client()
        for query in ("year=x", "year=0000", "year=9999", "day=2026-02-30", "year=1950"):
            assert browser.get(f"/stations/air/air/?{query}").status_code == 200
        assert browser.get("/stations/outlet/air/").status_code == 404
        assert browser.get("/stations/outlet/air.csv").status_code == 404

    def test_gives_the_year_as_csv(self, station, noon):
        measure(station, noon, DAY)
        rows = list(csv.reader(io.StringIO(Client().get("/stations/air/air.csv?year=2026").getvalue().decode("utf-8-sig"))))
        row = next(row for row in rows if row[0] == str(DAY))
        assert row[1] == str(days(station, noon)[DAY].value)
        assert row[3:6] == ["PM2.5", "90.0", "100.0"]
        empty = next(row for row in rows if row[0] == "2026-11-01")
        assert empty[1] == ""
        assert empty[-1]
