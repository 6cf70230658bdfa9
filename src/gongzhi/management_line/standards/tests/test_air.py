"""Air: the index, its editions, the data it needs."""

import dataclasses
import itertools
import math
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.edition import CannotAssess, NoEdition
from gongzhi.management_line.standards.tables.air import INDEX, INDEXES

OLD, NEW = date(2026, 2, 28), date(2026, 3, 1)
CLEAN = {"SO2": 5, "NO2": 10, "PM10": 20, "CO": 0.5, "O3_8h": 20, "PM2.5": 10}
HOUR = {"SO2": 5, "NO2": 10, "PM10": 20, "CO": 0.5, "O3": 20, "PM2.5": 10}
COLUMNS = [(edition.code, pollutant, averaging) for edition in INDEXES for pollutant, averaging in edition.breakpoints]
ENDS = [
    (code, pollutant, averaging, place)
    for code, pollutant, averaging in COLUMNS
    for place in range(len(air.chosen(INDEXES, None, code).breakpoints[(pollutant, averaging)]))
]


class TestSubIndex:
    @pytest.mark.parametrize(
        ("pollutant", "averaging", "value", "day", "expected"),
        [
            ("PM2.5", "day", 60, OLD, 82),
            ("PM2.5", "day", 60, NEW, 100),
            ("PM10", "day", 120, OLD, 85),
            ("PM10", "day", 120, NEW, 100),
            ("PM2.5", "day", 35.0, OLD, 50),
            ("PM2.5", "day", 35.0, NEW, 50),
            ("PM2.5", "day", 501, OLD, 500),
            ("CO", "hour", 5.04, OLD, 50),
            ("SO2", "hour", 801, NEW, 200),
            ("O3", "8h", 801, NEW, 300),
            ("SO2", "hour", 801, OLD, None),
            ("O3", "8h", 801, OLD, None),
            ("O3", "hour", 1300, OLD, 500),
            ("PM2.5", "day", 0, OLD, 0),
            ("PM2.5", "day", 0.4, OLD, 0),
        ],
    )
    def test_is_that_of_the_edition_of_its_day(self, pollutant, averaging, value, day, expected):
        assert air.iaqi(pollutant, value, averaging=averaging, on=day).value == expected

    @pytest.mark.parametrize(("code", "pollutant", "averaging", "place"), ENDS)
    def test_stands_on_the_table_at_every_breakpoint(self, code, pollutant, averaging, place):
        value = air.chosen(INDEXES, None, code).breakpoints[(pollutant, averaging)][place]
        assert air.iaqi(pollutant, value, averaging=averaging, edition=code).value == INDEX[place]

    @given(st.sampled_from(COLUMNS), st.floats(0, 5000), st.floats(0, 5000))
    def test_never_falls_when_the_concentration_rises(self, column, one, other):
        code, pollutant, averaging = column
        low, high = (air.iaqi(pollutant, value, averaging=averaging, edition=code).value for value in sorted((one, other)))
        assert high is None or (low is not None and low <= high)

    @given(st.sampled_from(list(INDEXES[0].breakpoints)), st.floats(0, 790))
    def test_is_never_milder_in_the_newer_edition(self, column, value):
        old, new = (air.iaqi(column[0], value, averaging=column[1], edition=edition.code).value for edition in INDEXES)
        assert old is None or old <= new

    @given(st.sampled_from(COLUMNS), st.floats(0, 1200))
    def test_tells_the_step_it_stands_on(self, column, value):
        code, pollutant, averaging = column
        sub = air.iaqi(pollutant, value, averaging=averaging, edition=code)
        if sub.low and sub.high:
            assert sub.low[0] <= sub.concentration <= sub.high[0]
            assert sub.low[1] <= sub.value <= sub.high[1]
        assert str(sub.clause).startswith(code)
        assert pollutant in str(sub.why)
        assert "%(" not in str(sub.why)

    @pytest.mark.parametrize(("value", "expected"), [(0.5, 0), (1.5, 2), (2.5, 2), (34.5, 34), (35.5, 36)])
    def test_rounds_the_concentration_half_to_even_first(self, value, expected):
        assert air.rounded("PM2.5", value) == expected

    def test_takes_another_unit(self):
        assert air.iaqi("PM2.5", 0.06, averaging="day", on=OLD, unit="mg/m3").value == 82
        assert air.iaqi("CO", 4000, averaging="day", on=OLD, unit="μg/m³").value == 100

    @pytest.mark.parametrize("value", [-1, math.nan, math.inf, "much"])
    def test_refuses_what_is_no_concentration_and_names_it(self, value):
        with pytest.raises(CannotAssess, match=r"PM2\.5"):
            air.iaqi("PM2.5", value, averaging="day", on=OLD)

    def test_refuses_a_column_that_there_is_not(self):
        with pytest.raises(CannotAssess, match="TSP"):
            air.iaqi("TSP", 1, averaging="day", on=OLD)


