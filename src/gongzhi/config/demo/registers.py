"""What the demo towns' registers hold: sources with permits, returns, risks, wastes, soil. Everything through operations, on days of the last year."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sources import operations as sources
from gongzhi.management_line.sources.operations import AmountLine, LimitLine
from gongzhi.management_line.wastes import operations as wastes


@dataclass(frozen=True, slots=True)
class Plant:
    """A firm's site: where, what it does, its outlets, its permit's days left, what it uses and makes in a month."""

    code: str
    organ: str
    name: str
    name_en: str
    industry_code: str
    industry: str
    level: str
    east: float  # metres from the middle of the town
    north: float
    outlets: tuple[dict[str, Any], ...]
    permit: str
    days_left: int
    limits: tuple[LimitLine, ...]
    monthly: tuple[float, float, float]  # output in 10,000 yuan, energy in tce, water in m³
    amounts: Mapping[tuple[str, str], float]  # kg a month


TEXTILE = "GB 4287-2012 表 2"
BOILER = "GB 13271-2014 表 3"


def _limit(outlet: str, factor: str, standard: str, limit: float, unit: str, tonnes: str = "", **more: Any) -> LimitLine:
    return LimitLine(outlet=outlet, factor=factor, standard=standard, concentration=limit, unit=unit, year_amount=Decimal(tonnes) if tonnes else None, **more)


YUNXI: tuple[Plant, ...] = (
    Plant(
        "dyeing",
        "firm-dyeing",
        "云溪染整厂区",
        "Yunxi Dyeing works",
        "1713",
        "棉印染精加工",
        "key",
        1850,
        -900,
        (
            {"code": "DW001", "name": "废水总排口", "station": "dye-outlet", "receiving_water": "云溪"},
            {"code": "DA001", "name": "定型机废气", "height": 25.0, "east": -120, "north": 90},
            {"code": "DA002", "name": "燃气锅炉烟囱", "height": 30.0, "east": 60, "north": 140},
        ),
        "91330110MA2K001X3A001P",
        820,
        (
            _limit("DW001", "w01018", TEXTILE, 80, "mg/L", "26"),
            _limit("DW001", "w21003", TEXTILE, 10, "mg/L", "2.8"),
            _limit("DW001", "w01001", TEXTILE, 9, "pH", low=6.0),
            _limit("DA001", "a34013", "DB 33/962-2015 表 1", 15, "mg/m³", "3.2"),
            _limit("DA002", "a21002", BOILER, 150, "mg/m³", "4.5", reference_oxygen=3.5),
            _limit("DA002", "a34013", BOILER, 20, "mg/m³", reference_oxygen=3.5),
        ),
        (520, 166, 37_500),
        {("DW001", "w01018"): 1850, ("DW001", "w21003"): 182, ("DA001", "a34013"): 210, ("DA002", "a21002"): 330},
    ),
    Plant(
        "weaving",
        "firm-weaving",
        "锦程纺织厂区",
        "Jincheng Textile works",
        "1751",
        "化纤织造加工",
        "simple",
        1480,
        -1260,
        (
            {"code": "DW001", "name": "废水总排口", "station": "weaving-outlet", "receiving_water": "云溪"},
            {"code": "DA001", "name": "浆纱车间排气筒", "height": 15.0, "east": 80, "north": 60},
        ),
        "91330110MA2K002X8B001Q",
        41,
        (
            _limit("DW001", "w01018", TEXTILE, 80, "mg/L", "13.5"),
            _limit("DW001", "w21003", TEXTILE, 10, "mg/L", "1.4"),
            _limit("DA001", "a34013", "GB 16297-1996 表 2", 120, "mg/m³"),
        ),
        (410, 58, 11_200),
        {("DW001", "w01018"): 980, ("DW001", "w21003"): 88},
    ),
    Plant(
        "plating",
        "firm-plating",
        "溪南电镀车间",
        "Xinan Plating shop",
        "3360",
        "金属表面处理及热处理加工",
        "key",
        1720,
        -520,
        (
            {"code": "DW001", "name": "废水总排口", "receiving_water": "云溪", "downstream": "stream-outflow", "downstream_hours": 1.2},
            {"code": "DA001", "name": "酸雾净化塔", "height": 15.0, "east": 30, "north": -40},
        ),
        "91330110MA2K003X1C001P",
        -12,
        (_limit("DW001", "w01018", "GB 21900-2008 表 2", 80, "mg/L", "1.1"), _limit("DW001", "w21003", "GB 21900-2008 表 2", 15, "mg/L", "0.2")),
        (160, 31, 3_900),
        {("DW001", "w01018"): 104, ("DW001", "w21003"): 13},
    ),
    Plant(
        "packaging",
        "firm-packaging",
        "云彩印刷包装厂区",
        "Yuncai Packaging works",
        "2319",
        "包装装潢及其他印刷",
        "registered",
        -1250,
        -1380,
        ({"code": "DA001", "name": "印刷废气排气筒", "height": 15.0},),
        "91330110MA2K004X6D001Y",
        1300,
        (),
        (280, 21, 640),
        {},
    ),
)
LANWAN: tuple[Plant, ...] = (
    Plant(
        "cold-chain",
        "firm-cold",
        "临港冷链一库",
        "Lingang Cold Chain, store 1",
        "5960",
        "低温仓储",
        "simple",
        250,
        -900,
        ({"code": "DW001", "name": "废水总排口", "receiving_water": "兰湾"},),
        "91330206MA2L001X2A001Q",
        400,
        (_limit("DW001", "w01018", "GB 8978-1996 表 4 一级", 100, "mg/L", "2.4"),),
        (350, 44, 2_100),
        {("DW001", "w01018"): 120},
    ),
)

BASIS = "《云溪小镇三高企业认定办法（试行）》（云溪管〔2025〕5 号）"


def _at(middle: tuple[float, float], east: float, north: float) -> dict[str, Any]:
    return {
        "longitude": round(middle[0] + east / 111_195 / math.cos(math.radians(middle[1])), 6),
        "latitude": round(middle[1] + north / 111_195, 6),
    }


def _months_before(on: date, count: int) -> date:
    year, month = divmod(on.year * 12 + on.month - 1 - count, 12)
    return date(year, month + 1, 1)


def load(*, by: Actor, now: datetime, organs: Mapping[str, Any], plants: tuple[Plant, ...], middle: tuple[float, float]) -> dict[str, Any]:
    """Register a town's plants with outlets, permits and fourteen months of returns; return the sources by code."""
    early, today = now - timedelta(days=260), sensing.day_of(seen_by=by, at=now)
    stations = {station.code: station.pk for station in sensing.stations(seen_by=by)}
    chance = random.Random(9)
    made = {}
    for plant in plants:
        source = sources.register_source(
            by=by,
            at=early,
            code=plant.code,
            name=plant.name,
            name_en=plant.name_en,
            organ_id=organs[plant.organ].pk,
            industry_code=plant.industry_code,
            industry=plant.industry,
            level=plant.level,
            **_at(middle, plant.east, plant.north),
        )
        made[plant.code] = source
        outlets = {}
        for words in plant.outlets:
            given = dict(words)
            place = _at(middle, plant.east + given.pop("east", 0), plant.north + given.pop("north", 0))
            given["station_id"], given["downstream_id"] = stations.get(given.pop("station", "")), stations.get(given.pop("downstream", ""))
            outlets[given["code"]] = sources.register_outlet(by=by, at=early, source_id=source.pk, **given, **place)
        last = today + timedelta(days=plant.days_left)
        sources.enter_permit(
            by=by,
            at=early,
            source_id=source.pk,
            number=plant.permit,
            valid_from=last - timedelta(days=5 * 365),
            valid_to=last,
            limits=plant.limits,
            issued_by="市生态环境局",
        )
        for back in range(14, 0, -1):
            first = _months_before(today, back)
            season = (0.72 if first.month == 2 else 1.0) * chance.uniform(0.93, 1.07)
            output, energy, water = (Decimal(str(round(figure * season * chance.uniform(0.96, 1.04), 2))) for figure in plant.monthly)
            filed = sources.file_return(
                by=by,
                at=min(now, now - timedelta(days=28 * (back - 1))),
                organ_id=organs[plant.organ].pk,
                period="month",
                starts_on=first,
                output_value=output,
                energy=energy,
                water=water,
                amounts=[
                    AmountLine(outlet_id=outlets[code].pk, factor=factor, kilograms=Decimal(str(round(kilograms * season, 1))))
                    for (code, factor), kilograms in plant.amounts.items()
                ],
            )
            if back > 1 or plant.code == "dyeing":
                sources.check_return(by=by, at=now, return_id=filed.pk, accepted=True)
            elif plant.code == "plating":
                sources.check_return(by=by, at=now, return_id=filed.pk, accepted=False, remark="用水量与水表读数不符，请核对后重新填报。")
    return made


