"""Findings: looked for once a week in public cases, kept, shown with their evidence, offered for meetings."""

from datetime import timedelta

import pytest

from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures
from gongzhi.evaluation import operations, queries, tasks, telling
from gongzhi.evaluation.detecting import Found
from gongzhi.evaluation.models import Finding
from gongzhi.evaluation.tests.test_processes import through
from gongzhi.kernel import agendas
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found_of(made, **more):  # noqa: F811
    """Return one finding of each sort about things that there are."""
    bin_, west = made.categories["bin"].pk, made.areas["west"].pk
    return [
        Found("closed_early", "organ:1", 0.99, {"organ": 1, "n": 20, "back": 14, "others": 60, "others_back": 6}, ["2026-00001"], made.organs["utilities"].pk),
        Found("repeat_place", "category:1:1", 0.98, {"category": bin_, "area": west, "n": 9, "back": 8}),
        Found("bouncing", "category:1", 0.98, {"category": bin_, "n": 9, "sent": 8, "times": 12}),
        Found("unequal_service", "area:1", 0.999999, {"area": west, "n": 10, "days": 4.5, "others_days": 1.5}),
        Found("bottleneck", "need:accept:answer", 0.98, {"kind": "need", "from": "accept", "to": "answer", "n": 20, "half": 18, "hours": 30.0}),
    ]


def make(made, found=None, at=None):  # noqa: F811
    at = at or made.at
    return operations.make_findings(by=CLOCK, at=at, week=queries.week_of(seen_by=CLOCK, at=at), found=found_of(made) if found is None else found)


class TestLookThrough:
    def test_finds_where_most_cases_spend_most_of_their_time(self, made):  # noqa: F811
        for n in range(16):
            through(made, at=made.at - 20 * DAY + n * timedelta(minutes=1), hours=12)
        (found,) = queries.look_through(seen_by=CLOCK, at=made.at)
        assert (found.sort, found.figures["from"], found.figures["to"], found.figures["n"]) == ("bottleneck", "accept", "answer", 16)

    def test_looks_at_public_cases_alone(self, made):  # noqa: F811
        for n in range(16):
            through(made, at=made.at - 20 * DAY + n * timedelta(minutes=1), hours=12, visibility="parties" if n else "restricted")
        assert queries.look_through(seen_by=CLOCK, at=made.at) == []


class TestMakeFindings:
    def test_is_for_the_clock(self, made):  # noqa: F811
        with pytest.raises(NotAllowed):
            operations.make_findings(by=made.by("member"), at=made.at, week=made.at.date(), found=[])

    def test_keeps_a_week_once(self, made):  # noqa: F811
        assert len(make(made)) == 5
        assert make(made) == []
        assert Finding.objects.count() == 5

    def test_the_same_matter_is_known_again_a_week_later(self, made):  # noqa: F811
        make(made)
        make(made, found_of(made)[:1], at=made.at + 7 * DAY)
        (newest,) = queries.findings(seen_by=ANYONE)
        assert len(queries.weeks_found(seen_by=ANYONE, one=newest)) == 2

    def test_is_done_by_the_task_in_every_town(self, made):  # noqa: F811
        assert tasks.look_through(timestamp=int(made.at.timestamp())) == 0


class TestPages:
    def test_say_each_sort_in_both_languages(self, made, enter):  # noqa: F811
        make(made)
        for language, word in (("zh-hans", "把握"), ("en", "sure")):
            page = enter("", language).get("/evaluation/findings/").content.decode()
            assert page.count("findhead") == 5
            assert word in page
            assert "%(" not in page

    def test_show_one_with_its_cases(self, made, enter):  # noqa: F811
        first = next(one for one in make(made) if one.sort == "closed_early")
        kept = Finding.objects.get(sort="closed_early", week=first.week)
        page = enter("").get(f"/evaluation/findings/{kept.pk}/").content.decode()
        assert "/cases/2026-00001/" in page
        assert "14" in page
        assert enter("").get("/evaluation/findings/999999/").status_code == 404

    def test_say_that_nothing_stands_out(self, made, enter):  # noqa: F811
        assert "没有发现异常" in enter("").get("/evaluation/findings/").content.decode()

    def test_never_say_a_hundred_percent(self, made):  # noqa: F811
        make(made)
        assert max(told.sure for told in telling.tell(seen_by=ANYONE, found=queries.findings(seen_by=ANYONE))) == 99

    def test_over_the_api_are_the_same(self, made, enter):  # noqa: F811
        make(made)
        told = enter("").get("/api/v1/evaluation/findings").json()
        assert told[0]["sort"] == "unequal_service"
        assert next(one for one in told if one["sort"] == "closed_early")["owner"] == "utilities"


class TestAgendas:
    def test_are_offered_the_findings_most_pressing_first(self, made):  # noqa: F811
        make(made)
        matters = [matter for source, matter in agendas.offered(seen_by=ANYONE, at=made.at) if source.code == "findings"]
        assert [matter.weight for matter in matters] == sorted((matter.weight for matter in matters), reverse=True)
        assert matters[0].key == "evaluation.finding:unequal_service:area:1"
        assert {matter.organ_id for matter in matters} == {None, made.organs["utilities"].pk}

    def test_take_no_second_source_of_a_code(self):
        with pytest.raises(agendas.DeclaredTwice):
            agendas.declare(agendas.Source(code="findings", title="", offer=lambda **_: ()))
