import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.sensing.episodes import Rule, begins, first_beginning, is_over, severity
from gongzhi.management_line.sensing.hj212 import Framer, Verdict, build, judge
from gongzhi.management_line.sensing.models import LimitRule, Reading, Series
from gongzhi.management_line.sensing.queries import Value

START = datetime(2026, 11, 18, tzinfo=UTC)


def rule(**more):
    return Rule(**({"comparator": "above", "limit": 80, "return_difference": 4, "count": 2, "duration": timedelta(0), "clean_count": 3, "severity": 2} | more))


def points(*values):
    """Return readings a minute apart, the newest first."""
    return [(START - timedelta(minutes=place), value) for place, value in enumerate(values)]


class TestLimit:
    """A value exactly at the legal limit keeps it; the next one that a double can hold is beyond."""

    def test_itself_is_not_beyond(self):
        for comparator, limit, past in (("above", 80, math.inf), ("below", 5, -math.inf), ("above", 0.1 + 0.2, math.inf), ("above", 0, math.inf)):
            judged, step = rule(comparator=comparator, limit=limit), math.nextafter(limit, past)
            told = LimitRule(comparator=comparator, limit=limit, unit="mg/L")
            shown = Value(series=Series(unit="mg/L"), latest=None, limit=told)
            for value, beyond in ((limit, False), (step, True), (math.nextafter(limit, -past), False)):
                shown.latest = Reading(value=value)
                assert judged.is_beyond(value) is told.is_beyond(value) is shown.is_beyond is beyond, (comparator, limit, value)
            assert begins(judged, points(limit, limit, limit)) is None
            assert begins(judged, points(step, step)) is not None
            assert begins(judged, points(step, limit, step)) is None
            assert first_beginning(judged, points(limit, limit), {START}) is None


class TestBegins:
    def test_needs_enough_in_a_row_for_long_enough(self):
        assert begins(rule(), points(81)) is None
        assert begins(rule(), points(81, 79, 90)) is None
        assert begins(rule(), points(81, 82, 79)) == START - timedelta(minutes=1)
        long = rule(duration=timedelta(minutes=3))
        assert begins(long, points(81, 82, 83)) is None
        assert begins(long, points(81, 82, 83, 84)) == START - timedelta(minutes=3)
        assert begins(rule(comparator="below", limit=5, return_difference=0.5), points(4, 3)) is not None

    @given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
    def test_is_never_both_begun_and_over(self, values):
        assert begins(rule(), points(*values)) is None or is_over(rule(), points(*values)) is None


class TestFirstBeginning:
    def test_is_the_earliest_among_what_has_just_come(self):
        newest = points(70, 81, 82, 83, 70)
        fresh = {at for at, _value in newest}
        assert first_beginning(rule(), newest, fresh) == 2
        assert first_beginning(rule(), newest, {newest[1][0]}) == 1
        assert first_beginning(rule(), newest, {newest[0][0]}) is None

    @given(st.lists(st.floats(0, 200), min_size=1, max_size=12), st.integers(1, 4))
    def test_is_where_reading_by_reading_one_would_have_begun(self, values, count):
        newest, judged = points(*values), rule(count=count)
        each = [place for place in range(len(newest)) if begins(judged, newest[place:]) is not None]
        assert first_beginning(judged, newest, {at for at, _value in newest}) == max(each, default=None)


class TestIsOver:
    def test_needs_clean_readings_inside_the_return_difference(self):
        assert is_over(rule(), points(76, 75, 76)) == START - timedelta(minutes=2)
        assert is_over(rule(), points(76, 77, 76)) is None
        assert is_over(rule(), points(76, 75, 76), after=START - timedelta(minutes=2)) is None


class TestSeverity:
    def test_grows_at_twice_and_five_times_the_limit(self):
        assert [severity(rule(), value) for value in (81, 160, 400, 4000)] == [2, 3, 4, 4]


class TestFrames:
    @given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 6))
    def test_are_the_same_however_they_are_cut(self, cuts, count):
        stream = b"".join(build(mn="A" * 24, cn="2011", data_time="20261118120000", factors=[("w01018", {"Rtd": n})]) for n in range(count)) + b"junk##00"
        framer, found, place = Framer(), [], 0
        for cut in cuts:
            found += framer.feed(stream[place : place + cut])
            place += cut
        found += framer.feed(stream[place:]) + framer.finish()
        whole = Framer()
        assert [frame.raw for frame in found] == [frame.raw for frame in whole.feed(stream) + whole.finish()]
        assert sum(judge(frame).verdict is Verdict.ACCEPT for frame in found) == count

    @given(st.binary(max_size=400))
    def test_never_fall_over_junk(self, junk):
        framer = Framer()
        for frame in framer.feed(junk) + framer.finish():
            judge(frame)

    @given(st.integers(0, 150), st.integers(1, 255))
    def test_find_a_changed_byte(self, place, change):
        sent = bytearray(build(mn="A" * 24, cn="2011", data_time="20261118120000", factors=[("w01018", {"Rtd": 55.1, "Flag": "N"})]))
        place %= len(sent) - 2
        sent[place] ^= change
        framer = Framer()
        verdicts = [judge(frame).verdict for frame in framer.feed(bytes(sent)) + framer.finish()]
        given_crc = range(len(sent) - 6, len(sent) - 2)
        if place in given_crc and bytes(sent[-6:-2]).upper() == bytes(sent[-6:-2]):
            return
        assert Verdict.ACCEPT not in verdicts or (place in given_crc and chr(sent[place]).isalpha())
