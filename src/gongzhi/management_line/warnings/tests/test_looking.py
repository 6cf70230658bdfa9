"""What rules find in the town, and how it becomes an episode with its case: the same way as limits."""

from datetime import timedelta

import numpy as np
import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing import queries as sensing_queries
from gongzhi.management_line.sensing.models import Device, Series
from gongzhi.management_line.warnings import looking, operations, queries
from gongzhi.management_line.warnings.models import ForecastModel
from gongzhi.management_line.warnings.tests.factories import HOUR, MINUTE, make_point, make_series, take

pytestmark = pytest.mark.django_db


def make_rule(noon, world, cause, **more):
    """Return a rule whose cases go to the organ that answers for bins."""
    base = {"title": "预警", "clause": "监测规程 4.2", "valid_from": noon.date() - timedelta(days=30), "category_id": world[0].categories["bin"].pk,
            "factor": "w01018", "threshold": 20.0, "clean_count": 2}  # fmt: skip
    return operations.set_rule(by=MAKER, at=noon, cause=cause, **base | more)


def judge(rule, at):
    """Judge a rule as the clock does; return the episodes that stand."""
    found = looking.look(rule, at)
    if found:
        sensing.follow_warnings(by=CLOCK, at=at, judged=found)
    return list(queries.fired(seen_by=CLOCK, open_only=True))


def cod(world):
    return Series.objects.get(station=world[1], factor="w01018")


class TestRate:
    def rule(self, noon, world, **more):
        return make_rule(noon, world, "rate", window_minutes=30, direction="up", count=2, **more)

    def test_fires_when_it_goes_on_and_says_why(self, world, noon):
        rule = self.rule(noon, world)
        take(noon, cod(world), [40.0] * 40 + [40 + step for step in range(26)])
        episode = judge(rule, noon)[0]
        assert episode.cause == "rate"
        assert episode.case.kind == "alarm"
        assert episode.case.lead == world[0].organs["utilities"]
        assert episode.peak == pytest.approx(48, abs=1)
        assert "COD" in episode.why or "化学需氧量" in episode.why
        assert len(episode.table) == 6
        assert "mg/L/h" in episode.rule_words

    def test_leaves_alone_what_changes_slowly_falls_or_jumps_for_one_reading(self, world, noon):
        rule = self.rule(noon, world)
        for minutes, values in ((0, [40 + step / 10 for step in range(70)]), (100, [70.0 - step for step in range(60)]), (200, [40.0] * 59 + [400.0])):
            take(noon + minutes * MINUTE, cod(world), values)
            assert judge(rule, noon + minutes * MINUTE) == [], minutes

    def test_needs_its_judgements_in_a_row(self, world, noon):
        rule = self.rule(noon, world)
        take(noon, cod(world), [40.0] * 60 + [90.0, 91.0])  # a step: seen at noon, not yet five minutes before
        assert judge(rule, noon) == []
        take(noon + 5 * MINUTE, cod(world), [92.0] * 5)
        assert len(judge(rule, noon + 5 * MINUTE)) == 1

    def test_judges_twice_in_five_minutes_as_once(self, world, noon):
        rule = self.rule(noon, world)
        take(noon, cod(world), [40.0] * 40 + [40 + step for step in range(26)])
        one = judge(rule, noon)[0]
        other = judge(rule, noon + MINUTE)[0]
        assert (one.pk, one.row, one.relapses, one.peak) == (other.pk, other.row, other.relapses, other.peak)
        assert case_queries.cases(seen_by=CLOCK, kind="alarm").count() == 1

    def test_is_proved_by_what_is_judged_after_the_report_and_no_hand(self, world, noon):
        rule = self.rule(noon, world)
        take(noon, cod(world), [40.0] * 40 + [40 + step for step in range(26)])
        episode = judge(rule, noon)[0]
        for step in range(1, 15):
            take(noon + 5 * step * MINUTE, cod(world), [65.0] * 5)
            judge(rule, noon + 5 * step * MINUTE)
            if step == 10:  # it has not risen for some time, but nobody has reported
                assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).is_open
                cases.answer_case(by=world[0].by("officer"), at=noon + 51 * MINUTE, case_id=episode.case_id, public_text="已调整加药")
        case = case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id)
        assert case.is_closed
        assert not case.closed_unverified
        episode.refresh_from_db()
        assert episode.is_settled
        assert judge(rule, noon + 75 * MINUTE) == []

    def test_joins_the_case_of_the_limit_that_is_passed_after_it(self, world, noon):
        rule = self.rule(noon, world, severity=1)
        take(noon, cod(world), [40.0] * 40 + [40 + step for step in range(26)])
        warning = judge(rule, noon)[0]
        take(noon + 10 * MINUTE, cod(world), [170.0] * 5)
        limit = sensing_queries.episodes(seen_by=CLOCK).get()
        assert limit.case_id == warning.case_id
        assert case_queries.cases(seen_by=CLOCK, kind="alarm").count() == 1
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=warning.case_id).severity == 3
        assert [one.cause for one in sensing_queries.episodes_of_case(seen_by=CLOCK, case_id=warning.case_id)] == ["rate", "limit"]

    def test_is_not_closed_while_the_limit_of_its_case_is_passed(self, world, noon):
        rule = self.rule(noon, world)
        take(noon, cod(world), [40.0] * 40 + [40 + step for step in range(26)])
        warning = judge(rule, noon)[0]
        for step in range(1, 11):
            take(noon + 5 * step * MINUTE, cod(world), [100.0] * 5)
        cases.answer_case(by=world[0].by("officer"), at=noon + 51 * MINUTE, case_id=warning.case_id, public_text="已处理")
        for step in range(11, 16):  # nothing new is measured of the limit, which is still passed; the change has ended
            judge(rule, noon + 5 * step * MINUTE)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=warning.case_id).state == "answered"
        for step in range(16, 20):
            take(noon + 5 * step * MINUTE, cod(world), [60.0] * 4)
            judge(rule, noon + 5 * step * MINUTE)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=warning.case_id).is_open is False


