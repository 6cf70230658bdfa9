"""`./gongzhi aqi`: files made here, and the real ones where official values stand beside concentrations."""

import csv
import io
import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.ecology import aircompare, airfile, airgather
from gongzhi.management_line.ecology.airfile import Account, BadFile
from gongzhi.management_line.standards import air

REAL = Path(os.environ.get("GONGZHI_DATA", Path(__file__).parents[6] / "shared" / "data")) / "air"
HEADER = "date,hour,SO2,NO2,PM10,CO,O3,PM2.5"
DAILY = "日期,二氧化硫(μg/m³),二氧化氮(μg/m³),PM10(μg/m³),一氧化碳(mg/m³),臭氧8小时(μg/m³),PM2.5(μg/m³)"


def run(path, *options):
    out, told = io.StringIO(), io.StringIO()
    with translation.override("zh-hans"):
        call_command("aqi", str(path), *options, stdout=out, stderr=told)
    return list(csv.DictReader(io.StringIO(out.getvalue()))), told.getvalue()


@pytest.fixture
def made(tmp_path):
    def make(*lines, encoding="utf-8"):
        path = tmp_path / "air.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return make


class TestCommand:
    def test_adds_index_level_and_primary_pollutant_by_the_hour(self, made):
        rows, told = run(made(HEADER, "2020-04-02,8,6,50,63,0.8,44,33", "2020-04-02,9,,,,,,"))
        assert (rows[0]["aqi_computed"], rows[0]["level_computed"], rows[0]["primary_computed"], rows[0]["note_computed"]) == ("57", "良", "PM10", "")
        assert rows[1]["aqi_computed"] == ""
        assert rows[1]["note_computed"]
        assert "2 rows by the hour, 1 with an index" in told

    def test_finds_chinese_columns_in_gb18030_with_their_units(self, made):
        rows, told = run(made(DAILY, "2026年2月28日,5,10,120,0.5,20,60", "2026年3月1日,5,10,120,0.5,20,60", encoding="gb18030"))
        assert [(row["aqi_computed"], row["primary_computed"]) for row in rows] == [("85", "PM10"), ("100", "PM10+PM2.5")]
        assert "HJ 633-2012 (1), HJ 633-2026 (1)" in told

    def test_takes_the_edition_that_is_asked_for_and_then_needs_no_date(self, made):
        rows, _told = run(made(HEADER.removeprefix("date,"), "8,6,50,63,0.8,44,60"), "--edition", "2026")
        assert rows[0]["aqi_computed"] == "100"

    def test_tells_units_and_columns_by_hand(self, made):
        path = made("time,so2,no2,pm10,co,dust,ozone", "2020-04-02 08:00,6,50,63,800,33,44")
        rows, _told = run(path, "--unit", "CO=ug/m3", "--column", "PM2.5=dust")
        assert rows[0]["aqi_computed"] == "57"

    def test_compares_with_an_index_that_stands_beside(self, made):
        _rows, told = run(made(HEADER + ",AQI", "2020-04-02,8,6,50,63,0.8,44,33,57", "2020-04-02,9,6,50,63,0.8,44,33,60"))
        assert "2 of them: 1 agree (50.0%)" in told
        assert "line 3: 60 in the file, 57 computed" in told

    def test_writes_a_file_and_may_run_over_it_again(self, made, tmp_path):
        out = tmp_path / "out.csv"
        run(made(HEADER, "2020-04-02,8,6,50,63,0.8,44,33"), "--out", str(out))
        rows, _told = run(out)
        assert list(rows[0]) == [*HEADER.split(","), *airfile.ADDED]
        with pytest.raises(CommandError, match="--out"):
            run(out, "--out", str(out))

    @pytest.mark.parametrize(
        ("lines", "options", "named"),
        [
            (["date,hour,SO2,PM10,CO,O3", "2020-04-02,8,1,1,1,1"], [], ["NO2", "PM2.5"]),
            (["SO2,NO2,PM10,CO,O3_8h,PM2.5", "1,1,1,1,1,1"], [], ["date"]),
            (["date,SO2,NO2,PM10,CO,O3,PM2.5", "2020-04-02,1,1,1,1,1,1"], [], ["O3_8h"]),
            ([HEADER, "2020-04-02,8,6,50,63,900,44,33"], [], ["CO=ug/m3"]),
            ([HEADER + ",pm25", "2020-04-02,8,6,50,63,1,44,33,33"], [], ["PM2.5", "pm25"]),
            ([HEADER, "2020-04-02,8,6,50,63,1,44,33,9,9"], [], ["2"]),
            ([HEADER], [], []),
            ([""], [], []),
            ([HEADER, "2020-04-02,8,6,50,63,1,44,33"], ["--edition", "1996"], ["1996", "HJ 633-2026"]),
            ([HEADER, "2020-04-02,8,6,50,63,1,44,33"], ["--unit", "CO"], ["--unit"]),
            ([HEADER, "2020-04-02,8,6,50,63,1,44,33"], ["--unit", "CO=ppm"], ["CO", "ppm"]),
            ([HEADER, "2020-04-02,8,6,50,63,1,44,33"], ["--column", "CO=carbon"], ["carbon"]),
            ([HEADER, "2020-04-02,8,6,50,63,1,44,33"], ["--column", "gold=CO"], ["gold"]),
        ],
    )
    def test_refuses_and_names_what_is_wrong(self, made, lines, options, named):
        with pytest.raises(CommandError) as refused:
            run(made(*lines), *options)
        for name in named:
            assert name in str(refused.value)

    def test_refuses_a_workbook_and_a_missing_file(self, tmp_path):
        book = tmp_path / "book.csv"
        book.write_bytes(b"PK\x03\x04rest")
        for path in (book, tmp_path / "nothing.csv", tmp_path):
            with pytest.raises(CommandError, match=path.name):
                run(path)

    @pytest.mark.parametrize(
        ("line", "named"),
        [
            ("2020-04-02,8,6,50,many,0.8,44,33", "PM10"),
            ("2020-13-02,8,6,50,63,0.8,44,33", "2020-13-02"),
            ("2020-04-02,8,6,-50,63,0.8,44,33", "NO2"),
            ("1999-04-02,8,6,50,63,0.8,44,33", "1999"),
        ],
    )
    def test_keeps_a_bad_row_with_its_reason(self, made, line, named):
        rows, _told = run(made(HEADER, line))
        assert rows[0]["aqi_computed"] == ""
        assert named in rows[0]["note_computed"]


