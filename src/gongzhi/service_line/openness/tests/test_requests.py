"""A request for information, day by day as the regulations count (政府信息公开条例, State Council decree 711)."""

from datetime import date, timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.models import Case, Clock, Stop
from gongzhi.cases.operations._steps import Missing
from gongzhi.cases.operations.deciding import NoSuchResult
from gongzhi.cases.operations.time import BeyondCeiling
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.service_line.openness import operations, queries
from gongzhi.service_line.openness.models import InfoRequest
from gongzhi.service_line.openness.tests.factories import make_open_town, mark

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def made(town, noon):
    return make_open_town(noon)


def request(made, by=None, **more):
    given = {"organ_id": made.organs["utilities"].pk, "text": "2025 年路灯维修合同"} | more
    return operations.request_information(by=by or made.by("resident"), at=made.at, **given)


def decide(made, case, result, at, who="officer", **more):
    return cases.decide_case(by=made.by(who), at=at, case_id=case.pk, result=result, **more)


class TestReceipt:
    def test_online_begins_the_clock_with_its_confirmation(self, made):
        case, code = request(made)
        assert (code, case.visibility, case.due_at) == ("", "restricted", None)
        case = decide(made, case, "confirm", made.at + DAY)
        assert case.stage == "examine"
        assert case.due_at - (made.at + DAY) == 28 * DAY  # twenty working days from a Thursday: four weeks
        assert InfoRequest.objects.get().received_on == date(2026, 11, 19)

    def test_on_paper_is_the_day_of_the_paper(self, made):
        with pytest.raises(NotAllowed):
            request(made, channel="in_person", name="张三", phone="13812345678")
        case, code = request(made, by=made.by("officer"), channel="registered", received_on=date(2026, 11, 16), name="张三", phone="13812345678")
        assert (case.stage, InfoRequest.objects.get().received_on) == ("receive", date(2026, 11, 16))
        case = Case.objects.get(pk=case.pk)
        assert case.stage == "examine"
        assert case.due_at.date() == date(2026, 12, 14)
        assert len(code) == 19
        with pytest.raises(operations.BadReceipt):
            request(made, by=made.by("officer"), channel="in_person", received_on=date(2026, 11, 19), name="张三", phone="13812345678")
        with pytest.raises(operations.BadReceipt):
            request(made, by=made.by("officer"), channel="in_person", received_on=date(2026, 10, 18), name="张三", phone="13812345678")

    def test_needs_words_and_of_who_is_not_known_a_name(self, made):
        for given, refusal in (({"text": " "}, operations.NothingWanted), ({"organ_id": 0}, operations.NobodyToAsk)):
            with pytest.raises(refusal):
                request(made, **given)
        for given in ({}, {"name": "张三"}, {"phone": "13812345678"}):
            with pytest.raises(operations.NeedsName):
                request(made, by=ANYONE, **given)
        case, code = request(made, by=ANYONE, name="张三", phone="13812345678")
        assert case_queries.follow_by_code(seen_by=ANYONE, code=code).case == case

    def test_is_seen_by_its_applicant_and_unit_alone(self, made):
        case, _code = request(made)
        for who in ("dispatcher", "supervisor", "enforcer", "neighbour"):
            assert not case.is_visible_to(made.by(who)), who
        assert case.is_visible_to(made.by("officer"))
        assert case.is_visible_to(made.by("resident"))


class TestCorrection:
    def test_is_asked_for_once_and_the_days_begin_anew(self, made):
        case = decide(made, request(made)[0], "confirm", made.at)
        with pytest.raises(Missing):
            decide(made, case, "ask", made.at + 2 * DAY)
        case = decide(made, case, "ask", made.at + 2 * DAY, public_text="请说明哪一标段。")
        assert (case.state, case.waits_for) == ("suspended", "applicant")
        with pytest.raises(NotAllowed):
            decide(made, case, "corrected", made.at + 5 * DAY, public_text="二标段")
        case = decide(made, case, "corrected", made.at + 5 * DAY, who="resident", public_text="二标段")
        assert case.stage == "reexamine"
        assert case.due_at - (made.at + 5 * DAY) == 28 * DAY
        assert Clock.objects.filter(case=case, of="case").count() == 2
        assert Clock.objects.filter(case=case, of="case", ended_at__isnull=True).count() == 1
        with pytest.raises(NoSuchResult):
            decide(made, case, "ask", made.at + 6 * DAY, public_text="再补")

    def test_that_does_not_come_gives_the_request_up(self, made):
        case = decide(made, request(made)[0], "confirm", made.at)
        case = decide(made, case, "ask", made.at, public_text="请说明哪一标段。")
        due = Clock.objects.get(case=case, of="timed").due_at
        assert due - made.at == 21 * DAY
        mark(due - timedelta(minutes=1))
        assert Case.objects.get(pk=case.pk).state == "suspended"
        mark(due)
        case = Case.objects.get(pk=case.pk)
        assert (case.state, case.result, case.result_type) == ("closed", "lapse", "neutral")


