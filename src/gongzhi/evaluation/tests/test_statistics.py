import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.evaluation import statistics
from gongzhi.evaluation.statistics import Estimate, adjusted_shares, against, band


class TestShare:
    def test_has_wilsons_interval(self):
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        found = statistics.share(81, 263)
        assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
        assert round(statistics.share(0, 20).high, 4) == 0.1611
        assert statistics.share(0, 20).low == 0
        assert round(statistics.share(1, 29).low, 4) == 0.0061

    def test_of_nothing_is_none(self):
        with pytest.raises(ZeroDivisionError):
            statistics.share(0, 0)


class TestMiddle:
    def test_has_an_interval_between_order_statistics(self):
        # n = 10: the second and the ninth value, 97.9 %; n = 20: the sixth and the fifteenth, 95.9 % (Conover, table A3)
        assert statistics.middle(range(1, 11)) == Estimate(5.5, 2, 9, 10)
        assert statistics.middle(range(1, 21)) == Estimate(10.5, 6, 15, 20)

    def test_of_few_values_reaches_from_end_to_end(self):
        assert statistics.middle([3, 1, 2]) == Estimate(2, 1, 3, 3)
        assert statistics.middle([7]) == Estimate(7, 7, 7, 1)
        with pytest.raises(ZeroDivisionError):
            statistics.middle([])

    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=1500))
    def test_lies_in_its_interval(self, values):
        found = statistics.middle(values)
        assert found.low <= found.value <= found.high


class TestMean:
    def test_has_students_interval(self):
        assert [round(statistics.t_quantile(v), 2) for v in (1, 2, 3, 5, 10, 30, 1000)] == [12.71, 4.3, 3.18, 2.57, 2.23, 2.04, 1.96]
        found = statistics.mean([1, 2, 3, 4, 5])
        assert found.value == 3
        assert found.high - found.value == pytest.approx(2.776 * 1.5811 / 5**0.5, abs=2e-3)
        assert statistics.mean([4]) == Estimate(4, None, None, 1)


class TestAdjustedShares:
    def test_a_unit_with_hard_cases_is_held_against_what_others_reach_with_such(self):
        easy, hard = [1.0] * 9 + [0.0], [1.0] * 5 + [0.0] * 5
        seen = (
            [(1, value, 7) for value in easy * 4]
            + [(2, value, 8) for value in hard * 4]
            + [(3, value, 7) for value in easy]
            + [(3, value, 8) for value in hard]
        )
        overall, found = adjusted_shares(seen)
        assert overall == pytest.approx(0.7)
        assert {unit: round(one.value, 6) for unit, one in found.items()} == {1: 0.7, 2: 0.7, 3: 0.7}

    def test_better_than_expected_is_above(self):
        overall, found = adjusted_shares([(1, 1.0, None)] * 40 + [(2, 0.0, None)] * 40)
        assert overall == 0.5
        assert (band(found[1], overall), band(found[2], overall)) == ("hi", "lo")

    def test_where_nobody_ever_succeeds_nothing_is_divided_by_nothing(self):
        overall, found = adjusted_shares([(1, 0.0, None)] * 4)
        assert overall == 0
        assert found[1].value == 0


class TestVerdicts:
    def test_say_something_only_where_the_whole_interval_lies_on_one_side(self):
        found = Estimate(90, 85, 95, 50)
        assert against(found, 85, "up") == "reached"
        assert against(found, 85.1, "up") == "unsure"
        assert against(found, 95.1, "up") == "missed"
        assert against(found, 95, "up") == "unsure"
        assert against(found, 95, "down") == "reached"
        assert against(found, 84.9, "down") == "missed"
        assert against(found, None, "up") == against(found, 90, "none") == ""

    def test_what_was_counted_whole_is_on_one_side_or_the_other(self):
        assert against(Estimate(95, None, None, 1), 95, "up") == "reached"
        assert against(Estimate(94.9, None, None, 1), 95, "up") == "missed"

    def test_an_interval_that_reaches_the_towns_value_cannot_be_told_apart(self):
        assert band(Estimate(0.9, 0.8, 0.95, 10), 0.8) == "mid"
        assert band(Estimate(0.9, 0.801, 0.95, 10), 0.8) == "hi"
        assert band(Estimate(0.5, 0.4, 0.799, 10), 0.8) == "lo"