class TestSilence:
    def rule(self, noon, world, **more):
        return make_rule(noon, world, "silence", threshold=30.0, repeats=3, **more)

    def heard(self, at):
        Device.objects.update(last_seen_at=at)

    def test_is_an_alarm_of_the_device(self, world, noon):
        rule = self.rule(noon, world)
        self.heard(noon)
        assert judge(rule, noon + 30 * MINUTE) == []
        episode = judge(rule, noon + 35 * MINUTE)[0]
        assert (episode.series, episode.device_id, episode.station) == (None, world[2].pk, world[1])
        assert "35" in episode.why
        assert world[2].mn not in episode.why + episode.case.title + episode.case.text  # everybody reads the case
        assert case_queries.cases(seen_by=CLOCK, kind="alarm").count() == 1

    def test_grows_and_ends_when_it_is_heard_again(self, world, noon):
        rule = self.rule(noon, world)
        self.heard(noon)
        episode = judge(rule, noon + 35 * MINUTE)[0]
        judge(rule, noon + 3 * HOUR)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).severity == 2
        judge(rule, noon + 25 * HOUR)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).severity == 3
        later = noon + 26 * HOUR
        cases.answer_case(by=world[0].by("officer"), at=later, case_id=episode.case_id, public_text="已恢复通信")
        self.heard(later + 5 * MINUTE)
        judge(rule, later + 5 * MINUTE)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).is_open
        judge(rule, later + 10 * MINUTE)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).is_closed

    def test_is_expected_while_the_device_is_worked_on(self, world, noon):
        rule = self.rule(noon, world)
        self.heard(noon)
        sensing.plan_maintenance(by=MAKER, at=noon, device_id=world[2].pk, begins_at=noon, ends_at=noon + 2 * HOUR, reason="换泵管")
        assert judge(rule, noon + HOUR) == []
        assert judge(rule, noon + 2 * HOUR + 20 * MINUTE) == []
        assert len(judge(rule, noon + 2 * HOUR + 35 * MINUTE)) == 1

    def test_bears_devices_that_report_seldom_and_knows_those_that_never_did(self, world, noon):
        rule = self.rule(noon, world)
        Device.objects.update(report_seconds=3600, last_seen_at=noon)
        assert judge(rule, noon + 2 * HOUR) == []
        Device.objects.update(report_seconds=60, last_seen_at=None, registered_at=noon)
        assert len(judge(rule, noon + HOUR)) == 1

    def test_is_of_the_stations_that_the_rule_is_for(self, world, noon):
        rule = self.rule(noon, world)
        self.heard(noon)
        make_point(noon, "air", kind="air")
        other = make_rule(noon, world, "silence", threshold=30.0, station_kind="air")
        assert judge(other, noon + HOUR) == []
        assert len(judge(rule, noon + HOUR)) == 1


    def test_knows_no_silence_of_a_closed_station_and_leaves_its_case_to_people(self, world, noon):
        rule = self.rule(noon, world)
        self.heard(noon)
        episode = judge(rule, noon + HOUR)[0]
        sensing.close_station(by=MAKER, at=noon + HOUR, station_id=world[1].pk, reason="搬迁")
        assert looking.look(rule, noon + 2 * HOUR) == []
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).is_open


