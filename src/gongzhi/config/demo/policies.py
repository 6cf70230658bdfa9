"""Policies and drafts of the demo towns. Data and one function."""

from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.service_line.policies import operations as policies

# code, title, number (with {year}), handled by, topics, days since it holds, days it holds in all (0: without end), gist, letter
OLD_HIRING = """第一条　为鼓励小微企业吸纳就业，制定本办法。
第二条　小微企业新招用员工并缴纳社会保险满六个月的，可以申请补贴，每人二千元。
第三条　补贴由企业向社会事务部门书面申请，经审核后拨付。"""
HIRING = """第一条　为支持小型微型企业和个体工商户首次用工，制定本办法。
第二条　社会事务办公室负责本办法的实施。
第三条　在本镇登记注册、符合小型微型企业划型标准的企业和个体工商户（以下称用工主体），首次为招用人员办理社会保险登记并连续缴费满三个月的，享受首次用工补贴。
第四条　补贴标准为每招用一人三千元，每个用工主体累计不超过五人。同一人员只计算一次。
第五条　劳务派遣人员、用工主体的法定代表人或者经营者及其配偶，不计入补贴人数。
第六条　依据企业名录和社会保险缴费记录按月核定，无需用工主体申请。核定结果公示五个工作日，公示期满无异议的，十个工作日内拨付。
第七条　对核定结果有异议的，可以在公示期内提出；受理单位应当自收到之日起十个工作日内书面答复。
第八条　补贴资金列入年度预算，用完前三十日公告。
第九条　原《小微企业吸纳就业补贴办法》同时废止；施行前已核定的，按原办法拨付。"""
DECORATING = """第一条　为减少室内装修扰民，制定本规定。
第二条　装修施工时间为工作日八时至十二时、十四时至十八时；法定节假日不得进行产生噪声的施工。
第三条　开工前应当在单元门口张贴告示，写明施工期限、负责人和电话。
第四条　装修垃圾应当袋装，当日清运到指定地点，不得占用楼道和消防通道。
第五条　违反第二条的，由综合行政执法队责令改正；拒不改正的，依法处罚。"""
DOGS = """第一条　为规范养犬行为，保障公民健康和人身安全，制定本规定。
第二条　养犬人应当在犬只出生满三个月后三十日内办理免疫和登记，免收登记费。
第三条　携犬外出应当束不超过一点五米的犬绳，并即时清除粪便。
第四条　禁止在古镇核心区、学校周边一百米内饲养烈性犬。
第五条　流浪犬由小镇管家团队收容，公告十五日无人认领的，可以由居民领养。"""
PARKING = """第一条　为缓解老镇停车难，制定本办法。
第二条　老镇范围内道路泊位，居民凭房屋权属或者租赁备案每户可以办理一个停车证，每月八十元。
第三条　非居民车辆首半小时免费，之后每小时五元，二十四小时最高三十元。
第四条　新能源汽车首两小时免费。
第五条　收费收入全部用于老镇停车设施和慢行道维护，每季度公布收支。"""
HEAT = """第一条　高温黄色预警发布后，户外作业应当避开十二时至十五时。
第二条　社区工作站应当开放纳凉点，开放时间不少于八小时。
第三条　独居老人由网格员每日上门或者电话查看一次。"""
RECYCLING = """第一条　为推进垃圾分类，制定本办法。
第二条　居民投放可回收物按重量积分，积分可以抵扣停车费、公共体育场馆费用。
第三条　厨余垃圾应当破袋投放；大件垃圾提前一日预约，免费上门收运，每户每年三件。
第四条　试行期满前由公用设施养护中心评估，评估结果公布。"""

ROWS: tuple[tuple[str, str, str, str, tuple[str, ...], int, int, str, str], ...] = (
    (
        "hiring-2024",
        "小微企业吸纳就业补贴办法",
        "{short}管〔{before}〕9 号",
        "supervision",
        ("work", "business"),
        700,
        0,
        "新招员工每人补 2,000 元，要申请。",
        OLD_HIRING,
    ),
    (
        "first-hiring",
        "小微企业首次用工补贴办法",
        "{short}管〔{year}〕18 号",
        "supervision",
        ("work", "business", "money"),
        12,
        760,
        "第一次给员工交社保的小微企业和个体户，每招一人补 3,000 元，最多 5 人。不用申请，镇上每月自动核定。",
        HIRING,
    ),
    (
        "decorating",
        "室内装修施工管理规定",
        "{short}管〔{year}〕11 号",
        "enforcement",
        ("housing", "environment"),
        150,
        0,
        "装修只能在工作日 8–12 点、14–18 点施工，节假日不能有噪声。",
        DECORATING,
    ),
    ("dogs", "养犬管理规定", "{short}管〔{year}〕7 号", "enforcement", ("health", "safety"), 190, 0, "养狗要免疫、登记（不收费），出门牵绳、捡便。", DOGS),
    (
        "old-town-parking",
        "老镇停车收费办法",
        "{short}管〔{year}〕15 号",
        "utilities",
        ("traffic", "money"),
        60,
        600,
        "老镇居民每户一个停车证，每月 80 元；外来车首半小时免费。",
        PARKING,
    ),
    (
        "heat",
        "高温天气应对办法",
        "{short}管〔{year}〕10 号",
        "centre",
        ("safety", "care"),
        160,
        130,
        "高温预警后，中午 12–15 点停户外作业，社区开纳凉点。",
        HEAT,
    ),
    (
        "recycling",
        "可回收物积分试行办法",
        "{short}管〔{year}〕12 号",
        "utilities",
        ("environment",),
        140,
        200,
        "可回收物称重积分，能抵停车费；大件垃圾预约上门，每户每年免费三件。",
        RECYCLING,
    ),
)

