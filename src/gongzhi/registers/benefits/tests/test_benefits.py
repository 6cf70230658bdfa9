"""Benefits in a town: drafted, tried, adopted, found anew, asked, paid once within the budget, taken back, and who is reached."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from gongzhi.foundation.criteria import operations as criteria
from gongzhi.foundation.notices.models import Notice
from gongzhi.foundation.organs.models import Organ
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import current_town, in_town
from gongzhi.kernel.work import towns_having
from gongzhi.ledger.models import Entry
from gongzhi.registers.benefits import definitions, operations, queries, tasks
from gongzhi.registers.benefits.models import Ask, Award, Finding, Told
from gongzhi.registers.book import queries as book
from gongzhi.registers.book.models import Posting
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.residents.tests.factories import MAKER, TOLD, ground, number, resident, serving, signed_in

DAY = date(2026, 11, 18)
RENT = {
    "code": "rent", "title": "小微企业房租补贴", "for": "firm", "source": "《小微企业扶持办法》", "clause": "第三条", "way": "unasked", "amount": "5000.00",
    "every": "year", "from": "2026-11-18", "budget": "12000.00",
    "criteria": {"all": [{"field": "size", "is": "in", "value": ["small", "micro"]}, {"field": "staff", "is": "<", "value": 20}]},
}  # fmt: skip
HIRE = RENT | {
    "code": "hire", "title": "新招员工补贴", "way": "asked", "amount": "800.00", "budget": "",
    "criteria": {"all": [{"field": "size", "is": "in", "value": ["small", "micro"]}, {"ask": "hired", "words": "今年新招了本镇居民并签了合同"}]},
}  # fmt: skip


@pytest.fixture
def areas(town, noon):
    return ground(noon)


@pytest.fixture
def committee(areas, noon):
    return serving(noon, "committee_member")


def firm(noon, name, size="micro", staff=9):
    one = firms.register_firm(by=MAKER, at=noon, given={"name": name, "size": size, "industry": "1713"}, **TOLD)
    if staff is not None:
        firms.tell_figure(by=MAKER, at=noon, firm_id=one.pk, measure="staff", period="year", starts_on=date(2025, 1, 1), amount=Decimal(staff), **TOLD)
    return one


def adopt(noon, raw=RENT, by=MAKER):
    operations.draft_benefit(by=by, at=noon, definition=raw)
    operations.try_benefit(by=by, at=noon, code=raw["code"])
    return operations.adopt_benefit(by=by, at=noon, code=raw["code"])


def match(noon):
    operations.match_all(by=CLOCK, at=noon, subject="firm")
    operations.match_all(by=CLOCK, at=noon, subject="resident")


def pay(noon, by, code="rent", **seen):
    version = queries.version_on(seen_by=by, benefit=queries.benefit_for(seen_by=by, code=code), on=DAY)
    due = queries.payable(seen_by=by, version=version, on=DAY)
    return operations.pay_benefits(by=by, at=noon, code=code, **({"count": due.count, "yuan": due.yuan} | seen))


class TestAdopting:
    def test_a_draft_is_tried_as_it_stands_before_it_is_adopted(self, areas, noon):
        for name, size, staff in (("甲", "micro", 9), ("乙", "small", 25), ("丙", "micro", None), ("丁", "large", 900)):
            firm(noon, name, size, staff)
        operations.draft_benefit(by=MAKER, at=noon, definition=RENT)
        with pytest.raises(operations.NotTried):
            operations.adopt_benefit(by=MAKER, at=noon, code="rent")
        found = operations.try_benefit(by=MAKER, at=noon, code="rent")
        assert (found.total, found.entitled, found.nearly, found.yuan, found.is_over) == (4, 1, 2, Decimal("5000.00"), False)
        assert {size: (count, reached) for size, count, reached in found.by_size}["micro"] == (2, 1)
        operations.draft_benefit(by=MAKER, at=noon, definition=RENT | {"amount": "13000.00"})
        with pytest.raises(operations.NotTried):
            operations.adopt_benefit(by=MAKER, at=noon, code="rent")
        assert operations.try_benefit(by=MAKER, at=noon, code="rent").is_over
        made = operations.adopt_benefit(by=MAKER, at=noon, code="rent")
        assert Entry.objects.get(kind="BenefitAdopted").content["digest"] == definitions.digest(made.definition)
        assert [one.code for one in queries.benefits(seen_by=ANYONE)] == ["rent"]

    def test_it_never_reaches_back_and_versions_follow_each_other(self, areas, noon):
        operations.draft_benefit(by=MAKER, at=noon, definition=RENT | {"from": "2026-11-17"})
        operations.try_benefit(by=MAKER, at=noon, code="rent")
        with pytest.raises(operations.Backwards):
            operations.adopt_benefit(by=MAKER, at=noon, code="rent")
        adopt(noon)
        later = adopt(noon, RENT | {"from": "2027-01-01", "amount": "6000.00"})
        one = queries.benefit_for(seen_by=ANYONE, code="rent")
        assert queries.version_on(seen_by=ANYONE, benefit=one, on=date(2026, 12, 31)).number == 1
        assert queries.version_on(seen_by=ANYONE, benefit=one, on=date(2027, 1, 1)) == later

    def test_a_fault_is_refused_with_its_place_and_nothing_is_kept(self, areas, noon):
        with pytest.raises(operations.BadDefinition) as told:
            operations.draft_benefit(by=MAKER, at=noon, definition=RENT | {"amount": "1.005"})
        assert told.value.field == "amount"
        assert not queries.benefits(seen_by=MAKER).exists()
        operations.draft_benefit(by=MAKER, at=noon, definition=RENT)
        with pytest.raises(operations.OtherSubject):
            operations.draft_benefit(by=MAKER, at=noon, definition=RENT | {"for": "resident", "criteria": {"field": "birth", "years": ">=", "value": 70}})

    def test_only_posts_that_allow_it(self, areas, noon):
        for role in ("grid_worker", "auditor", "supervisor", "steward"):
            with pytest.raises(NotAllowed):
                operations.draft_benefit(by=serving(noon, role), at=noon, definition=RENT)
        adopt(noon, by=serving(noon, "committee_member"))


class TestFinding:
    def test_it_is_found_anew_when_a_field_changes(self, areas, noon):
        adopt(noon)
        one = firm(noon, "甲", staff=None)
        code = queries.benefit_for(seen_by=MAKER, code="rent").pk
        assert (Finding.objects.get().entitled, Finding.objects.get().nearly) == ([], [code])
        for amount, entitled in ((19, [code]), (20, []), (3, [code])):
            firms.tell_figure(
                by=MAKER, at=noon, firm_id=one.pk, measure="staff", period="year", starts_on=date(2025, 1, 1), amount=Decimal(amount), **TOLD
            )  # fmt: skip
            assert Finding.objects.get().entitled == entitled
        firms.change_firm(by=MAKER, at=noon, firm_id=one.pk, given={"size": "large"}, **TOLD)
        assert Finding.objects.get().entitled == []
        firms.change_firm(by=MAKER, at=noon, firm_id=one.pk, given={"left_on": "2026-11-18"}, **TOLD)
        assert not Finding.objects.exists()

    def test_everybody_is_matched_once_for_all_changes_before_it(self, areas, noon):
        one = firm(noon, "甲")
        adopt(noon)
        tasks.match_firms(current_town(), tasks.numbered(noon - timedelta(seconds=1)))
        found = Finding.objects.get(subject="firm")
        assert found.subject_id == one.pk
        assert found.entitled == [queries.benefit_for(seen_by=MAKER, code="rent").pk]
        tasks.match_firms(current_town(), tasks.numbered(noon - timedelta(seconds=1)))
        assert Finding.objects.get(subject="firm").at == found.at

    def test_the_kept_reasons_are_those_that_are_told(self, areas, noon):
        adopt(noon)
        one = firm(noon, "甲", staff=25)
        (told,) = queries.found_of(seen_by=MAKER, subject="firm", subject_id=one.pk, on=DAY)
        assert (told.state, [reason.answer for reason in told.conditions]) == ("nearly", [True, False])
        assert told.lacks[0].held.startswith("25")
        (kept,) = queries.kept_of(seen_by=MAKER, finding=Finding.objects.get())
        assert (kept.yes, kept.no, kept.is_nearly) == (1, 2, True)

    def test_a_firm_is_told_once_and_sees_only_its_own(self, areas, noon):
        one, other = firm(noon, "甲"), firm(noon, "乙")
        own = serving(noon, "enterprise_contact", code=Organ.objects.get(pk=one.organ_id).code)
        adopt(noon)
        match(noon)
        match(noon + timedelta(minutes=1))
        assert Told.objects.count() == 1
        assert list(Notice.objects.filter(kind="benefits.BenefitsTold").values_list("person_id", flat=True)) == [own.person_id]
        assert queries.found_of(seen_by=own, subject="firm", subject_id=one.pk, on=DAY)[0].state == "entitled"
        with pytest.raises(Finding.DoesNotExist):
            queries.found_of(seen_by=own, subject="firm", subject_id=other.pk, on=DAY)
        with pytest.raises(Finding.DoesNotExist):
            queries.found_of(seen_by=ANYONE, subject="firm", subject_id=one.pk, on=DAY)

    def test_residents_are_found_by_age_and_home(self, areas, noon):
        adopt(noon, RENT | {
            "code": "old", "for": "resident", "title": "高龄津贴", "every": "month", "amount": "100.00",
            "criteria": {"all": [{"field": "birth", "years": ">=", "value": 80}, {"field": "lives_alone", "is": "=", "value": True}]},
        })  # fmt: skip
        old = resident(noon, number=number(birth="19461118"), name="金阿姨")
        code = queries.benefit_for(seen_by=MAKER, code="old").pk
        assert Finding.objects.get(subject_id=old.pk).entitled == [code]
        young = resident(noon, number=number(birth="19461119"), address="桂花巷10号", name="沈云舒")
        assert Finding.objects.get(subject_id=young.pk).entitled == []
        resident(noon, number=number(birth="20100101"), name="小宝", relation="child")
        match(noon + timedelta(minutes=1))
        assert Finding.objects.get(subject_id=old.pk).entitled == []


class TestTheDay:
    def test_towns_are_found_where_a_day_has_passed_or_nobody_was_judged(self, areas, noon, town):
        def waiting(at):
            return town.pk in towns_having("stale_benefits", at)

        assert not waiting(noon)
        adopt(noon)
        assert waiting(noon)
        firm(noon, "甲")
        assert not waiting(noon)
        midnight = noon.replace(hour=16)  # in Shanghai
        assert not waiting(midnight - timedelta(seconds=1))
        assert waiting(midnight)


class TestPaying:
    def test_one_approval_pays_everybody_once_and_is_posted(self, areas, noon, committee):
        first, second = firm(noon, "甲"), firm(noon, "乙", "small", 12)
        firm(noon, "丙", "large", 900)
        adopt(noon)
        match(noon)
        batch = pay(noon, committee)
        assert (batch.count, batch.cents, batch.period) == (2, 1_000_000, "2026")
        assert set(Award.objects.values_list("subject_id", flat=True)) == {first.pk, second.pk}
        assert book.balance(seen_by=MAKER, on=DAY).parts["expense"].total == Decimal("10000.00")
        assert Entry.objects.get(kind="BenefitsPaid").content["posting"] == batch.posting == Posting.objects.get().number
        with pytest.raises(operations.NothingToPay):
            pay(noon, committee)

    def test_what_is_paid_is_what_the_officer_saw(self, areas, noon, committee):
        firm(noon, "甲")
        adopt(noon)
        match(noon)
        for seen in ({"count": 2}, {"yuan": "4999.99"}):
            with pytest.raises(operations.ListChanged):
                pay(noon, committee, **seen)
        assert not Award.objects.exists()
        pay(noon, committee, count=1, yuan="5000.00")

    def test_the_budget_is_kept_to_the_cent(self, areas, noon, committee):
        for name in "甲乙丙":
            firm(noon, name)
        adopt(noon, RENT | {"budget": "14999.99"})
        match(noon)
        with pytest.raises(operations.BudgetSpent):
            pay(noon, committee)
        assert not Posting.objects.exists()
        adopt(noon, RENT | {"budget": "15000.00"})
        match(noon + timedelta(minutes=1))
        assert pay(noon, committee).count == 3

    def test_nobody_approves_what_their_own_firm_gets(self, areas, noon):
        one, _other = firm(noon, "甲"), firm(noon, "乙")
        adopt(noon)
        match(noon)
        mixed = serving(noon, "committee_member", code=Organ.objects.get(pk=one.organ_id).code)
        batch = pay(noon, mixed)
        assert list(Award.objects.filter(batch=batch).values_list("subject_id", flat=True)) == [_other.pk]
        for role in ("supervisor", "auditor", "grid_worker"):
            with pytest.raises(NotAllowed):
                operations.pay_benefits(by=serving(noon, role), at=noon, code="rent", count=1, yuan="5000.00")

    def test_taken_back_it_is_posted_and_the_budget_has_it_again(self, areas, noon, committee):
        firm(noon, "甲")
        adopt(noon)
        match(noon)
        pay(noon, committee)
        award = Award.objects.get()
        with pytest.raises(operations.NoReason):
            operations.take_back(by=committee, at=noon, award_id=award.pk, reason="", clause="第九条")
        operations.take_back(by=committee, at=noon, award_id=award.pk, reason="申报不实", clause="第九条")
        with pytest.raises(operations.BackAlready):
            operations.take_back(by=committee, at=noon, award_id=award.pk, reason="申报不实", clause="第九条")
        assert book.balance(seen_by=MAKER, on=DAY).parts["expense"].total == 0
        assert queries.spent_of(seen_by=MAKER, version=award.batch.version) == 0

    def test_on_request_only_who_asked_is_paid(self, areas, noon, committee):
        one, _other = firm(noon, "甲"), firm(noon, "乙")
        own = serving(noon, "enterprise_contact", code=Organ.objects.get(pk=one.organ_id).code)
        adopt(noon, HIRE)
        match(noon)
        with pytest.raises(operations.NothingToPay):
            pay(noon, committee, "hire")
        with pytest.raises(NotAllowed):
            operations.ask_benefit(by=own, at=noon, code="hire", subject_id=_other.pk, confirmed={"hired": True})
        with pytest.raises(operations.NotForYou):
            operations.ask_benefit(by=own, at=noon, code="hire", subject_id=one.pk, confirmed={})
        operations.ask_benefit(by=own, at=noon, code="hire", subject_id=one.pk, confirmed={"hired": True})
        with pytest.raises(operations.AskedAlready):
            operations.ask_benefit(by=own, at=noon, code="hire", subject_id=one.pk, confirmed={"hired": True})
        assert pay(noon, committee, "hire").count == 1
        assert Ask.objects.get().period == "2026"
        adopt(noon, RENT)
        with pytest.raises(operations.NotAsked):
            operations.ask_benefit(by=own, at=noon, code="rent", subject_id=one.pk)

    def test_who_is_reached_is_told_by_size(self, areas, noon, committee):
        for given in (("甲",), ("乙", "small", 12), ("丁", "large", 900)):
            firm(noon, *given)
        adopt(noon)
        match(noon)
        one = queries.benefit_for(seen_by=MAKER, code="rent")
        before = {row.size: row for row in queries.coverage(seen_by=MAKER, benefit=one, period="2026")}
        assert before["micro"].is_left_out
        assert not before["large"].is_left_out
        pay(noon, committee)
        after = {row.size: (row.total, row.entitled, row.paid) for row in queries.coverage(seen_by=MAKER, benefit=one, period="2026")}
        assert after == {"large": (1, 0, 0), "small": (1, 1, 1), "micro": (1, 1, 1)}


class TestTwoOfficers:
    def test_two_officers_at_once_pay_it_once(self, committed_db, town, noon):
        town_id = town.pk
        ground(noon)
        officers = [serving(noon, "committee_member"), serving(noon, "department_officer")]
        firm(noon, "甲")
        adopt(noon)
        match(noon)
        gate, told = threading.Barrier(2), []

        def approve(officer):
            try:
                with in_town(town_id):
                    gate.wait(10)
                    told.append(operations.pay_benefits(by=officer, at=noon, code="rent", count=1, yuan="5000.00").count)
            except operations.NothingToPay:
                told.append("paid already")
            finally:
                connections.close_all()

        threads = [threading.Thread(target=approve, args=[officer]) for officer in officers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(map(str, told)) == ["1", "paid already"]
        assert Award.objects.count() == Posting.objects.count() == 1


class TestPages:
    def test_everybody_reads_them_and_calculates_without_signing_in(self, areas, noon, client):
        adopt(noon)
        assert "小微企业房租补贴" in client.get("/benefits/").content.decode()
        assert client.get("/benefits/rent/").status_code == 200
        page = client.get("/benefits/calculator/firm/")
        assert 'name="f_staff"' in page.content.decode()
        text = client.post("/benefits/calculator/firm/", {"f_size": "micro", "f_staff": "9"}).content.decode()
        assert "5000.00" in text
        assert client.post("/benefits/calculator/firm/", {"f_staff": "many"}).status_code == 422
        assert client.get("/benefits/calculator/dog/").status_code == 404
        assert client.get("/desk/benefits/").status_code == 302

    def test_a_firm_asks_on_its_own_page(self, areas, noon):
        one = firm(noon, "甲")
        adopt(noon, HIRE)
        match(noon)
        mine = signed_in(noon, "enterprise_contact", code=Organ.objects.get(pk=one.organ_id).code)
        text = mine.get("/benefits/own/").content.decode()
        assert "今年新招了本镇居民并签了合同" in text
        given = {"code": "hire", "of": f"firm:{one.pk}"}
        assert mine.post("/benefits/own/", given).status_code == 422
        assert mine.post("/benefits/own/", given | {"q_0": "on"}).status_code == 302
        assert Ask.objects.get().confirmed == {"hired": True}

    def test_an_officer_drafts_tries_adopts_pays_and_takes_back_in_the_browser(self, areas, noon):
        firm(noon, "甲")
        made = criteria.define_criterion(by=MAKER, at=noon, code="micro", title="微型企业", subject="firm", source="《办法》", clause="第三条")
        criteria.draft_criterion(by=MAKER, at=noon, criterion_id=made.pk, definition={"all": [{"field": "size", "is": "=", "value": "micro"}]})
        criteria.try_criterion(by=MAKER, at=noon, criterion_id=made.pk)
        criteria.adopt_criterion(by=MAKER, at=noon, criterion_id=made.pk, valid_from=DAY)
        desk = signed_in(noon, "committee_member")
        assert desk.get("/desk/benefits/new/").status_code == 200
        given = {
            "title": "房租补贴", "code": "rent2", "criterion": "micro", "source": "《办法》", "clause": "第三条", "way": "unasked", "every": "year",
            "amount": "5000.001", "starts_on": "2099-01-01",
        }  # fmt: skip
        text = desk.post("/desk/benefits/new/", given)
        assert text.status_code == 422
        given |= {"amount": "5000.00", "starts_on": queries.today(seen_by=MAKER, at=timezone.now()).isoformat()}
        assert desk.post("/desk/benefits/new/", given).headers["Location"] == "/desk/benefits/rent2/"
        for what in ("try", "adopt"):
            assert desk.post("/desk/benefits/rent2/", {"what": what}).status_code == 302
        operations.match_all(by=CLOCK, at=timezone.now(), subject="firm")
        text = desk.get("/desk/benefits/rent2/").content.decode()
        assert 'name="count" value="1"' in text
        desk.post("/desk/benefits/rent2/", {"what": "pay", "count": "1", "yuan": "5000.00"})
        award = Award.objects.get()
        assert desk.get("/desk/benefits/").status_code == 200
        assert desk.post(f"/desk/benefits/awards/{award.pk}/back/", {"reason": "", "clause": "第九条"}).status_code == 422
        assert desk.post(f"/desk/benefits/awards/{award.pk}/back/", {"reason": "申报不实", "clause": "第九条"}).status_code == 302
        assert desk.get("/desk/benefits/rent2/").status_code == 200

    def test_programs_calculate_draft_and_read_the_reach(self, areas, noon):
        firm(noon, "甲")
        desk = signed_in(noon, "committee_member")

        def send(method, address, body):
            return getattr(desk, method)(f"/api/v1/benefits{address}", body, content_type="application/json")

        answer = send("put", "/draft", {"definition": RENT | {"amount": "1.001"}})
        assert (answer.status_code, answer.json()["field"]) == (422, "amount")
        assert send("put", "/draft", {"definition": RENT | {"from": "2099-01-01"}}).status_code == 200
        assert send("post", "/rent/draft/try", {}).json()["entitled"] == 1
        assert send("post", "/rent/draft/adopt", {}).status_code == 200
        assert [one["code"] for one in desk.get("/api/v1/benefits?on=2099-01-01").json()] == ["rent"]
        assert send("post", "/calculate/firm", {"values": {"stuff": 1}}).status_code == 422
        assert send("post", "/calculate/firm", {"values": {"staff": 1}}).json() == []
        assert desk.get("/api/v1/benefits/rent/coverage").status_code == 200
        assert desk.get("/api/v1/benefits/rent/due").status_code == 404
