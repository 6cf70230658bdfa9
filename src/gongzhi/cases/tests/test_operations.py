"""The engine's acts against a real database: each refusal beside its success."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries
from gongzhi.cases.models import CaseCounter
from gongzhi.cases.operations._steps import AlreadyAsked, Missing, NotNow, UnknownAttachment
from gongzhi.cases.operations.closing import NeedsReading, TooLateToReopen, WaitsForUnits
from gongzhi.cases.operations.handling import JoinedUnitsWorking, MustSettle, ReturnsExhausted
from gongzhi.cases.operations.intake import AlreadyMerged, BadPlace, NoTitle, TooLong, UnknownCategory
from gongzhi.cases.operations.rating import BadLevel, RatedAlready, WrongStep
from gongzhi.cases.operations.time import BeyondCeiling, NoLawfulGround, NothingDue, TooLate
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.notices import queries as notices
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.operation import NotAllowed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


def answered(made, **more):
    case = made.open(**more)
    cases.accept_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk)
    return cases.answer_case(by=made.by("officer"), at=made.at + 2 * HOUR, case_id=case.pk, public_text="已清运")


def closed(made, **more):
    case = answered(made, **more)
    return cases.verify_case(by=made.by("walker"), at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="干净了")


class TestOpenCase:
    def test_lands_in_its_grid_with_the_one_responsible_unit_on_a_clock(self, made):
        case = made.open()
        assert case.area == made.areas["w1"]
        assert case.lead == made.organs["utilities"]
        assert case.state == "assigned"
        assert case.number == "云溪需〔2026〕00001"
        assert case.due_at.astimezone(queries.town(seen_by=ANYONE).zone).strftime("%m-%d %H:%M") == "11-19 12:00"
        assert [step.act for step in queries.steps(seen_by=CLOCK, case=case)] == ["assign", "open"]

    def test_numbers_on_from_the_last_however_many_there_were(self, made):
        made.open()
        for last, number in ((9, "00010"), (99_998, "99999"), (99_999, "100000"), (1_234_567, "1234568")):
            CaseCounter.objects.update(last=last)
            case = made.open()
            held = queries.case_by_id(seen_by=CLOCK, case_id=case.pk)
            assert held.number == case.number == f"云溪需〔2026〕{number}"
            assert held.serial == case.serial == last + 1

    def test_goes_to_the_dispatcher_where_nobody_leads(self, made):
        case = made.open(category_id=made.categories["smell"].pk)
        assert case.state == "opened"
        assert case.holder == made.organs["centre"]
        assert case.next_due_at < case.due_at

    def test_tells_at_once_what_the_database_then_holds(self, made):
        for more in ({}, {"category_id": made.categories["smell"].pk}, {"longitude": 100.0, "latitude": 20.0, "severity": 3}):
            case = made.open(**more)
            held = queries.case_by_id(seen_by=CLOCK, case_id=case.pk)
            assert queries.CaseInShort.of(case) == queries.CaseInShort.of(held) == queries.case_in_short(seen_by=CLOCK, case_id=case.pk)
            assert case.opened_with is not None
            assert held.opened_with is None
            said = queries.why_due(seen_by=CLOCK, case=case)
            assert said
            assert said == queries.why_due(seen_by=CLOCK, case=held)
            assert said == queries.clock_of(seen_by=CLOCK, case=held, at=made.at).explanation.sentence_parts

    def test_takes_in_a_place_outside_and_never_guesses(self, made):
        case = made.open(longitude=100.0, latitude=20.0)
        assert case.unlocated
        assert case.area is None
        assert case in queries.desk(seen_by=made.by("dispatcher"), queue="unlocated", at=made.at)

    def test_gives_the_same_case_for_the_same_submission(self, made):
        one, other = made.open(submission_key="k1"), made.open(submission_key="k1")
        assert one == other
        assert made.open(submission_key="k2") != one

    @pytest.mark.parametrize(
        ("bad", "refusal", "field"),
        [
            ({"title": " ", "text": ""}, NoTitle, "title"), ({"category_id": 999999}, UnknownCategory, "category"), ({"longitude": None}, BadPlace, "place"),
            ({"longitude": float("nan")}, BadPlace, "place"), ({"latitude": 91}, BadPlace, "place"), ({"title": "长" * 121}, TooLong, "title"),
            ({"text": "长" * 8001}, TooLong, "text"), ({"datum": "mars"}, BadPlace, "datum"), ({"attachment_ids": [999]}, UnknownAttachment, "attachments"),
        ],
    )  # fmt: skip
    def test_names_the_field_of_bad_input(self, made, bad, refusal, field):
        with pytest.raises(refusal) as refused:
            made.open(**bad)
        assert refused.value.field == field
        assert made.open().serial == 1  # nothing was lost and no number was used up

    def test_converts_a_place_in_another_datum(self, made):
        import eviltransform

        longitude, latitude = middle(0, 0)
        shifted_lat, shifted_lon = eviltransform.wgs2gcj(latitude, longitude)
        case = made.open(longitude=shifted_lon, latitude=shifted_lat, datum="gcj02")
        assert case.longitude == pytest.approx(longitude, abs=1e-5)


class TestToday:
    def test_is_the_towns_own_day_also_before_it_begins_in_greenwich(self, made):
        early = datetime(2026, 11, 18, 18, 0, tzinfo=UTC)  # the 19th, two in the morning in Shanghai
        smell = made.categories["smell"]
        assert made.open(category_id=smell.pk, at=early).lead is None
        lead = made.organs["enforcement"].pk
        cases.define_responsibility(by=MAKER, at=early, clause="A-smell", category_id=smell.pk, lead_id=lead, starts_on=date(2026, 11, 19))
        assert made.open(category_id=smell.pk, at=early).lead_id == lead
        assert made.open(category_id=smell.pk, at=early - 3 * HOUR).lead is None


class TestHandling:
    def test_is_for_the_unit_that_has_it(self, made):
        case = made.open()
        for who in ("enforcer", "walker", "resident", "dispatcher"):
            with pytest.raises(NotAllowed):
                cases.accept_case(by=made.by(who), at=made.at, case_id=case.pk)
        assert cases.accept_case(by=made.by("officer"), at=made.at, case_id=case.pk).handler == made.people["officer"]

    def test_ends_the_clock_with_the_answer(self, made):
        case = answered(made)
        assert case.state == "answered"
        assert case.holder == made.organs["station"]
        assert queries.clock_of(seen_by=CLOCK, case=case, at=made.at).clock.ended_at == made.at + 2 * HOUR
        with pytest.raises(NotNow):
            cases.answer_case(by=made.by("officer"), at=made.at + 3 * HOUR, case_id=case.pk, public_text="再来")

    def test_needs_words(self, made):
        case = made.open()
        with pytest.raises(Missing) as refused:
            cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="  ")
        assert refused.value.field == "public_text"


class TestReturns:
    def _return(self, made, case, who):
        return cases.return_case(by=made.by(who), at=made.at, case_id=case.pk, reason="不是我们的", clause="A-9")

    def test_go_to_the_dispatcher_then_must_be_settled_then_bind(self, made):
        case = made.open()
        case = self._return(made, case, "officer")
        assert case.state == "returned"
        assert case.holder == made.organs["centre"]
        assert notices.unread_count(seen_by=made.by("dispatcher")) == 1
        cases.assign_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk)
        case = self._return(made, case, "enforcer")
        with pytest.raises(MustSettle):
            cases.assign_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["utilities"].pk)
        cases.settle_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["utilities"].pk, reason="按清单", clause="A-bin")
        case = self._return(made, case, "officer")
        assert case.holder == made.organs["committee"]
        with pytest.raises(NotAllowed):
            cases.settle_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="再定", clause="A")
        case = cases.settle_case(by=made.by("member"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="裁定", clause="A-bin")
        assert case.lead == made.organs["enforcement"]
        proposal = queries.amendments(seen_by=CLOCK).get()
        assert proposal.proposed_lead == made.organs["enforcement"]
        with pytest.raises(ReturnsExhausted):
            self._return(made, case, "enforcer")
        assert queries.bounced(seen_by=CLOCK, at=made.at)[0].times == 3
        cases.decide_amendment(by=made.by("member"), at=made.at, proposal_id=proposal.pk, adopted=True)
        assert made.open().lead == made.organs["enforcement"]

    def test_need_a_reason_and_a_clause(self, made):
        case = made.open()
        for field, words in (("reason", {"reason": "", "clause": "A"}), ("clause", {"reason": "x", "clause": ""})):
            with pytest.raises(Missing) as refused:
                cases.return_case(by=made.by("officer"), at=made.at, case_id=case.pk, **words)
            assert refused.value.field == field
        assert self._return(made, case, "officer").returns == 1


class TestTime:
    def test_moves_only_by_lawful_stops(self, made):
        case = made.open()
        due = case.due_at
        stop = {"by": made.by("officer"), "case_id": case.pk, "basis": "第九条", "reason": "公示"}
        with pytest.raises(NoLawfulGround):
            cases.suspend_case(at=made.at, ground="holiday", **stop)
        cases.suspend_case(at=made.at + 2 * HOUR, ground="public_notice", **stop)
        case = cases.resume_case(by=made.by("officer"), at=made.at + 26 * HOUR, case_id=case.pk)
        assert case.due_at - due == timedelta(days=1)
        view = queries.clock_of(seen_by=CLOCK, case=case, at=made.at + 26 * HOUR)
        assert view.usage.stopped == pytest.approx(7)
        assert any("公示" in line.value for line in view.explanation.lines)

    def test_is_granted_before_the_due_moment_below_its_ceiling_by_another(self, made):
        case = made.open()
        more = {"case_id": case.pk, "amount": 1, "basis": "第十条", "reason": "雨天"}
        with pytest.raises(NotAllowed):
            cases.extend_case(by=made.by("officer"), at=made.at, **more)
        with pytest.raises(BeyondCeiling):
            cases.extend_case(by=made.by("dispatcher"), at=made.at, **(more | {"amount": 2}))
        with pytest.raises(TooLate):
            cases.extend_case(by=made.by("dispatcher"), at=case.due_at, **more)
        before = case.due_at
        case = cases.extend_case(by=made.by("dispatcher"), at=made.at, **more)
        assert case.due_at == before + timedelta(days=1)
        with pytest.raises(BeyondCeiling):
            cases.extend_case(by=made.by("dispatcher"), at=made.at, **more)

    def test_turns_yellow_and_red_once_by_the_clock_alone(self, made):
        case = made.open()
        with pytest.raises(NotAllowed):
            cases.mark_overdue(by=made.by("dispatcher"), at=case.due_at, clock_ids=[])
        view = queries.clock_of(seen_by=CLOCK, case=case, at=made.at)
        ids = queries.clocks_to_mark(seen_by=CLOCK, at=view.clock.warn_at)
        assert cases.mark_overdue(by=CLOCK, at=view.clock.warn_at, clock_ids=ids) == 1
        assert queries.clocks_to_mark(seen_by=CLOCK, at=view.clock.warn_at) == []
        assert cases.mark_overdue(by=CLOCK, at=case.due_at, clock_ids=[view.clock.pk]) == 1
        with pytest.raises(NothingDue):
            cases.mark_overdue(by=CLOCK, at=case.due_at, clock_ids=[view.clock.pk])
        case.refresh_from_db()
        assert case.overdue_at == case.due_at
        assert notices.unread_count(seen_by=made.by("supervisor")) == 1


class TestVerify:
    def test_is_by_another_person_in_their_area(self, made):
        case = answered(made)
        for who in ("officer", "resident", "contact"):
            with pytest.raises(NotAllowed):
                cases.verify_case(by=made.by(who), at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="好了")
        case = cases.verify_case(by=made.by("walker"), at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="好了")
        assert case.state == "closed"
        assert not case.closed_unverified

    def test_sends_back_what_is_not_solved_with_the_clock_running_on(self, made):
        case = answered(made)
        case = cases.verify_case(by=made.by("walker"), at=made.at + 3 * HOUR, case_id=case.pk, passed=False, text="还满着")
        assert case.state == "in_hand"
        assert queries.clock_of(seen_by=CLOCK, case=case, at=made.at).clock.ended_at is None

    def test_is_done_once_for_the_same_submission(self, made):
        case = answered(made)
        check = {"by": made.by("walker"), "at": made.at + 3 * HOUR, "case_id": case.pk, "passed": False, "text": "还满着", "submission_key": "phone-1"}
        cases.verify_case(**check)
        cases.verify_case(**check)
        assert [step.act for step in queries.steps(seen_by=CLOCK, case=case)].count("verify_fail") == 1

    def test_needs_a_reading_where_the_kind_says_so(self, made):
        case = answered(made, kind="beep")
        with pytest.raises(NeedsReading):
            cases.verify_case(by=made.by("walker"), at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="好了")
        assert cases.verify_case(by=CLOCK, at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="读数正常", on_site=False, by_reading=True).is_closed

    def test_left_out_shows_for_ever(self, made):
        case = answered(made)
        with pytest.raises(NotAllowed):
            cases.close_case(by=made.by("officer"), at=made.at + 3 * HOUR, case_id=case.pk, outcome="不核了")
        assert cases.close_case(by=made.by("dispatcher"), at=made.at + 3 * HOUR, case_id=case.pk, outcome="不核了").closed_unverified


class TestJoin:
    def _ask(self, made, case, **more):
        ask = {"by": made.by("officer"), "at": made.at, "case_id": case.pk, "organ_id": made.organs["enforcement"].pk, "task": "查倾倒"}
        return cases.join_case(**(ask | more))

    def test_makes_the_case_wait_for_required_units(self, made):
        case = made.open()
        joined = self._ask(made, case)
        with pytest.raises(AlreadyAsked):
            self._ask(made, case)
        with pytest.raises(JoinedUnitsWorking):
            cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="好了")
        with pytest.raises(NotAllowed):
            cases.answer_join(by=made.by("resident"), at=made.at, co_handling_id=joined.pk, result="x")
        cases.answer_join(by=made.by("enforcer"), at=made.at + HOUR, co_handling_id=joined.pk, result="已查")
        assert cases.answer_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, public_text="好了").state == "answered"

    def test_orders_a_firm_which_answers_in_its_own_log_in(self, made):
        case = made.open()
        joined = self._ask(made, case, organ_id=made.organs["firm"].pk, is_order=True, task="整改", limit=(2, "working_days"))
        assert case in queries.desk(seen_by=made.by("contact"), queue="joined", at=made.at)
        assert notices.unread_count(seen_by=made.by("contact")) == 1
        assert cases.answer_join(by=made.by("contact"), at=made.at, co_handling_id=joined.pk, result="已整改").state == "answered"

    def test_lets_a_case_close_only_when_required_units_are_done(self, made):
        case = answered(made)
        from gongzhi.cases.models import CoHandling

        CoHandling.objects.create(town_id=case.town_id, case=case, organ=made.organs["firm"], task="t", required=True, asked_at=made.at)
        with pytest.raises(WaitsForUnits):
            cases.verify_case(by=made.by("walker"), at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="好了")


class TestMergeReferWithdraw:
    def test_merging_makes_everybody_follow_the_other(self, made):
        one, other = made.open(), made.open(by=made.by("neighbour"), raised_by_id=made.people["neighbour"].pk)
        into = cases.merge_case(by=made.by("dispatcher"), at=made.at, case_id=other.pk, into_id=one.pk)
        assert set(into.followers) == {made.people["resident"].pk, made.people["neighbour"].pk}
        with pytest.raises(AlreadyMerged):
            cases.merge_case(by=made.by("dispatcher"), at=made.at, case_id=one.pk, into_id=other.pk)

    def test_similar_cases_near_by_are_shown(self, made):
        case = made.open()
        longitude, latitude = middle(0, 0)
        found = queries.similar(
            seen_by=ANYONE, text="文昌路垃圾桶满了", at=made.at + HOUR, category_id=made.categories["bin"].pk, longitude=longitude + 0.0002, latitude=latitude
        )
        assert [item.case for item in found] == [case]
        assert queries.similar(seen_by=ANYONE, text="路灯坏了", at=made.at, longitude=longitude + 0.009, latitude=latitude) == []

    def test_referring_carries_the_history_over(self, made):
        case = made.open()
        other = cases.refer_case(by=made.by("officer"), at=made.at, case_id=case.pk, to_kind="beep", reason="应由另一线办理")
        assert other.referred_from == case
        case.refresh_from_db()
        assert case.merged_into == other

    def test_withdrawing_is_for_whoever_raised_it(self, made):
        case = made.open()
        with pytest.raises(NotAllowed):
            cases.withdraw_case(by=made.by("neighbour"), at=made.at, case_id=case.pk)
        assert cases.withdraw_case(by=made.by("resident"), at=made.at, case_id=case.pk).state == "withdrawn"


class TestRating:
    def test_is_given_once_by_each_party(self, made):
        case = closed(made)
        with pytest.raises(NotAllowed):
            cases.rate_case(by=made.by("neighbour"), at=made.at, case_id=case.pk, level=5)
        with pytest.raises(BadLevel):
            cases.rate_case(by=made.by("resident"), at=made.at, case_id=case.pk, level=6)
        cases.rate_case(by=made.by("resident"), at=made.at + 4 * HOUR, case_id=case.pk, level=5)
        with pytest.raises(RatedAlready):
            cases.rate_case(by=made.by("resident"), at=made.at, case_id=case.pk, level=1)

    def test_that_is_bad_is_followed_up_by_others_than_the_unit(self, made):
        case = closed(made)
        cases.rate_case(by=made.by("resident"), at=made.at + 4 * HOUR, case_id=case.pk, level=1, text="又满了")
        follow_up = queries.follow_ups(seen_by=CLOCK, case=case).get()
        with pytest.raises(NotAllowed):
            cases.follow_up_rating(by=made.by("officer"), at=made.at, follow_up_id=follow_up.pk, step="called", text="打过了")
        with pytest.raises(WrongStep):
            cases.follow_up_rating(by=made.by("officer"), at=made.at, follow_up_id=follow_up.pk, step="put_right", text="好了")
        cases.follow_up_rating(by=made.by("supervisor"), at=made.at + 5 * HOUR, follow_up_id=follow_up.pk, step="called", text="要求再清")
        done = cases.follow_up_rating(by=made.by("officer"), at=made.at + 9 * HOUR, follow_up_id=follow_up.pk, step="put_right", text="已加桶")
        assert done.is_done
        assert queries.figures(seen_by=CLOCK, at=made.at + 9 * HOUR).satisfaction.bad == 1

    def test_by_follow_code_opens_one_case_only(self, made):
        mine = closed(made, by=ANYONE, raised_by_id=None, follow_code_hash=b"h" * 32)
        other = closed(made)
        follower = Actor(kind="follower", case_ids=frozenset({mine.pk}))
        with pytest.raises(NotAllowed):
            cases.rate_case(by=follower, at=made.at, case_id=other.pk, level=5)
        assert cases.rate_case(by=follower, at=made.at, case_id=mine.pk, level=4).level == 4

    def test_reopens_within_the_period(self, made):
        case = closed(made)
        with pytest.raises(TooLateToReopen):
            cases.reopen_case(by=made.by("resident"), at=made.at + timedelta(days=16), case_id=case.pk, reason="又坏了")
        with pytest.raises(NotAllowed):
            cases.reopen_case(by=made.by("officer"), at=made.at + timedelta(days=1), case_id=case.pk, reason="又坏了")
        case = cases.reopen_case(by=made.by("resident"), at=made.at + timedelta(days=1), case_id=case.pk, reason="又坏了")
        assert case.state == "reopened"
        assert case.due_at > made.at + timedelta(days=1)


class TestVisibility:
    def test_of_restricted_cases_is_for_their_parties_and_units(self, made):
        case = made.open(visibility="restricted")
        for who, sees in (("resident", True), ("officer", True), ("neighbour", False), ("enforcer", False)):
            found = queries.cases(seen_by=made.by(who)).filter(pk=case.pk).exists()
            assert found is sees, who
        assert not queries.cases(seen_by=ANYONE).exists()

    def test_of_internal_words_is_for_those_who_work_on_it(self, made):
        case = made.open()
        cases.note_case(by=made.by("officer"), at=made.at, case_id=case.pk, text="内部：车坏了")
        assert "内部：车坏了" in [step.internal_text for step in queries.steps(seen_by=made.by("officer"), case=case)]
        assert "内部：车坏了" not in [step.internal_text for step in queries.steps(seen_by=made.by("resident"), case=case)]


class TestFigures:
    def test_agree_with_each_other(self, made):
        made.open()
        made.open(category_id=made.categories["smell"].pk, longitude=100.0, latitude=20.0)
        closed(made)
        found = queries.figures(seen_by=CLOCK, at=made.at + 4 * HOUR)
        assert found.open == 2
        assert sum(life.open for life in found.lives) == found.open
        assert sum(n for n, _late in found.by_area.values()) == found.open
        assert found.opened_today == 3
        assert found.month.on_time == 1
        assert queries.daily(seen_by=CLOCK, since=made.at, at=made.at + 4 * HOUR)[0][1:] == (3, 1)

    def test_of_a_period_count_the_same_cases_by_place_unit_and_matter(self, made):
        case = made.open()
        made.open(category_id=made.categories["smell"].pk, longitude=100.0, latitude=20.0)
        cases.return_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, reason="不归我们管", clause="A-bin")
        closed(made)
        found = queries.period(seen_by=CLOCK, since=made.at, until=made.at + 4 * HOUR)
        assert found.opened == 3
        for shares in (found.by_area, found.by_unit, found.by_category):
            assert sum(share.opened for share in shares) == 3
        assert (found.closed, found.on_time.on_time) == (1, 1)
        assert sum(share.returned for share in found.by_category if share.name == "bin") == 1
        assert [(share.above, share.closed) for share in found.by_category if share.name == "bin"] == [("市容环卫", 1)]
        assert sum(found.by_origin.values()) == 3
        nothing = queries.period(seen_by=CLOCK, since=made.at - 48 * HOUR, until=made.at)
        assert (nothing.opened, nothing.closed, nothing.on_time.share) == (0, 0, None)