class TestIndex:
    def test_is_the_largest_and_names_who_makes_it(self):
        found = air.daily(CLEAN | {"PM2.5": 60, "PM10": 120}, on=NEW)
        assert (found.value, found.primary, found.level.number) == (100, ("PM10", "PM2.5"), 2)
        assert found.edition == "HJ 633-2026"

    def test_of_clean_air_has_no_primary_pollutant(self):
        found = air.hourly(HOUR, on=OLD)
        assert (found.value, found.primary, found.level.token) == (20, (), "aqi-1")

    def test_counts_one_hour_of_ozone_in_a_day_only_in_the_older_edition(self):
        given = CLEAN | {"O3_1h": 300}
        assert air.daily(given, on=OLD).value == 150
        assert air.daily(given, on=NEW).value == 20

    def test_takes_the_day_of_sulphur_dioxide_where_its_hour_ends(self):
        assert air.hourly(HOUR | {"SO2": 900, "SO2_24h": 475}, on=OLD).value == 150
        assert air.hourly(HOUR | {"SO2": 900}, on=NEW).value == 200
        assert "SO2" in air.hourly(HOUR | {"SO2": 900}, on=OLD).missing

    def test_takes_the_hour_of_ozone_where_its_8_hours_end(self):
        assert air.daily(CLEAN | {"O3_8h": 900, "O3_1h": 900}, on=OLD).value == 350
        assert air.daily(CLEAN | {"O3_8h": 900}, on=NEW).value == 300

    def test_of_2026_is_published_with_a_gap_only_above_100(self):
        gap = CLEAN | {"CO": None}
        refused = air.daily(gap, on=NEW)
        assert (refused.value, refused.missing) == (None, ("CO",))
        assert "5.3.1" in str(refused.clause)
        assert "CO" in str(refused.why)
        assert air.daily(gap | {"PM2.5": 61}, on=NEW).value == 101
        assert air.daily(gap | {"PM2.5": 60}, on=NEW).value is None
        assert air.daily(gap, on=OLD).value == 20

    def test_of_2012_wants_one_of_the_particles(self):
        assert air.hourly(HOUR | {"PM10": math.nan}, on=OLD).value == 15
        assert air.hourly(HOUR | {"PM10": None, "PM2.5": None}, on=OLD).value is None
        assert air.hourly({}, on=OLD).value is None

    def test_beyond_the_table_is_500_and_says_so(self):
        found = air.daily(CLEAN | {"PM2.5": 900}, on=OLD)
        assert (found.value, found.beyond, found.level.number) == (500, True, 6)

    def test_names_pollutants_over_the_limit_only_in_2012(self):
        given = CLEAN | {"PM2.5": 116, "PM10": 251}
        assert air.daily(given, on=OLD).over_limit == ("PM10", "PM2.5")
        assert air.daily(given, on=NEW).over_limit == ()

    def test_knows_the_codes_of_hj_212_and_their_units(self):
        found = air.hourly(
            {"a34004": 0.035, "a34002": 20, "a21026": 5, "a21004": 10, "a21005": 500, "a05024": 20}, on=OLD, units={"a34004": "mg/m3", "a21005": "ug/m3"}
        )
        assert found.value == 50

    @given(st.fixed_dictionaries({key: st.none() | st.floats(0, 1500) for key in HOUR}), st.sampled_from([OLD, NEW]))
    def test_is_the_largest_of_its_parts_or_none(self, means, day):
        found = air.hourly(means, on=day)
        values = [sub.value for sub in found.subs if sub.value is not None]
        if found.value is None:
            assert found.missing
        else:
            assert found.value == max(values)
            assert found.level.low <= found.value
            assert bool(found.primary) == (found.value > 50)
        with translation.override("zh-hans"):
            assert "%(" not in str(found.why)

    def test_cannot_be_changed(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            air.hourly(HOUR, on=OLD).value = 1

    def test_refuses_an_unknown_pollutant_and_a_negative_value(self):
        with pytest.raises(CannotAssess, match="H2S"):
            air.hourly(HOUR | {"H2S": 1}, on=OLD)
        with pytest.raises(CannotAssess, match="NO2"):
            air.hourly(HOUR | {"NO2": -3}, on=OLD)


class TestEdition:
    def test_changes_with_the_day_of_the_fact(self):
        assert air.daily(CLEAN, on=OLD).edition == "HJ 633-2012"
        assert air.daily(CLEAN, on=NEW).edition == "HJ 633-2026"

    def test_of_2012_was_applied_in_stages_from_its_publication(self):
        assert air.daily(CLEAN, on=date(2013, 12, 2)).edition == "HJ 633-2012"
        with pytest.raises(NoEdition):
            air.daily(CLEAN, on=date(2011, 1, 1))

    @pytest.mark.parametrize("name", ["2026", "HJ 633-2026", "hj633-2026"])
    def test_is_found_by_its_name(self, name):
        assert air.daily(CLEAN, edition=name).edition == "HJ 633-2026"

    def test_that_nobody_knows_is_refused_with_those_known(self):
        with pytest.raises(NoEdition, match="HJ 633-2012"):
            air.daily(CLEAN, edition="1996")
        with pytest.raises(NoEdition):
            air.daily(CLEAN)

    def test_follows_the_one_before_without_gap_or_overlap(self):
        from gongzhi.management_line.standards.tables import air as tables

        for family in (tables.INDEXES, tables.AMBIENT, tables.VALIDITY):
            for before, after in itertools.pairwise(family):
                assert before.until + timedelta(days=1) == after.since
            assert family[-1].until is None


class TestLevels:
    @pytest.mark.parametrize(
        ("index", "number"), [(0, 1), (50, 1), (51, 2), (100, 2), (101, 3), (150, 3), (151, 4), (200, 4), (201, 5), (300, 5), (301, 6), (500, 6)]
    )
    def test_begin_and_end_where_the_table_says(self, index, number):
        assert air.level(index).number == number

    def test_have_their_chinese_names(self):
        with translation.override("zh-hans"):
            assert [str(level.name) for level in air.LEVELS] == ["优", "良", "轻度污染", "中度污染", "重度污染", "严重污染"]


class TestAmbient:
    @pytest.mark.parametrize(("day", "keeps"), [(date(2026, 2, 1), True), (date(2026, 3, 1), False), (date(2031, 1, 1), False)])
    def test_limits_grow_stricter(self, day, keeps):
        assert air.ambient("PM2.5", 70, period="day", on=day).keeps is keeps

    def test_says_how_many_times_over(self):
        judged = air.ambient("PM2.5", 112.5, period="day", on=OLD)
        assert judged.times_over == pytest.approx(0.5)
        assert judged.limit == 75
        assert "GB 3095-2012" in str(judged.why)

    def test_keeps_at_the_limit_and_knows_both_zones(self):
        assert air.ambient("SO2", 150, period="day", on=OLD).keeps
        assert not air.ambient("SO2", 150, period="day", on=OLD, zone=1).keeps
        assert air.ambient("SO2", None, period="day", on=OLD).keeps is None
        with pytest.raises(CannotAssess):
            air.ambient("SO2", 1, period="8h", on=OLD)
        with pytest.raises(CannotAssess):
            air.ambient("SO2", 1, period="day", on=OLD, zone=3)


class TestLeastData:
    @pytest.mark.parametrize(
        ("period", "day", "least"),
        [("hour", OLD, 45), ("8h", OLD, 6), ("day", OLD, 20), ("month", date(2025, 3, 1), 27), ("month", date(2025, 2, 1), 25), ("year", OLD, 324)],
    )
    def test_of_a_mean_is_asked(self, period, day, least):
        few, enough = air.mean([1.0] * (least - 1) + [None, math.nan], period=period, on=day), air.mean([1.0, 3.0] + [2.0] * (least - 2), period=period, on=day)
        assert (few.value, few.is_valid, few.needed) == (None, False, least)
        assert (enough.value, enough.is_valid) == (pytest.approx(2.0), True)
        assert str(least) in str(few.why)

    def test_of_a_year_is_asked_of_every_month(self):
        days = {date(2025, 1, 1) + timedelta(days=n): 10.0 for n in range(365)}
        assert air.year_mean(days, year=2025).value == 10.0
        gap = {day: value for day, value in days.items() if not (day.month == 7 and day.day > 26)}
        refused = air.year_mean(gap, year=2025)
        assert refused.value is None
        assert "7" in str(refused.why)

    def test_of_eight_hours_reaches_back(self):
        means = air.eight_hour_means([8.0] * 5 + [None] * 2 + [8.0] * 17, on=OLD)
        assert means[:7] == [None] * 7
        assert means[7] == 8.0

    def test_of_the_days_largest_8_hours_is_14_unless_over_the_limit(self):
        whole = air.largest_eight_hours([float(hour) for hour in range(24)], on=OLD)
        assert (whole.value, whole.count) == (19.5, 17)
        assert air.largest_eight_hours([50.0] * 14 + [None] * 10, on=OLD).value is None
        assert air.largest_eight_hours([170.0] * 14 + [None] * 10, on=OLD).value == 170.0
        with pytest.raises(CannotAssess):
            air.largest_eight_hours([1.0] * 23, on=OLD)
