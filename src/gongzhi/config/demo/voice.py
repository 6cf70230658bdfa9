"""A question to everybody in a demo town, with what four hundred made-up residents said on sheets: three ways to see it, and much in common."""

import random
from datetime import datetime, timedelta

from gongzhi.autonomy_line.voice import operations
from gongzhi.kernel.actors import Actor

# statement → how likely the quiet, the traders and the passers-by agree, of a hundred
STATEMENTS = {
    "垃圾当晚清完，谁摆摊谁负责。": (97, 91, 95),
    "晚上 10 点半必须收摊。": (94, 78, 86),
    "先试 3 个月，再投票定。": (88, 84, 90),
    "油烟要装净化，不装的不让摆。": (95, 72, 88),
    "搬了以后，老街要留几个早餐摊。": (80, 83, 91),
    "夜市应该搬到河口广场。": (31, 82, 64),
    "现在的位置离小学太近，应该搬走。": (90, 35, 48),
    "摊位费收了要公开，用在夜市上。": (86, 90, 84),
    "没有固定摊位，一家人的收入就断了。": (22, 93, 40),
    "孩子第二天要上学，吵过九点半受不了。": (96, 24, 45),
    "下班晚，就想有口热的，走路能到。": (34, 60, 94),
    "摊主要有健康证，挂出来让人看见。": (93, 88, 92),
    "每周歇一天，给街坊一个清静。": (89, 20, 52),
    "摊位优先给本街道的住户。": (58, 79, 33),
    "河口广场晚上太黑，先把灯装上再搬。": (76, 85, 89),
    "音箱和喇叭一律不许用。": (97, 41, 63),
    "停车位不够，不如改成步行街。": (44, 30, 77),
    "夜市可以一直开到十二点。": (4, 62, 38),
    "摊位抽签，谁也不能打招呼。": (84, 66, 87),
    "干脆取消夜市。": (28, 2, 5),
    "有人投诉三次，就该停摊一周。": (85, 22, 50),
    "下雨天给摊主减半收费。": (40, 92, 58),
    "要有公共厕所，离夜市两百米内。": (78, 81, 93),
    "每月把夜市的账贴出来。": (88, 74, 80),
}
CAMPS = (170, 100, 140)


def load(*, by: Actor, now: datetime, organs: dict[str, int]) -> None:
    """Ask about the night market, bring the sheets and draw the map."""
    chance = random.Random(20261130)
    asked = operations.open_conversation(
        by=by, at=now - timedelta(days=9), code="night-market", question="夜市要不要搬到河口广场？",
        why="管委会 12 月要定夜市的去处。几种想法都同意的话，直接列入联席会议议程。", organ_id=organs.get("committee") or next(iter(organs.values())),
        closes_at=now + timedelta(days=14), statements=list(STATEMENTS),
    )  # fmt: skip
    sheets = []
    for camp, size in enumerate(CAMPS):
        for _person in range(size):
            sheets.append({
                number: (0 if chance.random() < 0.07 else 1 if chance.random() * 100 < shares[camp] else -1)
                for number, shares in enumerate(STATEMENTS.values(), start=1) if chance.random() < 0.72
            })  # fmt: skip
    operations.bring_voices(by=by, at=now - timedelta(days=2), conversation_id=asked.pk, voices=sheets)
    operations.draw_map(by=by, at=now - timedelta(days=2) + timedelta(minutes=1), conversation_id=asked.pk)
