"""A request is answered field by field by whoever answers for the data; a doubt is settled and those who were shown the value are told."""

from datetime import timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.models import Case
from gongzhi.foundation.notices.models import Notice
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger.models import Entry
from gongzhi.management_line.exchange import operations, queries
from gongzhi.management_line.exchange.models import RequestedField
from gongzhi.management_line.exchange.operations import AnsweredAlready, NobodyAnswers, NoValue, OwnData
from gongzhi.management_line.exchange.tests.factories import asked, exchanging
from gongzhi.registers.grants import operations as grants
from gongzhi.registers.grants import queries as grant_queries
from gongzhi.registers.grants.models import Doubt, Grant
from gongzhi.registers.grants.operations import InDoubtAlready, NoReason, NoTerm, NotShared
from gongzhi.registers.grants.tests.factories import FIRST, LAST, LAW, officer, organ_id
from gongzhi.registers.residents.tests.factories import MAKER, number

DAY = timedelta(days=1)


@pytest.fixture
def made(town, noon):
    return exchanging(noon)


def doubted(made, noon, by=None, field="phone", **more):
    given = {"reason": "号码已停用", "proposed": "13900000118"} | more
    return operations.doubt_value(by=by or made["resident"], at=noon, register="residents", subject_id=made["one"].pk, field=field, **given)


