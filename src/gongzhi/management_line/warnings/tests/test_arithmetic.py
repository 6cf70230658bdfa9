"""What rules measure, without a database."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.warnings import frozen, neighbours, rate, silence

NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
values = st.floats(-1e6, 1e6)


class TestRate:
    @given(values, values, st.integers(1, 600))
    def test_is_the_change_an_hour(self, before, after, minutes):
        found = rate.per_hour([(NOON, after)], [(NOON - minutes * MINUTE, before)])
        assert found == pytest.approx((after - before) / (minutes / 60), abs=1e-6)

    @given(st.lists(values, min_size=3, max_size=3), st.floats(1e7, 1e9))
    def test_bears_one_stray_reading(self, calm, stray):
        new = [(NOON, calm[0]), (NOON - MINUTE, stray), (NOON - 2 * MINUTE, calm[2])]
        old = [(NOON - 60 * MINUTE - place * MINUTE, value) for place, value in enumerate(calm)]
        found = rate.per_hour(new, old)
        assert abs(found) <= max(calm) - min(calm) + 1e-6

    def test_says_nothing_without_readings_or_time_between_them(self):
        assert rate.per_hour([], [(NOON, 1.0)]) is None
        assert rate.per_hour([(NOON, 1.0)], []) is None
        assert rate.per_hour([(NOON, 1.0)], [(NOON, 0.0)]) is None

    @given(values)
    def test_counts_towards_where_it_is_watched(self, change):
        assert rate.measured(change, rate.UP) == -rate.measured(change, rate.DOWN)
        assert rate.measured(change, rate.EITHER) == max(rate.measured(change, rate.UP), rate.measured(change, rate.DOWN))


class TestSilence:
    @given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 10_000))
    def test_counts_from_the_end_of_work_and_not_in_it(self, heard, begins, length):
        """Minutes before noon: when it was heard, when work began; `length`: how long the work took."""
        window = (NOON - begins * MINUTE, NOON - begins * MINUTE + length * MINUTE)
        since = silence.silent_since(NOON, NOON - heard * MINUTE, [window])
        if window[0] <= NOON < window[1]:
            assert since is None
        else:
            assert silence.minutes_of(NOON, since) == min(heard, max(0, (NOON - window[1]) / MINUTE) if window[1] <= NOON else heard)

    def test_bears_the_longer_of_minutes_and_missed_reports(self):
        assert silence.allowed(30, 3, 60) == 30
        assert silence.allowed(30, 3, 3600) == 180
        assert silence.minutes_of(NOON, None) == 0


class TestFrozen:
    @given(st.lists(st.integers(0, 3).map(float), min_size=1, max_size=40), st.integers(2, 10))
    def test_counts_the_newest_equal_ones_only(self, given_values, least):
        points = [(NOON - place * MINUTE, value) for place, value in enumerate(given_values)]
        expected = next((place for place, value in enumerate(given_values) if value != given_values[0]), len(given_values))
        assert frozen.run(points) == expected
        assert frozen.minutes_of(points, least) == (expected - 1 if expected >= least else 0)

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
    def test_counts_all_that_lies_within_the_tolerance(self, given_values):
        points = [(NOON - place * MINUTE, value) for place, value in enumerate(given_values)]
        assert frozen.run(points, tolerance=1.0) == len(points)


class TestNeighbours:
    @given(st.floats(-179, 179), st.floats(-60, 60), st.floats(0, 359.9), st.floats(100, 20_000))
    def test_know_which_lies_upwind(self, longitude, latitude, wind_from, far):
        here = (longitude, latitude)
        towards = math.radians(wind_from + 180)
        there = (longitude + far / 111_195 * math.sin(towards) / math.cos(math.radians(latitude)), latitude + far / 111_195 * math.cos(towards))
        assert neighbours.is_upwind(here, there, wind_from)
        assert not neighbours.is_upwind(there, here, wind_from)
        assert neighbours.metres(here, there) == pytest.approx(far, rel=0.02)

    @given(st.dictionaries(st.integers(1, 60), st.tuples(st.floats(119.9, 120.1), st.floats(29.9, 30.1)), max_size=20))
    def test_are_paired_once_and_within_the_radius(self, places):
        pairs = neighbours.nearest_pairs(places, 5_000)
        assert len(pairs) == len(set(pairs))
        assert all(one < other and neighbours.metres(places[one], places[other]) <= 5_001 for one, other in pairs)
        assert len(pairs) <= 2 * len(places)

    @given(st.integers(0, 2**32 - 1), st.floats(-1e3, 1e3), st.floats(0.01, 100))
    def test_disagree_by_usual_scatters_whatever_the_level(self, seed, level, scatter):
        usual = level + scatter * np.random.default_rng(seed).normal(size=400)
        calm = neighbours.disagreement(usual, float(np.median(usual)))
        off = neighbours.disagreement(usual, float(np.median(usual)) + 8 * scatter)
        assert calm.scatters == 0
        assert 5 < off.scatters < 13

    def test_are_not_moved_by_a_few_wild_hours_and_say_nothing_of_too_few(self):
        usual = np.concatenate((np.random.default_rng(1).normal(size=300), np.full(40, 1e6)))
        assert neighbours.disagreement(usual, 8.0).scatters > 5
        assert neighbours.disagreement(usual[:60], 8.0) is None
        assert neighbours.disagreement(usual, math.nan) is None

    def test_name_the_one_that_left_its_own_level(self):
        calm = np.random.default_rng(2).normal(size=200)
        assert neighbours.odd_one(calm, calm + 5, (0.0, 30.0)) == 1
        assert neighbours.odd_one(calm, calm + 5, (30.0, 5.0)) == 0
