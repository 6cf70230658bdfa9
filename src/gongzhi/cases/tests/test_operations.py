"""The engine's acts against a real database: each refusal beside its success."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.cases.models import Case, CaseCounter
from gongzhi.cases.operations._steps import AlreadyAsked, Missing, NotNow, UnknownAttachment
from gongzhi.cases.operations.closing import NeedsReading, TooLateToReopen, WaitsForUnits
from gongzhi.cases.operations.handling import JoinedUnitsWorking, MustSettle, ReturnsExhausted, TooLateToTakeBack, UnknownClause
from gongzhi.cases.operations.intake import AlreadyMerged
from gongzhi.cases.operations.opening import BadPlace, NoTitle, TooLong, UnknownCategory
from gongzhi.cases.operations.rating import BadLevel, RatedAlready, WrongStep
from gongzhi.cases.operations.time import BeyondCeiling, NoLawfulGround, NothingDue, TooLate
from gongzhi.cases.tests.factories import MAKER, PROCEDURE, make_town_with_list
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.attachments import rules as attachment_rules
from gongzhi.foundation.notices import queries as notices
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.people.operations.registry import BadPhone
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.operation import NotAllowed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


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


class TestPlace:
    def test_asks_the_list_anew_and_puts_the_clock_on_its_line(self, made):
        smell, today = made.categories["smell"], date(2026, 1, 1)
        cases.define_responsibility(
            by=MAKER, at=made.at, clause="W-1", category_id=smell.pk, lead_id=made.organs["enforcement"].pk, area_id=made.areas["west"].pk,
            limit=(2, "working_days"), starts_on=today,
        )  # fmt: skip
        case = made.open(category_id=smell.pk, longitude=100.0, latitude=20.0)
        assert (case.unlocated, case.responsibility, case.area) == (True, None, None)
        due = case.due_at
        case = cases.place_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, area_id=made.areas["w1"].pk)
        assert case.responsibility.clause == "W-1"
        clock = case.clocks.get(of="case")
        assert (clock.amount, clock.unit, clock.rule) == (2, "working_days", "W-1 v1")
        assert case.due_at == clock.due_at < due
        line = queries.suggestions(seen_by=made.by("dispatcher"), cases=[case], on=made.at.date())[case.pk]
        assert line.lead == made.organs["enforcement"]


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
    def test_is_told_to_the_unit_with_every_fresh_dispatch(self, made):
        def unread(who):
            return notices.unread_count(seen_by=made.by(who))

        case = made.open()
        assert unread("officer") == unread("officer2") == 1
        cases.return_case(by=made.by("officer"), at=made.at, case_id=case.pk, reason="不是我们的", clause="A-bin")
        cases.settle_case(
            by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="按清单", clause="A-parking"
        )
        assert unread("enforcer") == 1
        cases.take_back_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk)
        assert unread("enforcer") == 2

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
        return cases.return_case(by=made.by(who), at=made.at, case_id=case.pk, reason="不是我们的", clause="A-bin")

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
            cases.settle_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="再定", clause="A-bin")
        case = cases.settle_case(by=made.by("member"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="裁定", clause="A-bin")
        assert case.lead == made.organs["enforcement"]
        proposal = queries.amendments(seen_by=CLOCK).get()
        assert proposal.proposed_lead == made.organs["enforcement"]
        with pytest.raises(ReturnsExhausted):
            self._return(made, case, "enforcer")
        assert queries.bounced(seen_by=CLOCK, at=made.at)[0].times == 3
        cases.decide_amendment(by=made.by("member"), at=made.at, proposal_id=proposal.pk, adopted=True)
        assert made.open().lead == made.organs["enforcement"]

    def test_that_are_settled_go_where_the_procedure_says_that_settling_leads(self, made):
        text = PROCEDURE.read_text(encoding="utf-8").replace("settle: handle", "settle: ruled").replace(
            "  verify:\n", "  ruled:\n    title: {zh: 按裁定处置, en: As ruled}\n    state: assigned\n    owner: lead\n    limit: case\n"
            "    outcomes: {answer: verify, return: dispatch}\n  verify:\n", 1,
        )  # fmt: skip
        cases.adopt_procedure(by=MAKER, at=made.at - HOUR, kind="need", definition=procedures.read(text), reason="裁定单列")
        case = made.open()
        assert case.stage == "handle"
        case = self._return(made, case, "officer")
        case = cases.settle_case(
            by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="按清单", clause="A-bin"
        )
        assert (case.stage, case.holder) == ("ruled", made.organs["enforcement"])

    def test_need_a_reason_and_a_clause(self, made):
        case = made.open()
        for field, words in (("reason", {"reason": "", "clause": "A-bin"}), ("clause", {"reason": "x", "clause": ""})):
            with pytest.raises(Missing) as refused:
                cases.return_case(by=made.by("officer"), at=made.at, case_id=case.pk, **words)
            assert refused.value.field == field
        assert self._return(made, case, "officer").returns == 1


    def test_cite_a_clause_that_the_list_has_today(self, made):
        case, smell = made.open(), made.categories["smell"].pk
        invented = {"reason": "不是我们的", "clause": "A-9"}
        with pytest.raises(UnknownClause) as refused:
            cases.return_case(by=made.by("officer"), at=made.at, case_id=case.pk, **invented)
        assert (refused.value.field, "A-9" in str(refused.value)) == ("clause", True)
        case = self._return(made, case, "officer")
        to = {"at": made.at, "case_id": case.pk, "organ_id": made.organs["enforcement"].pk}
        with pytest.raises(UnknownClause):
            cases.settle_case(by=made.by("dispatcher"), **to, **invented)
        with pytest.raises(UnknownClause):
            cases.assign_case(by=made.by("dispatcher"), **to, clause="A-9")
        tomorrow = made.at.date() + timedelta(days=1)
        cases.define_responsibility(by=MAKER, at=made.at, clause="A-9", category_id=smell, lead_id=made.organs["utilities"].pk, starts_on=tomorrow)
        with pytest.raises(UnknownClause):  # in force from tomorrow
            cases.assign_case(by=made.by("dispatcher"), **to, clause="A-9")
        assert cases.assign_case(by=made.by("dispatcher"), **(to | {"at": made.at + timedelta(days=1)}), clause="A-9").lead == made.organs["enforcement"]


class TestTakeBack:
    """A wrong click of the dispatcher is undone for a minute, by whoever made it, as if it had not been."""

    def _assigned(self, made):
        case = made.open(category_id=made.categories["smell"].pk)
        waits = case.clocks.get(of="stage")
        cases.assign_case(by=made.by("dispatcher"), at=made.at + HOUR, case_id=case.pk, organ_id=made.organs["enforcement"].pk)
        return case, waits

    def test_is_for_a_minute_and_puts_everything_back(self, made):
        case, waits = self._assigned(made)
        minute = timedelta(minutes=1)
        with pytest.raises(TooLateToTakeBack):
            cases.take_back_case(by=made.by("dispatcher"), at=made.at + HOUR + minute + timedelta(microseconds=1), case_id=case.pk)
        with pytest.raises(TooLateToTakeBack):  # another dispatcher did not assign it
            cases.take_back_case(by=made.by("member"), at=made.at + HOUR, case_id=case.pk)
        assert [found.pk for found in queries.just_assigned(seen_by=made.by("dispatcher"), at=made.at + HOUR)] == [case.pk]
        back = cases.take_back_case(by=made.by("dispatcher"), at=made.at + HOUR + minute, case_id=case.pk)
        assert (back.state, back.lead_id, back.holder, back.stage) == ("opened", None, made.organs["centre"], "dispatch")
        assert made.organs["enforcement"].pk not in back.involved
        assert back.next_due_at == waits.due_at  # the two hours for dispatch go on; nobody won a minute
        assert back.clocks.get(of="stage", ended_at__isnull=True) == waits
        assert queries.just_assigned(seen_by=made.by("dispatcher"), at=made.at + HOUR + minute) == []

    def test_is_over_when_the_unit_has_begun(self, made):
        case, _waits = self._assigned(made)
        cases.accept_case(by=made.by("enforcer"), at=made.at + HOUR, case_id=case.pk)
        with pytest.raises(NotNow):
            cases.take_back_case(by=made.by("dispatcher"), at=made.at + HOUR, case_id=case.pk)

    def test_of_a_returned_case_leaves_it_returned(self, made):
        case = made.open()
        cases.return_case(by=made.by("officer"), at=made.at, case_id=case.pk, reason="不是我们的", clause="A-bin")
        cases.assign_case(by=made.by("dispatcher"), at=made.at + HOUR, case_id=case.pk, organ_id=made.organs["enforcement"].pk)
        back = cases.take_back_case(by=made.by("dispatcher"), at=made.at + HOUR, case_id=case.pk)
        assert (back.state, back.returns, back.lead) == ("returned", 1, made.organs["utilities"])


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

    def test_is_never_granted_by_somebody_of_the_unit_itself_in_whatever_post(self, made):
        case = made.open()
        more = {"at": made.at, "case_id": case.pk, "amount": 1, "basis": "第十条", "reason": "雨天"}
        for role, organ in (("dispatcher", "utilities"), ("committee_member", "utilities"), ("dispatcher", "centre")):
            organs.give_post(
                by=MAKER, at=made.at, person_id=made.people["officer2"].pk, organ_id=made.organs[organ].pk, role=role, starts_on=date(2026, 1, 1)
            )
            assert "extend" not in queries.may_now(seen_by=made.by("officer2"), case=case)
            with pytest.raises(NotAllowed):
                cases.extend_case(by=made.by("officer2"), **more)
        with pytest.raises(NotAllowed):
            cases.extend_case(by=Actor(kind="device", device_id=1), **more)
        assert cases.extend_case(by=made.by("dispatcher"), **more).extended_at == made.at

    def test_goes_on_where_it_was_stopped(self, made):
        stop = {"by": made.by("officer"), "basis": "第九条", "reason": "公示", "ground": "public_notice"}
        untouched, begun = made.open(), made.open()
        cases.accept_case(by=made.by("officer"), at=made.at, case_id=begun.pk)
        for case, state, handler in ((untouched, "assigned", None), (begun, "in_hand", made.people["officer"])):
            cases.suspend_case(at=made.at + HOUR, case_id=case.pk, **stop)
            case = cases.resume_case(by=made.by("officer"), at=made.at + 2 * HOUR, case_id=case.pk)
            assert (case.state, case.handler) == (state, handler)
        assert cases.accept_case(by=made.by("officer2"), at=made.at + 3 * HOUR, case_id=untouched.pk).handler == made.people["officer2"]

    def test_that_is_stopped_stops_every_clock_of_the_case(self, made):
        case = made.open()
        cases.join_case(by=made.by("officer"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, task="查倾倒")
        stop = {"by": made.by("officer"), "basis": "第九条", "reason": "公示", "ground": "public_notice"}
        cases.suspend_case(at=made.at + HOUR, case_id=case.pk, **stop)
        later = made.at + timedelta(days=60)
        assert queries.clocks_to_mark(seen_by=CLOCK, at=later) == []
        with pytest.raises(NothingDue):
            cases.mark_overdue(by=CLOCK, at=later, clock_ids=list(case.clocks.values_list("pk", flat=True)))
        assert not case.clocks.filter(overdue_at__isnull=False).exists()
        cases.resume_case(by=made.by("officer"), at=later, case_id=case.pk)
        assert queries.clocks_to_mark(seen_by=CLOCK, at=later) == []
        assert all(clock.due_at > later for clock in case.clocks.all())

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

    def test_keeps_how_far_from_the_place_the_checker_stood(self, made):
        case = answered(made)
        longitude, latitude = middle(0, 0)
        cases.verify_case(
            by=made.by("walker"), at=made.at + 3 * HOUR, case_id=case.pk, passed=True, text="好了", longitude=longitude, latitude=latitude + 0.001
        )
        step = next(step for step in queries.steps(seen_by=CLOCK, case=case) if step.act == "verify_pass")
        assert step.details["metres_from_place"] == pytest.approx(111, abs=1)
        assert (step.details["longitude"], step.details["latitude"]) == (round(longitude, 6), round(latitude + 0.001, 6))

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
            cases.answer_join(by=made.by("resident"), at=made.at, task_id=joined.pk, result="x")
        cases.answer_join(by=made.by("enforcer"), at=made.at + HOUR, task_id=joined.pk, result="已查")
        assert cases.answer_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, public_text="好了").state == "answered"

    def test_orders_a_firm_which_answers_in_its_own_log_in(self, made):
        case = made.open()
        joined = self._ask(made, case, organ_id=made.organs["firm"].pk, is_order=True, task="整改", limit=(2, "working_days"))
        assert case in queries.desk(seen_by=made.by("contact"), queue="joined", at=made.at)
        assert notices.unread_count(seen_by=made.by("contact")) == 1
        assert cases.answer_join(by=made.by("contact"), at=made.at, task_id=joined.pk, result="已整改").state == "answered"

    def test_lets_a_case_close_only_when_required_units_are_done(self, made):
        case = answered(made)
        from gongzhi.cases.models import Task

        Task.objects.create(town_id=case.town_id, case=case, organ=made.organs["firm"], title="t", required=True, asked_at=made.at)
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

    def test_that_is_bad_is_a_due_thing_on_the_desks_of_those_who_must_act(self, made):
        case = closed(made)
        centre, officer, colleague = made.by("dispatcher"), made.by("officer"), made.by("officer2")
        told = {who: notices.unread_count(seen_by=made.by(who)) for who in ("dispatcher", "officer", "officer2")}
        at = made.at + 4 * HOUR
        assert not queries.desk(seen_by=officer, queue="mine", at=at).exists()
        cases.rate_case(by=made.by("resident"), at=at, case_id=case.pk, level=1, text="又满了")
        case.refresh_from_db()
        follow_up = queries.follow_ups(seen_by=CLOCK, case=case).get()
        call, put_right = (case.clocks.get(of="follow_up", stage=stage) for stage in ("call", "put_right"))
        assert (case.holder, case.next_due_at) == (made.organs["centre"], call.due_at)
        assert list(queries.desk(seen_by=centre, queue="mine", at=at)) == [case]
        assert queries.clocks_of_list(seen_by=centre, cases=[case], at=at)[case.pk].clock == call
        cases.follow_up_rating(by=made.by("supervisor"), at=at + HOUR, follow_up_id=follow_up.pk, step="called", text="要求再清")
        case.refresh_from_db()
        assert (case.holder, case.next_due_at) == (made.organs["utilities"], put_right.due_at)
        for who in (officer, colleague):  # the unit's, whoever handled the case
            assert list(queries.desk(seen_by=who, queue="mine", at=at)) == [case]
        assert queries.queue_counts(seen_by=officer, at=at, queues=("mine", "unit")) == {"mine": 1, "unit": 1}
        assert queries.clocks_of_list(seen_by=officer, cases=[case], at=at)[case.pk].clock == put_right
        for who, more in (("dispatcher", 1), ("officer", 1), ("officer2", 1)):
            assert notices.unread_count(seen_by=made.by(who)) - told[who] == more, who
        assert cases.mark_overdue(by=CLOCK, at=put_right.due_at, clock_ids=queries.clocks_to_mark(seen_by=CLOCK, at=put_right.due_at)) == 1
        cases.follow_up_rating(by=officer, at=at + 9 * HOUR, follow_up_id=follow_up.pk, step="put_right", text="已加桶")
        case.refresh_from_db()
        assert (case.holder, case.next_due_at) == (None, None)
        assert not queries.desk(seen_by=officer, queue="unit", at=at).exists()

    def test_by_somebody_without_a_number_is_answered_in_writing_or_takes_a_number(self, made):
        follow_ups = []
        for phone in ("", "139 0000 1234"):
            case = closed(made, by=ANYONE, raised_by_id=None, follow_code_hash=phone.encode().ljust(32, b"x"))
            code = Actor(kind="follower", case_ids=frozenset({case.pk}), party_ids=frozenset(case.parties.values_list("pk", flat=True)))
            with pytest.raises(BadPhone):
                cases.rate_case(by=code, at=made.at + 4 * HOUR, case_id=case.pk, level=1, text="没清", phone="12")
            cases.rate_case(by=code, at=made.at + 4 * HOUR, case_id=case.pk, level=1, text="没清", phone=phone)
            case.refresh_from_db()
            follow_ups.append(queries.follow_ups(seen_by=CLOCK, case=case).get())
        written, called = follow_ups
        assert (written.can_be_called, called.can_be_called) == (False, True)
        act = {"by": made.by("supervisor"), "at": made.at + 5 * HOUR, "step": "called"}
        with pytest.raises(Missing) as refused:
            cases.follow_up_rating(**act, follow_up_id=written.pk, text="打过了")  # there is no number
        assert refused.value.field == "answer"
        assert cases.follow_up_rating(**act, follow_up_id=written.pk, answer="今天下午加收一次").answer == "今天下午加收一次"
        assert cases.show_raiser(by=made.by("supervisor"), at=made.at + 5 * HOUR, case_id=called.case_id, purpose="回访").replace(" ", "") == "13900001234"
        with pytest.raises(Missing):
            cases.follow_up_rating(**act, follow_up_id=called.pk, answer="书面")
        assert cases.follow_up_rating(**act, follow_up_id=called.pk, text="说好明早再清").state == "to_put_right"

    def test_by_follow_code_opens_one_case_only(self, made):
        mine = closed(made, by=ANYONE, raised_by_id=None, follow_code_hash=b"h" * 32)
        other = closed(made)
        follower = Actor(kind="follower", case_ids=frozenset({mine.pk}), party_ids=frozenset(mine.parties.values_list("pk", flat=True)))
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


class TestVersions:
    """Two who decide on one case at once: the second is told who was first, and what leaves other decisions standing is in nobody's way."""

    def test_the_second_is_told_who_was_first_and_decides_anew(self, made):
        case = made.open(category_id=made.categories["smell"].pk)
        seen = case.version
        with cases.decided_on(case.pk, seen):
            cases.assign_case(by=made.by("dispatcher"), at=made.at + HOUR, case_id=case.pk, organ_id=made.organs["utilities"].pk)
        with cases.decided_on(case.pk, seen), pytest.raises(cases.ChangedMeanwhile) as refused:
            cases.assign_case(by=made.by("member"), at=made.at + HOUR, case_id=case.pk, organ_id=made.organs["enforcement"].pk)
        assert "centre · dispatcher" in str(refused.value)
        assert "11-18 13:00" in str(refused.value)
        case.refresh_from_db()
        assert case.lead == made.organs["utilities"]
        with cases.decided_on(case.pk, refused.value.subject.version):
            cases.assign_case(by=made.by("member"), at=made.at + HOUR, case_id=case.pk, organ_id=made.organs["enforcement"].pk)
        case.refresh_from_db()
        assert case.lead == made.organs["enforcement"]

    def test_an_act_that_is_made_of_others_is_one_decision(self, made):
        case = made.open()
        with cases.decided_on(case.pk, case.version):  # begins work and reports
            cases.answer_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, public_text="已清运")
        case.refresh_from_db()
        with cases.decided_on(case.pk, case.version):  # checks and closes
            assert cases.verify_case(by=made.by("walker"), at=made.at + 2 * HOUR, case_id=case.pk, passed=True, text="好了").is_closed

    def test_rises_with_what_decides_something_and_with_nothing_else(self, made):
        officer, dispatcher = made.by("officer"), made.by("dispatcher")
        at, smell = made.at, made.categories["smell"].pk

        def risen(case, act, **more):
            before = Case.objects.get(pk=case.pk).version
            act(at=at, **({} if "task_id" in more else {"case_id": case.pk}), **more)
            return Case.objects.get(pk=case.pk).version > before

        case, waiting, lost = made.open(), made.open(category_id=smell), made.open(category_id=smell, longitude=100.0, latitude=20.0)
        assert not risen(case, cases.note_case, by=officer, text="看过")
        assert not risen(case, cases.urge_case, by=dispatcher)
        assert not risen(case, cases.follow_case, by=made.by("neighbour"))
        assert risen(case, cases.raise_severity, by=dispatcher, severity=2)
        assert risen(case, cases.extend_case, by=dispatcher, amount=1, basis="b", reason="r")
        assert risen(case, cases.join_case, by=officer, organ_id=made.organs["firm"].pk, task="t")
        task = queries.tasks_of_case(seen_by=CLOCK, case=case).get()
        assert not risen(case, cases.answer_join, by=made.by("contact"), task_id=task.pk, result="好了")
        assert risen(case, cases.suspend_case, by=officer, ground="hearing", basis="b", reason="r")
        assert risen(case, cases.resume_case, by=officer)
        assert risen(case, cases.return_case, by=officer, reason="r", clause="A-bin")
        assert risen(case, cases.settle_case, by=dispatcher, organ_id=made.organs["utilities"].pk, reason="r", clause="A-bin")
        assert risen(case, cases.refer_case, by=officer, to_kind="beep", reason="r")
        assert risen(waiting, cases.reclassify_case, by=dispatcher, category_id=made.categories["parking"].pk)
        assert risen(lost, cases.place_case, by=dispatcher, area_id=made.areas["w1"].pk)
        newer = cases.adopt_procedure(
            by=MAKER, at=made.at, kind="need", definition=procedures.read(PROCEDURE.read_text(encoding="utf-8")), reason="second"
        )
        assert risen(lost, cases.move_to_procedure, by=made.by("member"), procedure_id=newer.pk, reason="r")
        ended = closed(made)
        assert not risen(ended, cases.rate_case, by=made.by("resident"), level=1)


