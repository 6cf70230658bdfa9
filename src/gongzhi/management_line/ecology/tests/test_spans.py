"""Spans and their steps: nothing between two steps, nothing twice, and shares that are shares."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongzhi.management_line.ecology import spans
from gongzhi.management_line.ecology.spans import Span, Step
from gongzhi.management_line.sensing import cadence
from gongzhi.management_line.sensing.queries import Rollup
from gongzhi.management_line.sensing.rolling import mean_of

ZONES = st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"), UTC])
MOMENTS = st.datetimes(datetime(2013, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
LENGTHS = st.timedeltas(timedelta(minutes=1), timedelta(days=400))


class TestBegins:
    @settings(deadline=None)
    @given(MOMENTS, LENGTHS, ZONES)
    @example(datetime(2013, 9, 14, 1, 34, tzinfo=UTC), timedelta(days=43, minutes=26, microseconds=1), ZoneInfo("Europe/Berlin"))  # clocks go back
    def test_cover_the_span_without_gap(self, since, length, zone):
        span = Span("", since, since + length, spans.step_for(length))
        found = spans.begins(span, zone)
        if span.is_every:
            assert found == []
            return
        assert found[0] <= since
        assert found == sorted(set(found))
        assert found[-1] < span.until
        assert len(found) <= 402
        steps = {later - earlier for earlier, later in pairwise(found)}
        if not span.is_days:
            assert steps <= {span.step}
            assert found[-1] + span.step >= span.until
        else:
            assert {day.astimezone(zone).hour for day in found} == {0}

    @settings(deadline=None)
    @given(MOMENTS, ZONES, st.sampled_from([timedelta(minutes=10), spans.HOUR, 4 * spans.HOUR, spans.DAY]))
    def test_a_moment_lies_in_the_step_that_begins_last_before_it(self, moment, zone, step):
        found = spans.begins(Span("", moment, moment + timedelta(seconds=1), step), zone)
        assert spans.begin_of(moment, step, zone) == found[0]


class TestSpanOf:
    def test_counts_the_last_day_whole(self):
        zone = ZoneInfo("Asia/Shanghai")
        span = spans.span_of("", at=datetime(2026, 11, 26, tzinfo=UTC), zone=zone, begin="2026-11-20", end="2026-11-20")
        assert span.until - span.since == spans.DAY
        assert span.since == datetime(2026, 11, 20, tzinfo=zone)

    @pytest.mark.parametrize(
        ("begin", "end", "fault"), [("x", "", spans.BadSpan), ("2026-01-02", "2026-01-01", spans.EmptySpan), ("1990-01-01", "2026-01-01", spans.TooLong)]
    )
    def test_refuses_what_is_none(self, begin, end, fault):
        with pytest.raises(fault):
            spans.span_of("", at=datetime(2026, 11, 26, tzinfo=UTC), zone=UTC, begin=begin, end=end)


STEPS = st.lists(st.builds(lambda count, part, due: Step(datetime(2026, 1, 1, tzinfo=UTC), None, count=count, valid=int(count * part), due=due),
                           st.integers(0, 500), st.floats(0, 1), st.integers(0, 200)), max_size=30)  # fmt: skip


class TestShare:
    @settings(deadline=None)
    @given(STEPS)
    def test_is_a_part_and_its_pieces_sum_to_what_was_due(self, steps):
        found = spans.share(steps)
        assert 0 <= found.valid <= found.count <= found.due
        assert found.valid + found.invalid + found.missing == found.due
        assert found.part is None if not found.due else 0 <= found.part <= 1

    @settings(deadline=None)
    @given(STEPS)
    def test_gaps_are_the_steps_without_a_valid_reading(self, steps):
        places = {place for gap in spans.gaps(steps) for place in range(gap.first, gap.last + 1)}
        assert places == {place for place, step in enumerate(steps) if step.state in ("missing", "invalid")}

    def test_too_many_in_one_hour_make_up_for_nothing_in_another(self):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        assert spans.share([Step(at, count=200, valid=200, due=100), Step(at, due=100)]).part == 0.5


class TestCadence:
    @settings(deadline=None)
    @given(st.sampled_from(["rtd", "minute.avg", "hour.avg", "day.avg"]), st.integers(1, 3600), LENGTHS)
    def test_what_was_due_fits_into_the_time(self, aggregate, seconds, length):
        since = datetime(2026, 1, 1, tzinfo=UTC)
        n = cadence.due(aggregate, seconds, since, since + length)
        assert n * cadence.interval(aggregate, seconds) <= length < (n + 1) * cadence.interval(aggregate, seconds)
        assert cadence.due(aggregate, seconds, since + length, since) == 0


ROLLS = st.lists(st.tuples(st.floats(0, 120), st.integers(1, 60)), min_size=1, max_size=12)


class TestMeanOf:
    @settings(deadline=None)
    @given(ROLLS)
    def test_decibels_lie_between_the_plain_mean_and_the_loudest(self, rolls):
        steps = [Rollup(datetime(2026, 1, 1, tzinfo=UTC), valid, valid, mean, mean, mean) for mean, valid in rolls]
        plain, energy = mean_of(steps), mean_of(steps, "energy")
        assert plain - 1e-6 <= energy <= max(mean for mean, _valid in rolls) + 1e-6

    @settings(deadline=None)
    @given(st.floats(0, 359.9), st.lists(st.floats(-40, 40), min_size=1, max_size=8), st.floats(0, 360))
    def test_directions_turn_with_their_circle(self, middle, offs, turn):
        at = datetime(2026, 1, 1, tzinfo=UTC)

        def rolled(by):
            return mean_of([Rollup(at, 1, 1, (middle + off + by) % 360, None, None) for off in offs], "circle")

        there = (rolled(turn) - rolled(0.0) - turn) % 360
        assert min(there, 360 - there) < 1e-6

    def test_winds_that_cancel_out_have_no_mean(self):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        assert mean_of([Rollup(at, 1, 1, 0.0, None, None), Rollup(at, 1, 1, 180.0, None, None)], "circle") is None
        assert mean_of([], "circle") is None