def load_yunxi(*, by: Actor, now: datetime, organs: Mapping[str, Any], middle: tuple[float, float], spots: list[Any]) -> None:
    """Fill the registers of the first town."""
    early, today = now - timedelta(days=260), sensing.day_of(seen_by=by, at=now)
    load(by=by, now=now, organs=organs, plants=YUNXI, middle=middle)
    for measure, limit in (("energy", "0.25"), ("water", "50"), ("w01018", "4")):
        sources.set_threshold(by=by, at=early, measure=measure, limit=Decimal(limit), basis=BASIS, valid_from=today - timedelta(days=420))
    kinds = {"云溪小学": ("school", 920), "云溪中学": ("school", 1450), "社区卫生服务站": ("hospital", 60), "河口湿地": ("reserve", None)}
    for spot in spots:
        kind, people = kinds.get(spot.name, ("village", 1800) if spot.kind == "estate" else ("", None))
        if kind:
            sources.register_sensitive_place(
                by=by, at=early, name=spot.name, name_en=spot.name_en, kind=kind, population=people, longitude=spot.longitude, latitude=spot.latitude
            )
    sources.register_sensitive_place(by=by, at=early, name="云溪饮用水取水口", name_en="Yunxi water intake", kind="intake", **_at(middle, -700, 1750))
    sources.register_sensitive_place(by=by, at=early, name="织造新村", name_en="Zhizao New Village", kind="village", population=640, **_at(middle, 1350, -620))
    for code, organ, name, east, north, substances, filed, due, drill in (
        (
            "dye-store",
            "firm-dyeing",
            "染整危化品仓库",
            1900,
            -820,
            (("次氯酸钠", "7681-52-9", "6", "5"), ("保险粉", "7775-14-6", "3.5", "50")),
            1052,
            43,
            (96, "次氯酸钠储罐泄漏围堵", "应急沙袋不足，已补充 40 袋"),
        ),
        (
            "plating-bath",
            "firm-plating",
            "电镀槽液与铬酸库",
            1735,
            -500,
            (("铬酸酐", "1333-82-0", "0.4", "0.25"), ("硫酸", "7664-93-9", "2", "10")),
            1116,
            -21,
            None,
        ),
    ):
        risk = sources.register_risk_source(
            by=by, at=early, code=code, name=name, organ_id=organs[organ].pk, contact_post="安环部值班 0571-8800 0401", **_at(middle, east, north)
        )
        for substance, cas, quantity, threshold in substances:
            sources.list_substance(
                by=by,
                at=early,
                risk_id=risk.pk,
                name=substance,
                cas=cas,
                quantity=Decimal(quantity),
                threshold=Decimal(threshold),
                basis="企业环境风险评估报告（2025）表 3",
            )
        sources.file_plan(
            by=by,
            at=early,
            risk_id=risk.pk,
            title=f"{name}突发环境事件应急预案",
            number=f"330110-{today.year - 3}-0{len(code)}7-M",
            filed_on=today - timedelta(days=filed),
            revision_due_on=today + timedelta(days=due),
        )
        if drill:
            sources.record_drill(by=by, at=now, risk_id=risk.pk, held_on=today - timedelta(days=drill[0]), scenario=drill[1], finding=drill[2])
    _wastes(by, now, organs, today)
    for code, name, use, organ, east, north, number, ph, values in (
        ("mouth-paddy", "河口水田 3 号", "paddy", "", 150, -1750, "YX-T-2026-011", 5.8, {"Cd": 0.52, "Pb": 64.0, "As": 9.1, "Hg": 0.12, "Cr": 71.0}),
        ("old-dyeworks", "旧染坊地块（拟建幼儿园）", "homes", "", -120, 420, "YX-T-2026-014", None, {"As": 27.5, "Pb": 212.0, "Cr6": 1.1, "petroleum": 640.0}),
        ("weaving-park", "织造园区北侧", "industry", "firm-weaving", 1600, -400, "YX-T-2026-017", None, {"Ni": 61.0, "Cu": 143.0, "petroleum": 1280.0}),
    ):
        plot = wastes.register_plot(
            by=by, at=early, code=code, name=name, use=use, organ_id=organs[organ].pk if organ else None, hectares=Decimal("1.4"), **_at(middle, east, north)
        )
        wastes.take_sample(
            by=by, at=now, plot_id=plot.pk, number=number, taken_on=today - timedelta(days=75), values=values, ph=ph, depth="0–20", laboratory="市环境监测中心"
        )


