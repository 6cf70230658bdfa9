"""Readings leave the database for files, and none is lost, doubled or changed."""

import os
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from django.db import connection

from gongzhi.foundation.territory import operations as territory
from gongzhi.foundation.territory.tests.factories import keep_old_rule
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.ledger.models import Entry
from gongzhi.management_line.archive import files, layout, moving, operations, queries
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.archive.tests.factories import OLD, hot_rows, put, series_of
from gongzhi.management_line.sensing.tests.factories import MAKER, make_station


@pytest.fixture
def station(town, noon):
    return make_station(noon)[1]


@pytest.fixture
def series(station):
    return series_of(station)


def _all(series, **more):
    return queries.readings_between(seen_by=CLOCK, series_ids=series, since=OLD - timedelta(days=400), until=OLD + timedelta(days=800), most=None, **more)


class TestMovingOut:
    def test_gives_back_exactly_what_the_database_gave(self, series, noon):
        for one in series:
            put(one, OLD, 3000)
        put(series[0], OLD + timedelta(minutes=5), 3, version=1, add=100)
        before = _all(series)
        moved = moving.move_out(by=CLOCK, at=noon)
        assert moved.files == 1
        assert moved.rows == 6003
        assert hot_rows() == 0
        assert _all(series) == before
        assert len(before) == 6000
        assert [point.value for point in before if point.series_id == series[0]][5:8] == [140, 141, 142]

    def test_leaves_months_that_are_not_wholly_past_the_term(self, series, noon):
        put(series[0], OLD, 10)
        put(series[0], noon - timedelta(days=400), 10)  # its month is not over for 400 days
        put(series[0], noon - timedelta(days=1), 10)
        moving.move_out(by=CLOCK, at=noon)
        assert hot_rows() == 20
        assert len(_all(series)) == 30

    def test_keeps_to_the_term_that_the_town_sets(self, series, noon):
        put(series[0], noon - timedelta(days=100), 10)
        moving.move_out(by=CLOCK, at=noon)
        assert hot_rows() == 10
        territory.set_town_rules(by=MAKER, at=noon, raw_reading_days=60)
        moving.move_out(by=CLOCK, at=noon)
        assert hot_rows() == 0

    @pytest.mark.parametrize("rule", [5, "soon", True, -1, [400]])
    def test_refuses_a_term_that_is_none(self, series, noon, town, rule):
        keep_old_rule(town, raw_reading_days=rule)
        put(series[0], OLD, 10)
        with pytest.raises(queries.BadTermRule, match="31"):
            moving.move_out(by=CLOCK, at=noon)
        assert hot_rows() == 10

    def test_sorts_cuts_and_names_files_by_their_rows(self, series, noon, archive_folder, town):
        for one in reversed(series):
            put(one, OLD, 500)
        moving.move_out(by=CLOCK, at=noon, part_rows=500)
        found = list(ArchivedFile.objects.order_by("first_series"))
        assert [file.first_series for file in found] == series
        for file in found:
            path = archive_folder / f"town={town.pk}" / file.path
            assert file.path.startswith("month=2025-03/")
            rows = pq.read_table(path, partitioning=None)
            assert rows.num_rows == file.rows == 500
            moments = rows.column("measured_at").to_pylist()
            assert moments == sorted(moments)
            assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"
            assert file.bytes == path.stat().st_size
            assert (file.first_at, file.last_at) == (moments[0], moments[-1])
            assert file.state == "dropped"

    def test_tells_the_ledger_each_file_by_its_digest(self, series, noon):
        put(series[0], OLD, 10)
        moving.move_out(by=CLOCK, at=noon)
        file = ArchivedFile.objects.get()
        kinds = list(Entry.objects.filter(subject=f"archive.archivedfile:{file.pk}").order_by("pk").values_list("kind", flat=True))
        assert kinds == ["ArchiveFileWritten", "ArchiveFileVerified", "ReadingsMovedOut"]

    def test_touches_nothing_of_another_town(self, series, noon, other_town):
        put(series[0], OLD, 10)
        with in_town(other_town.pk):
            assert moving.move_out(by=CLOCK, at=noon).files == 0
            assert queries.summary(seen_by=CLOCK).files == 0
        assert hot_rows() == 10

    def test_is_not_for_people(self, series, noon):
        put(series[0], OLD, 10)
        with pytest.raises(NotAllowed):
            moving.move_out(by=ANYONE, at=noon)
        assert hot_rows() == 10
        assert ArchivedFile.objects.count() == 0


class TestLateReadings:
    def test_what_comes_late_goes_into_a_further_file_and_counts(self, series, noon):
        put(series[0], OLD, 100)
        moving.move_out(by=CLOCK, at=noon)
        put(series[0], OLD + timedelta(minutes=10), 1, add=50)  # the database no longer knows the moment: version 0 again
        put(series[0], OLD + timedelta(minutes=200), 1)
        expected = _all(series)
        assert len(expected) == 101
        assert expected[10].value == 90
        moving.move_out(by=CLOCK, at=noon + timedelta(days=1))
        assert hot_rows() == 0
        assert list(ArchivedFile.objects.order_by("pk").values_list("generation", "rows")) == [(0, 100), (1, 2)]
        assert _all(series) == expected

    def test_a_repeat_of_what_is_archived_counts_once(self, series, noon):
        put(series[0], OLD, 100)
        moving.move_out(by=CLOCK, at=noon)
        put(series[0], OLD, 100)
        assert len(_all(series)) == 100
        moving.move_out(by=CLOCK, at=noon)
        assert len(_all(series)) == 100

    def test_the_last_file_wins_over_a_higher_version_of_an_earlier_one(self, series, noon):
        put(series[0], OLD, 1)
        put(series[0], OLD, 1, version=1, add=10)
        moving.move_out(by=CLOCK, at=noon)
        put(series[0], OLD, 1, add=20)
        moving.move_out(by=CLOCK, at=noon)
        assert [point.value for point in _all(series)] == [60]

    def test_a_reading_that_comes_between_file_and_deletion_makes_it_begin_anew(self, series, noon, monkeypatch):
        put(series[0], OLD, 10)
        verify = operations.verify_file
        came = []

        def late(**given):
            found = verify(**given)
            if not came:
                came.append(put(series[0], OLD + timedelta(hours=1), 1))
            return found

        monkeypatch.setattr(operations, "verify_file", late)
        moved = moving.move_out(by=CLOCK, at=noon)
        assert (moved.abandoned, moved.files, moved.rows) == (1, 1, 11)
        assert len(_all(series)) == 11
        assert queries.unlisted(seen_by=CLOCK) == []