class TestThreeRights:
    """Raising, following and acting for somebody: none of them stands for another."""

    def _codes(self, made, case, via):
        party = case.parties.get(via=via, person__isnull=True)
        return Actor(kind="follower", case_ids=frozenset({case.pk}), party_ids=frozenset({party.pk}))

    def test_following_gives_no_right_of_whoever_raised_it(self, made):
        case = made.open()
        cases.follow_case(by=made.by("neighbour"), at=made.at, case_id=case.pk)
        cases.follow_case(by=ANYONE, at=made.at, case_id=case.pk, follow_code_hash=b"f" * 32)
        case.refresh_from_db()
        for by in (made.by("neighbour"), self._codes(made, case, "follows")):
            assert set(queries.may_now(seen_by=by, case=case)) & {"withdraw", "urge", "rate", "reopen"} == set()
            for act, more in ((cases.withdraw_case, {}), (cases.urge_case, {})):
                with pytest.raises(NotAllowed):
                    act(by=by, at=made.at, case_id=case.pk, **more)
            cases.note_case(by=by, at=made.at, case_id=case.pk, text="我也看到了", internal=False)
        cases.urge_case(by=made.by("resident"), at=made.at, case_id=case.pk)
        cases.answer_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, public_text="已清运")
        case = cases.verify_case(by=made.by("walker"), at=made.at + 2 * HOUR, case_id=case.pk, passed=True, text="好了")
        for by in (made.by("neighbour"), self._codes(made, case, "follows")):
            with pytest.raises(NotAllowed):
                cases.rate_case(by=by, at=made.at + 3 * HOUR, case_id=case.pk, level=1)
            with pytest.raises(NotAllowed):
                cases.reopen_case(by=by, at=made.at + 3 * HOUR, case_id=case.pk, reason="又坏了")
        assert cases.rate_case(by=made.by("resident"), at=made.at + 3 * HOUR, case_id=case.pk, level=5).party.via == "raised"
        assert queries.ratings(seen_by=ANYONE, case=case).count() == 1

    def test_a_code_acts_as_the_party_that_was_given_it_and_as_no_other(self, made):
        case = closed(made, by=ANYONE, raised_by_id=None, follow_code_hash=b"r" * 32)
        cases.follow_case(by=ANYONE, at=made.at, case_id=case.pk, follow_code_hash=b"f" * 32)
        raiser, follower = self._codes(made, case, "raised"), self._codes(made, case, "follows")
        raised_as = case.parties.get(via="raised")
        with pytest.raises(NotAllowed):
            cases.rate_case(by=follower, at=made.at, case_id=case.pk, level=1, party_id=raised_as.pk)
        with pytest.raises(NotAllowed):  # the case alone, without the party, opens nothing
            cases.rate_case(by=Actor(kind="follower", case_ids=frozenset({case.pk})), at=made.at, case_id=case.pk, level=1)
        assert cases.rate_case(by=raiser, at=made.at, case_id=case.pk, level=5).party == raised_as

    def test_whoever_raised_what_was_merged_rates_and_reopens_the_other_and_withdraws_neither(self, made):
        one, other = made.open(), made.open(by=made.by("neighbour"), raised_by_id=made.people["neighbour"].pk)
        third = made.people["enforcer"]
        cases.follow_case(by=made.by("enforcer"), at=made.at, case_id=other.pk)
        into = cases.merge_case(by=made.by("dispatcher"), at=made.at, case_id=other.pk, into_id=one.pk)
        assert dict(into.parties.values_list("person_id", "via")) == {
            made.people["resident"].pk: "raised", made.people["neighbour"].pk: "merged", third.pk: "follows"
        }  # fmt: skip
        with pytest.raises(NotAllowed):
            cases.withdraw_case(by=made.by("neighbour"), at=made.at, case_id=into.pk)
        cases.answer_case(by=made.by("officer"), at=made.at + HOUR, case_id=into.pk, public_text="已清运")
        cases.verify_case(by=made.by("walker"), at=made.at + 2 * HOUR, case_id=into.pk, passed=True, text="好了")
        with pytest.raises(NotAllowed):
            cases.rate_case(by=made.by("enforcer"), at=made.at + 3 * HOUR, case_id=into.pk, level=1)
        assert cases.rate_case(by=made.by("neighbour"), at=made.at + 3 * HOUR, case_id=into.pk, level=4).party.via == "merged"
        assert cases.reopen_case(by=made.by("neighbour"), at=made.at + 4 * HOUR, case_id=into.pk, reason="又满了").state == "reopened"

    def test_acting_for_a_firm_is_for_those_who_serve_in_it(self, made):
        case = made.open(raised_for_id=made.organs["firm"].pk, visibility="restricted")
        assert queries.case_by_id(seen_by=made.by("contact"), case_id=case.pk) == case
        with pytest.raises(NotAllowed):
            cases.withdraw_case(by=made.by("enforcer"), at=made.at, case_id=case.pk)
        assert cases.withdraw_case(by=made.by("contact"), at=made.at, case_id=case.pk).state == "withdrawn"


