"""Criteria of the demo towns: a few that are asked for again and again. Data and one function."""

from datetime import datetime
from typing import Any

from gongzhi.foundation.criteria import operations as criteria
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor

# code, title, unit, value, document
VALUES = (
    ("minimum-income", "最低生活保障标准", "CNY/month", 1_245, "《关于调整最低生活保障标准的通知》"),
    ("small-turnover", "小微企业营业收入上限", "CNY10k/year", 2_000, "《小微企业扶持办法》"),
)

# code, title, subject, document, clause, conditions
CRITERIA: tuple[tuple[str, str, str, str, str, dict[str, Any]], ...] = (
    (
        "old-alone", "70 岁以上独居老人", "resident", "《居家养老服务办法》", "第八条",
        {"all": [{"field": "birth", "years": ">=", "value": 70}, {"field": "lives_alone", "is": "=", "value": True}]},
    ),
    (
        "low-income", "低收入家庭", "resident", "《社会救助实施细则》", "第十二条",
        {"all": [
            {"field": "registered", "is": "=", "value": True},
            {"any": [
                {"field": "income_per_head", "is": "<", "value": {"parameter": "minimum-income"}},
                {"field": "supports", "is": "has", "value": "minimum_income"},
            ]},
        ]},
    ),
    (
        "two-children", "育有两个以上未成年子女", "resident", "《育儿支持办法》", "第五条",
        {"all": [
            {"field": "since", "months": ">=", "value": 6},
            {"count": "children", "where": {"field": "birth", "years": "<", "value": 18}, "is": ">=", "value": 2},
        ]},
    ),
    (
        "small-firm", "小微企业", "firm", "《小微企业扶持办法》", "第三条",
        {"all": [
            {"field": "size", "is": "in", "value": ["small", "micro"]},
            {"field": "turnover", "is": "<=", "value": {"parameter": "small-turnover"}},
            {"field": "breaches", "is": "=", "value": 0},
            {"ask": "taxes", "words": "近一年没有欠缴税款"},
        ]},
    ),
)  # fmt: skip


def load(*, by: Actor, at: datetime) -> None:
    """Set the values, then draft, try and adopt each criterion; one more stays a draft."""
    day = territory.day_of(seen_by=by, at=at)
    for code, title, unit, value, source in VALUES:
        criteria.set_parameter(by=by, at=at, code=code, title=title, unit=unit, value=value, valid_from=day, source=source)
    for code, title, subject, source, clause, definition in CRITERIA:
        made = criteria.define_criterion(by=by, at=at, code=code, title=title, subject=subject, source=source, clause=clause)
        criteria.draft_criterion(by=by, at=at, criterion_id=made.pk, definition=definition)
        criteria.try_criterion(by=by, at=at, criterion_id=made.pk)
        criteria.adopt_criterion(by=by, at=at, criterion_id=made.pk, valid_from=day)
    drafted = criteria.define_criterion(
        by=by, at=at, code="new-resident", title="新居民落户奖励", subject="resident", source="《人才落户办法（征求意见稿）》", clause="第四条"
    )
    criteria.draft_criterion(
        by=by, at=at, criterion_id=drafted.pk,
        definition={"all": [{"field": "since", "years": "<", "value": 1}, {"field": "employment", "is": "=", "value": "employed"}]},
    )  # fmt: skip
