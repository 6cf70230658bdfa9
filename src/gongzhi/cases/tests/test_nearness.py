"""Likeness of needs: arithmetic properties and everyday judgements."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gongzhi.cases.nearness import box, metres, nearness
from gongzhi.cases.words import cut, grams, likeness

AT = datetime(2026, 11, 18, 4, tzinfo=UTC)
points = st.tuples(st.floats(-179, 179), st.floats(-80, 80))


class TestMetres:
    @given(points, points)
    def test_is_symmetric_and_never_negative(self, one, other):
        assert metres(one, other) == metres(other, one) >= 0

    def test_knows_a_degree_of_latitude(self):
        assert abs(metres((120, 30), (120, 31)) - 111_195) < 5

    @given(points, st.floats(10, 5000))
    def test_box_holds_the_circle(self, point, radius):
        west, south, east, north = box(point, radius)
        assert metres(point, (point[0], north)) >= radius * 0.999
        assert west < point[0] < east
        assert south < point[1] < north


class TestLikeness:
    @given(st.text(), st.text())
    def test_lies_between_0_and_1_and_is_symmetric(self, one, other):
        assert 0 <= likeness(grams(one), grams(other)) <= 1
        assert likeness(grams(one), grams(other)) == likeness(grams(other), grams(one))

    def test_sees_a_repeat_in_other_words(self):
        here = (120.05, 30.25)
        repeat = nearness(point=here, text="菜场门口垃圾桶满了，垃圾溢出来", at=AT, other_point=(120.0502, 30.2501), other_text="菜场垃圾桶满溢",
                          other_at=AT - timedelta(hours=3), same_category=True)  # fmt: skip
        other = nearness(point=here, text="路灯不亮", at=AT, other_point=(120.0502, 30.2501), other_text="菜场垃圾桶满溢",
                         other_at=AT - timedelta(hours=3), same_category=False)  # fmt: skip
        assert repeat.score > 0.7
        assert other.score < 0.42

    def test_cuts_chinese_into_words(self):
        assert "垃圾桶" in cut("菜场垃圾桶满溢").split()
        assert cut("!!!") == ""
