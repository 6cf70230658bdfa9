"""The clock's arithmetic, on the real calendar of 2026."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.cases.clock import Limit, Pause, due, explain, usage
from gongzhi.foundation.calendar import national
from gongzhi.foundation.calendar.working_time import ORDINARY, BadHours, WorkingTime, shifts

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingTime(zone=SHANGHAI, hours=[(date(1990, 1, 1), ORDINARY)], exceptions={}, national=national.day, provisional=national.is_provisional)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class TestDue:
    def test_counts_five_working_days_over_a_weekend(self):
        assert due(local("2026-11-16T09:12"), Limit(5, "working_days"), (), CALENDAR).at == local("2026-11-23T09:12")

    def test_moves_by_the_working_time_of_a_stop(self):
        stop = Pause(local("2026-11-18T14:00"), local("2026-11-19T14:00"))
        assert due(local("2026-11-16T09:12"), Limit(5, "working_days"), [stop], CALENDAR).at == local("2026-11-24T09:12")

    def test_counts_overlapping_stops_once(self):
        one = Pause(local("2026-11-18T14:00"), local("2026-11-19T10:00"))
        other = Pause(local("2026-11-18T16:00"), local("2026-11-19T14:00"))
        assert due(local("2026-11-16T09:12"), Limit(5, "working_days"), [other, one], CALENDAR).at == local("2026-11-24T09:12")

    def test_leaves_out_a_stop_after_the_due_moment(self):
        stop = Pause(local("2026-11-26T08:30"), local("2026-11-27T17:00"))
        assert due(local("2026-11-16T09:12"), Limit(5, "working_days"), [stop], CALENDAR).at == local("2026-11-23T09:12")

    def test_starts_at_the_next_office_hour_when_raised_at_night(self):
        assert due(local("2026-11-21T23:10"), Limit(2, "working_hours"), (), CALENDAR).at == local("2026-11-23T10:30")

    def test_leaves_out_the_national_day_and_counts_its_make_up_day(self):
        found = due(local("2026-09-30T08:30"), Limit(2, "working_days"), (), CALENDAR)
        assert found.at == local("2026-10-08T17:00")
        assert CALENDAR.is_working(date(2026, 9, 20))

    def test_runs_round_the_clock_for_emergencies(self):
        assert due(local("2026-11-21T23:10"), Limit(4, "hours"), (), CALENDAR).at == local("2026-11-22T03:10")

    def test_ends_calendar_days_at_midnight_and_not_on_a_day_off(self):
        assert due(local("2026-11-16T09:12"), Limit(3, "calendar_days"), (), CALENDAR).at == local("2026-11-20T00:00")
        assert due(local("2026-11-16T09:12"), Limit(5, "calendar_days"), (), CALENDAR).at == local("2026-11-24T00:00")

    def test_says_when_a_year_is_not_announced(self):
        assert due(local("2026-12-30T09:00"), Limit(5, "working_days"), (), CALENDAR).provisional
        assert not due(local("2026-11-16T09:12"), Limit(5, "working_days"), (), CALENDAR).provisional

    def test_adds_what_was_granted(self):
        assert due(local("2026-11-16T09:12"), Limit(5, "working_days"), (), CALENDAR, extended_by=2).at == local("2026-11-25T09:12")


class TestUsage:
    def test_agrees_with_the_worked_example(self):
        stop = Pause(local("2026-11-18T14:00"), local("2026-11-19T14:00"), "公示")
        found = usage(local("2026-11-20T10:30"), local("2026-11-16T09:12"), Limit(5, "working_days"), [stop], CALENDAR)
        assert found.total == pytest.approx(35)
        assert found.used + found.left == pytest.approx(35)
        assert found.stopped == pytest.approx(7)
        assert found.used == pytest.approx(22.3)
        assert [kind for kind, _begin, _width in found.segments] == ["used", "stopped", "used"]

    def test_shows_a_stop_that_still_holds(self):
        found = usage(local("2026-11-19T10:30"), local("2026-11-16T09:12"), Limit(5, "working_days"), [Pause(local("2026-11-18T14:00"), None)], CALENDAR)
        assert found.is_stopped
        assert found.stopped == pytest.approx(5)

    def test_counts_what_is_over(self):
        found = usage(local("2026-11-24T11:12"), local("2026-11-16T09:12"), Limit(5, "working_days"), (), CALENDAR)
        assert found.over == pytest.approx(9)
        assert found.left == 0
        assert found.due_fraction < 1
        assert found.days_over == pytest.approx(1 + 2 / 24)


class TestExplain:
    def test_names_each_day_and_stop(self):
        stop = Pause(local("2026-09-29T14:00"), local("2026-09-29T15:00"), "公示")
        found = explain(local("2026-09-28T09:00"), Limit(5, "working_days"), [stop], CALENDAR, rule="B-114 v3")
        values = " ".join(line.value for line in found.lines)
        assert "国庆节" in values
        assert "B-114 v3" in values
        assert "公示" in values


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))
LIMITS = st.builds(Limit, st.integers(1, 60), st.sampled_from(["working_hours", "working_days", "hours", "calendar_days"]))
STOPS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 300)), max_size=4)


def pauses(start: datetime, spans: list[tuple[int, int]]) -> list[Pause]:
    return [Pause(start + timedelta(hours=begin / 4), start + timedelta(hours=(begin + length) / 4)) for begin, length in spans]


class TestArithmetic:
    @given(MOMENTS, LIMITS, STOPS, st.integers(0, 5))
    def test_parts_add_up_wherever_one_looks(self, start, limit, spans, later):
        stops = pauses(start, spans)
        found = due(start, limit, stops, CALENDAR)
        assert start <= found.warn_at <= found.at
        for at in (start, start + (found.at - start) / 3, found.at, found.at + timedelta(days=later)):
            seen = usage(at, start, limit, stops, CALENDAR)
            assert seen.used >= -1e-9
            assert seen.left >= -1e-9
            assert seen.stopped >= -1e-9
            assert sum(width for _kind, _begin, width in seen.segments) <= seen.now_fraction + 1e-9
            if at < found.at and not seen.over:
                known = due(start, limit, [p for p in stops if p.began_at < at and p.ended_at <= at], CALENDAR)
                if known.at == found.at:
                    assert seen.used + seen.left == pytest.approx(seen.total, abs=1e-3)

    @given(MOMENTS, LIMITS, STOPS)
    def test_a_stop_never_brings_the_due_moment_forward(self, start, limit, spans):
        assert due(start, limit, pauses(start, spans), CALENDAR).at >= due(start, limit, (), CALENDAR).at

    @given(MOMENTS, st.integers(1, 40), st.integers(1, 10))
    def test_more_time_is_later(self, start, amount, more):
        one = due(start, Limit(amount, "working_days"), (), CALENDAR)
        assert due(start, Limit(amount, "working_days"), (), CALENDAR, extended_by=more).at > one.at
        assert due(start, Limit(amount + more, "working_days"), (), CALENDAR).at == due(start, Limit(amount, "working_days"), (), CALENDAR, extended_by=more).at

    @given(MOMENTS, st.floats(0, 3e6))
    def test_measuring_undoes_adding(self, start, seconds):
        end = CALENDAR.moment_of(CALENDAR.seconds_before(start) + seconds)
        assert CALENDAR.seconds_before(end) - CALENDAR.seconds_before(start) == pytest.approx(seconds, abs=0.001)


class TestShifts:
    def test_refuses_hours_that_overlap_or_end_before_they_begin(self):
        assert shifts([["09:00", "12:00"], ["13:00", "18:00"]])[1][1].hour == 18
        for bad in ([["12:00", "09:00"]], [["09:00", "13:00"], ["12:00", "17:00"]], [], [["9", "x"]]):
            with pytest.raises(BadHours):
                shifts(bad)