class TestFrozen:
    def test_fires_for_what_stands_still_and_ends_when_it_moves(self, world, noon):
        rule = make_rule(noon, world, "frozen", threshold=15.0, repeats=10)
        take(noon, cod(world), [41.0, *[42.5] * 15])
        assert judge(rule, noon) == []  # fourteen minutes
        take(noon + 5 * MINUTE, cod(world), [42.5] * 5)
        episode = judge(rule, noon + 5 * MINUTE)[0]
        assert "42.5" in episode.why
        assert episode.began_at == noon + 5 * MINUTE
        take(noon + 15 * MINUTE, cod(world), [42.0 + step / 10 for step in range(10)])
        judge(rule, noon + 10 * MINUTE)
        judge(rule, noon + 15 * MINUTE)
        episode.refresh_from_db()
        assert episode.state == "clean"

    def test_leaves_alone_what_varies_and_what_is_silent(self, world, noon):
        rule = make_rule(noon, world, "frozen", threshold=15.0, repeats=10)
        take(noon, cod(world), [42.0 + place % 3 for place in range(40)])
        assert judge(rule, noon) == []
        take(noon + 60 * MINUTE, cod(world), [42.5] * 40)
        assert judge(rule, noon + 4 * HOUR) == []
        assert len(judge(rule, noon + 60 * MINUTE)) == 1


class TestNeighbours:
    def pair(self, noon, kind="air", **more):
        chance = np.random.default_rng(9)
        base = 40 + 10 * np.cos(np.arange(300) / 24 * 2 * np.pi) + np.cumsum(chance.normal(size=300))
        one = make_point(noon, "one", kind=kind, longitude=120.0)
        other = make_point(noon, "other", kind=kind, longitude=120.02, **more)
        series = [make_series(noon, station, "a34004" if kind == "air" else "w21003", "ug/m³" if kind == "air" else "mg/L") for station in (one, other)]
        return series, base, chance

    def fill(self, noon, series, base, chance, jump=0.0):
        for place, one in enumerate(series):
            values = base + 5 * place + chance.normal(size=300)
            values[-2:] += jump * place
            take(noon - 30 * MINUTE, one, values, step=HOUR)

    def test_fire_where_two_stations_leave_each_other(self, world, noon):
        series, base, chance = self.pair(noon)
        rule = make_rule(noon, world, "neighbours", factor="a34004", threshold=6.0, tolerance=5.0, count=2)
        self.fill(noon, series, base, chance, jump=60.0)
        found = judge(rule, noon)
        assert [episode.series for episode in found] == [series[1]]
        assert found[0].said["how"] == "near"
        assert "one" in found[0].why
        assert judge(rule, noon + MINUTE)[0].row == found[0].row

    def test_leave_alone_what_differs_as_usual(self, world, noon):
        series, base, chance = self.pair(noon)
        rule = make_rule(noon, world, "neighbours", factor="a34004", threshold=6.0, tolerance=5.0)
        self.fill(noon, series, base, chance)
        assert judge(rule, noon) == []

    def test_bear_small_differences_and_stations_far_away(self, world, noon):
        series, base, chance = self.pair(noon)
        self.fill(noon, series, base, chance, jump=60.0)
        assert judge(make_rule(noon, world, "neighbours", factor="a34004", threshold=6.0, tolerance=100.0), noon) == []
        assert judge(make_rule(noon, world, "neighbours", factor="a34004", threshold=6.0, radius_km=1.0), noon) == []

    @pytest.mark.parametrize(("comes_from", "speed", "how"), [(270.0, 3.0, "upwind"), (90.0, 3.0, "near"), (270.0, 0.2, "near")])
    def test_are_ordered_by_the_measured_wind(self, world, noon, comes_from, speed, how):
        series, base, chance = self.pair(noon)
        self.fill(noon, series, base, chance, jump=60.0)
        for factor, unit, value in (("a01008", "°", comes_from), ("a01007", "m/s", speed)):
            take(noon - 10 * MINUTE, make_series(noon, series[0].station, factor, unit), [value] * 40)
        episode = judge(make_rule(noon, world, "neighbours", factor="a34004", threshold=6.0), noon)[0]
        assert (episode.said["how"], episode.series) == (how, series[1])

    def test_are_compared_along_the_water_with_its_delay(self, world, noon):
        series, base, chance = self.pair(noon, kind="surface_water")
        sensing.register_station(by=MAKER, at=noon, code="one", name="one", kind="surface_water", longitude=120.0, latitude=30.0,
                                 flows_to_id=series[1].station_id, flow_hours=6)  # fmt: skip
        base = base + 30 * (np.arange(300) % 50 < 3)  # pulses that pass both, six hours apart
        for place, one in enumerate(series):
            values = np.roll(base, 6 * place) + chance.normal(size=300) / 10
            if place:
                values[-1] += 8
            take(noon - 30 * MINUTE, one, values, step=HOUR)
        rule = make_rule(noon, world, "neighbours", factor="w21003", threshold=6.0)
        episode = judge(rule, noon)[0]
        assert (episode.said["how"], episode.said["hours"], episode.series) == ("upstream", 6, series[1])

    def test_hide_the_name_of_a_station_that_is_not_public(self, world, noon):
        series, base, chance = self.pair(noon)
        self.fill(noon, series, base, chance, jump=60.0)
        sensing.register_station(by=MAKER, at=noon, code="one", name="one", kind="air", longitude=120.0, latitude=30.0, is_public=False)
        episode = judge(make_rule(noon, world, "neighbours", factor="a34004", threshold=6.0), noon)[0]
        assert episode.said["other"] == ""


