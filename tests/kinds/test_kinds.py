"""The engine with two kinds that it has never seen: what their procedures say is obeyed, by every door."""

from datetime import timedelta

import pytest
from django.test import Client

from gongzhi.cases import clock as clocks
from gongzhi.cases import codes, queries
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Case, Clock, Party, Procedure, Task
from gongzhi.cases.operations._stages import PapersMissing
from gongzhi.cases.operations._steps import Missing
from gongzhi.cases.operations.catalogue import BadDefinition
from gongzhi.cases.operations.closing import TooLateToReopen
from gongzhi.cases.operations.deciding import NoSuchResult
from gongzhi.cases.operations.handling import TasksWaiting
from gongzhi.cases.operations.joining import VerdictMissing
from gongzhi.cases.operations.parties import AuthorityEnds, NeedsAuthority
from gongzhi.cases.queries import NoProcedure
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from tests.kinds import application, enquiry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def kinds_of_test(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    return {"enquiry": enquiry.kind(folder), "application": application.kind(folder)}


@pytest.fixture
def made(town, noon, kinds_of_test):
    made = make_town_with_list(noon)
    for kind in kinds_of_test.values():
        definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
        cases.adopt_procedure(by=MAKER, at=noon - DAY, kind=kind.code, definition=definition, reason="试")
    return made


def opened(made, kind, **more):
    need = {"kind": f"test_{kind}", "title": "开饭馆", "raised_by_id": made.people["resident"].pk, "lead_id": made.organs["utilities"].pk} | more
    return cases.open_case(by=made.by("resident"), at=made.at, need=cases.Need(**need))


def decided(made, who, case, result, at=None, **more):
    return cases.decide_case(by=CLOCK if who == "clock" else made.by(who), at=at or made.at + HOUR, case_id=case.pk, result=result, **more)


def marked(at):
    """Let the clock do everything that is due by this moment."""
    for _round in range(9):
        due = queries.clocks_to_mark(seen_by=CLOCK, at=at)
        if not due:
            return
        cases.mark_overdue(by=CLOCK, at=at, clock_ids=due)


def paper(made, name="decision"):
    one = attachments.add_attachment(by=made.by("officer"), at=made.at, content=b"%PDF-1.4\n%%EOF\n", name="d.pdf", is_public=False)
    return {name: one.pk}


class TestEnquiry:
    def test_is_answered_and_closed_by_the_consent_of_whoever_asked(self, made):
        case = opened(made, "enquiry")
        assert (case.state, case.stage, case.holder_id) == ("assigned", "reply", made.organs["utilities"].pk)
        assert case.due_at is not None
        case = cases.answer_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, public_text="可以，请带身份证。")
        assert (case.state, case.waits_for, case.holder_id) == ("answered", "raiser", None)
        with pytest.raises(NotAllowed):
            cases.close_case(by=made.by("neighbour"), at=made.at + HOUR, case_id=case.pk)
        case = cases.close_case(by=made.by("resident"), at=made.at + 2 * HOUR, case_id=case.pk)
        assert (case.state, case.closed_unverified) == ("closed", False)

    def test_closes_by_the_clock_after_a_week_of_silence_and_not_a_minute_before(self, made):
        case = cases.answer_case(by=made.by("officer"), at=made.at, case_id=opened(made, "enquiry").pk, public_text="可以。")
        week = Clock.objects.get(case=case, of="timed").due_at
        assert week.astimezone(made.at.tzinfo) - made.at >= 7 * DAY
        marked(week - timedelta(minutes=1))
        assert Case.objects.get(pk=case.pk).state == "answered"
        marked(week)
        case = Case.objects.get(pk=case.pk)
        assert (case.state, case.closed_unverified, case.steps.order_by("-pk").first().by) == ("closed", False, "clock")

    def test_lets_whoever_asked_ask_on_with_words_and_nobody_else(self, made):
        case = cases.answer_case(by=made.by("officer"), at=made.at, case_id=opened(made, "enquiry").pk, public_text="可以。")
        with pytest.raises(Missing):
            decided(made, "resident", case, "ask_on")
        with pytest.raises(NotAllowed):
            decided(made, "officer", case, "ask_on", public_text="x")
        case = decided(made, "resident", case, "ask_on", public_text="要带几份？")
        assert (case.state, case.stage, case.result) == ("assigned", "reply", "")
        assert not Clock.objects.filter(case=case, of="timed", ended_at__isnull=True).exists()

    def test_is_followed_by_a_code_and_asked_on_from_the_page_of_whoever_follows(self, made):
        code = codes.mint()
        case = opened(made, "enquiry", raised_by_id=None, follow_code_hash=codes.digest(code))
        phone, stranger = Client(), Client()
        assert phone.post("/follow/", {"code": code}).url == f"/follow/{case.slug}/"
        assert "?result=ask_on" not in phone.get(f"/follow/{case.slug}/").content.decode()  # nothing is answered yet
        cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="可以。")
        page = phone.get(f"/follow/{case.slug}/").content.decode()
        assert f'href="/cases/{case.slug}/decide/?result=ask_on&amp;back=follow"' in page
        assert f'href="/cases/{case.slug}/close/?back=follow"' in page
        assert phone.get(f"/cases/{case.slug}/decide/?result=ask_on&back=follow").status_code == 200
        given = {"result": "ask_on", "text": "要带几份？", "back": "follow"}
        stranger.post(f"/cases/{case.slug}/decide/", given)
        assert Case.objects.get(pk=case.pk).state == "answered"
        assert phone.post(f"/cases/{case.slug}/decide/", given).url == f"/follow/{case.slug}/"
        assert Case.objects.get(pk=case.pk).stage == "reply"
        assert "要带几份？" in phone.get(f"/follow/{case.slug}/").content.decode()

    def test_is_reopened_within_its_own_days_and_to_its_own_stage(self, made):
        case = cases.answer_case(by=made.by("officer"), at=made.at, case_id=opened(made, "enquiry").pk, public_text="可以。")
        case = cases.close_case(by=made.by("resident"), at=made.at, case_id=case.pk)
        with pytest.raises(TooLateToReopen):
            cases.reopen_case(by=made.by("resident"), at=made.at + 10 * DAY + HOUR, case_id=case.pk, reason="又问")
        case = cases.reopen_case(by=made.by("resident"), at=made.at + 10 * DAY, case_id=case.pk, reason="又问")
        assert case.stage == "reply"

    def test_is_offered_what_its_stage_leads_to_and_no_more(self, made):
        case = opened(made, "enquiry")
        assert "return" not in queries.may_now(seen_by=made.by("officer"), case=case)
        case = cases.accept_case(by=made.by("officer"), at=made.at, case_id=case.pk)
        assert "answer" in queries.may_now(seen_by=made.by("officer"), case=case)
        case = cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="可以。")
        assert "close" in queries.may_now(seen_by=made.by("resident"), case=case)
        assert "close_unverified" not in queries.may_now(seen_by=made.by("dispatcher"), case=case)
        assert [one.code for one in queries.results_now(seen_by=made.by("resident"), case=case)] == ["ask_on"]
        assert queries.results_now(seen_by=made.by("officer"), case=case) == []