class TestRequest:
    def test_is_one_case_with_the_answering_unit_on_a_clock_of_ten_working_days(self, made, noon):
        (request,) = asked(made, noon)
        case = Case.objects.get(pk=request.case_id)
        assert (case.kind, case.lead_id, case.holder_id, case.visibility) == ("data_request", organ_id("registry"), organ_id("registry"), "parties")
        assert case.due_at is not None
        assert noon + 10 * DAY <= case.due_at <= noon + 16 * DAY
        assert "享" in case.number

    def test_is_answered_field_by_field_and_what_is_granted_holds_for_its_days(self, made, noon):
        (request,) = asked(made, noon)
        with pytest.raises(NoReason):
            operations.answer_request(by=made["registry"], at=noon, case_id=request.case_id, granted=["name", "phone"])
        request = operations.answer_request(
            by=made["registry"], at=noon, case_id=request.case_id, granted=["name", "phone"], reason="核对津贴用不到住址"
        )  # fmt: skip
        answers = dict(RequestedField.objects.values_list("field", "answer"))
        assert answers == {"name": "granted", "phone": "granted", "address": "refused"}
        grant = Grant.objects.get(pk=request.grant_id)
        assert (grant.fields, grant.starts_on, grant.ends_on, grant.case_id) == (["name", "phone"], FIRST, LAST, request.case_id)
        case = Case.objects.get(pk=request.case_id)
        assert (case.state, case.result, case.result_type) == ("closed", "partly", "partly")
        told = set(Notice.objects.filter(person_id=made["welfare"].person_id).values_list("title", flat=True))
        assert "Your case %(number)s is closed" in told
        assert not any("How was it" in title for title in told)  # nobody rates a request
        with pytest.raises((AnsweredAlready, NotAllowed)):
            operations.answer_request(by=made["registry"], at=noon, case_id=request.case_id, granted=[], reason="x")

    def test_is_never_answered_by_whoever_asked_nor_given_a_result_by_hand(self, made, noon):
        (request,) = asked(made, noon)
        for by in (made["welfare"], officer(noon, "third"), made["resident"]):
            with pytest.raises(NotAllowed):
                operations.answer_request(by=by, at=noon, case_id=request.case_id, granted=["name"], reason="x")
        assert case_queries.results_now(seen_by=made["registry"], case=Case.objects.get(pk=request.case_id)) == []
        with pytest.raises(NotAllowed):
            cases.decide_case(by=made["registry"], at=noon, case_id=request.case_id, result="granted")
        assert not Grant.objects.exists()

    def test_refused_whole_gives_no_grant(self, made, noon):
        (request,) = asked(made, noon)
        request = operations.answer_request(by=made["registry"], at=noon, case_id=request.case_id, granted=[], reason="用途与职责不符")
        assert (request.grant_id, Case.objects.get(pk=request.case_id).result) == (None, "refused")

    def test_of_fields_of_two_units_is_two_cases(self, made, noon):
        officer(noon, "housing")
        grants.catalogue_field(by=MAKER, at=noon, register="residents", field="address", organ_id=organ_id("housing"))
        made_requests = asked(made, noon)
        assert {one.authority_id for one in made_requests} == {organ_id("registry"), organ_id("housing")}
        mine = next(one for one in made_requests if one.authority_id == organ_id("housing"))
        with pytest.raises(NotAllowed):
            operations.answer_request(by=made["registry"], at=noon, case_id=mine.case_id, granted=["address"])

    def test_of_what_is_given_without_a_request_is_granted_at_once(self, made, noon):
        grants.catalogue_field(by=MAKER, at=noon, register="residents", field="sex", organ_id=organ_id("registry"), share=1)
        (request,) = asked(made, noon, fields=("sex",))
        assert Grant.objects.get(pk=request.grant_id).fields == ["sex"]
        assert Case.objects.get(pk=request.case_id).state == "closed"

    def test_asks_for_nothing_that_cannot_be_given(self, made, noon):
        grants.catalogue_field(by=MAKER, at=noon, register="residents", field="ethnicity", organ_id=organ_id("registry"), share=3, basis="《法》")
        with pytest.raises(NotShared):
            asked(made, noon, fields=("ethnicity",))
        with pytest.raises(OwnData):
            operations.ask_for_data(
                by=made["registry"], at=noon, organ_id=organ_id("registry"), register="residents", fields=["name"], purpose="x", basis=LAW, starts_on=FIRST,
                ends_on=LAST,
            )  # fmt: skip
        with pytest.raises(NobodyAnswers):
            operations.ask_for_data(
                by=made["welfare"], at=noon, organ_id=organ_id("welfare"), register="firms", fields=["contact_phone"], purpose="x", basis=LAW, starts_on=FIRST,
                ends_on=LAST,
            )  # fmt: skip
        with pytest.raises(NoTerm):
            asked(made, noon, starts_on=FIRST - DAY)
        with pytest.raises(NotAllowed):
            operations.ask_for_data(
                by=made["resident"], at=noon, organ_id=organ_id("welfare"), register="residents", fields=["name"], purpose="x", basis=LAW, starts_on=FIRST,
                ends_on=LAST,
            )  # fmt: skip

    def test_may_be_granted_for_a_shorter_time_and_never_a_longer_one(self, made, noon):
        (request,) = asked(made, noon, ends_on=FIRST + 30 * DAY)
        request = operations.answer_request(by=made["registry"], at=noon, case_id=request.case_id, granted=["name", "phone", "address"], ends_on=LAST)
        assert Grant.objects.get(pk=request.grant_id).ends_on == FIRST + 30 * DAY

    def test_is_seen_by_its_two_units_and_who_keeps_the_catalogue(self, made, noon):
        asked(made, noon)
        assert [len(queries.requests(seen_by=one)) for one in (made["welfare"], made["registry"], officer(noon, "third"))] == [1, 1, 0]
        assert len(queries.requests(seen_by=officer(noon, "committee", "committee_member"))) == 1
        assert not Case.objects.visible_to(ANYONE).exists()