class TestForecast:
    def air(self, noon, *, is_better=True, bend=0.0):
        """A series that swings each day and passes 55 every afternoon; `bend` shifts the last hours."""
        series = make_series(noon, make_point(noon, "air", kind="air"), "a34004", "ug/m³")
        end = noon - HOUR  # eleven in the morning, local
        count = 24 * 30
        local = np.arange(count) + (11 - (count - 1)) % 24
        values = 40 + 20 * np.sin((local % 24 - 9) / 24 * 2 * np.pi) + bend * (np.arange(count) >= count - 6)
        take(end + 30 * MINUTE, series, values, step=HOUR)
        model = operations.train(by=CLOCK, at=noon, series_id=series.pk, limit=55.0)
        ForecastModel.objects.filter(pk=model.pk).update(is_better=is_better)
        return series

    def test_warns_before_the_limit_is_passed(self, world, noon):
        series = self.air(noon)
        rule = make_rule(noon, world, "forecast", factor="a34004", threshold=55.0, horizon_hours=8)
        episode = judge(rule, noon)[0]
        assert (episode.series, episode.said["hours"] in (1, 2, 3, 4)) == (series, True)
        assert 55 < episode.peak < 65
        assert len(episode.table) == 8
        assert judge(rule, noon + 5 * MINUTE)[0].row == episode.row

    def test_warns_of_nothing_when_a_baseline_was_better(self, world, noon):
        self.air(noon, is_better=False)
        assert judge(make_rule(noon, world, "forecast", factor="a34004", threshold=55.0, horizon_hours=8), noon) == []

    def test_keeps_still_while_the_limit_will_be_kept(self, world, noon):
        self.air(noon)
        assert judge(make_rule(noon, world, "forecast", factor="a34004", threshold=75.0, horizon_hours=8), noon) == []

    def test_takes_the_limit_in_force_where_the_rule_has_none(self, world, noon):
        series = self.air(noon)
        rule = make_rule(noon, world, "forecast", factor="a34004", threshold=None, horizon_hours=8)
        assert judge(rule, noon) == []
        sensing.set_limit(by=MAKER, at=noon, title="PM2.5", factor="a34004", limit=50, unit="ug/m³", valid_from=noon.date(), station_id=series.station_id)
        from gongzhi.kernel import memory

        memory.forget()
        assert judge(rule, noon)[0].said["limit"] == 50


class TestFollowWarnings:
    def test_is_the_products_own_act(self, world, noon):
        with pytest.raises(NotAllowed):
            sensing.follow_warnings(by=ANYONE, at=noon, judged=[])
        assert sensing.follow_warnings(by=CLOCK, at=noon, judged=[]) == 0
