"""Files of readings imported: every row accounted for, twice the same, cut off and going on; pages, API and command."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone, translation

from gongzhi.management_line.feeds import fitting, importing, operations, queries
from gongzhi.management_line.feeds.models import FileImport, ImportRecipe, RefusedCell
from gongzhi.management_line.feeds.running import BY
from gongzhi.management_line.feeds.suggest import suggest
from gongzhi.management_line.sensing.models import Batch, Episode, Reading, Series
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station, process_environment
from gongzhi.portal.middleware import towns

WIDE = {"time": "时间", "station": "=outlet", "unknown_series": "define", "values": [
    {"column": "COD", "factor": "w01018", "unit": "ug/L"}, {"column": "氨氮", "factor": "w21003", "unit": "mg/L"}]}  # fmt: skip
AIR = Path(__file__).resolve().parents[6] / "shared" / "data" / "air"


@pytest.fixture
def world(town):
    towns.forget()
    return make_station(timezone.now().replace(microsecond=0))


@pytest.fixture
def folder(tmp_path, settings):
    settings.VAR = tmp_path
    return tmp_path


@pytest.fixture
def bring(world, folder):
    """Return what imports lines of CSV (or a path) by a recipe and gives the account."""

    def bring(source, definition=WIDE, name="a.csv", goes_on=lambda: True):
        path = source if isinstance(source, Path) else folder / name
        if not isinstance(source, Path):
            path.write_text("\r\n".join(source) + "\r\n", encoding="utf-8")
        digest, size = importing.digest_of(path)
        at = timezone.now()
        file = operations.bring_file(by=BY, at=at, name=path.name, path=str(path), size=size, digest=digest)
        operations.describe_file(by=BY, at=at, file_id=file.pk, definition=definition)
        return importing.run(operations.begin_import(by=BY, at=at, file_id=file.pk, is_queued=False), timezone.now, goes_on=goes_on)

    return bring


def _lines(count=50, begin=None):
    begin = begin or timezone.localtime(timezone.now()) - timedelta(days=3)
    return ["时间,COD,氨氮", *(f"{begin + timedelta(minutes=n):%Y-%m-%d %H:%M:%S},{1000 * n},{n / 10}" for n in range(count))]


def _account(file):
    assert file.rows == file.rows_used + file.rows_blank + file.rows_refused
    return file.state, file.taken, file.repeated, file.corrected, file.refused, file.empty


@pytest.mark.django_db
class TestImport:
    def test_takes_every_row_converted_and_versioned(self, bring):
        assert _account(bring(_lines())) == ("done", 100, 0, 0, 0, 0)
        cod = Series.objects.get(factor="w01018")
        assert sorted(Reading.objects.filter(series_id=cod.pk).values_list("value", flat=True)) == [float(n) for n in range(50)]

    def test_twice_changes_nothing_and_a_correction_is_the_next_version(self, bring):
        lines = _lines()
        bring(lines)
        assert _account(bring(lines)) == ("done", 0, 100, 0, 0, 0)
        lines[3] = lines[3].replace(",2000,", ",2500,")
        assert _account(bring(lines)) == ("done", 0, 99, 1, 0, 0)
        assert Reading.objects.get(value=2.5, series_id=Series.objects.get(factor="w01018").pk).version == 1
        assert Reading.objects.count() == 101

    def test_accounts_for_every_row_and_cell(self, bring):
        now = timezone.localtime(timezone.now() - timedelta(hours=5)).strftime("%Y-%m-%d %H:")
        file = bring(["时间,COD,氨氮", f"{now}00,1000,—", "", f"{now}01,x,1", "昨天,1,1", f"{now}02,,", f"{now}03,<20,0.1", "1901-01-01,1,1"])
        assert _account(file) == ("done", 4, 0, 0, 4, 3)
        assert (file.rows, file.rows_used, file.rows_blank, file.rows_refused, file.below) == (7, 3, 2, 2, 1)
        assert list(RefusedCell.objects.values_list("row", "column")) == [(4, "COD"), (5, "时间"), (8, "COD"), (8, "氨氮")]

    def test_says_why_in_the_readers_language(self, bring):
        now = timezone.localtime(timezone.now() - timedelta(hours=5)).strftime("%Y-%m-%d %H:")
        with translation.override("zh-hans"):
            file = bring(["时间,COD,氨氮", f"{now}01,x,1e308", "昨天,1,1", "1901-01-01,1,1"])
        cells = list(queries.refused_cells(seen_by=BY, file_id=file.pk))
        for language, some in (("zh-hans", "“x”不是数字"), ("en", "“x” is no number")):
            with translation.override(language):
                assert cells[0].why == some
                said = [reason for reason, _n in queries.refused_cell_reasons(seen_by=BY, file_id=file.pk)]
                assert [one.why for one in cells if one.why not in said] == []
                if language == "en":
                    assert all(reason.isascii() or "“" in reason for reason in said), said
        RefusedCell.objects.update(said=[])  # as those of before have it
        assert RefusedCell.objects.first().why == RefusedCell.objects.first().reason

    def test_reads_a_workbook(self, bring, folder):
        book = openpyxl.Workbook()
        book.active.append(["时间", "COD", "氨氮"])
        begin = (timezone.localtime(timezone.now()) - timedelta(days=2)).replace(microsecond=0, tzinfo=None)
        for n in range(30):
            book.active.append([begin + timedelta(hours=n), 1000 * n, None])
        book.save(folder / "a.xlsx")
        assert _account(bring(folder / "a.xlsx")) == ("done", 30, 0, 0, 0, 30)
        assert Reading.objects.order_by("measured_at").first().measured_at == timezone.make_aware(begin)

    def test_judges_fresh_rows_by_the_limits(self, bring):
        begin = timezone.localtime(timezone.now()) - timedelta(hours=1)
        bring(["时间,COD,氨氮", *(f"{begin + timedelta(minutes=n):%Y-%m-%d %H:%M},200000,1" for n in range(3))])
        assert Episode.objects.get().peak == 200.0

    def test_goes_on_where_it_was_cut_off(self, bring, monkeypatch):
        monkeypatch.setattr(importing, "BATCH_ROWS", 10)
        turns = iter([True, True, False])
        file = bring(_lines(), goes_on=lambda: next(turns))
        assert (file.state, file.row, file.taken) == ("running", 21, 40)
        file = importing.run(file, timezone.now)
        assert _account(file) == ("done", 100, 0, 0, 0, 0)
        assert Batch.objects.count() == 5

    def test_stops_with_the_reason_where_the_file_is_damaged_and_keeps_what_came_before(self, bring, monkeypatch):
        monkeypatch.setattr(importing, "BATCH_ROWS", 10)
        lines = _lines(20)
        lines[15] = '"' + "x" * 1_100_000
        file = bring(lines)
        assert (file.state, file.taken) == ("failed", 20)
        assert "11" in file.error or "15" in file.error

    def test_says_which_columns_are_missing(self, bring):
        file = bring(["时间,COD", "2026-01-01,1"])
        assert file.state == "failed"
        assert "氨氮" in file.error

    def test_refuses_to_begin_twice_or_undescribed(self, world, folder):
        (folder / "a.csv").write_text("a,b\n", encoding="utf-8")
        at = timezone.now()
        file = operations.bring_file(by=BY, at=at, name="a.csv", path=str(folder / "a.csv"), size=4, digest="0")
        with pytest.raises(operations.CannotImport):
            operations.begin_import(by=BY, at=at, file_id=file.pk)
        operations.describe_file(by=BY, at=at, file_id=file.pk, definition=WIDE)
        operations.begin_import(by=BY, at=at, file_id=file.pk, is_queued=False)
        with pytest.raises(operations.NothingToGoOn):
            operations.begin_import(by=BY, at=at, file_id=file.pk)
        with pytest.raises(operations.BegunAlready):
            operations.describe_file(by=BY, at=at, file_id=file.pk, definition=WIDE)


@pytest.mark.django_db
@pytest.mark.skipif(not AIR.is_dir(), reason="the real files are not here")
class TestRealFiles:
    def _suggested(self, path, **more):
        zone = timezone.get_current_timezone()
        found = suggest(importing.beginning(path), zone, stations=queries.station_names(seen_by=BY))
        return {**found, "unknown_series": "define", "aggregate": "=hour.avg", **more}

    def test_every_row_of_the_stations_hours_is_accounted_for(self, bring):
        path = AIR / "hourly_station_aqi_zhejiang_2020.csv"
        file = bring(path, self._suggested(path, unknown_station="define", station_kind="air"))
        assert (file.state, file.rows) == ("done", 3_173)
        assert file.rows == file.rows_used + file.rows_blank + file.rows_refused
        again = bring(path, self._suggested(path, unknown_station="define", station_kind="air"))
        assert (again.taken, again.corrected) == (0, 0)
        assert again.repeated == file.taken + file.repeated

    def test_every_hour_of_a_year_is_accounted_for(self, bring):
        path = AIR / "prsa_Aotizhongxin_2014.csv"
        definition = self._suggested(path, station="=outlet")
        assert {one["column"]: one["unit"] for one in definition["values"]}["CO"] == "ug/m³"
        file = bring(path, definition)
        assert (file.error, file.state, file.rows) == ("", "done", 8_760)
        assert file.rows == file.rows_used + file.rows_blank + file.rows_refused
        assert file.taken + file.refused + file.empty == 8_760 * len(definition["values"])
        if timezone.now().year > 2024:  # older than the ten years that readings are kept
            assert {reason for reason, _n in queries.refused_cell_reasons(seen_by=BY, file_id=file.pk)} == {fitting.too_far()}

    def test_every_day_of_a_city_is_accounted_for(self, bring):
        path = AIR / "daily_city_hangzhou_2013_2017.csv"
        file = bring(path, self._suggested(path, station="=outlet") | {"aggregate": "=day.avg"})
        assert (file.error, file.state, file.rows) == ("", "done", 1_157)
        assert file.taken + file.repeated + file.corrected + file.refused + file.empty >= 1_157 * 5


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def enter(self, world, folder):
        return partial(browser_of, world[0])

    def _send(self, browser, text, name="报表.csv"):
        return browser.post("/stations/import/", {"file": SimpleUploadedFile(name, text.encode("gb18030"))})

    def _fields(self, **more):
        fields = {"role-0": "time", "role-1": "reading", "factor-1": "w01018", "unit-1": "mg/L", "role-2": "station", "fixed_station": "", "aggregate": "rtd",
                  "marks": "begin", "below": "half", "unknown_series": "define"}  # fmt: skip
        return fields | more

    @pytest.mark.parametrize(("who", "status"), [("", 302), ("resident", 403), ("officer", 200)])
    def test_are_for_officers(self, enter, who, status):
        assert enter(who).get("/stations/import/").status_code == status

    def test_lead_from_the_file_to_its_account(self, enter, folder, django_capture_on_commit_callbacks):
        browser, now = enter("officer"), timezone.localtime(timezone.now() - timedelta(hours=3))
        sent = self._send(browser, f"监测时间,化学需氧量（mg/L）,站点名称\n{now:%Y-%m-%d %H:%M},12,东门\n{now:%Y-%m-%d %H:%M},坏,东门\n")
        assert sent.status_code == 302
        shown = browser.get(sent.headers["Location"]).content.decode()
        assert 'value="w01018"' in shown  # suggested from the header
        assert "mg/L" in shown
        checked = browser.post(sent.headers["Location"], self._fields(act="check"))
        assert checked.status_code == 200
        assert "东门" in checked.content.decode()  # a station that nobody knows, to be named
        assert not Reading.objects.exists()
        begun = browser.post(sent.headers["Location"], self._fields(act="begin", keep_as="东门日报", theirs="东门", ours="outlet"))
        assert begun.status_code == 302
        file = FileImport.objects.get()
        assert (file.state, file.definition["stations"]) == ("running", {"东门": "outlet"})
        importing.run(file, timezone.now)
        account = browser.get(sent.headers["Location"]).content.decode()
        assert "已完成" not in account
        assert "已导入" in account
        listed = b"".join(browser.get(f"/stations/import/{file.pk}/refused.csv").streaming_content).decode("utf-8-sig")
        assert "坏" in listed
        assert ImportRecipe.objects.get().name == "东门日报"

    def test_name_what_is_missing_and_lose_nothing(self, enter):
        browser = enter("officer")
        sent = self._send(browser, "监测时间,COD,站点名称\n2026-11-18,12,x\n")
        wrong = browser.post(sent.headers["Location"], self._fields(act="check", **{"role-0": ""}))
        assert wrong.status_code == 422
        assert "时间" in wrong.content.decode()

    def test_refuse_what_is_no_table(self, enter, folder):
        answer = self._send(enter("officer"), "\0\0\0")
        assert answer.status_code == 422
        assert not FileImport.objects.exists()
        assert not list((folder / "imports").rglob("*.csv"))

    def test_have_the_api_beside_them(self, enter):
        browser, now = enter("officer"), timezone.localtime(timezone.now() - timedelta(hours=3))
        brought = browser.post("/api/v1/imports", {"file": SimpleUploadedFile("a.csv", f"时间,COD(mg/L)\n{now:%Y-%m-%d %H:%M},12\n".encode())})
        assert brought.status_code == 201
        body = brought.json()
        assert body["definition"]["values"] == [{"column": "COD(mg/L)", "factor": "w01018", "unit": "mg/L"}]
        path = f"/api/v1/imports/{body['id']}"
        wrong = browser.put(f"{path}/definition", json.dumps({"time": "时间"}), content_type="application/json")
        assert wrong.status_code == 422
        definition = body["definition"] | {"station": "=outlet"}
        checked = browser.put(f"{path}/definition", json.dumps(definition), content_type="application/json").json()
        assert (checked["rows"], checked["readings"], checked["refused"]) == (1, 1, 0)
        assert browser.post(f"{path}/begin").status_code == 202
        importing.run(FileImport.objects.get(), timezone.now)
        assert browser.get(path).json()["taken"] == 1
        assert browser.get(f"{path}/refused").json() == []
        kept = browser.put("/api/v1/import-recipes/daily", json.dumps({"name": "日报", "definition": definition}), content_type="application/json")
        assert kept.json()["code"] == "daily"
        assert [one["code"] for one in browser.get("/api/v1/import-recipes").json()] == ["daily"]
        assert enter("resident").get("/api/v1/imports").status_code == 403


@pytest.mark.django_db
class TestCommand:
    def test_suggests_checks_imports_and_lists_what_was_refused(self, world, town, folder, capsys):
        path = folder / "a.csv"
        path.write_text("\n".join([*_lines(5), "昨天,1,1"]), encoding="utf-8")
        call_command("import", "readings", str(path), "--town", town.code)
        suggested = capsys.readouterr().out
        assert "w21003" in suggested
        recipe = folder / "r.yaml"
        recipe.write_text(suggested, encoding="utf-8")
        call_command("import", "readings", str(path), "--town", town.code, "--mapping", str(recipe), "--station", "outlet", "--dry-run")
        assert not Reading.objects.exists()
        text = recipe.read_text(encoding="utf-8") + "unknown_series: define\n"
        recipe.write_text(text, encoding="utf-8")
        call_command("import", "readings", str(path), "--town", town.code, "--mapping", str(recipe), "--station", "outlet", "--keep-as", "daily")
        assert Reading.objects.count() == 10
        assert "昨天" in path.with_name("a.csv.refused.csv").read_text(encoding="utf-8-sig")
        call_command("import", "readings", str(path), "--town", town.code, "--mapping", "daily")
        assert Reading.objects.count() == 10

    def test_says_what_it_lacks(self, town, world, folder):
        with pytest.raises(CommandError, match="no town"):
            call_command("import", "readings", "x.csv", "--town", "nowhere")
        (folder / "a.csv").write_text("a,b\n", encoding="utf-8")
        with pytest.raises(CommandError, match="no recipe"):
            call_command("import", "readings", str(folder / "a.csv"), "--town", town.code, "--mapping", "nothing")


def test_killed_in_the_middle_goes_on_and_doubles_nothing(committed_db, town, tmp_path):
    at = timezone.now()
    make_station(at)
    path, recipe = tmp_path / "big.csv", tmp_path / "r.yaml"
    path.write_text("\n".join(_lines(60_000, begin=timezone.localtime(at) - timedelta(days=60))), encoding="utf-8")
    recipe.write_text(json.dumps(WIDE), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "django", "import", "readings", str(path), "--town", town.code, "--mapping", str(recipe)]
    process = subprocess.Popen(command, env=process_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not FileImport.objects.filter(taken__gt=0).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    cut = FileImport.objects.get()
    done = subprocess.run(command, env=process_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    file = FileImport.objects.get()  # the same import went on
    assert (file.state, file.rows, file.taken, file.repeated) == ("done", 60_000, 120_000, 0)
    assert Reading.objects.count() == 120_000
    assert cut.row <= file.row
