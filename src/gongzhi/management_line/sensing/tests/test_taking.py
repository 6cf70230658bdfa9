"""Readings kept by column: repeats, corrections, roll-ups, marks, refusals."""

import math
import uuid
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.columns import Columns, micros, moment_of
from gongzhi.management_line.sensing.models import Day, Hour, Latest, Reading, Touched
from gongzhi.management_line.sensing.operations import Packed, Targets
from gongzhi.management_line.sensing.tests.factories import make_station

BY = system("test")


@pytest.fixture
def world(town, noon):
    made, station, device = make_station(noon)
    ph = operations.define_series(by=BY, at=noon, station_id=station.pk, factor="w01001")
    wind = operations.define_series(by=BY, at=noon, station_id=station.pk, factor="a01008", unit="°")
    noise = operations.define_series(by=BY, at=noon, station_id=station.pk, factor="Leq", unit="dB(A)")
    return made, station, device, {"ph": ph, "wind": wind, "noise": noise}


def take(at, series, points, key=None, flags=()):
    return operations.take_measurements(
        by=BY, at=at, key=key or uuid.uuid4(), series_ids=[series.pk] * len(points), moments=[moment for moment, _value in points],
        values=[value for _moment, value in points], flags=flags,
    )  # fmt: skip


class TestTakeMeasurements:
    def test_keeps_each_reading_once_whatever_is_sent_again(self, world, noon):
        series, key = world[3]["ph"], uuid.uuid4()
        points = [(noon - timedelta(minutes=number), 7 + number / 100) for number in range(50)]
        first = take(noon, series, points, key)
        assert (first.readings, first.repeated, first.corrected) == (50, 0, 0)
        assert take(noon, series, points, key).pk == first.pk
        again = take(noon, series, [*points, (noon - timedelta(hours=2), 7.0)])
        assert (again.readings, again.repeated, again.corrected) == (51, 50, 0)
        assert Reading.objects.filter(series=series).count() == 51

    def test_keeps_a_correction_as_the_next_version(self, world, noon):
        series = world[3]["ph"]
        take(noon, series, [(noon, 7.0)])
        assert take(noon, series, [(noon, 7.5)]).corrected == 1
        assert take(noon, series, [(noon, 7.5)]).corrected == 0
        assert list(Reading.objects.filter(series=series).order_by("version").values_list("version", "value")) == [(0, 7.0), (1, 7.5)]
        point = queries.readings(seen_by=CLOCK, series_id=series.pk, since=noon, until=noon)[0]
        assert (point.value, point.version) == (7.5, 1)

    def test_keeps_both_of_two_that_differ_in_one_batch(self, world, noon):
        series = world[3]["ph"]
        batch = take(noon, series, [(noon, 7.0), (noon, 7.2), (noon, 7.2)])
        assert batch.readings == 3
        assert batch.repeated + batch.corrected == 2
        assert sorted(Reading.objects.filter(series=series).values_list("version", "value")) == [(0, 7.0), (1, 7.2)]

    def test_keeps_the_newest_as_the_latest_whatever_comes_late(self, world, noon):
        series = world[3]["ph"]
        take(noon, series, [(noon, 7.0)])
        take(noon, series, [(noon - timedelta(hours=1), 6.0)])
        assert Latest.objects.get(series=series).value == 7.0

    def test_refuses_what_cannot_be_kept_and_names_the_field(self, world, noon):
        series = world[3]["ph"]
        for given_, fault, named in (
            ({"values": [1.0, 2.0]}, operations.LengthsDiffer, "values"), ({"values": [math.nan]}, operations.NotMeasurable, "values"),
            ({"values": [1e300]}, operations.NotMeasurable, "values"), ({"series_ids": [10**9]}, operations.UnknownSeries, "series_ids"),
            ({"moments": [noon + timedelta(days=3)]}, operations.OutOfReach, "moments"),
            ({"moments": [noon - timedelta(days=4000)]}, operations.OutOfReach, "moments"),
        ):  # fmt: skip
            whole = {"series_ids": [series.pk], "moments": [noon], "values": [7.0]} | given_
            with pytest.raises(fault) as caught:
                operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), **whole)
            assert caught.value.field == named
        with pytest.raises(NotAllowed):
            operations.take_measurements(by=MAKER.__class__(kind="person", person_id=1), at=noon, key=uuid.uuid4(), series_ids=[], moments=[], values=[])
        assert not Reading.objects.exists()

    def test_opens_an_alarm_as_a_gateway_would(self, world, noon):
        cod = operations.define_series(by=BY, at=noon, station_id=world[1].pk, factor="w01018")
        take(noon, cod, [(noon - timedelta(minutes=1), 90), (noon, 95)])
        assert queries.episodes(seen_by=CLOCK).get().case.kind == "alarm"