PLAIN: dict[str, dict[int, tuple[str, str]]] = {
    "first-hiring": {
        2: ("谁能拿", "注册在本镇的小微企业或个体户，第一次给员工交社保，连续交满 3 个月。"),
        3: ("拿多少", "每人 3,000 元，一家最多 5 人，合 15,000 元。同一个人只算一次。"),
        4: ("谁不算", "派遣工、老板本人和配偶不算。"),
        5: ("怎么拿", "不用申请。每月按名录自动核，公示 5 个工作日，之后 10 个工作日内到账。"),
        6: ("觉得算错了", "公示期内点“有异议”，10 个工作日内书面答复。"),
        7: ("钱会用完吗", "每年 300 万元，用完前 30 天公告，先核先发。"),
        8: ("旧办法怎么办", "旧办法同时作废；旧办法已核定未到账的照发。"),
    },
    "decorating": {
        1: ("几点能装修", "工作日上午 8–12 点、下午 14–18 点。周末可以做没有噪声的活，法定节假日不行。"),
        2: ("开工前", "在单元门口贴告示：做多久、谁负责、打哪个电话。"),
        3: ("垃圾放哪", "装袋，当天运到指定地点，不能堆在楼道和消防通道。"),
        4: ("被投诉了", "执法队先责令改正，不改才处罚。"),
    },
    "dogs": {
        1: ("怎么登记", "小狗满三个月后 30 天内打疫苗、登记，不收钱。"),
        2: ("带狗出门", "牵绳，不超过 1.5 米；便便马上捡。"),
        3: ("哪些不能养", "古镇核心区、学校周边 100 米内不能养烈性犬。"),
        4: ("流浪狗", "管家团队收容，15 天没人认领就可以领养。"),
    },
    "old-town-parking": {
        1: ("居民停车证", "凭房本或租房备案，每户一个，每月 80 元。"),
        2: ("外来车怎么收", "前半小时免费，之后每小时 5 元，一天最多 30 元。"),
        3: ("电车", "新能源车前两小时免费。"),
        4: ("钱去哪了", "全部用在老镇停车和步道上，每季度公布。"),
    },
    "recycling": {1: ("积分怎么用", "可回收物称重积分，能抵停车费、体育馆费用。"), 2: ("大件垃圾", "提前一天预约，免费上门，每户每年三件。")},
}
QUESTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "first-hiring": (
        ("员工去年就来了，今年才交社保，算吗？", "算。看首次参保，不看哪天入职。", "第三条"),
        ("总公司在外地，本镇是分公司，能拿吗？", "能，但按总公司的规模划型；总公司不是小微的不能。", "第三条"),
        ("拿到钱以后员工走了，要退吗？", "不用。满 3 个月才核定，之后离职不追回。", "第三条、第六条"),
    ),
    "dogs": (("登记要带什么？", "身份证和免疫证，狗不用带去。", "第二条"),),
    "old-town-parking": (("租房的能办停车证吗？", "能，租赁备案满一个月就可以办。", "第二条"), ("一户两辆车怎么办？", "第二辆按外来车收费。", "第二条")),
}
DRAFT = """第一条　为保障居民夜间休息，制定本办法。
第二条　每日二十二时至次日六时，本镇建筑工地停止产生噪声的施工；抢修、抢险除外。
第三条　确需连续施工的，应当提前三日申请，获准后在工地门口和社区公告。
第四条　公园、广场的健身娱乐活动，二十一时后不得使用扩音设备。"""
OPINIONS: tuple[tuple[int | None, str], ...] = (
    (3, "广场舞二十一点太晚，建议改到二十点三十分。"),
    (3, "夏天晚上凉快才出来，二十一点正好，不要再提前。"),
    (1, "建议周末上午八点前也不要施工。"),
    (2, "公告请同时发到业主群，贴在工地门口看不见。"),
    (None, "支持，早就该管管了。"),
)


