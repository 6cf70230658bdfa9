"""The archive's page, command and nightly task."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.notices.models import Notice
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory.tests.factories import keep_old_rule
from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.archive import layout, moving, queries, tasks
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.archive.tests.factories import OLD, hot_rows, put, series_of
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(town):
    towns.forget()
    made, station, _device = make_station(timezone.now())
    put(series_of(station)[0], OLD, 300)
    return made, station


@pytest.fixture
def enter(world):
    """Return a browser in which this person is signed in."""

    def enter(who=""):
        browser = Client()
        if who:
            user = people.give_login(by=MAKER, at=timezone.now(), person_id=world[0].people[who].pk, username=who, password="Long-enough-2026")
            browser.force_login(user)
        return browser

    return enter


def _run(*arguments):
    out, trouble = io.StringIO(), io.StringIO()
    try:
        call_command("archive", *arguments, stdout=out, stderr=trouble)
    except SystemExit as ended:
        return ended.code, out.getvalue() + trouble.getvalue()
    return 0, out.getvalue()


class TestPage:
    def test_shows_officers_what_is_where(self, world, enter):
        browser = enter("dispatcher")
        home = browser.get("/environment/").content.decode()
        assert 'href="/stations/archive/"' in home
        assert "都还在数据库中" in home
        first = browser.get("/stations/archive/").content.decode()
        assert "2025-03" in first
        moving.move_out(by=CLOCK, at=timezone.now())
        shown = browser.get("/stations/archive/").content.decode()
        assert "/stations/archive/2025-03/" in shown
        assert ">300<" in shown
        assert "1 个文件完好" in browser.get("/environment/").content.decode()
        assert "400" in shown

    def test_shows_a_months_files_with_their_digests(self, world, enter):
        moving.move_out(by=CLOCK, at=timezone.now())
        browser = enter("dispatcher")
        file = ArchivedFile.objects.get()
        shown = browser.get("/stations/archive/2025-03/").content.decode()
        assert file.sha256 in shown
        assert file.path in shown
        assert browser.get("/stations/archive/2025-04/").status_code == 404
        assert browser.get("/stations/archive/2025-13/").status_code == 404

    def test_says_what_is_damaged_and_which_rule_is_none(self, world, enter, town):
        moving.move_out(by=CLOCK, at=timezone.now())
        layout.file_at(ArchivedFile.objects.get().path).unlink()
        _run("verify")
        keep_old_rule(town, raw_reading_days="soon")
        shown = enter("dispatcher").get("/stations/archive/").content.decode()
        assert "已损坏" in shown
        assert "原始读数在库天数须为整数" in shown

    def test_is_not_for_the_public(self, world, enter):
        answer = enter().get("/stations/archive/")
        assert answer.status_code in (302, 403)
        assert "2025-03" not in answer.content.decode()


class TestCommand:
    def test_runs_lists_verifies_and_reads(self, world):
        code, said = _run("run")
        assert (code, hot_rows()) == (0, 0)
        assert "300" in said
        code, said = _run("list", "--json")
        line = json.loads(said)
        assert (line["rows"], line["state"], line["month"]) == (300, "dropped", "2025-03")
        assert _run("verify", "--deep")[0] == 0
        code, said = _run("query", "--station", "outlet", "--factor", "w01018", "--since", "2025-03-01", "--until", "2025-04-01")
        assert code == 0
        assert len(said.splitlines()) == 301
        code, said = _run("query", "--station", "outlet", "--since", "2025-03-01", "--until", "2025-04-01", "--step", "hour")
        assert len(said.splitlines()) == 6

    def test_writes_a_parquet_file_on_request(self, world, tmp_path):
        import pyarrow.parquet as pq

        _run("run")
        _run("query", "--station", "outlet", "--since", "2025-03-01", "--until", "2025-04-01", "--out", str(tmp_path / "x.parquet"))
        assert pq.read_metadata(tmp_path / "x.parquet").num_rows == 300

    def test_verify_names_the_damaged_file_and_fails(self, world):
        _run("run")
        path = layout.file_at(ArchivedFile.objects.get().path)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        code, said = _run("verify")
        assert code == 1
        assert path.name in said
        assert queries.summary(seen_by=CLOCK).damaged == 1

    def test_verify_names_a_file_that_is_in_no_list(self, world, archive_folder, town):
        _run("run")
        (archive_folder / f"town={town.pk}" / "month=2025-03" / "stray.parquet").write_bytes(b"x")
        code, said = _run("verify")
        assert code == 0
        assert "stray.parquet" in said

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [(["query"], "--station"), (["query", "--station", "none"], "none"), (["run", "--town", "nowhere"], "nowhere"),
         (["query", "--station", "outlet", "--since", "soon"], "--since"), (["query", "--station", "outlet", "--factor", "zz"], "no such series")],
    )  # fmt: skip
    def test_names_what_it_cannot_use(self, world, arguments, word):
        with pytest.raises(CommandError, match=word):
            call_command("archive", *arguments, stdout=io.StringIO())

    def test_a_period_the_wrong_way_round_fails_with_a_sentence(self, world):
        assert _run("query", "--station", "outlet", "--since", "2025-04-01", "--until", "2025-03-01")[0] == 1


class TestNight:
    def test_moves_checks_and_drops(self, world, town):
        tasks.move_out.func(timestamp=0)
        assert queries.summary(seen_by=CLOCK).rows == 300
        assert hot_rows() == 0

    def test_one_towns_bad_rule_stops_no_other_and_is_told(self, world, town, other_town, monkeypatch):
        keep_old_rule(town, raw_reading_days="soon")
        monkeypatch.setattr(tasks.organs, "holders", lambda **given: [world[0].people["dispatcher"].pk])
        asked = []
        move = moving.move_out
        monkeypatch.setattr(moving, "move_out", lambda **given: asked.append(tasks.territory.town(seen_by=CLOCK).pk) or move(**given))
        tasks.move_out.func(timestamp=0)
        tasks.move_out.func(timestamp=0)
        assert set(asked) == {town.pk, other_town.pk}
        assert Notice.objects.filter(kind="archive").count() == 1


class TestApi:
    SPAN = "since=2025-03-01T00:00:00Z&until=2025-04-01T00:00:00Z"

    def test_reads_hot_and_cold_alike(self, world, enter):
        browser = enter()
        hot = browser.get(f"/api/v1/archive/stations/outlet/readings?{self.SPAN}&factor=w01018").json()
        rolls = browser.get(f"/api/v1/archive/stations/outlet/rolls?{self.SPAN}&step=hour").json()
        _run("run")
        assert browser.get(f"/api/v1/archive/stations/outlet/readings?{self.SPAN}&factor=w01018").json() == hot
        assert browser.get(f"/api/v1/archive/stations/outlet/rolls?{self.SPAN}&step=hour").json() == rolls
        assert (len(hot), len(rolls)) == (300, 5)
        assert browser.get(f"/api/v1/archive/stations/outlet/rolls?{self.SPAN}").json()[0]["count"] == 300

    def test_refuses_a_period_the_wrong_way_round_and_names_the_field(self, world, enter):
        answer = enter().get("/api/v1/archive/stations/outlet/readings?since=2025-04-01T00:00:00Z&until=2025-03-01T00:00:00Z")
        assert answer.status_code == 422
        assert answer.json()["field"] == "since"
        assert enter().get(f"/api/v1/archive/stations/none/readings?{self.SPAN}").status_code == 404

    def test_files_are_for_officers(self, world, enter):
        _run("run")
        assert enter().get("/api/v1/archive/files").status_code in (401, 403)
        found = enter("dispatcher").get("/api/v1/archive/files").json()
        assert [(file["month"], file["rows"]) for file in found] == [("2025-03-01", 300)]
