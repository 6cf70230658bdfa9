"""The arithmetic of the registers: distances, amounts of a year, intensities, tracing. No database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.sources import amounts, tracing
from gongzhi.management_line.sources.amounts import Measured, Reported, used
from gongzhi.management_line.sources.earth import bearing, distance, turn
from gongzhi.management_line.sources.intensity import Reported as Filed
from gongzhi.management_line.sources.intensity import intensity
from gongzhi.management_line.sources.tracing import Wind, beside, rose, upstream, upwind, water_weight

places = st.tuples(st.floats(119.5, 120.5), st.floats(29.8, 30.8))
angles = st.floats(0, 360, exclude_max=True)


class TestEarth:
    def test_a_degree_of_latitude_is_111_km(self):
        assert distance((120.0, 30.0), (120.0, 31.0)) == pytest.approx(111_195, rel=1e-4)

    @pytest.mark.parametrize(("other", "degrees"), [((120.0, 31.0), 0), ((121.0, 30.0), 90), ((120.0, 29.0), 180), ((119.0, 30.0), 270)])
    def test_bearings_go_clockwise_from_north(self, other, degrees):
        assert turn(bearing((120.0, 30.0), other), degrees) < 0.5

    @given(places, places)
    def test_the_way_back_points_the_other_way(self, one, other):
        assert distance(one, other) == pytest.approx(distance(other, one))
        if distance(one, other) > 1:
            assert turn(bearing(one, other), (bearing(other, one) + 180) % 360) < 1


class TestUsed:
    YEAR = date(2026, 1, 1)

    def test_a_month_that_was_not_measured_counts_as_reported(self):
        found = used(since=self.YEAR, until=date(2026, 2, 28), measured=[], reported=[Reported(self.YEAR, date(2026, 1, 31), Decimal(310), "2026-01")])
        assert found.kilograms == 310
        assert [part.source for part in found.parts] == ["reported", "nothing"]
        assert found.covered == pytest.approx(31 / 59)

    def test_a_month_measured_in_most_hours_counts_as_measured(self):
        days = [Measured(self.YEAR + timedelta(days=n), 24, 2.0) for n in range(31)]
        found = used(since=self.YEAR, until=date(2026, 1, 31), measured=days, reported=[Reported(self.YEAR, date(2026, 1, 31), Decimal(310))])
        assert found.kilograms == 62
        assert found.measured_hours == 31 * 24
        assert found.covered == 1

    def test_the_border_is_three_quarters_of_the_hours(self):
        month = [Reported(date(2026, 4, 1), date(2026, 4, 30), Decimal(900))]
        enough = [Measured(date(2026, 4, 1) + timedelta(days=n), 18, 1.0) for n in range(30)]
        assert used(since=date(2026, 4, 1), until=date(2026, 4, 30), measured=enough, reported=month).kilograms == 30
        short = [*enough[:-1], Measured(date(2026, 4, 30), 17, 1.0)]
        assert used(since=date(2026, 4, 1), until=date(2026, 4, 30), measured=short, reported=month).kilograms == 900

    def test_a_quarter_that_has_just_begun_counts_in_proportion(self):
        found = used(since=self.YEAR, until=date(2026, 1, 9), measured=[], reported=[Reported(self.YEAR, date(2026, 3, 31), Decimal(900))])
        assert found.kilograms == pytest.approx(90)

    @given(
        st.lists(st.tuples(st.integers(0, 364), st.integers(1, 24), st.floats(0, 1e6)), max_size=40, unique_by=lambda one: one[0]),
        st.lists(st.tuples(st.integers(1, 12), st.decimals(0, 10**6, places=2)), max_size=12, unique_by=lambda one: one[0]),
        st.integers(0, 364),
    )
    def test_every_day_counts_once_and_parts_make_the_total(self, days, months, length):
        until = self.YEAR + timedelta(days=length)
        measured = [Measured(self.YEAR + timedelta(days=n), hours, kilograms) for n, hours, kilograms in days]
        reported = []
        for month, kilograms in months:
            first = date(2026, month, 1)
            last = (date(2026, month + 1, 1) if month < 12 else date(2027, 1, 1)) - timedelta(days=1)
            reported.append(Reported(first, last, kilograms))
        found = used(since=self.YEAR, until=until, measured=measured, reported=reported)
        assert found.parts[0].since == self.YEAR
        assert found.parts[-1].until == until
        for one, other in zip(found.parts, found.parts[1:], strict=False):
            assert other.since == one.until + timedelta(days=1)  # no gap, no overlap
        assert found.kilograms == pytest.approx(sum(part.kilograms for part in found.parts))
        assert 0 <= found.covered <= 1 + 1e-9
        most = sum(one.kilograms for one in measured if one.on <= until) + float(sum(one.kilograms for one in reported))
        assert found.kilograms <= most + 1e-6
        for part in found.parts:
            if part.source == "reported":
                assert part.share < amounts.ENOUGH


class TestIntensity:
    def filed(self, output, energy, **emissions):
        return Filed(title="", output=Decimal(output), energy=Decimal(energy), water=Decimal(0), emissions={k: Decimal(v) for k, v in emissions.items()})

    def test_sums_are_divided_not_quotients_averaged(self):
        found = intensity("energy", [self.filed(100, 10), self.filed(1, 1)])
        assert found.value == Decimal(11) / Decimal(101)

    def test_a_firm_at_the_threshold_is_not_high(self):
        assert not intensity("energy", [self.filed(10, 5)], limit=Decimal("0.5")).is_high
        assert intensity("energy", [self.filed(10, "5.001")], limit=Decimal("0.5")).is_high

    def test_no_output_gives_no_intensity(self):
        found = intensity("w01018", [self.filed(0, 5, w01018=3)], limit=Decimal(1))
        assert (found.value, found.times, found.is_high) == (None, None, False)

    @given(st.lists(st.tuples(st.decimals("0.01", 10**6, places=2), st.decimals(0, 10**6, places=3)), min_size=1, max_size=12))
    def test_the_year_lies_between_its_periods(self, rows):
        found = intensity("energy", [self.filed(output, energy) for output, energy in rows]).value
        each = [energy / output for output, energy in rows]
        slack = Decimal("1e-9") * (1 + max(each))
        assert min(each) - slack <= found <= max(each) + slack


STATION = (120.0, 30.0)


def at(degrees: float, metres: float) -> tuple[float, float]:
    """Return a point so far from the station in that direction."""
    import math

    north = metres * math.cos(math.radians(degrees)) / 111_195
    east = metres * math.sin(math.radians(degrees)) / (111_195 * math.cos(math.radians(30)))
    return 120.0 + east, 30.0 + north


class TestUpwind:
    def test_the_source_from_which_the_wind_blew_comes_first(self):
        found = upwind(STATION, {1: at(90, 800), 2: at(270, 300)}, [Wind(90, 2.0), Wind(95, 2.0)])
        assert [one.key for one in found] == [1]
        assert found[0].share == 1
        assert found[0].straightness == pytest.approx((1 + 40 / 45) / 2, abs=0.01)

    def test_of_two_in_the_wind_the_nearer_counts_more(self):
        found = upwind(STATION, {1: at(180, 2000), 2: at(180, 500)}, [Wind(180, 3.0)])
        assert [one.key for one in found] == [2, 1]

    def test_calms_count_for_nobody_but_count(self):
        found = upwind(STATION, {1: at(0, 500)}, [Wind(0, 2.0), Wind(0, 0.2)])
        assert found[0].share == 0.5

    def test_what_lies_too_far_is_left_out(self):
        assert upwind(STATION, {1: at(0, 9000)}, [Wind(0, 2.0)]) == []
        assert upwind(STATION, {1: at(0, 500)}, []) == []

    @given(
        st.lists(st.builds(Wind, angles, st.one_of(st.none(), st.floats(0, 20))), min_size=1, max_size=30),
        st.dictionaries(st.integers(0, 20), places, max_size=8),
        angles,
    )
    def test_weights_are_shares_and_a_turned_world_is_the_same_world(self, winds, sources, by):
        found = upwind(STATION, sources, winds)
        assert all(0 < one.weight <= one.straightness <= one.share <= 1 + 1e-9 for one in found)
        assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
        spots = {key: at(37.0 * key, 400 + 10 * key) for key in range(6)}
        turned = {key: at(37.0 * key + by, 400 + 10 * key) for key in range(6)}
        plain = {one.key: one.weight for one in upwind(STATION, spots, winds)}
        rotated = {one.key: one.weight for one in upwind(STATION, turned, [Wind((wind.direction + by) % 360, wind.speed) for wind in winds])}
        for key in set(plain) | set(rotated):
            assert plain.get(key, 0) == pytest.approx(rotated.get(key, 0), abs=0.02)

    @given(st.lists(st.builds(Wind, angles, st.one_of(st.none(), st.floats(0, 20))), min_size=1, max_size=50))
    def test_the_rose_holds_every_moment_once(self, winds):
        assert sum(rose(winds)) == pytest.approx(1)

    def test_by_distance_alone_nearest_first(self):
        assert [one.key for one in beside(STATION, {1: at(10, 400), 2: at(200, 100), 3: at(0, 900)}, 500)] == [2, 1]


class TestUpstream:
    def test_times_add_up_along_the_way(self):
        found = upstream(1, {2: (1, 2.0), 3: (2, 1.5), 4: (2, None), 9: (8, 1.0)})
        assert found[3].hours == 3.5
        assert found[3].path == (2,)
        assert found[2].path == ()
        assert found[4].hours is None
        assert 9 not in found

    @given(st.dictionaries(st.integers(0, 12), st.tuples(st.integers(0, 12), st.one_of(st.none(), st.floats(0, 50))), max_size=13))
    def test_any_register_even_one_with_a_ring_is_walked_once(self, flows):
        found = upstream(0, flows)
        assert found[0].hours == 0
        for key, reach in found.items():
            assert key not in reach.path
            assert 0 not in reach.path
            here, total, walked = key, 0.0, []
            while here != 0:
                below, hours = flows[here]
                total = total + hours if total is not None and hours is not None else None
                here = below
                walked.append(here)
            assert tuple(walked[:-1]) == reach.path
            assert reach.hours == (pytest.approx(total) if total is not None else None) or key == 0

    @given(st.floats(0, 100), st.floats(0, 100), st.lists(st.floats(0, 50), max_size=4))
    def test_nearer_and_fuller_never_counts_less(self, near, more, loads):
        assert 0 < water_weight(near, loads) <= 1
        assert water_weight(near, loads) >= water_weight(near + more, loads)
        assert water_weight(near, [*loads, 2.0]) >= water_weight(near, loads)
        assert water_weight(near, [0.0]) < water_weight(near, []) < water_weight(near, [1.0]) == water_weight(near, [9.0])

    def test_families_keep_what_stands_for_the_same(self):
        assert "w01018" in tracing.family("w01019")
        assert tracing.family("w99999") == {"w99999"}
