"""A town with departments and matters of every pattern, made through operations."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases.tests.factories import MAKER, Made, make_town_with_list
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.service_line.applications import operations
from gongzhi.service_line.applications.kinds import APPLICATION

DAY = timedelta(days=1)
SHOP: dict[str, Any] = {
    "code": "JY-02", "unit": "utilities", "family": "business", "title": {"zh": "食品经营许可", "en": "Food business permit"},
    "summary": {"zh": "开小餐饮店要办的许可"}, "power": "permit", "applicants": ["person", "firm"], "basis": "食品安全法第三十五条", "words": ["开饭馆",
    "餐饮证"],
    "life": ["open_business"], "firm_stage": "start", "result": "食品经营许可证", "pattern": "ordinary", "statutory": 20, "promised": 10,
    "form": [
        {"code": "shop", "title": {"zh": "店名", "en": "Name of the shop"}, "kind": "text", "most": 40},
        {"code": "sells", "title": {"zh": "卖什么", "en": "What is sold"}, "kind": "choices", "choices": {"hot": "热食", "drinks": {"zh": "现制饮品",
        "en": "Drinks"}}},
        {"code": "bar_area", "title": {"zh": "饮品操作区面积"}, "kind": "number", "unit": "㎡", "least": 3, "when": {"sells": "drinks"}},
        {"code": "phone", "title": {"zh": "电话"}, "kind": "text", "pattern": "phone"},
        {"code": "remark", "title": {"zh": "备注"}, "kind": "long", "optional": True},
    ],
    "materials": [
        {"code": "layout", "title": {"zh": "厨房布局图", "en": "Plan of the kitchen"}},
        {"code": "report", "title": {"zh": "油烟检测报告"}, "later": True},
        {"code": "bar_plan", "title": {"zh": "饮品区图"}, "when": {"sells": "drinks"}},
    ],
}  # fmt: skip
ANSWERS: dict[str, Any] = {"shop": "桂花巷小馆", "sells": ["hot"], "phone": "13912340117"}


def matter(**change: Any) -> dict[str, Any]:
    """Return what a matter says, changed."""
    return deepcopy(SHOP) | change


def make_town(at: Any) -> Made:
    """Return a made town that uses the kind and offers JY-02 of the utilities."""
    made = make_town_with_list(at)
    early = at - 30 * DAY
    definition = procedures.read(APPLICATION.procedure.read_text(encoding="utf-8"))
    cases.adopt_procedure(by=MAKER, at=early, kind="application", definition=definition, reason="first")
    offer(made)
    return made


def offer(made: Made, **change: Any) -> Any:
    """Draft a matter and adopt it."""
    content = matter(**change)
    operations.draft_item(by=MAKER, at=made.at - 20 * DAY, content_of=content)
    return operations.adopt_item(by=MAKER, at=made.at - 20 * DAY, code=content["code"])


def paper(made: Made, who: str = "resident") -> int:
    one = attachments.add_attachment(by=made.by(who), at=made.at, content=b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n", name="图.pdf", is_public=False)
    return int(one.pk)


def file(made: Made, who: str = "resident", **more: Any) -> Any:
    """File JY-02, complete but for the report that may follow."""
    told: dict[str, Any] = {"by": made.by(who), "at": made.at, "code": "JY-02", "values": dict(ANSWERS)} | more
    told.setdefault("materials", {"layout": [paper(made, who)]})
    return operations.file_application(**told)
