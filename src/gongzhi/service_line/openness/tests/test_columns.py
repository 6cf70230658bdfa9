"""The statutory list: what is there, what is empty, what is late, counted in working days."""

from datetime import date, timedelta

import pytest

from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.service_line.openness import operations, queries
from gongzhi.service_line.openness.operations.columns import BadCode, NothingToShow, NotYetMade, PublishedAlready, TooSlow

DAY = timedelta(days=1)


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


@pytest.fixture
def column(made, noon):
    return operations.define_column(by=made.by("member"), at=noon, code="budget", title="财政预算、决算", organ_id=made.organs["utilities"].pk,
                                    basis="《政府信息公开条例》第二十条第七项", every=12)  # fmt: skip


def state(on):
    return queries.standing(seen_by=ANYONE, on=on)[0].state


class TestDays:
    @pytest.mark.parametrize(
        ("made_on", "days", "due"),
        [
            (date(2026, 9, 24), 20, date(2026, 10, 29)), (date(2026, 2, 13), 5, date(2026, 2, 27)), (date(2026, 4, 29), 15, date(2026, 5, 22)),
            (date(2025, 1, 24), 20, date(2025, 2, 27)), (date(2020, 1, 22), 20, date(2020, 2, 27)),
        ],
    )  # fmt: skip
    def test_are_those_of_the_years_notice_of_holidays(self, made, made_on, days, due):
        assert queries.due_on(seen_by=ANYONE, made_on=made_on, days=days) == due


class TestColumns:
    def test_are_set_by_those_who_may_and_never_slower_than_the_law(self, made, noon, column):
        given = {"code": "x", "title": "x", "organ_id": column.organ_id, "basis": "x"}
        for who in ("officer", "resident"):
            with pytest.raises(NotAllowed):
                operations.define_column(by=made.by(who), at=noon, **given)
        for bad, refusal in (({"days": 21}, TooSlow), ({"days": 0}, TooSlow), ({"code": "预算"}, BadCode)):
            with pytest.raises(refusal):
                operations.define_column(by=made.by("member"), at=noon, **(given | bad))
        assert operations.define_column(by=made.by("member"), at=noon, **(given | {"days": 1})).days == 1

    def test_are_empty_then_prepared_then_late_then_filled(self, made, noon, column):
        assert state(date(2026, 11, 18)) == "empty"
        entry = operations.tell_entry(by=made.by("officer"), at=noon, column_id=column.pk, title="2026 年预算", made_on=date(2026, 11, 2))
        assert entry.due_on == date(2026, 11, 30)
        assert state(date(2026, 11, 30)) == "waits"
        assert state(date(2026, 12, 1)) == "late"
        late = noon.replace(month=12, day=3)
        entry = operations.publish_entry(by=made.by("officer"), at=late, entry_id=entry.pk, text="全文")
        assert entry.late_days == 3
        stands = queries.standing(seen_by=ANYONE, on=date(2026, 12, 3))[0]
        assert (stands.state, stands.count, stands.late_entries) == ("ok", 1, 1)

    def test_that_are_due_by_the_calendar_become_late_without_anything_made(self, made, noon, column):
        entry = operations.tell_entry(by=made.by("officer"), at=noon, column_id=column.pk, title="2025 年决算", made_on=date(2026, 11, 2))
        operations.publish_entry(by=made.by("officer"), at=noon, entry_id=entry.pk, text="全文")
        due = queries.standing(seen_by=ANYONE, on=date(2026, 11, 20))[0].due
        assert due == queries.due_on(seen_by=ANYONE, made_on=date(2027, 11, 30), days=20)
        assert state(due) == "ok"
        assert state(due + DAY) == "late"


class TestEntries:
    def test_are_of_the_unit_that_owes_the_column(self, made, noon, column):
        for who in ("enforcer", "resident", "dispatcher"):
            with pytest.raises(NotAllowed):
                operations.tell_entry(by=made.by(who), at=noon, column_id=column.pk, title="x", made_on=noon.date())
        with pytest.raises(NotYetMade):
            operations.tell_entry(by=made.by("officer"), at=noon, column_id=column.pk, title="x", made_on=noon.date() + DAY)
        entry = operations.tell_entry(by=made.by("officer"), at=noon, column_id=column.pk, title="x", made_on=noon.date())
        with pytest.raises(NotAllowed):
            operations.publish_entry(by=made.by("enforcer"), at=noon, entry_id=entry.pk, text="x")
        with pytest.raises(NothingToShow):
            operations.publish_entry(by=made.by("officer"), at=noon, entry_id=entry.pk, text=" ")
        assert operations.publish_entry(by=made.by("officer"), at=noon, entry_id=entry.pk, url="https://example.org/").late_days == 0
        with pytest.raises(PublishedAlready):
            operations.publish_entry(by=made.by("officer"), at=noon, entry_id=entry.pk, text="y")
