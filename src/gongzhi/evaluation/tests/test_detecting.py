from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gongzhi.evaluation import detecting

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Row:
    slug: str = "2026-00001"
    lead_id: int | None = 1
    category_id: int | None = 7
    area_path: str = "1.2.3"
    days: float = 1.0
    due_days: float | None = 10.0
    was_late: bool | None = False
    came_back: bool | None = False
    returns: int = 0

    @property
    def opened_at(self) -> datetime:
        return NOW

    @property
    def closed_at(self) -> datetime:
        return NOW + timedelta(days=self.days)

    @property
    def due_at(self) -> datetime | None:
        return None if self.due_days is None else NOW + timedelta(days=self.due_days)


def rows(n: int, **more) -> list[Row]:
    return [Row(**more) for _n in range(n)]


class TestMoreOften:
    def test_is_the_pooled_test_with_continuity_correction(self):
        # 30 of 50 against 15 of 50: chi-squared with Yates 7.919, so z = 2.814 and one-sided p = 0.00245
        assert detecting.more_often(30, 50, 15, 50) == pytest.approx(1 - 0.002446, abs=1e-4)

    def test_says_nothing_of_nothing_and_of_less(self):
        assert detecting.more_often(0, 0, 5, 10) == detecting.more_often(5, 10, 0, 0) == detecting.more_often(1, 10, 5, 10) == 0
        assert detecting.more_often(5, 5, 5, 5) == 0


class TestLonger:
    def test_is_the_rank_test(self):
        # 11…20 against 1…10: U = 100, z = (100 - 50) / 13.229
        assert detecting.longer(range(11, 21), range(1, 11)) == pytest.approx(0.99992, abs=1e-5)
        assert detecting.longer([1, 1, 1], [1, 1, 1]) == 0.5
        assert detecting.longer([], [1]) == 0


class TestClosedEarly:
    def test_finds_the_unit_that_meets_the_clock_and_not_the_need(self):
        good = rows(40, lead_id=1, days=3) + rows(20, lead_id=2, days=9.5)
        bad = rows(14, lead_id=3, days=9.2, came_back=True) + rows(6, lead_id=3, days=9.2)
        (found,) = detecting.closed_early(good + bad)
        assert (found.key, found.organ_id, found.figures["n"], found.figures["back"], found.figures["others"]) == ("organ:3", 3, 20, 14, 60)
        assert found.sureness >= detecting.SURE
        assert len(found.slugs) == 14

    def test_the_last_tenth_begins_at_nine_tenths(self):
        rest = rows(60, lead_id=1, days=3)
        assert detecting.closed_early(rest + rows(10, lead_id=3, days=9.0, came_back=True))
        assert not detecting.closed_early(rest + rows(10, lead_id=3, days=8.99, came_back=True))

    def test_knows_nothing_of_few_of_late_ones_and_of_what_is_not_known_yet(self):
        rest = rows(60, lead_id=1, days=3)
        assert detecting.closed_early(rest + rows(8, lead_id=3, days=9.5, came_back=True))
        for wrong in (rows(7, days=9.5, came_back=True, lead_id=3), rows(20, days=12, was_late=True, came_back=True, lead_id=3),
                      rows(20, days=9.5, came_back=None, lead_id=3), rows(20, days=9.5, due_days=None, came_back=True, lead_id=3)):  # fmt: skip
            assert not detecting.closed_early(rest + wrong)


class TestOthers:
    def test_finds_a_place_where_a_matter_comes_back(self):
        (found,) = detecting.repeat_places(rows(60) + rows(9, area_path="1.2.4", came_back=True, lead_id=5))
        assert (found.figures, found.organ_id) == ({"category": 7, "area": 4, "n": 9, "back": 9}, 5)
        assert not detecting.repeat_places(rows(60) + rows(7, area_path="1.2.4", came_back=True))

    def test_finds_a_matter_that_bounces(self):
        (found,) = detecting.bouncing(rows(60) + rows(9, category_id=8, returns=2))
        assert found.figures == {"category": 8, "n": 9, "sent": 9, "times": 18}
        assert not detecting.bouncing(rows(60, returns=1) + rows(9, category_id=8, returns=1))

    def test_finds_a_community_that_waits_longer(self):
        community = {"1.2": 2, "1.5": 5}
        slow = [Row(area_path="1.5.9", days=4 + n / 10) for n in range(10)]
        quick = [Row(days=1 + n / 100) for n in range(30)]
        (found,) = detecting.unequal_service(slow + quick, lambda path: community.get(path.rpartition(".")[0]))
        assert (found.key, found.figures["n"], found.figures["days"]) == ("area:5", 10, 4.45)
        assert not detecting.unequal_service(slow[:7] + quick, lambda path: community.get(path.rpartition(".")[0]))
        assert not detecting.unequal_service(slow + quick, lambda path: None)

    def test_finds_the_step_that_takes_most_of_most_cases(self):
        @dataclass
        class History:
            slug: str
            lead_id: int
            events: list
            is_over: bool = True

        def case(n, *hours):
            return History(f"2026-{n:05d}", 3, [(act, NOW + timedelta(hours=h), None) for act, h in zip("abc", hours, strict=True)])

        (found,) = detecting.bottleneck("report", [case(n, 0, 1, 10) for n in range(16)])
        assert (found.figures, found.organ_id) == ({"kind": "report", "from": "b", "to": "c", "n": 16, "half": 16, "hours": 9.0}, 3)
        assert not detecting.bottleneck("report", [case(n, 0, 1, 10) for n in range(15)])
        assert not detecting.bottleneck("report", [case(n, 0, 1, 2) for n in range(40)])