class TestTakePackets:
    def packet(self, world, targets, at, values, flags=b"NN"):
        return Packed(b"##", world[2].pk, targets, micros(at), micros(at), values, flags, skew=-75.0)

    def test_keeps_packets_and_remembers_where_they_go(self, world, noon):
        targets = Targets(world[1].pk, (("w01018", "rtd"), ("w01001", "rtd")))
        operations.take_packets(by=BY, at=noon, key=uuid.uuid4(), packets=[self.packet(world, targets, noon, [50, 7.1])])
        assert targets.series is not None
        operations.take_packets(by=BY, at=noon, key=uuid.uuid4(), packets=[self.packet(world, targets, noon + timedelta(seconds=5), [51, 7.2], b"ND")])
        assert list(Reading.objects.order_by("measured_at", "series__factor").values_list("series__factor", "value", "flag")) == [
            ("w01001", 7.1, "N"), ("w01018", 50, "N"), ("w01001", 7.2, "D"), ("w01018", 51, "N"),
        ]  # fmt: skip
        world[2].refresh_from_db()
        assert world[2].is_skewed

    def test_does_not_remember_series_that_it_makes_itself(self, world, noon):
        targets = Targets(world[1].pk, (("w99999", "rtd"),))
        operations.take_packets(by=BY, at=noon, key=uuid.uuid4(), packets=[self.packet(world, targets, noon, [1], b"N")])
        assert targets.series is None

    def test_marks_what_a_device_sends_while_it_is_worked_on(self, world, noon):
        operations.plan_maintenance(
            by=MAKER, at=noon - timedelta(minutes=5), device_id=world[2].pk, begins_at=noon - timedelta(minutes=5),
            ends_at=noon + timedelta(minutes=5), reason="cell changed",
        )
        targets = Targets(world[1].pk, (("w01018", "rtd"), ("w01001", "rtd")))
        sent = [self.packet(world, targets, noon + timedelta(minutes=minute), [900, 7], b"NF") for minute in (-1, 0, 1)]
        operations.take_packets(by=BY, at=noon, key=uuid.uuid4(), packets=sent)
        assert set(Reading.objects.values_list("flag", flat=True)) == {"M", "F"}
        assert not queries.episodes(seen_by=CLOCK).exists()