class TestVisibility:
    WHO = ("resident", "neighbour", "officer", "enforcer", "walker", "contact", "dispatcher", "supervisor", "member")

    def test_is_said_alike_of_one_case_and_of_many(self, made):
        for visibility in ("public", "parties", "restricted"):
            for more in ({}, {"raised_for_id": made.organs["firm"].pk}, {"category_id": made.categories["smell"].pk}, {"longitude": 100.0, "latitude": 20.0}):
                case = made.open(visibility=visibility, **more)
                party = case.parties.get()
                code = Actor(kind="follower", case_ids=frozenset({case.pk}), party_ids=frozenset({party.pk}))
                for by in (ANYONE, CLOCK, code, *(made.by(who) for who in self.WHO)):
                    assert case.is_visible_to(by) is queries.cases(seen_by=by).filter(pk=case.pk).exists(), (visibility, more, by)

    def test_of_cases_for_parties_reaches_those_with_a_view_of_the_town_and_no_others(self, made):
        case = made.open(visibility="parties")
        seen = {who for who in self.WHO if queries.cases(seen_by=made.by(who)).filter(pk=case.pk).exists()}
        assert seen == {"resident", "officer", "walker", "dispatcher", "supervisor", "member"}

    def test_of_papers_is_for_those_who_take_part_not_for_every_reader(self, made):
        case = made.open()
        paper, internal = (attachments.add_attachment(by=made.by("officer"), at=made.at, content=PDF, name=name) for name in ("回执.pdf", "发票.pdf"))
        task = cases.join_case(by=made.by("officer"), at=made.at, case_id=case.pk, organ_id=made.organs["firm"].pk, task="整改")
        cases.answer_join(by=made.by("contact"), at=made.at, task_id=task.pk, result="已整改", attachment_ids=[paper.pk])
        cases.note_case(by=made.by("officer"), at=made.at, case_id=case.pk, text="内部附件", attachment_ids=[internal.pk])
        cases.follow_case(by=made.by("neighbour"), at=made.at, case_id=case.pk)
        for who, opens in (
            ("officer", {paper, internal}), ("supervisor", {paper, internal}), ("resident", {paper}), ("neighbour", set()), ("enforcer", set())
        ):  # fmt: skip
            by = made.by(who)
            assert {one for one in (paper, internal) if attachment_rules.may_see(by, one)} == opens, who
            seen = queries.case_by_id(seen_by=by, case_id=case.pk)
            assert {one.attachment for step in queries.steps(seen_by=by, case=seen) for one in step.papers.all()} == opens, who
        assert not attachment_rules.may_see(ANYONE, paper)