class TestApplication:
    def test_has_no_clock_before_it_is_accepted_and_one_after(self, made):
        case = opened(made, "application")
        assert (case.due_at, case.visibility) == (None, "restricted")
        case = decided(made, "officer", case, "ask", public_text="缺平面图")
        assert (case.state, case.waits_for, case.holder_id) == ("opened", "applicant", None)
        with pytest.raises(NotAllowed):
            decided(made, "officer", case, "corrected", public_text="x")
        case = decided(made, "resident", case, "corrected", public_text="补好了")
        assert case.stage == "receive"
        case = decided(made, "officer", case, "admit")
        assert (case.stage, case.state) == ("examine", "in_hand")
        assert Clock.objects.get(case=case, of="case").started_at == made.at + HOUR

    def test_lapses_by_the_clock_where_nothing_is_corrected(self, made):
        case = decided(made, "officer", opened(made, "application"), "ask", public_text="缺平面图")
        marked(Clock.objects.get(case=case, of="timed").due_at)
        case = Case.objects.get(pk=case.pk)
        assert (case.state, case.result, case.result_type) == ("closed", "lapse", "neutral")

    def test_goes_on_when_both_departments_have_answered(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        fire, health = Task.objects.order_by("pk")
        assert (fire.organ_id, health.organ_id) == (made.organs["enforcement"].pk, made.organs["utilities"].pk)
        with pytest.raises(NotAllowed):
            cases.answer_join(by=made.by("officer"), at=made.at + HOUR, task_id=fire.pk, result="x", verdict="agreed")
        with pytest.raises(VerdictMissing):
            cases.answer_join(by=made.by("enforcer"), at=made.at + HOUR, task_id=fire.pk, result="x")
        cases.answer_join(by=made.by("enforcer"), at=made.at + HOUR, task_id=fire.pk, result="合格", verdict="agreed")
        assert Case.objects.get(pk=case.pk).stage == "examine"
        cases.answer_join(by=made.by("officer"), at=made.at + 2 * HOUR, task_id=health.pk, result="合格", verdict="conditional")
        case = Case.objects.get(pk=case.pk)
        assert (case.stage, case.state, case.steps.filter(act=Act.JOINED).count()) == ("decide", "in_hand", 1)
        with pytest.raises(PapersMissing):
            decided(made, "officer", case, "grant")
        case = decided(made, "officer", case, "grant", papers=paper(made))
        assert (case.state, case.result, case.result_type) == ("closed", "grant", "positive")

    def test_asks_the_third_department_only_where_the_dossier_says_so(self, made):
        decided(made, "officer", opened(made, "application", text="夜间有噪声"), "admit")
        assert set(Task.objects.values_list("code", flat=True)) == {"fire", "health", "noise"}

    def test_stops_a_tasks_clock_and_not_the_applicants(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        fire = Task.objects.get(code="fire")
        before, own = Clock.objects.get(task=fire).due_at, Case.objects.get(pk=case.pk).due_at
        cases.stop_task(by=made.by("enforcer"), at=made.at + DAY, task_id=fire.pk, ground="correction", basis="消防法", reason="等新图纸")
        marked(before + HOUR)
        assert Clock.objects.get(task=fire).overdue_at is None
        cases.resume_task(by=made.by("enforcer"), at=made.at + 2 * DAY, task_id=fire.pk)
        assert Clock.objects.get(task=fire).due_at > before
        assert Case.objects.get(pk=case.pk).due_at == own

    def test_stops_the_applicants_clock_in_a_lawful_stage_only(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        own = case.due_at
        case = decided(made, "officer", case, "hold_hearing", at=made.at + DAY, clause="第四十六条")
        assert case.is_stopped
        assert not Task.objects.waiting().filter(case=case).exists()
        assert "resume" not in queries.may_now(seen_by=made.by("officer"), case=case)
        marked(own + DAY)
        assert Case.objects.get(pk=case.pk).overdue_at is None
        case = decided(made, "officer", case, "heard", at=made.at + 5 * DAY)
        assert (case.stage, case.is_stopped) == ("decide", False)
        assert case.due_at > own

    def test_is_deemed_granted_by_silence_at_the_due_moment(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        marked(case.due_at - timedelta(seconds=1))
        assert Case.objects.get(pk=case.pk).is_open
        marked(case.due_at)
        case = Case.objects.get(pk=case.pk)
        assert (case.state, case.result, case.overdue_at is not None) == ("closed", "deemed", True)
        assert set(Task.objects.filter(case=case).values_list("state", flat=True)) == {"cancelled"}

    def test_leaves_to_people_what_the_clock_cannot_do(self, made, monkeypatch):
        case = decided(made, "officer", opened(made, "application"), "admit")
        monkeypatch.setattr("gongzhi.cases.operations._stages.check_papers", lambda *_a: (_ for _ in ()).throw(PapersMissing(papers="决定书")))
        marked(case.due_at)
        case = Case.objects.get(pk=case.pk)
        assert (case.state, case.stage, case.result) == ("in_hand", "examine", "")
        assert any("决定书" in step.internal_text for step in case.steps.filter(act=Act.OVERDUE))
        assert Task.objects.waiting().filter(case=case).count() == 2

    def test_does_not_grant_while_a_department_works_and_gives_no_result_of_another_stage(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        with pytest.raises(NoSuchResult):
            decided(made, "officer", case, "grant", papers=paper(made))
        with pytest.raises(TasksWaiting):
            decided(made, "officer", case, "refuse", public_text="不符合", clause="第三条")

    def test_gives_a_returned_task_on_and_waits_for_it(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        fire, health = Task.objects.order_by("pk")
        cases.answer_join(by=made.by("officer"), at=made.at + HOUR, task_id=health.pk, result="合格", verdict="agreed")
        cases.return_task(by=made.by("enforcer"), at=made.at + HOUR, task_id=fire.pk, reason="不归我管")
        assert Case.objects.get(pk=case.pk).stage == "examine"
        given = cases.give_task_on(by=made.by("officer"), at=made.at + HOUR, task_id=fire.pk, organ_id=made.organs["centre"].pk)
        cases.answer_join(by=made.by("dispatcher"), at=made.at + 2 * HOUR, task_id=given.pk, result="合格", verdict="agreed")
        assert Case.objects.get(pk=case.pk).stage == "decide"

    def test_is_seen_by_its_parties_and_units_and_by_nobody_else(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        for who in ("resident", "officer", "enforcer"):
            assert queries.case_for(seen_by=made.by(who), slug=case.slug).pk == case.pk
        for who in ("neighbour", "walker", "contact", "member", "supervisor"):
            with pytest.raises(Case.DoesNotExist):
                queries.case_for(seen_by=made.by(who), slug=case.slug)

    def test_lets_an_agent_act_by_a_dated_authority_until_it_is_revoked(self, made):
        case = decided(made, "officer", opened(made, "application"), "ask", public_text="缺图")
        applicant = Party.objects.get(case=case, role="applicant")
        agent = {"by": made.by("resident"), "at": made.at, "case_id": case.pk, "role": "agent", "person_id": made.people["neighbour"].pk}
        with pytest.raises(NeedsAuthority):
            cases.add_party(**agent, acts_for_id=applicant.pk)
        letter = paper(made, "authority")["authority"]
        today = made.at.date()
        with pytest.raises(AuthorityEnds):
            cases.add_party(**agent, acts_for_id=applicant.pk, authority_id=letter, valid_until=today - DAY)
        party = cases.add_party(**agent, acts_for_id=applicant.pk, authority_id=letter, valid_until=today + 3 * DAY)
        with pytest.raises(NotAllowed):
            decided(made, "neighbour", case, "corrected", at=made.at + 5 * DAY, public_text="补好了")
        case = decided(made, "neighbour", case, "corrected", at=made.at + 3 * DAY, public_text="补好了")
        case = decided(made, "officer", case, "ask", at=made.at + 3 * DAY, public_text="还缺")
        cases.end_party(by=made.by("resident"), at=made.at + 3 * DAY, party_id=party.pk)
        with pytest.raises(NotAllowed):
            decided(made, "neighbour", case, "corrected", at=made.at + 3 * DAY, public_text="补好了")


class TestVariants:
    def test_run_on_their_own_procedure_and_leave_the_kinds_alone(self, made):
        common = queries.procedure_in_force(seen_by=ANYONE, kind="test_application", at=made.at)
        definition = procedures.read(application.PROCEDURE.replace("amount: 10, unit: working_days}\nbasis", "amount: 3, unit: working_days}\nbasis"))
        own = cases.adopt_procedure(by=MAKER, at=made.at - HOUR, kind="test_application", definition=definition, reason="试", variant="JY-02")
        assert (own.version, queries.procedure_in_force(seen_by=ANYONE, kind="test_application", at=made.at).pk) == (1, common.pk)
        case = decided(made, "officer", opened(made, "application", procedure_id=own.pk), "admit")
        assert (case.procedure_id, Clock.objects.get(case=case, of="case").amount) == (own.pk, 3)
        assert opened(made, "application").procedure_id == common.pk
        with pytest.raises(Procedure.DoesNotExist):
            cases.move_to_procedure(by=MAKER, at=made.at, case_id=case.pk, procedure_id=common.pk, reason="x")
        with pytest.raises(NoProcedure):
            opened(made, "application", procedure_id=common.pk + 999_999)

    def test_clocks_are_read_under_another_limit_with_the_same_stops(self, made):
        case = decided(made, "officer", opened(made, "application"), "admit")
        case = decided(made, "officer", case, "hold_hearing", at=made.at + DAY, clause="第四十六条")
        case = decided(made, "officer", case, "heard", at=made.at + 5 * DAY)
        lawful = queries.under_limit(seen_by=ANYONE, case=case, at=made.at + 6 * DAY, limit=clocks.Limit(20, "working_days"))
        same = queries.under_limit(seen_by=ANYONE, case=case, at=made.at + 6 * DAY, limit=clocks.Limit(10, "working_days"))
        assert same.due_at == case.due_at < lawful.due_at
        assert [pause.began_at for pause in lawful.pauses] == [made.at + DAY]


class TestAdopting:
    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (("hold_hearing: hearing}\nreopen", "hold_hearing: hearing, note: end}\nreopen"), "does not leave a stage"),
            (("outcomes: {heard: decide}", "outcomes: {verify_pass: end}"), "not lawful in state suspended"),
            (("unit: \"organ:enforcement\"", "unit: \"organ:nobody\""), "no unit with the code nobody"),
            (("Not corrected in time}, type: neutral, by: clock}", "Not corrected in time}, by: clock}"), "needs a type"),
            (("then: deemed", "then: grant_it"), "no outcome grant_it"),
            (("    stops: {ground: hearing, basis: 行政许可法第四十五条}\n", ""), "suspended needs stops"),
            (("join: all", "join: 9"), "a number of this stage's tasks"),
        ],
    )  # fmt: skip
    def test_refuses_what_would_not_be_obeyed_and_names_it(self, made, change, fault):
        assert change[0] in application.PROCEDURE
        definition = procedures.read(application.PROCEDURE.replace(*change))
        with pytest.raises(BadDefinition, match=fault):
            cases.adopt_procedure(by=MAKER, at=made.at, kind="test_application", definition=definition, reason="x")

    def test_is_asked_for_where_a_town_has_none_yet(self, made, other_town):
        from gongzhi.kernel.towns import in_town

        with in_town(other_town.pk):
            assert {"test_enquiry", "test_application"} <= {kind.code for kind in queries.kinds_without_procedure(seen_by=ANYONE)}
            with pytest.raises(NoProcedure):
                cases.open_case(by=MAKER, at=made.at, need=cases.Need(kind="test_enquiry", title="问"))

    def test_is_offered_to_whoever_may_define_and_adopted_as_the_product_brings_it(self, made, other_town, kinds_of_test):
        from gongzhi.kernel.towns import in_town

        assert Procedure.objects.filter(kind="test_enquiry").count() == 1
        with in_town(other_town.pk):
            kind = kinds_of_test["enquiry"]
            assert kind in queries.kinds_without_procedure(seen_by=ANYONE)
            definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
            cases.adopt_procedure(by=MAKER, at=made.at, kind=kind.code, definition=definition, reason="首次采用")
            assert kind not in queries.kinds_without_procedure(seen_by=ANYONE)
