"""The benefits of the demo towns: adopted, found, one paid from a treasury that has it, a draft tried."""

from datetime import date, timedelta
from decimal import Decimal

from gongzhi.config.demo import benefits as demo
from gongzhi.config.demo import conditions
from gongzhi.registers.benefits import queries
from gongzhi.registers.benefits.models import Award, Finding
from gongzhi.registers.book import queries as book
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.residents.tests.factories import MAKER, TOLD, ground, serving

DAY = date(2026, 11, 18)


def test_the_demo_finds_and_pays_what_its_firms_are_entitled_to(town, noon):
    ground(noon - timedelta(days=60))
    at = noon - timedelta(days=40)
    conditions.load(by=MAKER, at=at)
    made = {
        code: firms.register_firm(by=MAKER, at=at, given={"name": code, "size": size, "industry": "1713", "moved_in_on": "2018-04-01"}, **TOLD)
        for code, size in (("firm-dyeing", "medium"), ("firm-packaging", "micro"))
    }
    demo.load(by=MAKER, officer=serving(noon, "committee_member"), at=at, now=noon, organs={code: one.organ_id for code, one in made.items()})
    paid = dict(Award.objects.values_list("subject_id", "cents"))
    assert paid == {made["firm-dyeing"].pk: 20_000_000}  # 5 % of 6.4 million yuan, at most 200,000
    small = queries.found_of(seen_by=MAKER, subject="firm", subject_id=made["firm-packaging"].pk, on=DAY)
    assert {one.terms.code: one.state for one in small}["micro-rent"] == "entitled"
    assert {one.terms.code: one.state for one in small}["tax-return"] == "beside"
    assert {one.terms.code: one.state for one in small}["first-hire"] == "nearly"
    balance = book.balance(seen_by=MAKER, on=DAY)
    assert (balance.parts["asset"].total, balance.is_even) == (Decimal("1800000.00"), True)
    assert queries.draft_of(seen_by=MAKER, benefit=queries.benefit_for(seen_by=MAKER, code="green")).tried["total"] == 2
    assert Finding.objects.filter(on=DAY).count() == 2
