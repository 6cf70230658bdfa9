"""What the pages ask of cases, and how often they ask."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.cases import operations as cases
from gongzhi.cases import queries
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.organs import operations as organs
from gongzhi.kernel import memory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


class TestWhatBelongsToACase:
    def test_is_what_the_database_has(self, made):
        slug = made.open(raised_for_id=made.organs["firm"].pk).slug
        found = queries.case_for(seen_by=made.by("officer"), slug=slug)
        kept = type(found).objects.get(pk=found.pk)
        for name in ("category", "area", "lead", "holder", "raised_for", "procedure", "responsibility", "raised_by"):
            assert getattr(found, name) == getattr(kept, name), name
            assert getattr(found, name) is not None, name

    def test_is_not_asked_again_for_each_row_of_a_list(self, made):
        officer = made.by("officer")
        for n in range(3):
            made.open(title=f"第{n}件")
        memory.forget()
        rows = queries.desk_page(seen_by=officer, queue="unit", at=made.at).rows
        with CaptureQueriesContext(connection) as asked:
            said = [(case.category.label, case.area.name, str(case.lead), str(case.holder), str(case.handler)) for case in rows]
        assert len(said) == 3
        assert len(asked) == 0

    def test_follows_an_organ_that_has_another_name_now(self, made):
        slug = made.open().slug
        assert str(queries.case_for(seen_by=made.by("officer"), slug=slug).lead) == "utilities"
        organs.define_organ(by=MAKER, at=made.at, kind="department", code="utilities", name="市政公用科")
        assert str(queries.case_for(seen_by=made.by("officer"), slug=slug).lead) == "市政公用科"


class TestCategoriesInForce:
    def test_are_those_of_the_catalogue_in_its_order(self, made):
        on = made.at.date()
        for for_public in (None, True, False):
            asked = queries.categories(seen_by=made.by("officer"), on=on, for_public=for_public)
            told = queries.categories_in_force(seen_by=made.by("officer"), on=on, for_public=for_public)
            assert told == list(asked)
            assert [one.parent for one in told] == [one.parent for one in asked]


class TestClocksOfCase:
    def test_agree_with_those_asked_one_by_one(self, made):
        case = made.open()
        officer, later = made.by("officer"), made.at + HOUR
        cases.accept_case(by=officer, at=made.at, case_id=case.pk)
        task = cases.join_case(by=officer, at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, task="量一下", required=True)
        case = queries.case_for(seen_by=officer, slug=case.slug)
        found = queries.clocks_of_case(seen_by=officer, case=case, at=later)
        own = queries.clock_of(seen_by=officer, case=case, at=later)
        assert (found.own.clock, found.own.usage, found.own.explanation) == (own.clock, own.usage, own.explanation)
        every = {view.clock.pk: view for view in queries.all_clocks(seen_by=officer, case=case, at=later)}
        assert set(found.joined) == {task.pk}
        assert found.joined[task.pk].usage == every[found.joined[task.pk].clock.pk].usage
        running = [view.clock.pk for view in every.values() if view.clock.of == "stage" and view.clock.is_running]
        assert [found.stage.clock.pk] == running if found.stage else not running

    def test_know_a_clock_that_stands(self, made):
        case = made.open()
        officer = made.by("officer")
        cases.accept_case(by=officer, at=made.at, case_id=case.pk)
        cases.suspend_case(by=officer, at=made.at + HOUR, case_id=case.pk, ground="force_majeure", basis="办法第九条", reason="台风")
        case = queries.case_for(seen_by=officer, slug=case.slug)
        found = queries.clocks_of_case(seen_by=officer, case=case, at=made.at + 3 * HOUR)
        assert found.own.stopped
        assert found.own.usage.is_stopped
        assert found.own.usage.used == queries.clock_of(seen_by=officer, case=case, at=made.at + 9 * HOUR).usage.used
