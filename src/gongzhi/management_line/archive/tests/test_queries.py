"""One question over hot rows and files, the same on every engine, for the present town only."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.archive import engines, expressions, layout, moving, queries
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.archive.tests.factories import OLD, put, series_of
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.models import Station
from gongzhi.management_line.sensing.tests.factories import make_station

SINCE, UNTIL = OLD - timedelta(days=1), OLD + timedelta(days=60)


@pytest.fixture
def series(town, noon):
    """Give two series with an archived month, late and corrected readings of it, and a month still in the database."""
    found = series_of(make_station(noon)[1])
    for one in found:
        put(one, OLD, 1500)
    put(found[0], OLD + timedelta(minutes=7), 2, version=1, add=5)
    moving.move_out(by=CLOCK, at=datetime(2026, 5, 20, tzinfo=UTC))
    put(found[0], OLD + timedelta(minutes=30), 2, add=20)
    put(found[1], datetime(2025, 4, 20, tzinfo=UTC), 200)
    put(found[1], datetime(2025, 4, 20, tzinfo=UTC), 1, version=1, add=7)
    return found


def _ask(series, **more):
    return queries.readings_between(seen_by=CLOCK, series_ids=series, since=SINCE, until=UNTIL, **more)


class TestReadingsBetween:
    def test_joins_files_and_rows(self, series):
        found = _ask(series)
        assert len(found) == 3200
        assert [(point.series_id, point.measured_at) for point in found] == sorted((point.series_id, point.measured_at) for point in found)
        first = [point.value for point in found if point.series_id == series[0]]
        assert first[7] == 45
        assert first[30] == 60
        assert next(point.value for point in found if point.measured_at == datetime(2025, 4, 20, tzinfo=UTC)) == 47

    def test_takes_the_beginning_and_not_the_end(self, series):
        found = queries.readings_between(seen_by=CLOCK, series_ids=[series[0]], since=OLD, until=OLD + timedelta(minutes=2))
        assert [point.measured_at for point in found] == [OLD, OLD + timedelta(minutes=1)]

    def test_gives_no_more_than_asked_for(self, series):
        assert len(_ask(series, most=5)) == 5

    def test_gives_the_same_as_an_arrow_table(self, series):
        found = queries.table_between(seen_by=CLOCK, series_ids=series, since=SINCE, until=UNTIL)
        assert found.column("value").to_pylist() == [point.value for point in _ask(series)]

    def test_without_series_there_is_nothing(self, series):
        assert _ask([]) == []
        assert queries.table_between(seen_by=CLOCK, series_ids=[], since=SINCE, until=UNTIL).num_rows == 0

    @pytest.mark.parametrize(("since", "until"), [(UNTIL, SINCE), (SINCE, SINCE), (SINCE.replace(tzinfo=None), UNTIL)])
    def test_refuses_a_period_that_is_none(self, series, since, until):
        with pytest.raises(queries.BadPeriod):
            queries.readings_between(seen_by=CLOCK, series_ids=series, since=since, until=until)


class TestRollsBetween:
    def test_hours_are_those_of_the_database_before_the_move(self, town, noon):
        one = series_of(make_station(noon)[1])[0]
        put(one, OLD, 600)
        before = sensing.hourly(seen_by=CLOCK, series_ids=[one], since=OLD, until=OLD + timedelta(hours=10))[one]
        hot = queries.rolls_between(seen_by=CLOCK, series_ids=[one], since=OLD, until=OLD + timedelta(hours=10))[one]
        moving.move_out(by=CLOCK, at=noon)
        cold = queries.rolls_between(seen_by=CLOCK, series_ids=[one], since=OLD, until=OLD + timedelta(hours=10))[one]
        assert [(roll.at, pytest.approx(roll.mean)) for roll in cold] == before
        assert hot == cold
        assert {(roll.count, roll.valid, roll.low, roll.high) for roll in cold} == {(60, 54, 40.0, 46.0)}

    def test_days_begin_at_the_towns_own_midnight(self, series):
        days = queries.rolls_between(seen_by=CLOCK, series_ids=[series[1]], since=SINCE, until=OLD + timedelta(days=2), step="day")[series[1]]
        assert [day.at for day in days] == [datetime(2025, 3, 9, 16, tzinfo=UTC), datetime(2025, 3, 10, 16, tzinfo=UTC)]
        assert sum(day.count for day in days) == 1500
        assert days[0].count == 16 * 60

    def test_another_step_is_refused(self, series):
        with pytest.raises(queries.BadStep):
            queries.rolls_between(seen_by=CLOCK, series_ids=series, since=SINCE, until=UNTIL, step="week")


class TestIsolation:
    def test_another_town_reads_nothing_though_it_names_the_series(self, series, other_town):
        with in_town(other_town.pk):
            assert _ask(series) == []
            assert layout.town_folder().name == f"town={other_town.pk}"

    def test_the_engine_itself_reads_no_other_folder(self, series, other_town):
        path = layout.file_at(ArchivedFile.objects.first().path)
        with in_town(other_town.pk), engines.engine(layout.town_folder()) as engine, pytest.raises(Exception, match=r"(?i)permission|not allowed|disabled"):
            engine.answer(engine.cold([path]))

    def test_a_path_that_leads_out_of_the_town_is_refused(self, town):
        with pytest.raises(ValueError, match="no path of this town"):
            layout.file_at("../town=2/month=2025-03/x.parquet")

    def test_stations_that_one_may_not_see_are_left_out(self, series):
        ask = {"series_ids": series, "since": SINCE, "until": UNTIL}
        assert queries.readings_between(seen_by=ANYONE, **ask)
        Station.objects.update(is_public=False)
        assert queries.readings_between(seen_by=ANYONE, **ask) == []

    def test_files_are_not_shown_to_the_public(self, series):
        assert queries.months(seen_by=ANYONE) == []
        assert len(queries.months(seen_by=CLOCK)) == 1


class TestSpark:
    def test_gives_what_duckdb_gives_by_the_same_expressions(self, series):
        pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'gongzhi[spark]')")
        if shutil.which("java") is None or subprocess.run(["java", "-version"], capture_output=True).returncode:
            pytest.skip("there is no Java to run Spark on")
        ask = {"seen_by": CLOCK, "series_ids": series, "since": SINCE, "until": UNTIL}
        assert queries.readings_between(**ask, on="local[2]") == queries.readings_between(**ask)
        spark, duck = queries.rolls_between(**ask, on="local[2]"), queries.rolls_between(**ask)
        assert spark.keys() == duck.keys()
        for one, rolls in duck.items():
            assert [(roll.at, roll.count, roll.valid, roll.low, roll.high) for roll in spark[one]] == [(r.at, r.count, r.valid, r.low, r.high) for r in rolls]
            assert [roll.mean for roll in spark[one]] == pytest.approx([roll.mean for roll in rolls])

    def test_a_cluster_that_is_not_there_is_named(self, series, monkeypatch):
        monkeypatch.setattr(engines, "_spark_session", lambda master: (_ for _ in ()).throw(engines.NoEngine(f"the Spark cluster {master} cannot be reached")))
        with pytest.raises(queries.ArchiveUnreadable, match="spark://nowhere"):
            _ask(series, on="spark://nowhere:7077")


def test_valid_marks_are_those_by_which_hours_are_made_of_hot_rows():
    assert set(expressions.VALID) == {"N", "-", "P"}
