"""Fills the registers of a demo town: made people on its map, one of them with an account of their own, a pair that may be one person, tags."""

import csv
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.firms import queries as firm_queries
from gongzhi.registers.firms.codes import check_character
from gongzhi.registers.record import importing
from gongzhi.registers.record import operations as record
from gongzhi.registers.residents import made, numbers, operations, queries

GROUND: dict[str, Any] = {"source": "便民服务中心窗口登记", "basis": "《居住证暂行条例》第五条"}
FIRMS = {  # short name of the organ: division and organisation of the code, class of GB/T 4754, size, legal representative
    "firm-dyeing": ("91330110MA2B0001", "1713", "medium", "卢建明"), "firm-weaving": ("91330110MA2B0002", "1751", "small", "金锦程"),
    "firm-plating": ("91330110MA2B0003", "3360", "small", "沈国庆"), "firm-packaging": ("91330110MA2B0004", "2319", "micro", "周云彩"),
    "firm-cold": ("91330206MA2B0005", "5920", "small", "林海生"),
}  # fmt: skip


def people(*, by: Actor, at: datetime, count: int, seed: int, centre: tuple[float, float], radius: float) -> None:
    """Take made people into the register of the present town, by the way that files go."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "residents.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([made.HEADS, *made.people(count, seed, at.date() - timedelta(days=2), centre, radius)])
        digest, size = importing.digest_of(path)
        told = record.bring_file(by=importing.BY, at=at, register="residents", name="实有人口（演示）.csv", path=str(path), size=size, digest=digest)
        told = record.begin_file(by=importing.BY, at=at, file_id=told.pk, definition=made.MAPPING, is_queued=False)
        importing.run(told, lambda: at)
        record.forget_file(by=importing.BY, at=at, file_id=told.pk)


def neighbours(*, by: Actor, at: datetime, person_id: int, phone: str) -> None:
    """Register the demo's resident with a tag of care and the account linked, and somebody told twice, who may be one person."""
    seventeen = f"{made.DIVISION}19560307128"
    number = seventeen + numbers.check_digit(seventeen)
    home = {"address": "桂花巷9号301室", "longitude": "120.0192", "latitude": "30.2817"}
    one = operations.register_resident(
        by=by, at=at, **GROUND,
        given={"name": "王秀兰", "number": number, "phone": phone, "ethnicity": "汉族", "relation": "head", "since": "2009-05-01", **home},
    )  # fmt: skip
    operations.link_account(by=by, at=at, resident_id=one.pk, person_id=person_id)
    day = queries.today(seen_by=by, at=at)
    operations.set_tag(
        by=by, at=at, room="care", resident_id=one.pk, kind="lone_elder", basis="《老年人权益保障法》第三十七条", source="社区走访",
        starts_on=day - timedelta(days=90), review_on=day + timedelta(days=90),
    )  # fmt: skip
    operations.register_resident(
        by=by, at=at, given={"name": "王秀兰", "birth": "1956-03-07", "address": "桂花巷11号", "longitude": "120.0194", "latitude": "30.2818"}, **GROUND
    )
    operations.show_fields(by=by, at=at, resident_id=one.pk, fields=("name", "number"), purpose="办理高龄津贴，核对身份")


def firms_of(*, by: Actor, at: datetime, organs: dict[str, int]) -> None:
    """Tell of the demo's firms what their register holds, and a year's figures of each."""
    for code, (begins, industry, size, legal) in FIRMS.items():
        one = firm_queries.firm_of_organ(seen_by=by, organ_id=organs.get(code, 0))
        if one is None:
            continue
        seventeen = begins + "X"
        told = {"code": seventeen + check_character(seventeen), "industry": industry, "size": size, "legal_representative": legal, "moved_in_on": "2018-04-01"}
        firms.change_firm(by=by, at=at, firm_id=one.pk, given=told, source="市场监管登记", basis="《企业信息公示暂行条例》第六条")
        firms.set_contact(by=by, at=at, firm_id=one.pk, role="liaison", name=legal, phone="13900008000")
