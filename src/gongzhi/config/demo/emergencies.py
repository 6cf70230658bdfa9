"""A plan for heavy rain, one response of last month that was reviewed, a drill that is under way, an alert of today."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases import operations as cases
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import Actor, system
from gongzhi.management_line.emergencies import operations, queries

MAKER = system("demo")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _task(code: str, unit: str, zh: str, en: str, minutes: int) -> dict[str, Any]:
    return {"code": code, "unit": unit, "title": {"zh": zh, "en": en}, "minutes": minutes}


RAIN: dict[str, Any] = {
    "hazard": "rain", "lead": "committee", "basis": "《中华人民共和国突发事件应对法》第七十二条、第七十三条；云溪镇防汛防台应急预案",
    "triggers": [
        {"alert": ["暴雨", "rain"], "severity": "Severe", "level": 2, "by": "itself"}, {"alert": ["暴雨", "rain"], "severity": "Moderate", "level": 3},
    ],
    "levels": {
        "1": {
            "text": {"zh": "红色响应", "en": "Red response"}, "report_every": 1,
            "tell": {"zh": "非必要不外出，听从社区安排立即转移。", "en": "Stay in; leave at once when told."},
            "tasks": [_task("all-out", "enforcement", "封控溪岸路全线，逐户清空低洼房屋", "Close the river road and empty low houses", 45)],
        },
        "2": {
            "text": {"zh": "橙色响应", "en": "Orange response"}, "report_every": 2,
            "tell": {"zh": "请远离河岸、桥洞和低洼处，听从社区安排转移。", "en": "Keep away from river banks and low ground; do as the community says."},
            "places": [{"name": "文昌小学", "capacity": 120}, {"name": "文化中心", "capacity": 80}],
            "tasks": [
                _task("move-west", "station-west", "转移溪岸路低洼处居民并清点", "Move people from low ground by the river and count them", 60),
                _task("move-mouth", "station-mouth", "转移河口大棚人员并清点", "Move people from the greenhouses and count them", 60),
                _task("barrier", "water", "溪岸路临时挡水板 80 米", "Set 80 m of flood barrier on the river road", 60),
            ],
        },
        "3": {
            "text": {"zh": "黄色响应", "en": "Yellow response"}, "report_every": 6,
            "tasks": [
                _task("pumps", "water", "二号泵站加开 3 号机组", "Start unit 3 of pumping station 2", 20),
                _task("drains", "utilities", "学士路下穿积水抽排", "Pump out the underpass", 45),
                _task("lamps", "utilities", "路灯箱变断电检查", "Check lamp transformers", 30),
                _task("cordon", "enforcement", "溪岸路北口封控", "Close the north end of the river road", 120),
            ],
        },
    },
}  # fmt: skip


def make(*, now: datetime, actor: Callable[[int, datetime], Actor], people: Mapping[str, int]) -> None:
    """Make what the first town has of emergencies."""

    def by(who: str, at: datetime) -> Actor:
        return actor(people[who], at)

    early = now - 60 * DAY
    territory.set_town_rules(by=MAKER, at=early, cap_senders=["county-met@example.gov.cn"])
    drafted = operations.draft_plan(
        by=by("water", early), at=early, code="rain", title="暴雨洪涝应急预案", title_en="Plan for heavy rain and flood", definition=RAIN
    )
    plan = operations.adopt_plan(by=by("committee", early), at=early + DAY, plan_id=drafted.pk)

    then = now - 25 * DAY
    past = operations.declare(by=by("dispatcher", then), at=then, plan_id=plan.pk, level=3, reason="县气象台发布暴雨黄色预警，二号泵站水位 3.1 米")
    for n, duty in enumerate(queries.duties(seen_by=MAKER, emergency=past), start=1):
        operations.end_duty(by=MAKER, at=then + n * 15 * MINUTE, duty_id=duty.pk, done=True, result="已完成")
    operations.write_log(by=by("dispatcher", then), at=then + HOUR, emergency_id=past.pk, text="二号泵站水位 3.3 米，开始回落")
    operations.stand_down(by=by("committee", then), at=then + 9 * HOUR, emergency_id=past.pk, reason="雨停，水位回到警戒以下")
    review = "四项任务均完成，一项超时 40 分；泵站备用机组列入月检"
    cases.decide_case(by=by("committee", then), at=then + 6 * DAY, case_id=past.case_id, result="reviewed", public_text=review)

    began = now - 80 * MINUTE
    drill = operations.declare(by=by("dispatcher", began), at=began, plan_id=plan.pk, level=2, reason="防汛演练：模拟时雨量 45 毫米", is_drill=True)
    duties = {duty.code: duty.pk for duty in queries.duties(seen_by=MAKER, emergency=drill)}
    for code, who, minutes, done in (
        ("cordon", "enforcement", 6, ""), ("barrier", "water", 8, "挡水板已到位"), ("drains", "utilities", 10, "积水已抽排"), ("move-west", "station", 12, ""),
    ):  # fmt: skip
        operations.take_duty(by=by(who, began), at=began + minutes * MINUTE, duty_id=duties[code])
        if done:
            operations.end_duty(by=by(who, began), at=began + (minutes + 25) * MINUTE, duty_id=duties[code], done=True, result=done)
    for place, expected, arrived, minutes in (("文昌小学", 74, 74, 50), ("文化中心", 31, 29, 55)):
        operations.write_log(
            by=by("station", began), at=began + minutes * MINUTE, emergency_id=drill.pk, sort="count", place=place, expected=expected, arrived=arrived
        )
    operations.write_log(by=by("grid", began), at=began + 58 * MINUTE, emergency_id=drill.pk, text="溪岸路 14 号敲门无人应，已请消防带工具去")
    operations.write_log(by=by("utilities", began), at=began + 61 * MINUTE, emergency_id=drill.pk, sort="resource", text="文昌小学缺毯子 30 条，仓库已发车")

    operations.issue_alert(
        by=by("dispatcher", now), at=now - 2 * HOUR, event="寒潮", severity="Minor", headline="寒潮蓝色预警：明晨最低气温降到 2 ℃",
        headline_en="Cold wave, blue: 2 °C by tomorrow morning", description="受冷空气影响，今夜到明晨气温下降 8 ℃ 左右，山区有霜冻。",
        instruction="老人和孩子注意保暖；水管请包好防冻；用炭火取暖的住户务必开窗通风。",
        instruction_en="Keep warm, wrap water pipes; open a window if you heat with charcoal.", hours=36,
    )  # fmt: skip
