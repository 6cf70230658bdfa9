"""Benefits of the demo towns: figures of the firms, benefits tried and adopted, one paid without asking, one draft, the book's first postings."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.registers.benefits import operations, queries
from gongzhi.registers.book import operations as book
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.firms import queries as firm_queries

# organ: people, revenue, taxes, research in the last year (10,000 yuan)
FIGURES: dict[str, tuple[str, str, str, str]] = {
    "firm-dyeing": ("412", "26800", "1180", "640"), "firm-weaving": ("96", "8900", "310", "120"), "firm-plating": ("58", "3600", "145", "20"),
    "firm-packaging": ("9", "860", "21.4", "45"), "firm-cold": ("37", "2900", "96", "0"),
}  # fmt: skip
SMALL: dict[str, Any] = {"field": "size", "is": "in", "value": ["small", "micro"]}
BENEFITS: tuple[dict[str, Any], ...] = (
    {
        "code": "micro-rent", "title": "小微企业房租补贴", "for": "firm", "source": "《云溪小镇小微企业扶持办法》", "clause": "第三条", "way": "unasked",
        "amount": "12000.00", "every": "year", "budget": "300000.00",
        "criteria": {"all": [SMALL, {"field": "staff", "is": "<", "value": 20}, {"field": "turnover", "is": "<=", "value": {"parameter": "small-turnover"}}]},
    },
    {
        "code": "research", "title": "研发投入奖补", "for": "firm", "source": "《云溪小镇科技创新奖补办法》", "clause": "第五条", "way": "unasked",
        "rate": {"of": "research", "percent": "5", "most": "200000.00"}, "every": "year", "budget": "800000.00",
        "criteria": {"all": [{"field": "research", "is": ">=", "value": 50}, {"field": "moved_in", "years": ">=", "value": 1}]},
    },
    {
        "code": "first-hire", "title": "吸纳本镇居民就业补贴", "for": "firm", "source": "《稳就业若干措施》", "clause": "第二条", "way": "asked",
        "amount": "3000.00", "every": "year", "criteria": {"all": [SMALL, {"ask": "hired", "words": "今年新招用了本镇居民，并签订一年以上劳动合同"}]},
    },
    {
        "code": "tax-return", "title": "小微企业纳税奖励", "for": "firm", "source": "《云溪小镇小微企业扶持办法》", "clause": "第六条", "way": "unasked",
        "rate": {"of": "tax", "percent": "3", "most": "30000.00"}, "every": "year", "not_with": ["micro-rent"],
        "criteria": {"all": [SMALL, {"field": "tax", "is": ">=", "value": 20}]},
    },
    {
        "code": "old-age", "title": "高龄津贴", "for": "resident", "source": "《高龄津贴发放办法》", "clause": "第四条", "way": "unasked", "amount": "100.00",
        "every": "month", "budget": "600000.00",
        "criteria": {"all": [{"field": "birth", "years": ">=", "value": 80}, {"field": "registered", "is": "=", "value": True}]},
    },
)  # fmt: skip
DRAFT: dict[str, Any] = {
    "code": "green", "title": "绿色改造贴息", "for": "firm", "source": "《绿色改造贴息办法（征求意见稿）》", "clause": "第四条", "way": "unasked",
    "amount": "50000.00", "every": "once", "budget": "200000.00",
    "criteria": {"all": [{"field": "industry", "is": "in", "value": ["C17", "C33"]}, {"field": "turnover", "is": ">=", "value": 3000}]},
}  # fmt: skip


def load(*, by: Actor, officer: Actor | None, at: datetime, now: datetime, organs: Mapping[str, int]) -> None:
    """Tell the firms' figures, try and adopt the benefits, fill the treasury, match everybody; an officer approves one payment, a draft stays."""
    today = queries.today(seen_by=by, at=now)
    told = {"source": "统计直报", "basis": "《统计法》第七条"}
    for code, amounts in FIGURES.items():
        one = firm_queries.firm_of_organ(seen_by=by, organ_id=organs.get(code, 0))
        for measure, amount in zip(("staff", "revenue", "tax", "research"), amounts, strict=True):
            if one is not None:
                firms.tell_figure(
                    by=by, at=at, firm_id=one.pk, measure=measure, period="year", starts_on=date(today.year - 1, 1, 1), amount=Decimal(amount), **told
                )
    begins = queries.today(seen_by=by, at=at)
    for raw in BENEFITS:
        operations.draft_benefit(by=by, at=at, definition=raw | {"from": begins.isoformat()})
        operations.try_benefit(by=by, at=at, code=raw["code"])
        operations.adopt_benefit(by=by, at=at, code=raw["code"])
    book.open_account(by=by, at=at, code="funding", title="财政拨款", sort="income")
    book.post(
        by=by, at=at, on=begins, words="年度惠企惠民专项资金拨入", lines=[("treasury", Decimal("2000000.00")), ("funding", Decimal("-2000000.00"))],
        act="demo:funding",
    )  # fmt: skip
    for subject in ("firm", "resident"):
        operations.match_all(by=CLOCK, at=now, subject=subject)
    if officer is not None:
        version = queries.version_on(seen_by=officer, benefit=queries.benefit_for(seen_by=officer, code="research"), on=today)
        if version is not None and (due := queries.payable(seen_by=officer, version=version, on=today)).parts:
            operations.pay_benefits(by=officer, at=now, code="research", count=due.count, yuan=due.yuan)
    operations.draft_benefit(by=by, at=now, definition=DRAFT | {"from": today.isoformat()})
    operations.try_benefit(by=by, at=now, code="green")