def _wastes(by: Actor, now: datetime, organs: Mapping[str, Any], today: date) -> None:
    """Keep the waste ledgers: one in order, one with a flagged count, one in which waste lies too long, one of general waste."""
    begun = today - timedelta(days=430)

    def ledger(organ: str, name: str, code: str, opening: str, store: str, hazardous: bool = True) -> Any:
        return wastes.open_ledger(
            by=by, at=now, organ_id=organs[organ].pk, name=name, code=code, is_hazardous=hazardous, opened_on=begun, opening=Decimal(opening), store=store
        )

    drums = ledger("firm-dyeing", "沾染染料的废包装桶", "900-041-49", "0.6", "危废间 1 区")
    sludge = ledger("firm-dyeing", "印染废水处理污泥", "SW07", "12", "污泥干化间", hazardous=False)
    nickel = ledger("firm-plating", "镀镍槽渣与污泥", "336-054-17", "0.85", "危废间")
    oil = ledger("firm-weaving", "废润滑油", "900-217-08", "0.12", "油品库旁危废柜")
    number = 0
    for back in range(13, 0, -1):
        on = today - timedelta(days=30 * back)
        for waste, made_in_a_month in ((drums, "0.21"), (sludge, "18.4"), (nickel, "0.062"), (oil, "0.035")):
            wastes.book_waste(by=by, at=now, waste_id=waste.pk, kind="produced", on=on, amount=Decimal(made_in_a_month))
        wastes.book_waste(
            by=by, at=now, waste_id=sludge.pk, kind="moved", on=on + timedelta(days=3), amount=Decimal("17.9"), carrier="云溪环卫", partner="市污泥焚烧厂"
        )
        if back in (11, 7, 3):
            for waste, amount in ((drums, "0.8"), (oil, "0.11")):
                number += 1
                wastes.book_waste(
                    by=by,
                    at=now,
                    waste_id=waste.pk,
                    kind="moved",
                    on=on + timedelta(days=8),
                    amount=Decimal(amount),
                    manifest=f"{today.year}33011000{number:06d}",
                    carrier="杭州危险品运输有限公司",
                    partner="杭州立佳环境服务有限公司",
                )
    wrong = wastes.book_waste(by=by, at=now, waste_id=drums.pk, kind="produced", on=today - timedelta(days=12), amount=Decimal("2.1"))
    wastes.strike_booking(by=by, at=now, booking_id=wrong.pk, reason="小数点错位，应为 0.21 吨且已登记")
    wastes.count_stock(by=by, at=now, waste_id=drums.pk, on=today - timedelta(days=10), weighed=Decimal("0.932"))
    wastes.count_stock(
        by=by, at=now, waste_id=oil.pk, on=today - timedelta(days=9), weighed=Decimal("0.21"), explanation="一桶约 0.035 吨油水分离后回用于设备，未及时登记"
    )