class TestColumns:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("PM2.5", "PM2.5"),
            ("pm2_5", "PM2.5"),
            ("PM2.5浓度(μg/m3)", "PM2.5"),
            ("细颗粒物", "PM2.5"),
            ("a34004-Avg", "PM2.5"),
            ("可吸入颗粒物(PM10)", "PM10"),
            ("NO2_1h", "NO2"),
            ("co", "CO"),
            ("CO (mg/m³)", "CO"),
            ("臭氧1小时平均", "O3"),
            ("O3_1h", "O3"),
            ("SO2_24h", "SO2_24h"),
            ("code", ""),
            ("county", ""),
            ("CO2", ""),
            ("NO", ""),
            ("O3_8h", ""),
            ("PM2.5_24h", ""),
            ("PM2.5_IAQI", ""),
            ("level", ""),
        ],
    )
    def test_are_found_by_their_names(self, name, key):
        assert airfile._pollutants([name], airfile.HOUR)[0] == ({key: 0} if key else {})

    @pytest.mark.parametrize(
        ("cells", "moment"),
        [
            (["20200402"], (date(2020, 4, 2), None)),
            (["2020-04-02"], (date(2020, 4, 2), None)),
            (["2020/4/2"], (date(2020, 4, 2), None)),
            (["2020-04-02T08:00:00Z"], (date(2020, 4, 2), 8)),
            (["2020年4月2日 8时"], (date(2020, 4, 2), 8)),
            (["20200402080000"], (date(2020, 4, 2), 8)),
            (["2020", "4", "2"], (date(2020, 4, 2), None)),
            (["yesterday"], (None, None)),
            (["2020-02-30"], (None, None)),
            ([""], (None, None)),
        ],
    )
    def test_dates_are_read_in_many_forms(self, cells, moment):
        assert airfile.moment(cells) == moment

    @given(st.binary(max_size=200))
    def test_strange_bytes_are_read_or_refused(self, content):
        try:
            header, rows = airfile.read(content)
            airfile.plan(header, rows)
        except BadFile:
            pass


