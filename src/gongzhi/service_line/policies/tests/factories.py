"""Policies made through operations."""

from datetime import date, datetime
from typing import Any

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import ANYONE
from gongzhi.service_line.policies import operations

LETTER = "第一条　为了支持用工，制定本办法。\n第二条　首次为员工缴纳社会保险的企业，每招一人补贴三千元。\n第三条　本办法自公布之日起施行。"


def make_policy(at: datetime, *, organ: str = "utilities", release: bool = True, **more: Any) -> Any:
    """Return a policy that holds since 1 November 2026, released unless told otherwise."""
    found = organs.organ_by_code(seen_by=ANYONE, code=organ)
    assert found is not None
    given: dict[str, Any] = {
        "code": "hiring", "title": "用工补贴办法", "number": "云溪管〔2026〕18 号", "organ_id": found.pk, "signed_on": date(2026, 10, 20),
        "valid_from": date(2026, 11, 1), "text": LETTER, "topics": ["work"], "gist": "每招一人补 3,000 元。",
    } | more  # fmt: skip
    policy = operations.prepare_policy(by=MAKER, at=at, **given)
    return operations.release_policy(by=MAKER, at=at, policy_id=policy.pk) if release else policy
