"""The hours and days that sensing keeps stay right when their readings leave, and when some come late."""

import uuid
from datetime import timedelta

import pytest

from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.archive import moving, operations, queries, reading
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.archive.tests.factories import OLD, hot_rows
from gongzhi.management_line.sensing import operations as acts
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.models import Hour, Touched
from gongzhi.management_line.sensing.tests.factories import MAKER, make_station

UNTIL = OLD + timedelta(hours=30)


@pytest.fixture
def series(town, noon):
    """Give series of a concentration, of noise and of the wind's direction."""
    station = make_station(noon)[1]
    wanted = (("w01018", "rtd", "mg/L"), ("LA", "rtd", "dB(A)"), ("a01008", "rtd", "°"))
    return [acts.define_series(by=MAKER, at=noon, station_id=station.pk, factor=factor, aggregate=name, unit=unit).pk for factor, name, unit in wanted]


def _take(series_ids, moments, values, at):
    acts.take_measurements(by=system("test"), at=at, key=uuid.uuid4(), series_ids=series_ids, moments=moments, values=values)


def _fill(series, noon, hours=26):
    for one in series:
        moments = [OLD + timedelta(minutes=10 * step) for step in range(6 * hours)]
        _take([one] * len(moments), moments, [float((350 + 7 * step) % 360) / 2 for step in range(len(moments))], noon)


def _kept(series, step="hour"):
    found = sensing.rollups(seen_by=CLOCK, series_ids=series, since=OLD - timedelta(days=1), until=UNTIL, step=step)
    return {one: [(r.at, r.count, r.valid, pytest.approx(r.mean), r.low, r.high) for r in rolls] for one, rolls in found.items()}


def _asked(series, step="hour"):
    found = queries.rolls_between(seen_by=CLOCK, series_ids=series, since=OLD - timedelta(days=1), until=UNTIL, step=step)
    return {one: [(r.at, r.count, r.valid, r.mean, r.low, r.high) for r in rolls] for one, rolls in found.items()}


@pytest.mark.parametrize("step", ["hour", "day"])
def test_rolls_are_those_that_sensing_keeps_for_each_kind_of_mean(series, noon, step):
    _fill(series, noon)
    assert _asked(series, step) == _kept(series, step)
    moving.move_out(by=CLOCK, at=noon)
    assert hot_rows() == 0
    assert _asked(series, step) == _kept(series, step)


def test_what_was_not_worked_out_yet_is_before_its_rows_leave(series, noon):
    _fill(series, noon)
    assert Touched.objects.exists()
    before = _kept(series)
    moving.move_out(by=CLOCK, at=noon)
    assert not Touched.objects.exists()
    assert _kept(series) == {one: [(*r[:3], r[3].expected, *r[4:]) for r in rolls] for one, rolls in before.items()}


def test_rows_whose_hours_wait_are_not_dropped(series, noon, monkeypatch):
    _fill(series, noon)
    monkeypatch.setattr(moving, "_roll_up", lambda by, at, month: None)
    moved = moving.move_out(by=CLOCK, at=noon)
    assert moved.rows == 0
    assert hot_rows() == 3 * 156
    assert ArchivedFile.objects.count() == 0


def test_a_correction_that_comes_late_corrects_the_hour_and_the_day(series, noon):
    _fill(series, noon)
    moving.move_out(by=CLOCK, at=noon)
    moment = OLD + timedelta(hours=2, minutes=10)
    _take([series[0], series[1]], [moment, moment], [500.0, 90.0], noon)
    acts.roll_up(by=CLOCK, at=noon)
    moving.move_out(by=CLOCK, at=noon, late_only=True)
    assert hot_rows() == 0
    hour = Hour.objects.get(series_id=series[0], at=OLD + timedelta(hours=2))
    assert (hour.count, hour.high) == (6, 500.0)
    assert _asked(series) == _kept(series)
    assert _asked(series, "day") == _kept(series, "day")


def test_late_only_leaves_months_that_have_not_left(series, noon):
    _fill(series, noon)
    assert moving.move_out(by=CLOCK, at=noon, late_only=True).files == 0
    assert hot_rows() == 3 * 156


def test_hours_are_cut_so_that_little_is_read_at_once():
    hours = [(series, OLD + timedelta(hours=hour)) for hour in range(200) for series in range(500)]
    parts = list(reading.chunks(hours))
    assert [hour for part in parts for hour in part] == hours
    for part in parts:
        assert len({one for one, _at in part}) * (1 + (part[-1][1] - part[0][1]) // reading.HOUR) <= reading.MOST_CELLS


def test_the_refusal_is_one_that_makes_the_run_begin_anew():
    assert issubclass(operations.NotRolledUp, operations.RowsChanged)
