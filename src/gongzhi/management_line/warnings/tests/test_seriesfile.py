"""Hourly series out of CSV files."""

import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.warnings.seriesfile import Unreadable, read
from gongzhi.management_line.warnings.tests.test_forecast import weather


class TestRead:
    @pytest.mark.parametrize("lines", [
        ["year,month,day,hour,PM2.5,station", "2020,4,2,1,5,a", "2020,4,2,3,NA,a", "2020,4,2,4,7,a"],
        ["Date,Hour,WatchPoint,PM2.5", "2020-04-02,1,a,5", "2020-04-02,4,a,7"],
        ["\ufeffdatetime,site,pm2.5", "2020-04-02T01:00:00+08:00,a,5", "2020/04/02 04:30,a,7"],
        ["时间,站点,PM2.5", "2020-04-02 01:20:00,a,4", "2020-04-02 01:40:00,a,6", "2020-04-02 04:00,a,7"],
    ])  # fmt: skip
    def test_fills_hours_whatever_the_columns_are_called(self, lines):
        values, hours = read(lines, "PM2.5")["a"]
        assert np.array_equal(values, [5.0, np.nan, np.nan, 7.0], equal_nan=True)
        assert hours[0] % 24 == 1
        assert (np.diff(hours) == 1).all()

    def test_keeps_places_apart(self):
        found = read(["datetime,station,NO2", "2020-04-02 01:00,a,5", "2020-04-02 01:00,b,9"], "no2")
        assert {name: values.tolist() for name, (values, _hours) in found.items()} == {"a": [5.0], "b": [9.0]}

    @pytest.mark.parametrize("lines", [
        [], ["a,b"], ["datetime,NO2", "2020-04-02 01:00,5"], ["x,PM2.5", "1,2"], ["datetime,PM2.5", "1920-01-01,1", "2020-01-01,2"],
    ])  # fmt: skip
    def test_says_what_is_missing(self, lines):
        with pytest.raises(Unreadable):
            read(lines, "PM2.5")

    @given(st.text(max_size=300))
    def test_never_fails_otherwise(self, text):
        try:
            read(("datetime,PM2.5\n" + text).splitlines(), "PM2.5")
        except Unreadable:
            return


class TestCommand:
    def test_prints_the_backtest_as_json(self, tmp_path, capsys):
        values, _hours = weather(8, weeks=6)
        days = np.datetime64("2026-01-05T00") + np.arange(len(values))
        lines = "\n".join(f"{moment},{'' if np.isnan(value) else value}" for moment, value in zip(days.astype("datetime64[s]"), values, strict=True))
        file = tmp_path / "air.csv"
        file.write_text("datetime,PM10\n" + lines)
        call_command("forecast", "backtest", str(file), factor="PM10", limit=55.0, horizon=6)
        result = json.loads(capsys.readouterr().out)["series"][0]
        assert result["hours"] == int(np.isfinite(values).sum())
        assert set(result["mae"]) == {"model", "last_value", "week_before"}
        assert result["warned"]["model"]["onsets"] > 0

    def test_says_what_cannot_be_read(self, tmp_path):
        with pytest.raises(CommandError, match="No such file"):
            call_command("forecast", "backtest", str(tmp_path / "none.csv"))
        (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
        with pytest.raises(CommandError, match=r"no column PM2\.5"):
            call_command("forecast", "backtest", str(tmp_path / "bad.csv"))
