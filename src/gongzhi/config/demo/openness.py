"""Enquiries, requests and the statutory list of the demo towns. Data and functions."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases import operations as cases
from gongzhi.cases import queries
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.service_line.openness import operations as openness
from gongzhi.service_line.policies import queries as policies

ARTICLE = "《政府信息公开条例》第二十条第{n}项"
NUMERALS = "一二三四五六七八九十"
# code, title, owner, months after which something new is due, page that keeps it
COLUMNS: tuple[tuple[str, str, str, int, str], ...] = (
    ("policies", "规范性文件", "committee", 0, "/policies/"),
    ("organs", "机关职能、机构设置、办公地址、办公时间、联系方式、负责人", "committee", 0, "/responsibilities/"),
    ("plans", "国民经济和社会发展规划、专项规划及相关政策", "committee", 0, ""),
    ("statistics", "国民经济和社会发展统计信息", "centre", 3, ""),
    ("permits", "行政许可和其他对外管理服务事项的依据、条件、程序和结果", "centre", 0, ""),
    ("penalties", "行政处罚、行政强制的依据、条件、程序和有社会影响的处罚决定", "enforcement", 0, ""),
    ("budget", "财政预算、决算信息", "committee", 12, ""),
    ("fees", "行政事业性收费项目及其依据、标准", "committee", 0, ""),
    ("procurement", "政府集中采购项目的目录、标准及实施情况", "utilities", 3, ""),
    ("projects", "重大建设项目的批准和实施情况", "utilities", 3, ""),
    ("livelihood", "教育、医疗、社会保障、促进就业等方面的政策、措施及实施情况", "committee", 0, ""),
    ("emergencies", "突发公共事件的应急预案、预警信息及应对情况", "centre", 0, ""),
    ("supervision", "环境保护、公共卫生、安全生产、食品药品、产品质量的监督检查情况", "ecology", 1, ""),
    ("recruitment", "公务员招考的职位、名额、报考条件以及录用结果", "committee", 0, ""),
    ("others", "法律、法规、规章规定应当主动公开的其他政府信息", "committee", 0, ""),
)
# column, title, days since it was made, days after that until it was shown (None: not yet), text
ENTRIES: tuple[tuple[str, str, int, int | None, str], ...] = (
    ("plans", "小镇国土空间专项规划（公开版）", 180, 12, "规划范围 24.6 平方千米，近期到 2030 年。图纸在管委会一楼大厅可以查阅。"),
    ("statistics", "三季度主要经济指标", 40, 14, "规模以上工业总产值 38.2 亿元，同比增长 5.1%；社会消费品零售额 6.7 亿元，同比增长 3.9%。"),
    ("permits", "行政许可事项清单（2026 年版）", 220, 9, "共 31 项，其中即办 9 项、承诺 14 项。"),
    ("penalties", "三季度行政处罚决定", 45, 16, "作出处罚决定 23 件，其中市容 14 件、噪声 6 件、生态环境 3 件。"),
    ("penalties", "十月行政处罚决定", 26, 11, "作出处罚决定 9 件，其中市容 6 件、噪声 3 件。"),
    ("budget", "2026 年度财政预算", 290, 18, "收入 4.86 亿元，支出 4.79 亿元，其中民生支出占 71.3%。"),
    ("budget", "2025 年度财政决算", 110, 41, "收入 4.62 亿元，支出 4.55 亿元。审计报告见附件。"),
    ("fees", "行政事业性收费目录", 300, 6, "现行收费 4 项，标准和依据逐项列明。"),
    ("procurement", "三季度集中采购结果", 48, 20, "共 7 个项目，成交金额 612.4 万元，节约率 6.2%。"),
    ("projects", "滨溪步道二期工程进展", 30, 8, "完成 1.8 千米，占 72%，预计明年三月完工。"),
    ("livelihood", "秋季助学金发放情况", 50, 10, "发放 186 人，共 55.8 万元。"),
    ("emergencies", "防汛防台应急预案（修订）", 130, 15, "修订三处：转移路线、责任人、避灾点容量。"),
    ("supervision", "十月环境和食品安全检查情况", 25, 12, "检查企业 42 家，责令整改 6 家，立案 1 家。"),
    ("projects", "污水管网改造工程批复", 34, None, ""),
    ("supervision", "十一月安全生产检查情况", 6, None, ""),
)
# unit, question, answer, days ago, asked on, answered on, level of the rating (0: none)
ENQUIRIES: tuple[tuple[str, str, str, int, str, str, int], ...] = (
    (
        "utilities",
        "路灯坏了找谁修？我们小区门口的路灯三天不亮了。",
        "打 0571-8800 0131 或者在“报事”里拍照，当天派人；三天内修好，修不好会告诉您原因。",
        50,
        "",
        "",
        5,
    ),
    (
        "utilities",
        "老镇停车证怎么办理？租房子的能办吗？",
        "能。带身份证和租赁备案凭证到公用设施养护中心，或者网上提交，两个工作日内给您电子证。",
        44,
        "一户两辆车可以办两个吗？",
        "一户只能办一个，第二辆按外来车收费。依据《老镇停车收费办法》第二条。",
        4,
    ),
    (
        "enforcement",
        "楼上周末装修电钻一直响，几点以后不允许？",
        "工作日 8–12 点、14–18 点可以施工；法定节假日不能做有噪声的施工。可以打 0571-8800 0132，半小时内到场。",
        39,
        "",
        "",
        5,
    ),
    (
        "committee",
        "首次用工补贴要自己申请吗？",
        "不用申请。每月按社保缴费记录自动核定，公示五个工作日后十个工作日内到账。",
        10,
        "分公司能不能享受？",
        "能，但按总公司的规模划型。",
        5,
    ),
    ("enforcement", "养狗登记要收费吗？需要带狗去吗？", "不收费，狗不用带去。带身份证和免疫证到社区工作站就可以办。", 33, "", "", 4),
    ("water", "下周是不是要停水？几点到几点？", "周三 22 时至次日 5 时，溪西社区检修管网，会短信通知。请提前储水。", 21, "", "", 5),
    ("ecology", "织造园区晚上有刺鼻气味，监测结果在哪里看？", "在“公开·监测站点”可以看每小时数据；上周两次超限已经立案，结果会公开。", 17, "", "", 3),
    (
        "station-west",
        "居家养老服务怎么申请？我妈妈 78 岁一个人住。",
        "70 岁以上独居老人可以申请每周两次上门服务。我们会先上门评估，您留意电话。",
        14,
        "",
        "",
        5,
    ),
    ("utilities", "旧沙发、床垫怎么扔？要钱吗？", "提前一天预约，免费上门收运，每户每年三件。", 8, "", "", 0),
    ("centre", "营业执照变更地址要跑几个部门？", "", 2, "", "", 0),
    ("committee", "古镇核心区民宿还能新办吗？", "", 1, "", "", 0),
)
# unit, what, days ago, result ("" while it is being examined), words, clause
REQUESTS: tuple[tuple[str, str, int, str, str, str], ...] = (
    ("utilities", "2025 年路灯维修合同和验收报告", 60, "provided", "合同和验收报告各一份，见附件；供应商银行账号已隐去。", ""),
    ("committee", "管委会 2025 年公务接待明细", 48, "partly", "总额、批次和人数予以公开；参加人员姓名属于个人隐私，不予公开。", "第十五条"),
    ("enforcement", "某餐饮店被投诉的投诉人信息", 36, "refused", "投诉人信息公开会侵害第三方合法权益，且第三方不同意公开。", "第十五条"),
    ("water", "河口水闸 1998 年设计图纸", 30, "not_held", "经检索档案目录和档案室，没有保存该图纸。", ""),
    ("ecology", "织造园区 2026 年环评批复", 9, "", "", ""),
)


def define(*, by: Actor, now: datetime, organs: dict[str, int]) -> None:
    """Set the statutory list and fill it: some in good time, one late, some not yet, two columns empty."""
    at = now - timedelta(days=320)
    made = {}
    for place, (code, title, owner, every, elsewhere) in enumerate(COLUMNS):
        number = NUMERALS[place] if place < 10 else f"十{NUMERALS[place - 10]}"
        made[code] = openness.define_column(
            by=by,
            at=at,
            code=code,
            title=title,
            organ_id=organs.get(owner, organs["committee"]),
            basis=ARTICLE.format(n=number),
            every=every,
            place=place,
            elsewhere=elsewhere,
        )
    for code, title, since, after, text in ENTRIES:
        made_on = territory.day_of(seen_by=by, at=now - timedelta(days=since))
        told = now - timedelta(days=since)
        entry = openness.tell_entry(by=by, at=told, column_id=made[code].pk, title=title, made_on=made_on)
        if after is not None:
            openness.publish_entry(by=by, at=told + timedelta(days=after), entry_id=entry.pk, text=text)


def history(
    *,
    now: datetime,
    organs: dict[str, int],
    officer: Callable[[int, datetime], Actor | None],
    people: list[int],
    at: Callable[[datetime, Callable[[datetime], None]], None],
) -> None:
    """Let people ask and request, and units answer; `at` lets something happen at a moment, `officer` gives somebody of a unit."""
    chance = random.Random(23)
    for unit, asked, answer, days, asked_on, answered_on, level in ENQUIRIES:
        organ_id = organs.get(unit)
        if organ_id is None:
            continue
        begin = (now - timedelta(days=days)).replace(hour=2 + chance.randrange(8), minute=chance.randrange(60))
        person_id = chance.choice([*people, None]) if asked_on == "" and not level else chance.choice(people)
        at(begin, _asking(organ_id, asked, answer, asked_on, answered_on, level, person_id, officer, at))
    for unit, what, days, result, words, clause in REQUESTS:
        organ_id = organs.get(unit)
        if organ_id is None:
            continue
        begin = (now - timedelta(days=days)).replace(hour=2 + chance.randrange(6), minute=chance.randrange(60))
        at(begin, _requesting(organ_id, what, result, words, clause, chance.choice(people), officer, at))


def _actor(person_id: int | None, moment: datetime) -> Actor:
    return organ_queries.actor_for_person(seen_by=ANYONE, person_id=person_id, at=moment) if person_id else ANYONE


def _asking(organ_id: int, asked: str, answer: str, asked_on: str, answered_on: str, level: int, person_id: int | None, officer: Any, at: Any) -> Any:
    def open_it(moment: datetime) -> None:
        on = territory.day_of(seen_by=CLOCK, at=moment)
        offered = len(policies.likely(seen_by=ANYONE, text=asked, on=on, most=4))
        case, _code = openness.ask(by=_actor(person_id, moment), at=moment, organ_id=organ_id, text=asked, offered=offered)
        if answer:
            at(moment + timedelta(hours=20), lambda t: _say(case.pk, organ_id, answer, t, officer))
        if asked_on:
            at(moment + timedelta(hours=28), lambda t: cases.decide_case(by=_actor(person_id, t), at=t, case_id=case.pk, result="ask_on", public_text=asked_on))
            at(moment + timedelta(hours=49), lambda t: _say(case.pk, organ_id, answered_on, t, officer))
        if level:
            at(moment + timedelta(hours=70), lambda t: cases.close_case(by=_actor(person_id, t), at=t, case_id=case.pk))
            at(moment + timedelta(hours=71), lambda t: cases.rate_case(by=_actor(person_id, t), at=t, case_id=case.pk, level=level, solved=level > 2))

    return open_it


def _say(case_id: int, organ_id: int, words: str, moment: datetime, officer: Any) -> None:
    by = officer(organ_id, moment)
    if by is None:
        return
    if queries.case_by_id(seen_by=CLOCK, case_id=case_id).state == "assigned":
        cases.accept_case(by=by, at=moment, case_id=case_id)
    cases.answer_case(by=by, at=moment, case_id=case_id, public_text=words)


def _requesting(organ_id: int, what: str, result: str, words: str, clause: str, person_id: int, officer: Any, at: Any) -> Any:
    def open_it(moment: datetime) -> None:
        case, _code = openness.request_information(by=_actor(person_id, moment), at=moment, organ_id=organ_id, text=what)
        at(moment + timedelta(hours=4), lambda t: _decide(case.pk, organ_id, "confirm", "", "", t, officer))
        if result == "refused":
            at(moment + timedelta(days=2), lambda t: _decide(case.pk, organ_id, "ask_third", "已书面征求第三方意见。", "", t, officer))
            at(moment + timedelta(days=9), lambda t: _decide(case.pk, organ_id, "third_answered", "", "", t, officer))
        if result:
            at(moment + timedelta(days=15), lambda t: _decide(case.pk, organ_id, result, words, clause, t, officer))

    return open_it


def _decide(case_id: int, organ_id: int, result: str, words: str, clause: str, moment: datetime, officer: Any) -> None:
    by = officer(organ_id, moment)
    if by is not None:
        cases.decide_case(by=by, at=moment, case_id=case_id, result=result, public_text=words, clause=clause)
