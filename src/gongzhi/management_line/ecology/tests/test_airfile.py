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

from gongzhi.management_line.ecology import airfile
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
        assert airfile._moment(cells) == moment

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

    def test_daily_values_of_a_news_site_differ_in_known_ways(self):
        """A news site's table, whose AQI is not recomputable from its rounded means: 14 % agree. It is no official publication.

        The rows are sorted by what their difference looks like. That the site averages hourly indices is an inference from the figures,
        nothing in the file says so; `above` and `below` and `december` only bound what stays open.
          same       no difference
          by_hours   ozone or nitrogen dioxide makes the day's index; without them the difference is small. In hourly indices they go through
                     the far wider 1 h columns
          rounding   at most 3
          above      the site's is higher: a mean of hourly maxima is at least the maximum of means
          below      the site's is lower by at most 15, and particles make the index
          december   December 2013, the table's first month, where differences of both signs reach 100 and no rule was found
        """
        header, rows = real("daily_city_hangzhou_2013_2017.csv")
        rules: Counter[str] = Counter()
        levels = 0
        unexplained = []
        for row, (index, _note) in zip(rows, airfile.compute(airfile.plan(header, rows), rows), strict=True):
            said = dict(zip(header, row, strict=True))
            official = int(said["AQI"])
            difference = index.value - official
            particles = max(sub.value for sub in index.subs if sub.pollutant in ("PM10", "PM2.5"))
            levels += index.level is air.level(official)
            if difference == 0:
                rule = "same"
            elif said["date"] < "2014":
                rule = "december"
            elif difference > 0 and particles < index.value and particles - official <= 10:
                rule = "by_hours"
            elif abs(difference) <= 3:
                rule = "rounding"
            elif difference < 0:
                rule = "above"
            elif difference <= 15:
                rule = "below"
            else:
                rule = ""
                unexplained.append((said["date"], official, index.value, index.primary))
            rules[rule] += 1
        print(
            f"\nHangzhou, days of 2013-2017 (news site): {len(rows)} rows, same level in {levels}; "
            + ", ".join(f"{name} {count}" for name, count in rules.most_common())
        )
        assert not unexplained, unexplained

    def test_a_year_of_beijing_hours_gives_valid_days_only(self):
        header, rows = real("prsa_Aotizhongxin_2014.csv")
        with pytest.raises(BadFile, match="CO"):
            airfile.plan(header, rows)  # carbon monoxide in ug/m³, and the file does not say so
        account = Account()
        made = airfile.plan(header, rows, units={"CO": "ug/m3"})
        list(airfile.compute(made, rows, account=account))
        days: dict[date, dict[str, list[float | None]]] = {}
        for row in rows:
            day, _hour = airfile._moment([row[place] for place in made.day])
            hours = days.setdefault(day, {key: [] for key in made.columns})
            for key, place in made.columns.items():
                hours[key].append(float(row[place]) if row[place] else None)
        found = {}
        for day, hours in days.items():
            means = {key: air.mean(values, period="day", on=day).value for key, values in hours.items() if key != "O3"}
            means["O3_8h"] = air.largest_eight_hours(hours["O3"], on=day).value
            found[day] = (means, air.daily(means, on=day, units={"CO": "ug/m3"}))
        valid = {key: sum(means[key] is not None for means, _index in found.values()) for key in ("SO2", "NO2", "PM10", "CO", "O3_8h", "PM2.5")}
        year = air.year_mean({day: means["PM2.5"] for day, (means, _index) in found.items()}, year=2014)
        print(
            f"\nBeijing 2014: {account.rows} hours, {account.computed} with an index; days with a valid mean {valid}; PM2.5 of the year: {year.value} ({year.count} days; {year.why})"  # noqa: E501
        )
        assert len(found) == 365
        assert account.rows == 8760
        for means, index in found.values():
            assert index.value is not None or {"PM10", "PM2.5"} <= {key for key, value in means.items() if value is None}
