"""The forecast on real series; skipped where they are not at hand."""

import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command

REAL = Path(os.environ.get("GONGZHI_DATA", Path(__file__).parents[6] / "shared" / "data")) / "air"


def series_of(capsys, name, **options):
    if not (REAL / name).is_file():
        pytest.skip(f"the real file {name} is not here")
    call_command("forecast", "backtest", str(REAL / name), **options)
    return json.loads(capsys.readouterr().out)["series"]


class TestBeijing:
    @pytest.mark.parametrize("factor", ["PM2.5", "O3", "NO2"])
    def test_values_are_foreseen_better_than_by_either_baseline_at_every_lead(self, capsys, factor):
        score = series_of(capsys, "prsa_Aotizhongxin_2014.csv", factor=factor, limit=115.0)[0]
        assert score["mae"]["model"] < min(score["mae"]["last_value"], score["mae"]["week_before"])
        assert all(errors["model"] < errors["last_value"] for errors in score["mae_by_lead"].values())
        assert 0.7 < score["covered"] < 0.9

    def test_warnings_of_what_lies_high_beat_the_week_before_and_of_what_is_common_do_not(self, capsys):
        assert series_of(capsys, "prsa_Aotizhongxin_2014.csv", limit=115.0)[0]["is_better"]
        common = series_of(capsys, "prsa_Aotizhongxin_2014.csv", limit=75.0)[0]
        assert common["warned"]["model"]["skill"] < common["warned"]["week_before"]["skill"]
        assert not common["is_better"]


class TestZhejiang:
    def test_a_week_is_too_short_to_warn_of_anything(self, capsys):
        found = series_of(capsys, "hourly_station_aqi_zhejiang_2020.csv", limit=75.0)
        assert len(found) > 30
        assert not any(one.get("is_better") for one in found)
        assert all(one["mae"]["week_before"] is None for one in found if "mae" in one)