class TestVerifying:
    def _one(self, series, noon):
        put(series[0], OLD, 200)
        moving.move_out(by=CLOCK, at=noon)
        file = ArchivedFile.objects.get()
        return file, layout.file_at(file.path)

    def test_finds_whole_files_whole(self, series, noon):
        file, _path = self._one(series, noon)
        assert operations.check_files(by=CLOCK, at=noon, file_ids=[file.pk], deep=True) == []

    def test_names_a_file_with_a_changed_byte(self, series, noon):
        file, path = self._one(series, noon)
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
        assert operations.check_files(by=CLOCK, at=noon, file_ids=[file.pk]) == [file]
        file.refresh_from_db()
        assert file.damage in ("内容已被改动", "its bytes have changed")
        assert queries.summary(seen_by=CLOCK).damaged == 1

    def test_names_a_file_that_is_gone_and_a_question_says_so(self, series, noon):
        file, path = self._one(series, noon)
        path.unlink()
        assert operations.check_files(by=CLOCK, at=noon, file_ids=[file.pk]) == [file]
        with pytest.raises(queries.ArchiveUnreadable, match="month=2025-03"):
            _all(series)

    def test_a_file_cut_short_is_refused_with_its_name(self, series, noon):
        _file, path = self._one(series, noon)
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(queries.ArchiveUnreadable):
            _all(series)

    def test_a_file_that_went_bad_before_the_rows_were_deleted_is_written_anew(self, series, noon, monkeypatch):
        put(series[0], OLD, 200)
        drop = operations.drop_rows
        monkeypatch.setattr(operations, "drop_rows", lambda **given: (_ for _ in ()).throw(OSError("power")))
        with pytest.raises(OSError, match="power"):
            moving.move_out(by=CLOCK, at=noon)
        monkeypatch.setattr(operations, "drop_rows", drop)
        file = ArchivedFile.objects.get()
        assert file.state == "verified"
        layout.file_at(file.path).write_bytes(b"PAR1 nonsense")
        moved = moving.move_out(by=CLOCK, at=noon)
        assert (moved.abandoned, moved.files) == (1, 1)
        assert len(_all(series)) == 200
        assert hot_rows() == 0

    def test_rows_are_not_dropped_for_a_file_that_was_not_verified(self, series, noon):
        put(series[0], OLD, 5)
        with operations.reading.rows(date(2025, 3, 1), series[0], series[0]) as blocks:
            written = files.write(blocks, layout.folder_of(date(2025, 3, 1)), generation=0)
        file = operations.note_file(by=CLOCK, at=noon, month=date(2025, 3, 1), generation=0, written=written)
        with pytest.raises(operations.FileDiffers):
            operations.drop_rows(by=CLOCK, at=noon, file_id=file.pk)
        assert hot_rows() == 5

    def test_a_moved_out_file_is_never_struck(self, series, noon):
        file, path = self._one(series, noon)
        with pytest.raises(operations.AlreadyMovedOut):
            operations.abandon_file(by=CLOCK, at=noon, file_id=file.pk)
        assert path.exists()

    def test_those_longest_unchecked_are_checked_first(self, series, noon):
        for months in range(3):
            put(series[0], OLD - timedelta(days=31 * months), 10)
        moving.move_out(by=CLOCK, at=noon)
        later = noon + timedelta(days=40)
        assert moving.check_some(by=CLOCK, at=later, most_bytes=1) == []
        assert ArchivedFile.objects.filter(checked_at=later).count() == 1
        moving.check_some(by=CLOCK, at=later)
        assert ArchivedFile.objects.filter(checked_at=later).count() == 3


class TestEmptyMonths:
    def test_a_month_that_every_town_has_left_loses_its_table(self, series, noon):
        put(series[0], OLD, 10)
        assert "sensing_reading_202503" not in moving.drop_empty_months()
        moving.move_out(by=CLOCK, at=noon)
        assert "sensing_reading_202503" in moving.drop_empty_months()
        put(series[0], OLD + timedelta(minutes=30), 1)  # and is made again for what comes late
        assert len(_all(series)) == 11

    def test_a_month_in_which_another_town_has_rows_stays(self, series, noon, other_town):
        put(series[0], OLD, 10)
        with in_town(other_town.pk):
            put(999, OLD, 10)
        moving.move_out(by=CLOCK, at=noon)
        assert "sensing_reading_202503" not in moving.drop_empty_months()

    def test_nothing_but_months_of_readings_can_be_dropped(self, town):
        with pytest.raises(Exception, match="no month of readings"), connection.cursor() as cursor:
            cursor.execute("SELECT archive_drop_month('people_person')")