class TestRollUp:
    def test_works_out_hours_and_days_and_corrects_them(self, world, noon):
        series = world[3]["ph"]
        hour = noon.replace(minute=0, second=0, microsecond=0)
        take(noon, series, [(hour + timedelta(minutes=10 * number), float(number)) for number in range(4)], flags="NNND")
        before = queries.rollups(seen_by=CLOCK, series_ids=[series.pk], since=hour, until=hour + timedelta(hours=1))
        assert [(one.count, one.valid, one.mean, one.low, one.high) for one in before[series.pk]] == [(4, 3, 1.0, 0.0, 2.0)]
        while operations.roll_up(by=CLOCK, at=noon):
            pass
        assert not Touched.objects.exists()
        assert queries.rollups(seen_by=CLOCK, series_ids=[series.pk], since=hour, until=hour + timedelta(hours=1)) == before
        assert Day.objects.get(series=series).mean == 1.0
        take(noon, series, [(hour, 6.0)])
        after = queries.rollups(seen_by=CLOCK, series_ids=[series.pk], since=hour, until=hour + timedelta(hours=1))
        assert after[series.pk][0].mean == 3.0
        days = queries.rollups(seen_by=CLOCK, series_ids=[series.pk], since=hour - timedelta(days=1), until=hour + timedelta(days=1), step="day")
        assert [one.mean for one in days[series.pk]] == [3.0]
        operations.roll_up(by=CLOCK, at=noon)
        assert Hour.objects.get(series=series).mean == 3.0
        assert queries.rollups(seen_by=CLOCK, series_ids=[series.pk], since=hour - timedelta(days=1), until=hour + timedelta(days=1), step="day") == days

    def test_means_directions_on_the_circle_and_decibels_by_energy(self, world, noon):
        hour = noon.replace(minute=0, second=0, microsecond=0)
        take(noon, world[3]["wind"], [(hour, 350.0), (hour + timedelta(minutes=1), 10.0)])
        take(noon, world[3]["noise"], [(hour, 50.0), (hour + timedelta(minutes=1), 70.0)])
        while operations.roll_up(by=CLOCK, at=noon):
            pass
        wind = Hour.objects.get(series=world[3]["wind"])
        assert min(wind.mean, 360 - wind.mean) < 1e-6
        assert wind.steadiness == pytest.approx(math.cos(math.radians(10)))
        assert Hour.objects.get(series=world[3]["noise"]).mean == pytest.approx(10 * math.log10((10**5 + 10**7) / 2))
        day = Day.objects.get(series=world[3]["wind"])
        assert min(day.mean, 360 - day.mean) < 1e-6

    def test_keeps_an_hour_whose_readings_are_all_faulty_without_a_mean(self, world, noon):
        for series in world[3].values():
            take(noon, series, [(noon, 7.0)], flags="D")
        operations.roll_up(by=CLOCK, at=noon)
        assert [(one.count, one.valid, one.mean) for one in Hour.objects.all()] == [(1, 0, None)] * 3
        assert [one.mean for one in Day.objects.all()] == [None] * 3


class TestColumns:
    @given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10**16), st.integers(0, 50)), max_size=60))
    def test_in_order_is_the_order_of_python(self, rows):
        columns = Columns(
            np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.int64), np.zeros(len(rows), np.int64),
            np.zeros(len(rows)), np.full(len(rows), b"N", "S1"), np.array([row[2] for row in rows], np.int32),
        )  # fmt: skip
        ordered = columns.in_order()
        assert list(zip(ordered.series.tolist(), ordered.moments.tolist(), ordered.packet.tolist(), strict=True)) == sorted(rows)

    @settings(max_examples=50)
    @given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)))
    def test_moments_come_back(self, naive):
        assert moment_of(micros(naive.replace(tzinfo=UTC))) == naive.replace(tzinfo=UTC)


class TestIntervals:
    def test_are_those_of_devices_else_the_usual_gap_of_the_readings(self, world, noon):
        _made, station, device, _series = world
        other = operations.register_station(by=MAKER, at=noon, code="manhole", name="窨井", kind="level")
        wanted = [station.pk, other.pk]
        assert queries.intervals(seen_by=CLOCK, station_ids=wanted) == {station.pk: device.report_seconds}
        level = operations.define_series(by=BY, at=noon, station_id=other.pk, factor="level", unit="m")
        take(noon, level, [(noon - timedelta(minutes=5 * number), 1.0 + number) for number in range(20)])
        take(noon, level, [(noon - timedelta(minutes=5), 3.0), (noon - timedelta(days=2), 1.0)])
        assert queries.intervals(seen_by=CLOCK, station_ids=wanted) == {station.pk: device.report_seconds, other.pk: 300}