class TestThirdParty:
    def test_stops_the_clock_for_fifteen_working_days_at_most(self, made):
        case = decide(made, request(made)[0], "confirm", made.at)
        due = case.due_at
        case = decide(made, case, "ask_third", made.at + DAY, public_text="征求施工单位意见。")
        assert case.state == "suspended"
        silent = Clock.objects.get(case=case, of="timed", ended_at__isnull=True).due_at
        assert silent - (made.at + DAY) == 21 * DAY
        mark(silent)
        case = Case.objects.get(pk=case.pk)
        assert (case.stage, case.state) == ("decide", "in_hand")
        stop = Stop.objects.get(case=case)
        assert (stop.ground, stop.basis.startswith("《政府信息公开条例》第三十二条")) == ("third_party", True)
        assert (due.date(), case.due_at.date()) == (date(2026, 12, 16), date(2027, 1, 7))  # fifteen working days and New Year's Day

    def test_that_answers_earlier_lets_it_run_again(self, made):
        case = decide(made, request(made)[0], "confirm", made.at)
        due = case.due_at
        case = decide(made, case, "ask_third", made.at, public_text="征求意见。")
        case = decide(made, case, "third_answered", made.at + 7 * DAY)
        assert case.due_at - due == 7 * DAY


class TestAnswer:
    @pytest.mark.parametrize(
        ("result", "type", "clause"),
        [
            ("already_public", "positive", False), ("provided", "positive", False), ("refused", "negative", True), ("not_held", "neutral", False),
            ("not_ours", "neutral", False), ("repeated", "neutral", False), ("special", "neutral", True), ("partly", "partly", True),
        ],
    )  # fmt: skip
    def test_is_of_the_seven_kinds_with_its_reason(self, made, result, type, clause):
        case = decide(made, request(made)[0], "confirm", made.at)
        with pytest.raises(Missing):
            decide(made, case, result, made.at + DAY)
        if clause:
            with pytest.raises(Missing):
                decide(made, case, result, made.at + DAY, public_text="理由")
        case = decide(made, case, result, made.at + DAY, public_text="理由", clause="第十四条" if clause else "")
        assert (case.state, case.result, case.result_type) == ("closed", result, type)
        told = queries.request_dossier(seen_by=made.by("resident"), case=case)
        assert told["may_appeal"]
        year = queries.year(seen_by=ANYONE, number=2026)
        assert (year.received, year.answered, year.waiting) == (1, 1, 0)
        assert {code: count for code, _word, count in year.results if count} == {result: 1}

    def test_may_take_twenty_days_more_once_granted_by_others(self, made):
        case = decide(made, request(made)[0], "confirm", made.at)
        more = {"case_id": case.pk, "amount": 20, "basis": "第三十三条", "reason": "涉及多份合同"}
        with pytest.raises(NotAllowed):
            cases.extend_case(by=made.by("officer"), at=made.at + DAY, **more)
        with pytest.raises(BeyondCeiling):
            cases.extend_case(by=made.by("member"), at=made.at + DAY, **(more | {"amount": 21}))
        due = case.due_at
        case = cases.extend_case(by=made.by("member"), at=made.at + DAY, **more)
        assert case.due_at > due + 27 * DAY
        with pytest.raises(BeyondCeiling):
            cases.extend_case(by=made.by("member"), at=made.at + 2 * DAY, **(more | {"amount": 1}))