def real(name):
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"the real file {name} is not here")
    return airfile.read(path.read_bytes())


NEWS = "date,AQI,AQI_range,level,PM2.5,PM10,SO2,CO,NO2,O3_8h\n"


def compared(*lines):
    header, rows = airfile.read((NEWS + "\n".join(lines)).encode())
    return aircompare.compare(airfile.plan(header, rows), header, rows, edition="2012")


class TestCompare:
    """PM2.5 75 and PM10 50 make 100; ozone 200 makes 137 over eight hours and 100 over one."""

    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("2016-05-01,100,80~120,良,75,50,10,1,30,50", "same"), ("2016-05-01,100,80~120,良,75,50,10,1,30,200", "particles"),
            ("2016-05-01,98,80~120,良,75,50,10,1,30,200", "rounding"), ("2016-05-01,90,80~120,良,75,50,10,1,30,200", "range"),
            ("2016-05-01,90,80~95,良,75,50,10,1,30,200", "outside"), ("2016-05-01,90,,良,75,50,10,1,30,200", "outside"),
            ("2016-05-01,90,,良,,,10,1,30,200", "outside"),
        ],
    )  # fmt: skip
    def test_puts_each_row_into_one_kind(self, line, kind):
        found = compared(line)
        assert {name: count for name, count in found.counts.items() if count} == {kind: 1}
        assert found.total == 1

    def test_counts_what_the_range_and_the_level_show(self):
        found = compared("2016-05-01,90,60~100,良,75,50,10,1,30,200", "2016-05-02,100,60~140,轻度污染,75,50,10,1,30,50", "2016-05-03,,,良,75,50,10,1,30,50")
        assert (found.in_range, found.ranged, found.without) == (2, 2, 1)
        assert (found.ozone_hour_top, found.ozone_hour_above, found.ozone_eight_above) == (1, 0, 1)
        assert (found.other_level, found.at_step) == (1, 1)


HOURS = "date,hour,PM2.5,PM10,SO2,NO2,CO,O3\n"


def gathered(count, day="2014-03-01", value="30", **more):
    lines = [f"{day},{hour},{value},40,10,20,0.5,60" for hour in range(count)]
    header, rows = airfile.read((HOURS + "\n".join([*lines, *more.get("extra", [])])).encode())
    return list(airgather.days(airfile.plan(header, rows), rows))


class TestGather:
    @pytest.mark.parametrize(("count", "enough"), [(24, True), (20, True), (19, False)])
    def test_wants_twenty_hours_of_a_day(self, count, enough):
        (day,) = gathered(count)
        assert day.means["PM2.5"].is_valid is enough
        assert (day.index.value is not None) is enough
        assert day.absent == 24 - count
        assert bool(day.note) is (count < 24)

    def test_counts_nonsense_as_lost(self):
        assert [day.means["PM2.5"].count for value in ("x", "-3", "nan", "inf", "") for day in gathered(24, value=value)] == [0] * 5

    @pytest.mark.parametrize("extra", [["2014-03-01,3,30,40,10,20,0.5,60"], ["2014-03-01,24,30,40,10,20,0.5,60"], ["x,3,30,40,10,20,0.5,60"]])
    def test_refuses_an_hour_that_stands_twice_or_is_none(self, extra):
        with pytest.raises(BadFile):
            gathered(4, extra=extra)

    def test_is_for_files_of_hours(self):
        header, rows = airfile.read((NEWS + "2016-05-01,90,60~100,良,75,50,10,1,30,200").encode())
        with pytest.raises(BadFile):
            list(airgather.days(airfile.plan(header, rows), rows))

    def test_the_command_writes_a_row_a_day(self, tmp_path):
        file, out = tmp_path / "in.csv", tmp_path / "out.csv"
        file.write_text(HOURS + "\n".join(f"2014-03-0{day},{hour},30,40,10,20,0.5,60" for day in (1, 2) for hour in range(24)), encoding="utf-8")
        call_command("aqi", str(file), "--daily", "--out", str(out))
        found = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
        assert [(row["day"], row["aqi"], row["PM2.5_hours"]) for row in found] == [("2014-03-01", "43", "24"), ("2014-03-02", "43", "24")]