def load(*, by: Actor, now: datetime, organs: dict[str, int], short: str) -> None:
    """Release the policies in the order of their days, with readings and questions; ask about two drafts, one of them answered."""
    today = territory.day_of(seen_by=by, at=now)
    issuer = organs["committee"]
    for code, title, number, handler, topics, since, days, gist, text in sorted(ROWS, key=lambda row: -row[5]):
        valid_from = today - timedelta(days=since)
        at = now - timedelta(days=since + 4)
        policy = policies.prepare_policy(
            by=by,
            at=at,
            code=code,
            title=title,
            number=number.format(short=short, year=today.year, before=today.year - 2),
            organ_id=issuer,
            handled_by_id=organs.get(handler, issuer),
            topics=topics,
            signed_on=valid_from - timedelta(days=11),
            valid_from=valid_from,
            valid_until=valid_from + timedelta(days=days) if days else None,
            evaluate_on=valid_from + timedelta(days=days - 90) if days > 300 else None,
            gist=gist,
            text=text,
            replaces=["hiring-2024"] if code == "first-hiring" else (),
        )
        policies.release_policy(by=by, at=at, policy_id=policy.pk)
        affected = (
            [
                {"what": "现在就够", "count": "312 家", "note": "712 人，约 213.6 万元"},
                {"what": "只差一项", "count": "46 家", "note": "38 家还没交满 3 个月，8 家欠缴"},
                {"what": "预算", "count": "300 万元 / 年", "note": "用完前 30 天公告，先核先发"},
            ]
            if code == "first-hiring"
            else ()
        )
        if code in PLAIN:
            policies.publish_reading(by=by, at=at, policy_id=policy.pk, gist=gist, plain=PLAIN[code], affected=affected)
        for question, answer, clause in QUESTIONS.get(code, ()):
            policies.answer_question(by=by, at=at, policy_id=policy.pk, text=question, answer=answer, clause=clause)
        if code == "first-hiring":
            policies.link_policy(by=by, at=at, policy_id=policy.pk, kind="criterion", code="small-firm", title="小微企业", clause="第三条")
            policies.link_policy(by=by, at=at, policy_id=policy.pk, kind="item", code="insurance-registration", title="员工参保登记", note="办事 · 即办")
            policies.link_policy(by=by, at=at, policy_id=policy.pk, kind="basis", code="xizhou-2025-33", title="溪州区政〔2025〕33 号", clause="第八条")
    expired = [one.pk for one in _expired(today)]
    if expired:
        policies.expire_policies(by=by, at=now - timedelta(hours=20), policy_ids=expired)
    _ask(by, now, today, organs)


def _expired(today: date) -> list[Any]:
    from gongzhi.service_line.policies import queries

    return [one for one in queries.policies(seen_by=ANYONE) if one.valid_until is not None and one.valid_until < today and one.ended_on is None]


def _ask(by: Actor, now: datetime, today: date, organs: dict[str, int]) -> None:
    answered = policies.open_consultation(
        by=by,
        at=now - timedelta(days=70),
        code="parking-draft",
        title="老镇停车收费办法（草案）",
        why="老镇车位少、外来车多，居民晚上回家没处停。",
        organ_id=organs["utilities"],
        closes_on=today - timedelta(days=40),
        text=PARKING,
        topics=("traffic",),
    )
    parts = {section.place: section.pk for section in answered.sections.all()}
    given = [
        policies.give_opinion(by=ANYONE, at=now - timedelta(days=60 - n), consultation_id=answered.pk, text=text, section_id=parts.get(place or -1)).pk
        for n, (place, text) in enumerate(
            ((1, "租房的也应该能办停车证。"), (1, "每户一个不够，家里两辆车。"), (2, "首小时免费比较合理。"), (3, "电车优惠支持。"))
        )
    ]
    at = now - timedelta(days=38)
    for ids, taken, reason in (
        (given[:1], "yes", "已改为凭租赁备案也可以办理。"),
        (given[1:2], "no", "老镇泊位 1,140 个，居民 980 户，先保证每户一个。"),
        (given[2:3], "partly", "试算后首小时免费会让泊位整天占满，改为首半小时。"),
        (given[3:], "yes", "已写入第四条。"),
    ):
        policies.answer_opinions(by=by, at=at, consultation_id=answered.pk, opinion_ids=ids, taken=taken, reason=reason)
    policies.publish_result(by=by, at=at, consultation_id=answered.pk, result="共收到 4 条意见，采纳 2 条，部分采纳 1 条，未采纳 1 条，理由都写在意见下面。")
    asked = policies.open_consultation(
        by=by,
        at=now - timedelta(days=9),
        code="quiet-nights",
        title="夜间噪声管理办法（草案）",
        why="今年夜间噪声投诉占三成，现行规定没有写清楚几点以后不能施工。",
        organ_id=organs["enforcement"],
        closes_on=today + timedelta(days=21),
        text=DRAFT,
        topics=("environment", "housing"),
    )
    parts = {section.place: section.pk for section in asked.sections.all()}
    for n, (place, text) in enumerate(OPINIONS):
        policies.give_opinion(
            by=ANYONE, at=now - timedelta(days=8, hours=-n * 9), consultation_id=asked.pk, text=text, section_id=parts[place] if place is not None else None
        )
