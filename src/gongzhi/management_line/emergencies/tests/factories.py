"""A town with a plan for heavy rain, made through operations."""

from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases.tests.factories import MAKER, Made, make_town_with_list
from gongzhi.management_line.emergencies import operations

DAY = timedelta(days=1)
RAIN: dict[str, Any] = {
    "hazard": "rain", "lead": "committee", "basis": "防汛条例第二十二条",
    "triggers": [
        {"alert": ["暴雨", "rain"], "severity": "Severe", "level": 2, "by": "itself"}, {"alert": ["暴雨", "rain"], "severity": "Moderate", "level": 3},
    ],
    "levels": {
        "2": {
            "text": {"zh": "橙色响应", "en": "Orange response"}, "report_every": 2, "places": [{"name": "溪东小学", "capacity": 300}],
            "tasks": [{"code": "move", "unit": "station", "title": {"zh": "转移低洼处居民", "en": "Move people from low ground"}, "minutes": 60}],
        },
        "3": {
            "text": {"zh": "黄色响应"}, "report_every": 6,
            "tasks": [
                {"code": "duty", "unit": "enforcement", "title": {"zh": "全员到岗"}, "minutes": 30},
                {"code": "pumps", "unit": "utilities", "title": {"zh": "泵站检查"}, "minutes": 45},
            ],
        },
    },
}  # fmt: skip


def make_ready_town(at: datetime) -> tuple[Made, Any]:
    """Return a town and its plan in force."""
    made = make_town_with_list(at)
    kind = kinds.kind_of("emergency")
    definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
    cases.adopt_procedure(by=MAKER, at=at - DAY, kind="emergency", definition=definition, reason="试")
    drafted = operations.draft_plan(by=made.by("officer"), at=at - DAY, code="rain", title="暴雨应急预案", definition=RAIN)
    return made, operations.adopt_plan(by=made.by("member"), at=at - DAY, plan_id=drafted.pk)