class TestRealFiles:
    def test_official_hourly_values_of_zhejiang_agree_without_exception(self):
        """Index, level and primary pollutant of every row, those without a value too (neither PM10 nor PM2.5: no index is published)."""
        header, rows = real("hourly_station_aqi_zhejiang_2020.csv")
        account = Account()
        names = {"颗粒物(PM10)": "PM10", "细颗粒物(PM2.5)": "PM2.5", "臭氧1小时": "O3", "二氧化氮": "NO2"}
        same = Counter()
        with translation.override("zh-hans"):
            for row, (index, _note) in zip(rows, airfile.compute(airfile.plan(header, rows), rows, account=account), strict=True):
                said = dict(zip(header, row, strict=True))
                level = str(index.level.name) if index.level else ""
                primary = {names[name] for name in said["PrimaryPollution"].split("+") if name not in ("", "—")}
                same["level"] += level == said["Level"].strip("—")
                same["primary"] += set(index.primary) == primary
        print(
            f"\nZhejiang, hours of April 2020: {account.rows} rows, {account.compared} with an official index, {account.agreeing} agree ({account.agreeing / account.compared:.2%});"  # noqa: E501
        )
        print(f"  level agrees in {same['level']}, primary pollutant in {same['primary']} of {account.rows} rows")
        assert account.rows == 3173
        assert (account.agreeing, account.differing) == (account.compared, [])
        assert same["level"] == same["primary"] == account.rows

    def test_daily_values_of_a_news_site_differ_in_kinds_that_are_counted(self):
        """A news site's table, no official publication. What the counts show stands in docs/howto/standards.md."""
        header, rows = real("daily_city_hangzhou_2013_2017.csv")
        found = aircompare.compare(airfile.plan(header, rows), header, rows, edition="2012")
        assert found.counts == {"same": 167, "particles": 136, "rounding": 494, "range": 333, "outside": 27}
        assert (found.in_range, found.ranged) == (1157, 1157)
        assert (found.ozone_hour_top, found.ozone_hour_above, found.ozone_eight_above) == (71, 0, 270)
        assert (found.other_level, found.at_step) == (13, 13)
        assert found.outside_months["2013-12"] == 21

    def test_a_year_of_beijing_hours_gives_valid_days_only(self):
        header, rows = real("prsa_Aotizhongxin_2014.csv")
        with pytest.raises(BadFile, match="CO"):
            airfile.plan(header, rows)  # carbon monoxide in ug/m³, and the file does not say so
        account = Account()
        made = airfile.plan(header, rows, units={"CO": "ug/m3"})
        list(airfile.compute(made, rows, account=account))
        found = {day.on: day for day in airgather.days(made, rows)}
        valid = {name: sum(day.means[name].is_valid for day in found.values()) for name in airgather.POLLUTANTS}
        year = air.year_mean({on: day.means["PM2.5"].value for on, day in found.items()}, year=2014)
        assert len(found) == 365
        assert account.rows == 8760
        assert valid == {"SO2": 337, "NO2": 336, "PM10": 341, "CO": 336, "O3": 334, "PM2.5": 341}
        assert sum(day.index.value is not None for day in found.values()) == 341
        assert (year.count, year.is_valid) == (341, year.value is not None)
        for day in found.values():
            assert day.note or all(mean.is_valid for mean in day.means.values())
            assert day.index.value is not None or not (day.means["PM10"].is_valid or day.means["PM2.5"].is_valid)


def test_a_file_larger_than_can_be_held_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("date,SO2\n2020-01-01,1\n2020-01-02,1\n", encoding="utf-8")
    assert len(airfile.load(path)[1]) == 2
    monkeypatch.setattr(airfile, "MOST_ROWS", 2)
    assert len(airfile.load(path)[1]) == 2
    monkeypatch.setattr(airfile, "MOST_ROWS", 1)
    with pytest.raises(airfile.BadFile):
        airfile.load(path)
    monkeypatch.setattr(airfile, "MOST_BYTES", path.stat().st_size - 1)
    with pytest.raises(airfile.BadFile):
        airfile.load(path)