class TestCorrection:
    def test_is_a_closed_case_with_the_answering_unit(self, made, noon):
        one = doubted(made, noon)
        case = Case.objects.get(pk=one.case_id)
        assert (case.kind, case.visibility, case.holder_id, case.raised_by_id) == ("correction", "restricted", organ_id("registry"), made["resident"].person_id)
        assert "13900000118" not in case.title + case.text
        seen = [Case.objects.visible_to(by).filter(pk=case.pk).exists() for by in (made["resident"], made["registry"], made["welfare"], ANYONE)]
        assert seen == [True, True, False, False]
        shown = queries.correction_shown(seen_by=made["resident"], correction=one, case=case)
        assert (shown["proposed"], shown["held"]) == ("13900000118", "139****0117")
        assert queries.correction_shown(seen_by=made["welfare"], correction=one, case=case)["held"] == ""
        assert queries.correction_shown(seen_by=made["welfare"], correction=one, case=case)["proposed"] == ""

    def test_put_right_changes_the_register_and_tells_every_unit_that_was_shown_it(self, made, noon):
        (request,) = asked(made, noon)
        request = operations.answer_request(by=made["registry"], at=noon, case_id=request.case_id, granted=["name", "phone"], reason="够用")
        grants.fill(by=made["welfare"], at=noon, grant_id=request.grant_id, register="residents", shown=number(), purpose="津贴 12")
        officer(noon, "third")
        one = doubted(made, noon + DAY)
        with pytest.raises(InDoubtAlready):
            doubted(made, noon + DAY)
        with pytest.raises(NoValue):
            operations.answer_correction(by=made["registry"], at=noon + DAY, case_id=one.case_id, value=" ", basis="x")
        one = operations.answer_correction(by=made["registry"], at=noon + DAY, case_id=one.case_id, value="13900000118", basis="本人来电核实")
        assert (one.is_corrected, one.told) == (True, [organ_id("welfare")])
        told = Notice.objects.filter(kind="exchange.ValueCorrected")
        assert [notice.person_id for notice in told] == [made["welfare"].person_id]
        assert "13900000118" not in str([(notice.title, notice.params, notice.text) for notice in told])
        case = Case.objects.get(pk=one.case_id)
        assert (case.state, case.result) == ("closed", "corrected")
        after = grants.fill(by=made["welfare"], at=noon + DAY, grant_id=request.grant_id, register="residents", shown=number(), purpose="津贴 12")
        assert (after.value("phone"), any(value.in_doubt for value in after.values)) == ("13900000118", False)
        whole = str([entry.content for entry in Entry.objects.all()])
        assert "13900000118" not in whole
        assert {"DataRequested", "DataRequestAnswered", "GrantGiven", "RegisterLooked", "CorrectionAsked", "CorrectionAnswered"} <= {
            entry.kind for entry in Entry.objects.all()
        }
        assert queries.correction_told(seen_by=made["welfare"], correction_id=one.pk) == one
        with pytest.raises(type(one).DoesNotExist):
            queries.correction_told(seen_by=officer(noon, "third"), correction_id=one.pk)

    def test_upheld_leaves_the_value_with_a_reason_and_tells_nobody_else(self, made, noon):
        one = doubted(made, noon)
        with pytest.raises(NoReason):
            operations.answer_correction(by=made["registry"], at=noon, case_id=one.case_id, value=None)
        one = operations.answer_correction(by=made["registry"], at=noon, case_id=one.case_id, value=None, reason="与登记底册一致")
        assert (one.is_corrected, one.told, Case.objects.get(pk=one.case_id).result) == (False, [], "upheld")
        doubted(made, noon)  # and may be doubted again

    def test_is_never_settled_by_who_doubts_or_by_another_unit(self, made, noon):
        one = doubted(made, noon)
        for by in (made["resident"], made["welfare"]):
            with pytest.raises(NotAllowed):
                operations.answer_correction(by=by, at=noon, case_id=one.case_id, value="13900000118", basis="x")

    def test_what_the_register_cannot_take_is_told_beside_the_value_and_nothing_is_lost(self, made, noon):
        one = doubted(made, noon, field="number", proposed="")
        with pytest.raises(operations.Refused) as refused:
            operations.answer_correction(by=made["registry"], at=noon, case_id=one.case_id, value="330110199003070111", basis="身份证")
        assert refused.value.field == "value"
        assert Doubt.objects.get().ended_at is None

    def test_nobody_doubts_what_they_may_not_see(self, made, noon):
        for by in (made["welfare"], officer(noon, "third")):
            with pytest.raises(NotAllowed):
                doubted(made, noon, by=by)
        assert not Case.objects.filter(kind="correction").exists()

    def test_withdrawn_takes_the_mark_away(self, made, noon):
        one = doubted(made, noon)
        cases.withdraw_case(by=made["resident"], at=noon, case_id=one.case_id, reason="号码还在用")
        assert grant_queries.open_doubts(seen_by=ANYONE, register="residents", subject_id=made["one"].pk) == {}
