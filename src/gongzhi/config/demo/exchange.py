"""What the demo town exchanges: who answers for which field, a data set held elsewhere, a grant that was used, a request and a doubt that wait."""

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.management_line.exchange import operations
from gongzhi.registers.grants import operations as grants
from gongzhi.registers.grants import queries
from gongzhi.registers.residents import queries as residents

METERS = (("YX-0301", "2026-10", "8.2"), ("YX-0302", "2026-10", "0.0"), ("YX-0511", "2026-10", "14.6"))


def catalogue(*, by: Actor, at: datetime, organs: dict[str, int]) -> None:
    """Name who answers for the fields of the registers: the centre, whose counter registers people and firms."""
    for register in ("residents", "firms"):
        for entry in queries.entries(seen_by=by, register=register, at=at, with_quality=False):
            grants.catalogue_field(by=by, at=at, register=register, field=entry.field.code, organ_id=organs["centre"])


def exchange(*, by: Actor, at: datetime, organs_by_code: dict[str, int], people: dict[str, Any]) -> None:
    """Play what happened in the first town: asked, granted in part, used; a data set told from outside; what waits for an answer."""
    catalogue(by=by, at=at - timedelta(days=30), organs=organs_by_code)

    def actor(username: str, moment: datetime) -> Actor:
        return organs.actor_for_person(seen_by=ANYONE, person_id=people[username].pk, at=moment)

    day = queries.today(seen_by=by, at=at)
    begun = at - timedelta(days=20)
    first = queries.today(seen_by=by, at=begun)
    (asked,) = operations.ask_for_data(
        by=actor("water", begun), at=begun, organ_id=organs_by_code["water"], register="residents", fields=("name", "phone", "address"),
        purpose="独居老人用水异常时上门核实", basis="《老年人权益保障法》第三十七条", starts_on=first, ends_on=first + timedelta(days=364),
    )  # fmt: skip
    answered = begun + timedelta(days=2)
    asked = operations.answer_request(
        by=actor("registrar", answered), at=answered, case_id=asked.case_id, granted=("name", "phone"), reason="电话联系即可，住址由网格员陪同时现场核对"
    )  # fmt: skip
    resident = residents.resident_of_account(seen_by=CLOCK, person_id=people["resident"].pk)
    assert resident is not None
    used = at - timedelta(days=4)
    grants.fill(
        by=actor("water", used), at=used, grant_id=asked.grant_id, register="residents", subject_id=resident.pk, purpose="水表三天无用水，电话核实",
    )  # fmt: skip
    operations.ask_for_data(
        by=actor("enforcement", at), at=at, organ_id=organs_by_code["enforcement"], register="firms", fields=("contact_name", "contact_phone"),
        purpose="园区夜间施工联合检查的通知", basis="《行政处罚法》第五十五条", starts_on=day, ends_on=day + timedelta(days=89),
    )  # fmt: skip
    operations.doubt_value(
        by=actor("resident", at), at=at, register="residents", subject_id=resident.pk, field="ethnicity", reason="我是畲族，登记成了汉族。", proposed="畲族"
    )
    meters = grants.define_data_set(
        by=by, at=begun, code="water-meters", title="居民水表月用量", title_en="Monthly use by water meter", organ_id=organs_by_code["water"],
        summary="每户每月用水量，用于发现独居老人用水异常。", place="水务站营收系统",
        fields=(
            {"code": "meter", "title": "水表号"}, {"code": "month", "title": "月份", "required": True},
            {"code": "cubic_metres", "title": "用水量（立方米）", "sort": "number", "required": True},
        ),
    )  # fmt: skip
    key = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    sender = operations.set_sender(by=by, at=begun, data_set_id=meters.pk, key_id="water-billing-1", title="水务营收系统", public_key=key)
    rows = [{"meter": meter, "month": month, "cubic_metres": used_up} for meter, month, used_up in METERS]
    operations.take_message(
        by=by, at=at, sender_id=sender.pk, nonce="demo-0000000000000001", signed_at=at, digest="0" * 64, rows=[*rows, {"meter": "YX-0777", "month": "2026-10"}]
    )