def load_lanwan(*, by: Actor, now: datetime, organs: Mapping[str, Any], middle: tuple[float, float], spots: list[Any]) -> None:
    """Fill the registers of the second town: a cold store with its ammonia."""
    early, today = now - timedelta(days=260), sensing.day_of(seen_by=by, at=now)
    load(by=by, now=now, organs=organs, plants=LANWAN, middle=middle)
    sources.set_threshold(
        by=by, at=early, measure="energy", limit=Decimal("0.2"), basis="兰湾小镇管委会会议纪要〔2025〕11 号", valid_from=today - timedelta(days=420)
    )
    for spot in spots:
        if spot.kind == "estate":
            sources.register_sensitive_place(
                by=by, at=early, name=spot.name, name_en=spot.name_en, kind="village", population=1100, longitude=spot.longitude, latitude=spot.latitude
            )
    risk = sources.register_risk_source(
        by=by, at=early, code="ammonia", name="液氨制冷机房", organ_id=organs["firm-cold"].pk, contact_post="机房值班 0574-8600 0401", **_at(middle, 260, -880)
    )
    sources.list_substance(
        by=by, at=early, risk_id=risk.pk, name="氨", cas="7664-41-7", quantity=Decimal("8"), threshold=Decimal("5"), basis="企业环境风险评估报告（2024）表 2"
    )
    sources.file_plan(
        by=by,
        at=early,
        risk_id=risk.pk,
        title="液氨泄漏突发环境事件应急预案",
        number=f"330206-{today.year - 1}-004-H",
        filed_on=today - timedelta(days=330),
        revision_due_on=today + timedelta(days=765),
    )
    sources.record_drill(by=by, at=now, risk_id=risk.pk, held_on=today - timedelta(days=51), scenario="液氨阀门泄漏疏散", finding="")
    ledger = wastes.open_ledger(
        by=by,
        at=now,
        organ_id=organs["firm-cold"].pk,
        name="废冷冻机油",
        code="900-219-08",
        is_hazardous=True,
        opened_on=today - timedelta(days=200),
        opening=Decimal(0),
    )
    wastes.book_waste(by=by, at=now, waste_id=ledger.pk, kind="produced", on=today - timedelta(days=120), amount=Decimal("0.18"))
    plot = wastes.register_plot(by=by, at=early, code="east-fields", name="望海菜地", use="farm", **_at(middle, 700, 300))
    wastes.take_sample(
        by=by,
        at=now,
        plot_id=plot.pk,
        number="LW-T-2026-002",
        taken_on=today - timedelta(days=90),
        values={"Cd": 0.18, "Pb": 41.0},
        ph=6.9,
        depth="0–20",
        laboratory="区农业农村检测站",
    )
