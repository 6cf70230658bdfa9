"""Indicators and scorecards: adopted in pairs, worked out from the record, opened to their cases."""

from datetime import timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.tests.factories import MAKER
from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures
from gongzhi.evaluation import operations, queries
from gongzhi.evaluation.models import Indicator
from gongzhi.evaluation.quarters import Quarter, quarter_of, read
from gongzhi.evaluation.shipped import SHIPPED
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOFT = {
    "title": "真解决",
    "definition": "没有再报",
    "formula": "share(cases.solved)",
    "unit": "percent",
    "side": "soft",
    "direction": "up",
    "target": 80.0,
    "source": "办法",
}
HARD = SOFT | {"title": "按时", "formula": "share(cases.on_time)", "side": "hard", "counterpart": "solved"}


def closed(made, *, at, days=1.0, **more):  # noqa: F811
    """Open a case and close it after so many days."""
    case = made.open(at=at, **more)
    cases.accept_case(by=made.by("officer"), at=at + HOUR, case_id=case.pk)
    cases.answer_case(by=made.by("officer"), at=at + days * DAY - HOUR, case_id=case.pk, public_text="清掉了")
    cases.verify_case(by=made.by("walker"), at=at + days * DAY, case_id=case.pk, passed=True, text="干净了")
    return case


@pytest.fixture
def early(made):  # noqa: F811
    """Return a moment some forty days ago, on the town's clock: what closed then has had its thirty days."""
    return made.at - timedelta(days=45)


def quarter(made, at):  # noqa: F811
    return quarter_of(territory.day_of(seen_by=CLOCK, at=at))


class TestAdoptIndicator:
    def test_is_for_those_who_define_what_is_measured(self, made):  # noqa: F811
        with pytest.raises(NotAllowed):
            operations.adopt_indicator(by=made.by("officer"), at=made.at, code="solved", **SOFT)
        assert operations.adopt_indicator(by=made.by("member"), at=made.at, code="solved", **SOFT).version == 1

    def test_replaces_the_version_before_and_edits_none(self, made):  # noqa: F811
        first = operations.adopt_indicator(by=made.by("member"), at=made.at, code="solved", **SOFT)
        second = operations.adopt_indicator(by=made.by("member"), at=made.at + HOUR, code="solved", **SOFT | {"target": 85.0})
        first.refresh_from_db()
        assert (first.target, first.ended_at, second.version) == (80.0, made.at + HOUR, 2)
        assert [one.version for one in queries.indicators(seen_by=ANYONE)] == [2]

    @pytest.mark.parametrize(
        ("change", "refusal", "field"),
        [
            ({"formula": "share(cases.none)"}, operations.FormulaRefused, "formula"), ({"formula": "share(cases.days)"}, operations.FormulaRefused, "formula"),
            ({"source": " "}, operations.NoSource, "source"), ({"target": None}, operations.NoTarget, "target"),
        ],
    )  # fmt: skip
    def test_names_the_field_that_cannot_be_used(self, made, change, refusal, field):  # noqa: F811
        with pytest.raises(refusal) as told:
            operations.adopt_indicator(by=made.by("member"), at=made.at, code="solved", **SOFT | change)
        assert told.value.field == field
        assert not Indicator.objects.exists()

    def test_refuses_a_hard_one_in_the_scorecard_without_its_soft_counterpart(self, made):  # noqa: F811
        member = made.by("member")
        with pytest.raises(operations.NoSoftCounterpart):
            operations.adopt_indicator(by=member, at=made.at, code="on-time", in_scorecard=True, **HARD)
        operations.adopt_indicator(by=member, at=made.at, code="on-time", **HARD)
        with pytest.raises(operations.NoSoftCounterpart):
            operations.set_in_scorecard(by=member, at=made.at, code="on-time", is_in=True)
        operations.adopt_indicator(by=member, at=made.at, code="solved", in_scorecard=True, **SOFT)
        assert operations.set_in_scorecard(by=member, at=made.at, code="on-time", is_in=True).in_scorecard

    def test_takes_no_soft_one_from_the_hard_one_beside_it(self, made):  # noqa: F811
        member = made.by("member")
        operations.adopt_indicator(by=member, at=made.at, code="solved", in_scorecard=True, **SOFT)
        operations.adopt_indicator(by=member, at=made.at, code="on-time", in_scorecard=True, **HARD)
        for act in (lambda: operations.end_indicator(by=member, at=made.at, code="solved"),
                    lambda: operations.set_in_scorecard(by=member, at=made.at, code="solved", is_in=False),
                    lambda: operations.adopt_indicator(by=member, at=made.at, code="solved", **SOFT | {"side": "hard"})):  # fmt: skip
            with pytest.raises(operations.StillNeeded):
                act()
        operations.set_in_scorecard(by=member, at=made.at, code="on-time", is_in=False)
        assert operations.end_indicator(by=member, at=made.at, code="solved").ended_at == made.at

    def test_those_that_are_shipped_come_in_pairs_and_once(self, made):  # noqa: F811
        assert len(operations.adopt_shipped_indicators(by=MAKER, at=made.at)) == len(SHIPPED)
        assert operations.adopt_shipped_indicators(by=MAKER, at=made.at) == []
        pairs = queries.scorecard(seen_by=ANYONE, organ_id=made.organs["utilities"].pk, quarter=quarter(made, made.at), at=made.at)
        assert [(hard.indicator.code, soft.indicator.code) for hard, soft in pairs] == [("on-time", "solved"), ("checked", "satisfied"), ("handled", "waited")]