class TestRestricting:
    def _secret(self, made):
        return cases.define_category(
            by=MAKER, at=made.at, code="S1", name="举报", life="home", limit=(3, "working_days"), restricted=True
        )

    def _waiting(self, made):
        case = made.open(category_id=made.categories["smell"].pk)
        photo = attachments.add_attachment(by=made.by("resident"), at=made.at, content=PDF, name="a.pdf", is_public=True)
        cases.note_case(by=made.by("resident"), at=made.at, case_id=case.pk, text="附件", internal=False, attachment_ids=[photo.pk])
        cases.follow_case(by=made.by("neighbour"), at=made.at, case_id=case.pk)
        return case, photo

    def test_a_category_restricts_the_case_that_is_given_it(self, made):
        case, photo = self._waiting(made)
        assert attachment_rules.may_see(ANYONE, photo)
        case = cases.reclassify_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, category_id=self._secret(made).pk)
        photo.refresh_from_db()
        assert case.is_restricted
        assert case.followers == [made.people["resident"].pk]
        for by in (ANYONE, made.by("neighbour"), made.by("enforcer"), made.by("walker")):
            assert not queries.cases(seen_by=by).filter(pk=case.pk).exists()
            assert not attachment_rules.may_see(by, photo)
        assert queries.case_by_id(seen_by=made.by("resident"), case_id=case.pk) == case
        assert queries.case_by_id(seen_by=made.by("dispatcher"), case_id=case.pk) == case
        again = cases.reclassify_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, category_id=made.categories["smell"].pk)
        assert again.is_restricted  # what was not for everybody has been said in it

    def test_a_category_that_becomes_restricted_restricts_what_is_of_it(self, made):
        case, photo = self._waiting(made)
        cases.define_category(by=MAKER, at=made.at, code="H3-smell", name="smell", life="home", restricted=True)
        case.refresh_from_db()
        photo.refresh_from_db()
        assert case.is_restricted
        assert not photo.is_public
        assert made.open(category_id=made.categories["smell"].pk, visibility="public").is_restricted

    def test_only_following_does_not_come_over_into_what_is_restricted(self, made):
        into = made.open(category_id=self._secret(made).pk)
        case, _photo = self._waiting(made)
        into = cases.merge_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, into_id=into.pk)
        assert made.people["neighbour"].pk not in into.followers
        assert not queries.cases(seen_by=made.by("neighbour")).filter(pk=into.pk).exists()


class TestVisibilityOfWords:
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
