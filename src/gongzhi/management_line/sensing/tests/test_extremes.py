"""One stored value never stops an aggregate: whatever a table holds, sums, means and pages of it come out, and the rest is right."""

import math
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.sensing import operations, queries, rolling
from gongzhi.management_line.sensing.models import Day, Hour, Maintenance, Reading, SetAside, Touched
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.rolling import mean_of
from gongzhi.management_line.sensing.tests.factories import make_station

BY = system("test")
EXTREMES = [
    0.0, -0.0, 24_000.0, -24_000.0, 2_001.0, 3_100.0, 1e15, -1e15, 1e16, 1e308, -1e308, 5e-324, 1.8e308, math.inf, -math.inf, math.nan, 300.0, 300.1, -100.1,
]  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(town, noon):
    _made, station, device = make_station(noon)
    series = {
        name: operations.define_series(by=BY, at=noon - timedelta(days=9), station_id=station.pk, factor=factor, unit=unit)
        for name, factor, unit in (("plain", "w21003", "mg/L"), ("level", "Leq", "dB(A)"), ("wind", "a01008", "°"))
    }
    return station, device, series


def put(series, at, values, flag="N"):
    """Rows as a hand or an older version may have left them, past every door; their hours are to be rolled up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sensing_make_month(%s)", [at])
        for place, value in enumerate(values):
            cursor.execute(
                "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no)"
                " VALUES (%s, %s, %s, %s, %s, %s, 0, 0) ON CONFLICT DO NOTHING",
                [series.town_id, series.pk, at + place * MINUTE, at, float(value), flag],
            )
    Touched.objects.get_or_create(town_id=series.town_id, series_id=series.pk, at=at.replace(minute=0, second=0, microsecond=0))


def everything(world, noon):
    """Ask every aggregate of sensing over the last days."""
    station, _device, series = world
    ids = [one.pk for one in series.values()]
    since, until = noon - timedelta(days=3), noon + timedelta(days=1)
    for step in ("hour", "day"):
        queries.rollups(seen_by=CLOCK, series_ids=ids, since=since, until=until, step=step)
    queries.hour_means(seen_by=CLOCK, series_ids=ids, since=since, until=until)
    queries.hourly(seen_by=CLOCK, series_ids=ids, since=since, until=until)
    queries.counts_by_day(seen_by=CLOCK, series=dict.fromkeys(ids, (60, 45)), since=since.date(), until=until.date())
    queries.days_of_hours(seen_by=CLOCK, series={pk: (str(pk), 1) for pk in ids}, since=since.date(), until=until.date())
    queries.loads_by_day(seen_by=CLOCK, pairs=[(ids[0], ids[1]), (ids[1], ids[2])], since=since, until=until)
    queries.still_since(seen_by=CLOCK, series_ids=ids, until=until, since=since)
    queries.newest(seen_by=CLOCK, series_ids=ids, until=until, most=5, since=since)
    queries.values(seen_by=CLOCK, series_id=ids[0], since=since, until=until)
    queries.intervals(seen_by=CLOCK, station_ids=[station.pk])
    queries.health(seen_by=CLOCK, at=noon)
    queries.overview(seen_by=CLOCK, at=noon)
    queries.reach(seen_by=CLOCK, station_ids=[station.pk])
    for value in queries.station_now(seen_by=CLOCK, at=noon, station=station).values:
        assert value.shown


class TestRollUps:
    @pytest.mark.parametrize("value", EXTREMES)
    @pytest.mark.parametrize("name", ["plain", "level", "wind"])
    def test_go_on_whatever_one_reading_says(self, world, noon, name, value):
        series, hour = world[2][name], noon.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        put(series, hour, [value, 60.0, 60.0])
        put(world[2]["plain"], hour + timedelta(hours=1), [5.0])
        everything(world, noon)
        while operations.roll_up(by=CLOCK, at=noon):
            pass
        everything(world, noon)
        assert not Touched.objects.exists()
        assert Hour.objects.get(series=world[2]["plain"], at=hour + timedelta(hours=1)).mean == 5.0
        mean = Hour.objects.get(series=series, at=hour).mean
        assert mean is None or math.isfinite(mean)
        is_level = -100 <= value <= 300
        if not (abs(value) < 1e15) or (name == "level" and not is_level):
            assert mean == pytest.approx(60.0)  # of the others alone
            aside = SetAside.objects.get()
            assert (aside.series_id, aside.at, aside.reason) == (series.pk, hour, "level" if abs(value) < 1e15 else "number")
        else:
            assert not SetAside.objects.exists()
        for day in Day.objects.filter(series=series):
            assert day.mean is None or math.isfinite(day.mean)

    def test_go_on_whatever_stands_in_the_hours(self, world, noon):
        series, hour = world[2], noon.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        for one in series.values():
            for place, mean in enumerate(EXTREMES):
                Hour.objects.create(town_id=one.town_id, series=one, at=hour - place * timedelta(hours=1), count=60, valid=60, mean=mean, low=mean, high=mean,
                                    steadiness=0.5)  # fmt: skip
            put(one, hour + timedelta(hours=1), [60.0])
        everything(world, noon)
        operations.roll_up(by=CLOCK, at=noon)
        everything(world, noon)

    def test_set_one_hour_aside_and_take_the_others(self, world, noon, monkeypatch):
        series, hour = world[2]["plain"], noon.replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
        for place in range(4):
            put(series, hour + place * timedelta(hours=1), [5.0 if place != 2 else 77.0])
        broken = rolling.HOURS.replace("ELSE r.plain END", "WHEN r.plain = 77 THEN 1 / (r.plain - 77) ELSE r.plain END")
        monkeypatch.setattr(rolling, "HOURS", broken)
        operations.roll_up(by=CLOCK, at=noon)
        assert Hour.objects.filter(series=series, mean=5.0).count() == 3
        aside = SetAside.objects.get()
        assert (aside.reason, aside.at) == ("hour", hour + timedelta(hours=2))
        assert "division by zero" in aside.detail
        assert not Touched.objects.exists()


class TestDoors:
    @pytest.mark.parametrize(("value", "kept"), [(-100.0, True), (300.0, True), (-100.1, False), (300.1, False), (24_000.0, False)])
    def test_take_no_level_that_is_none_and_every_other_reading(self, world, noon, value, kept):
        station, device, series = world
        rows = (("Leq", "rtd", noon, value, "N"), ("w21003", "rtd", noon, value, "N"))
        operations.take_readings(by=BY, at=noon, key=uuid.uuid4(), packets=[TakenPacket(b"x", device.pk, station.pk, noon, rows)])
        assert Reading.objects.filter(series=series["level"]).exists() is kept
        assert Reading.objects.get(series=series["plain"]).value == value
        assert SetAside.objects.filter(series=series["level"], reason="level").exists() is not kept

    @pytest.mark.parametrize("value", [math.inf, math.nan, 1e15])
    def test_take_no_number_that_nothing_measures(self, world, noon, value):
        station, device, series = world
        rows = (("w21003", "rtd", noon, value, "N"), ("w21003", "rtd", noon - MINUTE, 2.0, "N"))
        operations.take_readings(by=BY, at=noon, key=uuid.uuid4(), packets=[TakenPacket(b"x", device.pk, station.pk, noon, rows)])
        assert list(Reading.objects.filter(series=series["plain"]).values_list("value", flat=True)) == [2.0]
        assert SetAside.objects.get().reason == "number"

    def test_keep_a_thousand_versions_of_a_reading_and_no_more(self, world, noon):
        series = world[2]["plain"]
        put(series, noon, [1.0])
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no, version)"
                " SELECT town_id, series_id, measured_at, received_at, 2, flag, 0, 0, 1000 FROM sensing_reading WHERE series_id = %s", [series.pk],
            )
        operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk], moments=[noon], values=[3.0])
        assert list(Reading.objects.filter(series=series).order_by("version").values_list("version", "value")) == [(0, 1.0), (1_000, 2.0)]
        assert SetAside.objects.get().reason == "versions"

    @pytest.mark.parametrize("given_", [
        {"longitude": 181.0, "latitude": 0.0}, {"longitude": math.nan, "latitude": 0.0}, {"longitude": 0.0, "latitude": -90.1},
    ])  # fmt: skip
    def test_know_no_place_off_the_earth(self, world, noon, given_):
        with pytest.raises(operations.NotOnEarth):
            operations.register_station(by=MAKER, at=noon, code="x", name="x", kind="air", **given_)

    def test_know_no_flow_of_years_no_device_that_never_reports_and_no_limit_without_end(self, world, noon):
        station = world[0]
        with pytest.raises(operations.NoFlowTime):
            operations.register_station(by=MAKER, at=noon, code="x", name="x", kind="surface_water", flows_to_id=station.pk, flow_hours=1_000.5)
        for seconds in (0, 86_401):
            with pytest.raises(operations.NoInterval):
                operations.register_device(by=MAKER, at=noon, station_id=station.pk, mn="ABCD", password="12345", report_seconds=seconds)
        for limit in (math.inf, math.nan, 1e15):
            with pytest.raises(operations.NotALimit):
                operations.set_limit(by=MAKER, at=noon, title="x", factor="w21003", limit=limit, unit="mg/L", valid_from=noon.date(), station_id=station.pk)

    def test_keep_no_work_that_leaves_the_calendar(self, world, noon):
        from django.db import IntegrityError, transaction

        with pytest.raises(IntegrityError), transaction.atomic():
            Maintenance.objects.create(town_id=world[0].town_id, device=world[1], begins_at=noon, ends_at=datetime(9999, 12, 31, 23, tzinfo=UTC), reason="x",
                                       planned_at=noon, planned_by="x")  # fmt: skip
        assert date.max.year == 9999


class _Step:
    def __init__(self, mean, valid):
        self.mean, self.valid = mean, valid


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.one_of(st.none(), st.sampled_from(EXTREMES), st.floats()), st.integers(0, 10**6)), max_size=12),
       st.sampled_from(["plain", "energy", "circle"]))  # fmt: skip
def test_means_of_steps_come_out_whatever_the_steps_say(steps, how):
    found = mean_of([_Step(mean, valid) for mean, valid in steps], how)
    assert found is None or math.isfinite(found)