class TestOutcomes:
    def test_what_was_opened_again_or_comes_up_again_nearby_came_back(self, made, early):  # noqa: F811
        far = {"longitude": None, "latitude": None, "area_id": made.areas["west"].pk}
        again, quiet = closed(made, at=early), closed(made, at=early, category_id=made.categories["bin"].pk, **far)
        made.open(at=early + timedelta(days=10))
        found = {one.case_id: one for one in case_queries.outcomes(seen_by=CLOCK, since=early, until=made.at, at=made.at)}
        assert found[again.pk].came_back is True
        assert found[quiet.pk].came_back is False

    def test_nothing_is_known_before_the_thirty_days_are_over(self, made):  # noqa: F811
        at = made.at - timedelta(days=31)
        case = closed(made, at=at, days=1)
        ends = at + DAY + timedelta(days=30)
        for moment, told in ((ends - timedelta(seconds=1), None), (ends, False)):
            memory.forget()
            (found,) = case_queries.outcomes(seen_by=CLOCK, since=at, until=made.at, at=moment)
            assert (found.case_id, found.came_back) == (case.pk, told)


class TestScorecard:
    def test_says_what_the_record_says(self, made, early):  # noqa: F811
        operations.adopt_shipped_indicators(by=MAKER, at=early)
        for n in range(5):
            closed(made, at=early + timedelta(minutes=n), days=2 + n)
        found = queries.scorecard(seen_by=made.by("supervisor"), organ_id=made.organs["utilities"].pk, quarter=quarter(made, early + 4 * DAY), at=made.at)
        told = {one.indicator.code: one for pair in found for one in pair}
        if quarter(made, early + 2 * DAY) == quarter(made, early + 6 * DAY):
            assert told["handled"].estimate.value == 5
            assert told["waited"].estimate.value == pytest.approx(4, abs=0.01)
            assert told["checked"].estimate.value == 100
            assert told["satisfied"].estimate is None
            assert told["on-time"].observed == 5

    def test_is_silent_below_its_least_number_and_speaks_at_it(self, made, early):  # noqa: F811
        member = made.by("member")
        operations.adopt_indicator(by=member, at=early, code="solved", in_scorecard=True, **SOFT | {"least": 3})
        operations.adopt_indicator(by=member, at=early, code="on-time", in_scorecard=True, **HARD | {"least": 1})
        organ, when = made.organs["utilities"].pk, quarter(made, early)
        closed(made, at=early)
        closed(made, at=early)
        ((hard, soft),) = queries.scorecard(seen_by=member, organ_id=organ, quarter=when, at=made.at)
        assert hard.estimate is not None
        assert (soft.estimate, soft.observed) == (None, 2)
        ((hard, _soft),) = queries.scorecard(seen_by=ANYONE, organ_id=organ, quarter=when, at=made.at)
        assert hard.estimate is None  # for everybody never of fewer than three
        assert not queries.behind(seen_by=ANYONE, code="on-time", organ_id=organ, quarter=when, at=made.at)
        memory.forget()
        closed(made, at=early)
        ((hard, soft),) = queries.scorecard(seen_by=ANYONE, organ_id=organ, quarter=when, at=made.at)
        assert hard.estimate is not None
        assert soft.estimate is not None
        assert len(queries.behind(seen_by=ANYONE, code="on-time", organ_id=organ, quarter=when, at=made.at)) == 3

    def test_opens_to_its_cases_and_to_no_restricted_one(self, made, early, enter):  # noqa: F811
        operations.adopt_shipped_indicators(by=MAKER, at=early)
        shown = [closed(made, at=early) for _n in range(5)]
        hidden = closed(made, at=early, visibility="restricted")
        when = quarter(made, early)
        page = enter("").get(f"/evaluation/scorecards/utilities/on-time/?quarter={when}").content.decode()
        assert all(case.number in page for case in shown)
        assert hidden.number not in page


