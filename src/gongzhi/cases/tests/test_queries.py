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


class TestFirstCases:
    def test_are_the_first_of_cases_with_all_that_a_card_shows(self, made):
        for n in range(4):
            made.open(title=f"第{n}件", at=made.at + n * HOUR)
        officer = made.by("officer")
        memory.forget()
        found = queries.first_cases(seen_by=officer, most=3, state="open")
        assert found == list(queries.cases(seen_by=officer, state="open")[:3])
        with CaptureQueriesContext(connection) as asked:
            said = [(case.category.label, case.area.name, str(case.lead), case.procedure.version) for case in found]
        assert len(said) == 3
        assert len(asked) == 0
        assert queries.first_cases(seen_by=officer, most=3, case_ids=[found[1].pk]) == [found[1]]

    def test_are_found_by_who_raised_or_follows_them(self, made):
        case = made.open()
        neighbour = made.by("neighbour")
        mine = {"most": 5, "order": "touched", "raised_by_id": made.people["neighbour"].pk}
        assert queries.first_cases(seen_by=neighbour, **mine) == []
        cases.follow_case(by=neighbour, at=made.at, case_id=case.pk)
        assert queries.first_cases(seen_by=neighbour, **mine) == [case]

    def test_are_found_by_words_and_by_any_way_to_write_a_number(self, made):
        case = made.open(text="文昌路垃圾桶满了两天")
        other = made.open(title="路灯不亮", text="学院路口路灯不亮")
        officer = made.by("officer")
        for text in ("垃圾桶", case.number, f"{case.year}-{case.serial:05d}", str(case.serial)):
            assert queries.first_cases(seen_by=officer, most=5, text=text) == [case], text
        assert queries.first_cases(seen_by=officer, most=5, text="学院路") == [other]
        assert queries.case_by_number(seen_by=officer, number=f" {case.number} ") == case
        for text in (case.number.replace("云溪", "兰湾"), str(case.serial), "路灯", ""):
            assert queries.case_by_number(seen_by=officer, number=text) is None, text


class TestDaily:
    def test_counts_by_the_towns_own_days(self, made):
        midnight = made.at.replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=1)  # of the town, UTC+8
        opened = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(hours=23)]
        for n, at in enumerate(opened):
            made.open(title=f"第{n}件", at=at)
        told = queries.daily(seen_by=made.by("officer"), since=midnight - timedelta(days=2), at=midnight + timedelta(hours=1))
        assert [count for _day, count, _closed in told] == [0, 1, 2]
        assert told[-1][0] == made.at.date()
        assert told[0][0] == made.at.date() - timedelta(days=2)


class TestMonthSoFar:
    def test_is_the_same_as_the_whole_month_counted_at_once(self, made):
        officer, dispatcher = made.by("officer"), made.by("dispatcher")
        for at in (made.at - timedelta(days=3), made.at - timedelta(days=2), made.at - 3 * HOUR):
            case = made.open(at=at)
            cases.accept_case(by=officer, at=at, case_id=case.pk)
            cases.answer_case(by=officer, at=at + HOUR, case_id=case.pk, public_text="已清运")
            cases.verify_case(by=made.by("walker"), at=at + 2 * HOUR, case_id=case.pk, passed=True, text="干净了", on_site=True)
            if queries.case_by_id(seen_by=dispatcher, case_id=case.pk).state != "closed":
                cases.close_case(by=dispatcher, at=at + 2 * HOUR, case_id=case.pk, outcome="办结")
        month = queries.town(seen_by=officer).local(made.at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        whole = queries.on_time(seen_by=officer, since=month, at=made.at)
        assert whole.ended == 3
        for _time in range(2):
            assert queries.figures(seen_by=officer, at=made.at).month == whole
