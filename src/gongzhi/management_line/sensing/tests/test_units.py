"""Units: every spelling met in the field, exact figures, clear refusals."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gongzhi.management_line.sensing import factors, units
from gongzhi.management_line.sensing.units import CannotConvert, convert, is_known, same

FAMILIES = [
    ["mg/m3", "mg/m³", "mg/m^3", "mg/m**3", "毫克/立方米", "毫克每立方米", "MG/M3", "mg·m-3", "mg·m⁻³", "ｍｇ／ｍ３", "mg/㎥", " mg / m3 "],
    ["μg/m3", "µg/m³", "ug/m3", "UG/M3", "微克/立方米", "㎍/㎥", "μg·m⁻³"],
    ["mg/L", "mg/l", "毫克/升", "MG/L"],
    ["m3/s", "m³/s", "立方米/秒"],
    ["L/s", "l/s", "升/秒"],
    ["t", "吨", "公吨", "T"],
    ["kg", "千克", "公斤", "KG"],
    ["dB", "dB(A)", "dBA", "db(a)", "分贝", "dB（A）"],
    ["℃", "°C", "摄氏度", "degC"],
    ["‰", "千分比"],
    ["uS/cm", "μS/cm", "µS/cm", "微西门子/厘米"],
    ["个/L", "MPN/L", "个/升"],
    ["pH", "PH", "pH值"],
    ["万吨", "万t"],
]
SIMPLE = ["mg/m3", "ug/m3", "g/m3", "ng/m3", "kg/m3", "mg/L", "t/m3"]


class TestSpellings:
    @pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family[0])
    def test_of_one_family_mean_the_same(self, family):
        for one in family:
            assert is_known(one), one
            assert same(one, family[0]), one
            assert convert(1.5, one, family[0]) == 1.5

    def test_of_different_units_do_not(self):
        assert not same("mg/m3", "ug/m3")
        assert not same("mg/m3", "mg/Nm3")

    @pytest.mark.parametrize("factor", factors.CATALOGUE.values(), ids=lambda factor: factor.code)
    def test_of_every_known_factor_are_known(self, factor):
        assert is_known(factor.unit)

    @pytest.mark.parametrize("unit", ["", " ", "furlong", "mg/", "/m3", "mg//m3", "m3.5", "?", "mg/m3/xyz", "m99", "%s", "() ** 3", "import os"])
    def test_that_nobody_knows_are_unknown(self, unit):
        assert not is_known(unit)
        with pytest.raises(ValueError, match="mg/m3"):
            convert(1.0, unit, "mg/m3")


class TestConvert:
    @pytest.mark.parametrize(
        ("value", "start", "end", "expected"),
        [
            (0.035, "mg/m3", "ug/m3", 35.0),
            (35, "ug/m3", "mg/m3", 0.035),
            (1100, "ug/m3", "mg/m³", 1.1),
            (1, "ng/m3", "ug/m3", 0.001),
            (5, "‰", "%", 0.5),
            (3.6, "m3/h", "L/s", 1.0),
            (1, "m3/s", "L/s", 1000.0),
            (1, "mg/L", "g/m3", 1.0),
            (2.5, "t", "kg", 2500.0),
            (3, "万吨", "t", 30000.0),
            (2, "万m3/d", "m3/d", 20000.0),
            (1013.25, "hPa", "kPa", 101.325),
            (0, "℃", "K", 273.15),
            (298.15, "K", "℃", 25.0),
            (212, "℉", "℃", 100.0),
            (1, "mS/cm", "uS/cm", 1000.0),
            (10, "km/h", "m/s", 10 / 3.6),
            (1, "kg/h", "g/s", 1 / 3.6),
            (1000, "个/L", "个/mL", 1.0),
        ],
    )
    def test_gives_the_figure_of_the_books(self, value, start, end, expected):
        assert convert(value, start, end) == pytest.approx(expected, rel=1e-15)

    def test_rounds_once_only(self):
        assert convert(35, "ug/m3", "mg/m3") == 0.035
        assert convert(0.1, "mg/m3", "ug/m3") == 100.0

    def test_takes_arrays(self):
        given = np.array([0.035, np.nan, 1.0])
        np.testing.assert_array_equal(convert(given, "mg/m3", "ug/m3"), [35.0, np.nan, 1000.0])
        np.testing.assert_array_equal(given, [0.035, np.nan, 1.0])
        np.testing.assert_allclose(convert(np.array([0, 25]), "℃", "K"), [273.15, 298.15])

    @pytest.mark.parametrize(("start", "end"), [("mg/m3", "ppm"), ("dB", "%"), ("℃", "mg/L"), ("pH", "倍"), ("mg/Nm3", "mg/m3"), ("kg", "kg/h")])
    def test_refuses_what_measures_something_else_and_names_both(self, start, end):
        with pytest.raises(CannotConvert) as refused:
            convert(1.0, start, end)
        assert start in str(refused.value)
        assert end in str(refused.value)

    @given(st.floats(-1e12, 1e12), st.sampled_from(SIMPLE), st.sampled_from(SIMPLE))
    def test_there_and_back_is_the_same(self, value, start, end):
        assert convert(convert(value, start, end), end, start) == pytest.approx(value, rel=1e-12, abs=1e-300)

    @given(st.floats(-200, 2000), st.sampled_from(["℃", "K", "℉"]), st.sampled_from(["℃", "K", "℉"]))
    def test_there_and_back_is_the_same_for_temperatures(self, value, start, end):
        assert convert(convert(value, start, end), end, start) == pytest.approx(value, rel=1e-9, abs=1e-9)

    @given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from(SIMPLE), st.sampled_from(SIMPLE))
    def test_an_array_is_its_values(self, values, start, end):
        np.testing.assert_array_equal(convert(np.array(values), start, end), [convert(value, start, end) for value in values])

    @given(st.text(max_size=12))
    @example("g0")
    @example("ppB")
    @example("H \u0308")
    @example("m·×s")
    def test_never_breaks_on_a_strange_spelling(self, text):
        if is_known(text):
            assert convert(1.0, text, text) == 1.0
        assert units.tidy(text) == units.tidy(units.tidy(text))