class TestPages:
    def test_show_all_organs_and_one(self, made, early, enter):  # noqa: F811
        operations.adopt_shipped_indicators(by=MAKER, at=early)
        for _n in range(6):
            closed(made, at=early)
        when = quarter(made, early)
        assert "utilities" in enter("").get(f"/evaluation/scorecards/?quarter={when}").content.decode()
        page = enter("").get(f"/evaluation/scorecards/utilities/?quarter={when}&by=on-time").content.decode()
        assert "真解决率" in page
        assert 'class="ivr" data-k="me"' in page
        assert enter("", "en").get(f"/evaluation/scorecards/utilities/?quarter={when}").status_code == 200

    def test_of_a_quarter_to_come_or_of_nobody_are_not_found(self, made, enter):  # noqa: F811
        present = quarter(made, made.at)
        assert enter("").get(f"/evaluation/scorecards/?quarter={present}").status_code == 200
        for bad in (f"quarter={present.after}", "quarter=2026q5", "quarter=x"):
            assert enter("").get(f"/evaluation/scorecards/?{bad}").status_code == 404, bad
        assert enter("").get("/evaluation/scorecards/none/").status_code == 404
        assert enter("").get("/evaluation/scorecards/utilities/none/").status_code == 404

    def test_indicators_are_adopted_with_one_button_by_those_who_may(self, made, enter):  # noqa: F811
        assert "/evaluation/indicators/shipped/" not in enter("").get("/evaluation/indicators/").content.decode()
        assert enter("officer").post("/evaluation/indicators/shipped/").status_code == 403
        assert "/evaluation/indicators/shipped/" in enter("member").get("/evaluation/indicators/").content.decode()
        assert enter("member").post("/evaluation/indicators/shipped/").status_code == 302
        assert "share(cases.on_time)" in enter("").get("/evaluation/indicators/").content.decode()

    def test_over_the_api_are_the_same(self, made, early, enter):  # noqa: F811
        operations.adopt_shipped_indicators(by=MAKER, at=early)
        for _n in range(5):
            closed(made, at=early)
        when = quarter(made, early)
        told = enter("").get(f"/api/v1/evaluation/scorecards/utilities?quarter={when}").json()
        first = told["pairs"][0]
        assert (first["hard"]["code"], first["soft"]["code"], first["hard"]["observed"]) == ("on-time", "solved", 5)
        assert enter("").get("/api/v1/evaluation/scorecards/none").status_code == 404
        assert enter("").get("/api/v1/evaluation/scorecards/utilities?quarter=2099q1").json()["field"] == "quarter"
        assert {one["code"] for one in enter("").get("/api/v1/evaluation/indicators").json()} == {one["code"] for one in SHIPPED}


class TestQuarters:
    def test_follow_each_other_and_are_read_as_written(self):
        assert read("2026q4") == Quarter(2026, 4) == read("2026-Q4")
        assert str(Quarter(2026, 4).after) == "2027q1"
        assert Quarter(2026, 1).before == Quarter(2025, 4)
        assert quarter_of(Quarter(2026, 2).first) == Quarter(2026, 2)
        assert read("2026q0") is read("2026") is read("") is None
