"""Water, noise, soil, emissions, waste: each answer with its limit and its clause."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from gongzhi.management_line.standards import emission, noise, soil, waste, water
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.standards.emission import OutletLimit
from gongzhi.management_line.standards.tables.water import SURFACE

ON = date(2026, 6, 1)
ITEMS = sorted({row.code for row in SURFACE[0].items} - {"pH", "DO"})


class TestWater:
    def test_class_is_that_of_the_worst_item_and_names_it(self):
        found = water.assess({"COD": 25, "NH3-N": 0.4, "TP": 0.15, "DO": 6.5, "pH": 7.2}, on=ON)
        assert (found.number, found.deciding) == (4, ("COD",))
        with translation.override("zh-hans"):
            assert str(found.name) == "Ⅳ类"
            assert "化学需氧量" in str(found.why)
            assert "GB 3838-2002 表 1" in str(found.why)

    @pytest.mark.parametrize(("value", "number"), [(0.02, 1), (0.1, 2), (0.2, 3), (0.3, 4), (0.4, 5), (0.41, 6)])
    def test_phosphorus_of_a_river(self, value, number):
        assert water.assess({"TP": value}, on=ON, body="river").number == number

    @pytest.mark.parametrize(("value", "number"), [(0.01, 1), (0.025, 2), (0.05, 3), (0.1, 4), (0.2, 5), (0.201, 6)])
    def test_phosphorus_of_a_lake_is_stricter(self, value, number):
        assert water.assess({"TP": value}, on=ON, body="lake").number == number

    @pytest.mark.parametrize(("value", "number"), [(7.5, 1), (7.49, 2), (6, 2), (5, 3), (3, 4), (2, 5), (1.9, 6)])
    def test_oxygen_runs_the_other_way(self, value, number):
        assert water.assess({"DO": value}, on=ON).number == number

    def test_oxygen_of_90_percent_saturation_is_class_one(self):
        assert water.assess({"DO": 6.8}, on=ON, saturation=90).number == 1
        assert water.assess({"DO": 6.8}, on=ON, saturation=89.9).number == 2

    @pytest.mark.parametrize(("value", "number"), [(6, 1), (9, 1), (5.9, 6), (9.1, 6)])
    def test_acidity_is_one_range_for_all_classes(self, value, number):
        assert water.assess({"pH": value}, on=ON).number == number

    def test_shared_limits_give_the_better_class(self):
        assert water.assess({"COD": 15}, on=ON).number == 1
        assert water.assess({"Cu": 1}, on=ON).number == 2

    def test_leaves_out_nitrogen_of_rivers_coliforms_and_temperature(self):
        values = {"TN": 9, "coliform": 90000, "temperature": 31, "COD": 10}
        river = water.assess(values, on=ON, body="river")
        assert (river.number, set(river.apart)) == (1, {"TN", "coliform", "temperature"})
        lake = water.assess(values, on=ON, body="lake")
        assert (lake.number, lake.deciding) == (6, ("TN",))
        assert water.assess(values, on=ON, body="lake", apart=("TN",)).number == 1

    def test_judges_a_target_with_times_over_but_not_for_oxygen(self):
        found = water.assess({"COD": 30, "DO": 4, "NH3-N": 0.9}, on=ON, target=3)
        judged = {one.item: one for one in found.judgements}
        assert found.keeps is False
        assert judged["COD"].times_over == pytest.approx(0.5)
        assert (judged["DO"].keeps, judged["DO"].times_over) == (False, None)
        assert judged["NH3-N"].keeps

    def test_knows_codes_and_units(self):
        assert water.assess({"w01018": 0.025, "w21003": 400}, on=ON, units={"w01018": "g/L", "w21003": "ug/L"}).deciding == ("COD",)

    def test_of_nothing_is_none(self):
        found = water.assess({"COD": None, "TN": 1}, on=ON)
        assert (found.number, found.keeps) == (None, None)

    @pytest.mark.parametrize(
        "bad", [{"values": {"gold": 1}}, {"values": {"COD": -1}}, {"values": {"COD": "x"}}, {"values": {}, "body": "sea"}, {"values": {}, "target": 6}]
    )
    def test_refuses_what_it_does_not_know(self, bad):
        with pytest.raises(CannotAssess):
            water.assess(bad.pop("values"), on=ON, **bad)

    @given(st.sampled_from(ITEMS), st.floats(0, 1e5), st.floats(0, 1e5), st.sampled_from(water.BODIES))
    def test_never_gets_better_by_more_of_it(self, item, one, other, body):
        low, high = (water.assess({item: value}, on=ON, body=body).items[0].number for value in sorted((one, other)))
        assert low <= high

    @given(st.floats(0, 20), st.floats(0, 20))
    def test_never_gets_worse_by_more_oxygen(self, one, other):
        low, high = (water.assess({"DO": value}, on=ON).number for value in sorted((one, other)))
        assert low >= high


class TestNoise:
    def test_is_averaged_by_energy(self):
        assert noise.leq([50, 60]) == pytest.approx(57.4036, abs=1e-4)
        assert noise.leq([60, 70], [3, 1]) == pytest.approx(65.1188, abs=1e-4)

    @given(st.lists(st.floats(0, 140), min_size=1, max_size=60), st.floats(-20, 20))
    def test_lies_between_mean_and_largest_and_moves_with_its_values(self, levels, shift):
        found = noise.leq(levels)
        assert sum(levels) / len(levels) - 1e-9 <= found <= max(levels) + 1e-9
        assert noise.leq([level + shift for level in levels]) == pytest.approx(found + shift)

    @pytest.mark.parametrize(
        ("area", "day", "night"),
        [("0", 50, 40), ("1", 55, 45), ("2", 60, 50), ("3", 65, 55), ("4a", 70, 55), ("4b", 70, 60)],
    )
    def test_limits_of_the_areas(self, area, day, night):
        assert noise.judge(day, area=area, when="day", on=ON).keeps
        assert not noise.judge(day + 0.1, area=area, when="day", on=ON).keeps
        assert noise.judge(night, area=area, when="night", on=ON).keeps
        judged = noise.judge(night + 0.5, area=area, when="night", on=ON)
        assert (judged.keeps, judged.times_over) == (False, None)
        assert "0.5 dB(A)" in str(judged.why)
        assert noise.judge_sudden(night + 15, area=area, on=ON).keeps
        assert not noise.judge_sudden(night + 15.1, area=area, on=ON).keeps

    @pytest.mark.parametrize(("moment", "expected"), [(time(6), "day"), (time(21, 59), "day"), (time(22), "night"), (time(5, 59), "night"), (time(0), "night")])
    def test_day_begins_at_six_unless_the_county_says_otherwise(self, moment, expected):
        assert noise.period(moment, on=ON) == expected
        assert noise.period(time(22, 30), on=ON, day_to=time(23)) == "day"

    def test_day_night_level_counts_the_night_ten_higher(self):
        hours = [(datetime(2026, 6, 1) + timedelta(hours=n), 55.0 if 6 <= n < 22 else 45.0) for n in range(24)]
        found = noise.day_night(hours, on=ON)
        assert (found.ld, found.ln, found.ldn) == (pytest.approx(55), pytest.approx(45), pytest.approx(55))
        assert (found.day_count, found.night_count) == (16, 8)
        assert noise.day_night(hours[:6], on=ON).ld is None

    def test_statistics_and_refusals(self):
        levels = list(range(100))
        assert noise.exceeded(levels, 10) == 89
        assert noise.exceeded(levels, 90) == 9
        for bad in (
            lambda: noise.leq([]),
            lambda: noise.leq([1], [0]),
            lambda: noise.leq([1], [1, 2]),
            lambda: noise.judge(1, area="9", when="day", on=ON),
            lambda: noise.limit("1", "noon", on=ON),
        ):
            with pytest.raises(CannotAssess):
                bad()


class TestSoil:
    @pytest.mark.parametrize(
        ("item", "value", "ph", "use", "finding"),
        [
            ("Cd", 0.3, 5.5, "paddy", "negligible"),
            ("Cd", 0.31, 5.5, "paddy", "watch"),
            ("Cd", 1.5, 5.5, "paddy", "watch"),
            ("Cd", 1.51, 5.5, "paddy", "measures"),
            ("Cd", 0.4, 5.51, "paddy", "negligible"),
            ("Cd", 0.8, 8, "paddy", "negligible"),
            ("Cd", 0.61, 8, "other", "watch"),
            ("As", 20, 7.6, "paddy", "negligible"),
            ("As", 101, 7.6, "other", "measures"),
            ("Hg", 1.8, 6.5, "other", "negligible"),
            ("Pb", 240, 9, "paddy", "negligible"),
            ("Cr", 1300, 7.6, "other", "watch"),
        ],
    )
    def test_of_farms_goes_by_acidity_and_use(self, item, value, ph, use, finding):
        found = soil.farm(item, value, ph=ph, on=ON, use=use)
        assert found.finding == finding
        assert "GB 15618-2018" in str(found.why)

    @pytest.mark.parametrize(
        ("land", "value", "finding"),
        [(1, 400, "negligible"), (1, 401, "watch"), (1, 801, "measures"), (2, 800, "negligible"), (2, 2500, "watch"), (2, 2501, "measures")],
    )
    def test_of_building_land_goes_by_its_class(self, land, value, finding):
        assert soil.building("Pb", value, land=land, on=ON).finding == finding

    @given(st.sampled_from(["As", "Cd", "Hg", "Pb", "Cr"]), st.floats(0, 2000), st.floats(0, 2000), st.floats(0, 14), st.sampled_from(["paddy", "other"]))
    def test_never_gets_better_by_more_of_it(self, item, one, other, ph, use):
        order = ["negligible", "watch", "measures"]
        low, high = (order.index(soil.farm(item, value, ph=ph, on=ON, use=use).finding) for value in sorted((one, other)))
        assert low <= high

    def test_refuses_what_it_does_not_know(self):
        for bad in (
            lambda: soil.farm("Au", 1, ph=7, on=ON), lambda: soil.farm("Cd", 1, ph=15, on=ON), lambda: soil.farm("Cd", 1, ph=7, on=ON, use="golf"),
            lambda: soil.farm("Cd", -1, ph=7, on=ON), lambda: soil.building("Cd", 1, land=3, on=ON), lambda: soil.building("Au", 1, land=1, on=ON),
        ):  # fmt: skip
            with pytest.raises(CannotAssess):
                bad()


LIMIT = OutletLimit(factor="a21026", label="SO2", limit=50, unit="mg/m3", permit="P-1", since=date(2026, 1, 1), until=date(2026, 12, 31), reference_oxygen=9)
ACID = OutletLimit(factor="w01001", label="pH", limit=9, low=6, unit="pH", permit="P-1", since=date(2026, 1, 1))


class TestEmission:
    def test_is_converted_to_the_reference_oxygen_before_it_is_judged(self):
        judged = emission.judge(LIMIT, 40, unit="mg/m3", on=ON, oxygen=13.5)
        assert (judged.value, judged.keeps) == (pytest.approx(64), False)
        assert judged.times_over == pytest.approx(0.28)
        assert emission.judge(LIMIT, 40, unit="mg/m3", on=ON, oxygen=9).keeps
        assert emission.judge(LIMIT, 40, unit="mg/m3", on=ON, is_converted=True).keeps
        assert "P-1" in str(judged.why)

    def test_without_oxygen_is_not_judged(self):
        judged = emission.judge(LIMIT, 4, unit="mg/m3", on=ON)
        assert judged.keeps is None
        assert emission.judge(LIMIT, None, unit="mg/m3", on=ON, oxygen=9).keeps is None

    def test_takes_the_units_of_device_and_permit(self):
        assert not emission.judge(LIMIT, 60000, unit="ug/m3", on=ON, oxygen=9).keeps
        with pytest.raises(ValueError, match="ppm"):
            emission.judge(LIMIT, 60, unit="ppm", on=ON, oxygen=9)

    def test_of_a_range_is_kept_at_both_ends(self):
        assert [emission.judge(ACID, value, unit="pH", on=ON).keeps for value in (5.99, 6, 9, 9.01)] == [False, True, True, False]

    def test_of_another_year_is_refused(self):
        with pytest.raises(CannotAssess, match="P-1"):
            emission.judge(LIMIT, 1, unit="mg/m3", on=date(2027, 1, 1), oxygen=9)

    @given(st.floats(0, 1e4), st.floats(0, 20.9), st.floats(0, 20.9), st.floats(0, 18))
    def test_grows_with_dilution_and_is_itself_at_the_reference(self, value, one, other, reference):
        low, high = (emission.at_reference_oxygen(value, oxygen=oxygen, reference=reference).value for oxygen in sorted((one, other)))
        assert low <= high
        assert emission.at_reference_oxygen(value, oxygen=reference, reference=reference).value == pytest.approx(value)

    @pytest.mark.parametrize("oxygen", [21, 25, -1])
    def test_of_mere_air_cannot_be_converted(self, oxygen):
        with pytest.raises(CannotAssess):
            emission.at_reference_oxygen(1, oxygen=oxygen, reference=9)

    def test_mean_of_flue_gas_needs_45_normal_minutes(self):
        values, flags = [10.0] * 60, ["N"] * 45 + ["C"] * 15
        assert (emission.flue_mean(values, flags).value, emission.flue_mean(values, flags).flag) == (10.0, "N")
        assert (emission.flue_mean(values, ["C", *flags[1:]]).value, emission.flue_mean(values, ["C", *flags[1:]]).flag) == (None, "D")
        assert emission.flue_mean([1.0] * 20 + [None] * 4, period="day").value == 1.0
        with pytest.raises(CannotAssess):
            emission.flue_mean([1.0], ["N", "N"])

    def test_mean_of_waste_water_bears_no_abnormal_value(self):
        assert emission.waste_water_mean([1.0, 3.0]).value == 2.0
        assert emission.waste_water_mean([1.0, 3.0], ["N", "M"]).flag == "M"

    def test_amounts(self):
        assert emission.mass(50, "mg/m3", flow=36000, flow_unit="m3/h", seconds=3600) == pytest.approx(1.8)
        assert not emission.judge_amount(factor="COD", label="COD", emitted=12.5, permitted=12, unit="t", permit="P-1").keeps


class TestWaste:
    amounts = st.decimals(0, 10000, places=3)

    @given(amounts, amounts, amounts, amounts, amounts)
    def test_balances_when_all_is_accounted_for_and_finds_what_is_missing(self, opening, produced, moved, disposed, lost):
        assume(opening + produced >= moved + disposed)
        closing = opening + produced - moved - disposed
        assert waste.balance(opening=opening, produced=produced, closing=closing, moved_out=moved, disposed=disposed).balances
        found = waste.balance(opening=opening, produced=produced + lost, closing=closing, moved_out=moved, disposed=disposed)
        assert (found.difference, found.balances) == (lost, lost == 0)

    def test_adds_tenths_exactly(self):
        assert waste.balance(opening=0.1, produced=0.2, closing=0.3).balances

    def test_says_what_is_missing_or_too_much(self):
        with translation.override("zh-hans"):
            assert "少了 0.5 t" in str(waste.balance(opening=1, produced="2.5", closing=2, moved_out=1).why)
            assert "多出 1 t" in str(waste.balance(opening=1, produced=1, closing=3).why)
        assert waste.balance(opening=1, produced=1, closing=Decimal("1.99"), tolerance="0.01").balances

    @pytest.mark.parametrize("bad", ["-1", "x", float("nan"), float("inf")])
    def test_refuses_what_is_no_amount_and_names_it(self, bad):
        with pytest.raises(CannotAssess, match="produced"):
            waste.balance(opening=1, produced=bad, closing=1)

    @pytest.mark.parametrize("text", ["900-041-49", "HW49 900-041-49", "hw49 900-041-49"])
    def test_code_is_read(self, text):
        assert str(waste.waste_code(text)) == "HW49 900-041-49"

    @pytest.mark.parametrize("text", ["", "900-041-51", "900-041-00", "HW08 900-041-49", "90-041-49", "900-041-49x"])
    def test_code_that_is_none_is_refused(self, text):
        with pytest.raises(CannotAssess):
            waste.waste_code(text)

    def test_may_be_stored_for_a_year(self):
        assert waste.store_until(date(2025, 6, 1)) == date(2026, 6, 1)
        assert waste.store_until(date(2024, 2, 29)) == date(2025, 2, 28)
