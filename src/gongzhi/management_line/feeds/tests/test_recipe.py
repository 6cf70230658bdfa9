"""Files of readings, pure: tables, times, numbers, recipes and what a header suggests."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gongzhi.kernel import sheets
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.moments import moment_of
from gongzhi.management_line.feeds.recipe import BadHeader, Recipe, names_of
from gongzhi.management_line.feeds.suggest import factor_of, split_unit, suggest

ZONE = ZoneInfo("Asia/Shanghai")
EIGHT = datetime(2026, 11, 18, 8, tzinfo=ZONE)
WIDE = {"time": "时间", "station": "=outlet", "values": [{"column": "COD", "factor": "w01018", "unit": "mg/L"}]}


class TestSheets:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_reads_every_encoding_that_is_met(self, tmp_path, encoding):
        (tmp_path / "a.csv").write_text('时间,氨氮\r\n2026-11-18,"1,2"\r\n', encoding=encoding)
        assert list(sheets.rows(tmp_path / "a.csv")) == [(1, ["时间", "氨氮"]), (2, ["2026-11-18", "1,2"])]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_finds_what_parts_the_columns(self, tmp_path, delimiter):
        (tmp_path / "a.csv").write_text("\n".join(delimiter.join(("a b", "1", "2")) for _row in range(4)), encoding="utf-8")
        assert all(len(cells) == 3 for _number, cells in sheets.rows(tmp_path / "a.csv"))

    def test_reads_a_workbook_with_its_own_dates(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(["时间", "COD"])
        book.active.append([datetime(2026, 11, 18, 8), 12.5])
        book.create_sheet("二").append(["x"])
        book.save(tmp_path / "a.xlsx")
        assert list(sheets.rows(tmp_path / "a.xlsx"))[1] == (2, [datetime(2026, 11, 18, 8), 12.5])
        assert sheets.sheets(tmp_path / "a.xlsx")[1] == "二"
        assert list(sheets.rows(tmp_path / "a.xlsx", sheet="二")) == [(1, ["x"])]

    @pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04 not a workbook", b"a,b\n\x00,1\n", b"a\n" + b"\xff\xfe\xfd\xff"])
    def test_says_why_a_file_is_no_table(self, tmp_path, content):
        (tmp_path / "a.xlsx").write_bytes(content)
        with pytest.raises(sheets.BadFile):
            list(sheets.rows(tmp_path / "a.xlsx"))


class TestMomentOf:
    @pytest.mark.parametrize("cell", [
        "2026-11-18 08:00", "2026/11/18 8:00:00", "2026年11月18日8时", "2026年11月18日 08时00分", "20261118080000", "2026111808", "2026-11-18T08:00:00+08:00",
        "2026-11-18T00:00:00Z", "2026.11.18 8：00", datetime(2026, 11, 18, 8), datetime(2026, 11, 18, 7, 59, 59, 999_999), 46344 + 8 / 24,
    ])  # fmt: skip
    def test_knows_how_times_are_written(self, cell):
        assert moment_of([cell], ZONE) == EIGHT

    @pytest.mark.parametrize("parts", [
        ["2026-11-18", "8"], ["20261118", "08"], [date(2026, 11, 18), time(8)], ["2026-11-18", "8时"],
        [20261118, 8.0], ["2026", "11", "18", "8"], [2026, 11, 18, 8.0],
        ["2026-11-18", 8 / 24], ["2026-11-18", timedelta(hours=8)],
    ])  # fmt: skip
    def test_puts_parts_together(self, parts):
        assert moment_of(parts, ZONE) == EIGHT

    def test_takes_24_for_the_midnight_that_ends_the_day(self):
        midnight = datetime(2026, 11, 19, tzinfo=ZONE)
        assert moment_of(["2026-11-18 24:00"], ZONE) == midnight
        assert moment_of(["2026-11-18", "24"], ZONE) == midnight

    @pytest.mark.parametrize("parts", [[""], [None], ["昨天"], ["2026-13-01"], ["2026-02-30"],
        ["2026-11-18 25:00"], [True], ["2026-11-18", "x"], ["2026", "", "1"], [5.0]])
    def test_refuses_what_is_no_time(self, parts):
        with pytest.raises(ValueError):
            moment_of(parts, ZONE)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(some.datetimes(datetime(1960, 1, 1), datetime(2110, 1, 1)).map(lambda one: one.replace(microsecond=0)))
    def test_gives_back_what_a_spreadsheet_holds(self, moment):
        serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
        assert moment_of([serial], UTC) == moment.replace(tzinfo=UTC)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(some.text(max_size=30) | some.floats() | some.integers())
    def test_gives_a_moment_or_says_why_not(self, cell):
        with contextlib.suppress(ValueError, OverflowError):
            assert moment_of([cell], ZONE).tzinfo is not None


class TestRecipe:
    @pytest.mark.parametrize(("cell", "value", "flag"), [
        (12, 12.0, "-"), ("12.5", 12.5, "-"), ("１２．５", 12.5, "-"), ("1,234.5", 1234.5, "-"), ("<0.02", 0.01,
        "-"), ("＜0.02", 0.01, "-"), ("0.02L", 0.01, "-"),
        ("35(H)", None, None), ("35(D)", 35.0, "D"), (">2000", 2000.0, "T"), ("—", None, "-"), ("", None, "-"), (None, None, "-"), ("缺测", None, "-"),
        ("NA", None, "-"), (float("nan"), None, "-"), ("-5e-1", -0.5, "-"),
    ])  # fmt: skip
    def test_reads_numbers_as_laboratories_write_them(self, cell, value, flag):
        recipe = Recipe(WIDE, ZONE)
        if flag is None:
            with pytest.raises(ValueError, match="H"):
                recipe.number(cell)
        else:
            assert recipe.number(cell)[:2] == (value, flag)

    @pytest.mark.parametrize(("below", "value"), [("half", 0.01), ("limit", 0.02), ("zero", 0.0)])
    def test_takes_what_lies_below_the_detection_limit_as_it_is_told(self, below, value):
        assert Recipe(WIDE | {"below": below}, ZONE).number("<0.02") == (value, "-", True)

    @pytest.mark.parametrize("cell", ["x", "1.2.3", "未检出", True, "1e99", datetime(2026, 1, 1)])
    def test_refuses_what_is_no_number(self, cell):
        with pytest.raises(ValueError):
            Recipe(WIDE, ZONE).number(cell)

    def test_reads_a_wide_row(self):
        recipe = Recipe(WIDE | {"aggregate": "=hour.avg", "marks": "end"}, ZONE)
        recipe.bind(["时间", "COD"])
        ((column, row),) = recipe.read(["2026-11-18 08:00", "7"]).rows
        assert (column, row.station, row.factor, row.aggregate, row.value) == ("COD", "outlet", "w01018", "hour.avg", 7.0)
        assert row.moment == (EIGHT - timedelta(hours=1)).timestamp() * 1e6

    def test_reads_a_long_row(self):
        recipe = Recipe({"time": "时间", "station": "站", "factor": "项目", "value": "值", "unit": "单位", "flag": "状态", "stations": {"东口": "outlet"},
                         "factors": {"化学需氧量": "w01018"}}, ZONE)  # fmt: skip
        recipe.bind(["站", "时间", "项目", "值", "单位", "状态"])
        ((_column, row),) = recipe.read(["东口", "2026-11-18 08:00", "化学需氧量", "7", "mg/L", "维护"]).rows
        assert (row.station, row.factor, row.unit, row.value, row.flag) == ("outlet", "w01018", "mg/L", 7.0, "M")
        assert recipe.read(["东口", "", "化学需氧量", "7", "mg/L", ""]).faults[0].column == "时间"
        assert recipe.read(["东口", "2026-11-18", "化学需氧量", "7", "mg/L", "怪"]).faults[0].why

    def test_names_columns_that_the_file_lacks(self):
        with pytest.raises(BadHeader, match="COD"):
            Recipe(WIDE, ZONE).bind(["时间", "x"])

    @pytest.mark.parametrize(("change", "field"), [
        ({"time": None}, "time"), ({"station": ""}, "station"), ({"values": []}, "values"),
        ({"values": [{"column": "x"}]}, "values.1"), ({"below": "x"}, "below"),
        ({"nonsense": 1}, "nonsense"), ({"header": 0}, "header"), ({"unknown_station": "define"},
        "station_kind"), ({"stations": []}, None), ({"stations": 5}, "stations"),
    ])  # fmt: skip
    def test_names_every_fault_of_a_definition(self, change, field):
        if field is None:
            Recipe(WIDE | change, ZONE)
            return
        with pytest.raises(BadMapping) as caught:
            Recipe(WIDE | change, ZONE)
        assert field in {name for name, _why in caught.value.faults}

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(some.lists(some.none() | some.text(max_size=12) | some.floats() | some.integers() | some.booleans(), max_size=3))
    def test_reads_any_row_or_says_why_not(self, cells):
        recipe = Recipe(WIDE, ZONE)
        recipe.bind(["时间", "COD"])
        found = recipe.read(cells)
        assert len(found.rows) + len(found.faults) + found.empty == 1


class TestSuggest:
    def test_understands_a_chinese_report(self):
        rows = [(1, ["东排口 2026 年监测日报", None, None]), (2, ["监测时间", "化学需氧量（mg/L）", "氨氮(毫克/升)", "备注"]), (3,
            ["2026-11-18 08:00", "12", "1.2", ""])]
        found = suggest(rows, ZONE, stations={})
        assert found == {"header": 2, "time": "监测时间", "values": [
            {"column": "化学需氧量(mg/L)", "factor": "w01018", "unit": "mg/L"}, {"column": "氨氮(毫克/升)",
            "factor": "w21003", "unit": "毫克/升"}]}  # fmt: skip

    def test_understands_the_long_form(self):
        rows = [(1, ["站点名称", "时间", "监测项目", "监测值", "单位", "数据标识"]), (2, ["东口", "2026-11-18", "氨氮", "1", "mg/L", "N"])]
        assert suggest(rows, ZONE, stations={"东口": "outlet"}) == {
            "time": "时间", "station": "站点名称", "stations": {"东口": "outlet"}, "factor": "监测项目", "value": "监测值", "unit": "单位", "flag": "数据标识",
            "factors": {"氨氮": "w21003"}}  # fmt: skip

    def test_tells_units_apart_by_the_numbers(self):
        rows = [(1, ["year", "month", "day", "hour", "CO", "PRES"]), (2, ["2014", "1", "1", "0", "1100.0", "1007.3"])]
        found = suggest(rows, ZONE, stations={})
        assert found["time"] == ["year", "month", "day", "hour"]
        assert [one["unit"] for one in found["values"]] == ["ug/m³", "hPa"]

    @pytest.mark.parametrize(("name", "parts"), [("PM2.5(μg/m³)", ("PM2.5", "μg/m³")), ("氨氮 mg/L", ("氨氮",
        "mg/L")), ("COD", ("COD", "")), ("流量（吨）x", ("流量（吨）x", ""))])
    def test_parts_name_and_unit(self, name, parts):
        assert split_unit(name) == parts

    def test_knows_factors_by_many_names(self):
        assert [factor_of(name) for name in ("PM2.5", "细颗粒物", "SO₂", "NH3-N", "化学需氧量", "w01018", "011", "AQI")] == [
            "a34004", "a34004", "a21026", "w21003", "w01018", "w01018", "w01018", ""]  # fmt: skip

    def test_names_columns_each_once(self):
        assert names_of(["a", "a", None, " b  c "]) == ["a", "a (2)", "#3", "b c"]
