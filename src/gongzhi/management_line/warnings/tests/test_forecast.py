"""The forecast and its backtest, without a database."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.management_line.warnings import backtest, forecast
from gongzhi.management_line.warnings.backtest import Warned, onsets
from gongzhi.management_line.warnings.forecast import LEADS, WEEK

seeds = st.integers(0, 2**32 - 1)


def weather(seed, weeks=8, level=40.0):
    """Return (values, hours) of air: a daily swing, slow weather, some noise, some gaps."""
    chance = np.random.default_rng(seed)
    hours = 2_900_000 + np.arange(weeks * WEEK, dtype=np.int64)
    slow = np.zeros(len(hours))
    for place in range(1, len(hours)):
        slow[place] = 0.97 * slow[place - 1] + chance.normal(0, 2.5)
    values = np.maximum(0, level + 10 * np.cos((hours % 24 - 8) / 24 * 2 * np.pi) + slow + chance.normal(0, 1.5, len(hours)))
    values[chance.random(len(hours)) < 0.03] = np.nan
    return values, hours


class TestFit:
    def test_needs_two_days(self):
        values, hours = weather(1)
        assert forecast.fit(values[:45], hours[:45]) is None
        assert forecast.fit(np.full(WEEK, np.nan), hours[:WEEK]) is None
        assert forecast.fit(values[: 2 * WEEK], hours[: 2 * WEEK]) is not None

    def test_foresees_a_day_that_is_always_the_same(self):
        hours = np.arange(4 * WEEK, dtype=np.int64)
        values = 20 + 5 * np.sin(hours % 24 / 24 * 2 * np.pi)
        found = forecast.ahead(forecast.fit(values, hours), values, hours)
        then = hours[-1] + 1 + np.arange(LEADS)
        assert np.abs(found.middle - (20 + 5 * np.sin(then % 24 / 24 * 2 * np.pi))).max() < 0.1

    @settings(max_examples=15, deadline=None)
    @given(seeds)
    def test_survives_being_kept_as_json(self, seed):
        values, hours = weather(seed, weeks=3)
        fitted = forecast.fit(values, hours)
        again = forecast.Fitted.of(json.loads(json.dumps(fitted.as_json())))
        one, other = forecast.ahead(fitted, values, hours), forecast.ahead(again, values, hours)
        assert np.allclose(one.middle, other.middle, rtol=1e-3, atol=1e-2)

    @settings(max_examples=15, deadline=None)
    @given(seeds, st.integers(1, 100))
    def test_knows_nothing_of_what_comes_after(self, seed, back):
        values, hours = weather(seed, weeks=3)
        fitted = forecast.fit(values[: 2 * WEEK], hours[: 2 * WEEK])
        other = values.copy()
        other[-back:] = 1e6
        place = len(values) - back - 1
        for one, changed in zip(forecast.ahead_of_all(fitted, values, hours), forecast.ahead_of_all(fitted, other, hours), strict=True):
            assert np.array_equal(one[: place + 1], changed[: place + 1])

    @settings(max_examples=15, deadline=None)
    @given(seeds, st.integers(96, 400))
    def test_needs_two_days_of_the_past_for_the_hours_ahead(self, seed, length):
        values, hours = weather(seed, weeks=3)
        values[-96] = 40.0  # a gap there would be filled from before
        fitted = forecast.fit(values, hours)
        assert np.allclose(forecast.ahead(fitted, values, hours).middle, forecast.ahead(fitted, values[-length:], hours[-length:]).middle, rtol=1e-6)

    @settings(max_examples=15, deadline=None)
    @given(seeds)
    def test_puts_its_middle_into_its_band_and_nothing_below_nought(self, seed):
        values, hours = weather(seed, weeks=3, level=8.0)
        middle, low, high = forecast.ahead_of_all(forecast.fit(values, hours), values, hours)
        assert (low <= middle + 1e-9).all()
        assert (middle <= high + 1e-9).all()
        assert (low >= 0).all()


class TestBacktest:
    def test_beats_both_baselines_where_there_is_something_to_know(self):
        values, hours = weather(3, weeks=10)
        score = backtest.backtest(values, hours)
        assert score.mae["model"] < score.mae["last_value"]
        assert score.mae["model"] < score.mae["week_before"]
        assert score.is_better
        assert 0.7 < score.covered < 0.9
        json.dumps(score.as_json())

    def test_does_not_beat_the_last_value_where_nothing_can_be_known(self):
        chance = np.random.default_rng(4)
        values = 1000 + np.cumsum(chance.normal(size=8 * WEEK))
        score = backtest.backtest(values, np.arange(8 * WEEK, dtype=np.int64))
        assert score.mae["model"] > 0.95 * score.mae["last_value"]  # a walk: what is known is where it stands

    def test_uses_nothing_of_the_future(self):
        values, hours = weather(5, weeks=6)
        other = values.copy()
        other[5 * WEEK :] *= 3
        one = backtest.backtest(values[: 5 * WEEK], hours[: 5 * WEEK], first=2 * WEEK)
        assert backtest.backtest(other[: 5 * WEEK], hours[: 5 * WEEK], first=2 * WEEK) == one

    def test_says_nothing_of_the_week_before_where_there_is_none(self):
        values, hours = weather(6, weeks=1)
        score = backtest.backtest(values[:160], hours[:160], limit=50.0, first=140)
        assert score.mae["week_before"] is None
        assert "week_before" not in score.warned
        assert backtest.backtest(values[:60], hours[:60]) is None

    def test_turns_round_for_limits_from_below(self):
        values, hours = weather(7, weeks=5)
        up = backtest.backtest(values, hours, limit=55.0, horizon=6)
        down = backtest.backtest(100 - values, hours, limit=45.0, below=True, horizon=6)
        assert up.warned["week_before"] == down.warned["week_before"]
        assert up.warned["last_value"] == down.warned["last_value"]
        assert up.warned["model"].onsets == down.warned["model"].onsets > 0

    def test_counts_hits_leads_and_false_alarms(self):
        values = np.full(200, 10.0)
        values[[50, 51, 120]] = 90.0
        foreseen = np.full((200, LEADS), 10.0)
        foreseen[46:50, :4] = 90.0  # four hours before the first onset
        foreseen[80:82, :2] = 90.0  # nothing comes of it
        found = backtest._warned(values, foreseen, 50.0, 6, 10)
        assert (found.onsets, found.hits, found.false_alarms, found.lead_hours) == (2, 1, 1, 4.0)
        assert found.skill == pytest.approx(1 / 3, abs=1e-3)
        assert found.hit_rate == 0.5

    @given(st.lists(st.booleans(), min_size=5, max_size=80))
    def test_begins_a_new_onset_after_quiet_hours_only(self, beyond):
        values = np.array([90.0 if one else 10.0 for one in beyond])
        for onset in onsets(values, 50.0):
            assert values[onset] > 50
            assert (values[onset - 3 : onset] <= 50).all()
            assert onset >= 3

    def test_is_not_better_when_a_baseline_warns_better(self):
        good = Warned(10, 5, 5, 0.5, 0.5, 3.0, 0.33)
        better = Warned(10, 9, 1, 0.1, 0.9, 3.0, 0.82)
        mae = {"model": 1.0, "last_value": 2.0, "week_before": 3.0}
        made = {"hours": 1, "tested_hours": 1, "limit": 5.0, "horizon": 6, "mae_by_lead": {}, "covered": 0.8}
        assert backtest.Score(mae=mae, warned={"model": better, "week_before": good}, **made).is_better
        assert not backtest.Score(mae=mae, warned={"model": good, "week_before": better}, **made).is_better
        assert not backtest.Score(mae=mae | {"last_value": 1.0}, warned={}, **made).is_better


@pytest.mark.parametrize("hole", [None, -1, -30])
@pytest.mark.parametrize("skew", [False, True])
def test_the_last_hours_are_foreseen_alike_alone(hole, skew):
    """The look of the clock asks for the last hours only, all leads at once: the same numbers as of all hours."""
    chance = np.random.default_rng(3)
    hours = np.arange(20_000, 20_000 + 600, dtype=np.int64)
    values = 40 + 8 * np.sin(hours / 24 * 2 * np.pi) + chance.normal(0, 2, 600)
    if skew:
        values = np.exp(values / 12)
    if hole is not None:
        values[hole:][:5] = np.nan
    fitted = forecast.fit(values, hours)
    whole = forecast.ahead_of_all(fitted, values[-96:], hours[-96:])
    for count in (1, 3, 96):
        for one, other in zip(forecast.ahead_of_last(fitted, values[-96:], hours[-96:], count), whole, strict=True):
            np.testing.assert_allclose(one, other[-count:], rtol=1e-9, atol=1e-9)
