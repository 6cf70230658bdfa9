import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import datetimes, just

from gongzhi.foundation.calendar import national, operations, queries, working_time
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town

MAKER = system("tests")
NOTICES = Path(__file__).parents[6] / "shared" / "data" / "calendar"


class TestWorkingTime:
    def test_follows_the_towns_own_day_and_forgets_what_it_knew(self, town, noon):
        day = date(2026, 11, 20)
        assert queries.working_time(seen_by=ANYONE).is_working(day)
        operations.set_day(by=MAKER, at=noon, day=day, is_working=False, reason="云溪文化节")
        known = queries.working_time(seen_by=ANYONE)
        assert not known.is_working(day)
        assert known.day_words(day) == "云溪文化节"
        with pytest.raises(NotAllowed):
            operations.set_day(by=ANYONE, at=noon, day=day, is_working=True, reason="x")

    def test_counts_each_day_by_the_hours_that_held_on_it(self, town, noon):
        operations.set_office_hours(by=MAKER, at=noon, pairs=[["09:00", "12:00"], ["14:00", "18:00"]], valid_from=date(2026, 7, 1), reason="夏令")
        known = queries.working_time(seen_by=ANYONE)
        zone = known.zone
        def spent(day: int, month: int) -> float:
            return known.seconds_before(datetime(2026, month, day, 13, tzinfo=zone)) - known.seconds_before(datetime(2026, month, day, 0, tzinfo=zone))

        assert spent(15, 6) == 3.5 * 3600
        assert spent(15, 7) == 3 * 3600
        with pytest.raises(operations.UnusableHours):
            operations.set_office_hours(by=MAKER, at=noon, pairs=[["12:00", "09:00"]], valid_from=date(2026, 8, 1))


    def test_keeps_the_days_it_has_added_up_while_the_hours_are_the_same(self, town, other_town, noon):
        operations.set_day(by=MAKER, at=noon, day=date(2026, 11, 20), is_working=False, reason="云溪文化节")
        known = queries.working_time(seen_by=ANYONE)
        memory.forget()
        assert queries.working_time(seen_by=ANYONE) is known
        with in_town(other_town.pk):
            assert queries.working_time(seen_by=ANYONE).is_working(date(2026, 11, 20))
        assert not queries.working_time(seen_by=ANYONE).is_working(date(2026, 11, 20))

    @given(moment=datetimes(datetime(2015, 1, 2), datetime(2027, 1, 1), timezones=just(ZoneInfo("Asia/Shanghai"))))
    def test_counts_to_the_microsecond(self, moment):
        known = working_time.WorkingTime(
            zone=ZoneInfo("Asia/Shanghai"), hours=[(date(2000, 1, 1), working_time.ORDINARY)], exceptions={}, national=national.day,
            provisional=national.is_provisional,
        )  # fmt: skip
        spent = known.seconds_before(moment) - known.seconds_before(moment.replace(hour=0, minute=0, second=0, microsecond=0))
        parts = [
            min(moment, datetime.combine(moment.date(), end, moment.tzinfo)) - datetime.combine(moment.date(), begin, moment.tzinfo)
            for begin, end in working_time.ORDINARY
        ]
        counted = sum(max(0.0, part.total_seconds()) for part in parts) if known.is_working(moment.date()) else 0.0
        assert spent == pytest.approx(counted, abs=1e-5)


class TestNational:
    def test_says_that_a_year_without_a_notice_is_provisional(self):
        assert not national.is_provisional(2026)
        assert national.is_provisional(2028)
        assert national.day(date(2028, 1, 1))[0] is False

    @pytest.mark.skipif(not NOTICES.exists(), reason="the notices of the State Council are not on this machine")
    def test_agrees_with_every_notice(self):
        seen = 0
        for file in sorted(NOTICES.glob("holiday_cn_*.json")):
            for row in json.loads(file.read_text())["days"]:
                assert national.day(date.fromisoformat(row["date"]))[0] is not row["isOffDay"], row
                seen += 1
        assert seen > 150
