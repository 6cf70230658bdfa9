"""The demo towns' registers are lawful: everything in them passes the operations, and shows what a newcomer should see."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gongzhi.config.demo import catalogue, registers, territory
from gongzhi.foundation.organs import operations as organs
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.sensing import demo
from gongzhi.management_line.sources import queries as sources
from gongzhi.management_line.wastes import queries as wastes

pytestmark = pytest.mark.django_db
MAKER = system("demo")


def make_organs(rows, at):
    return {
        code: organs.define_organ(by=MAKER, at=at, kind=kind, code=code, name=name, name_en=name_en, duty_phone=phone)
        for code, kind, name, name_en, _area, phone in rows
    }


def test_the_first_towns_registers_hold_what_a_newcomer_should_see(town):
    now = timezone.now()
    made = make_organs(catalogue.ORGANS, now - timedelta(days=260))
    early = now - timedelta(days=260)
    demo.register_stations(
        by=MAKER, at=early, connected=demo.connected_at(now), organ_ids={code: organ.pk for code, organ in made.items()}, category_ids={}
    )
    _areas, spots = territory.draw(territory.YUNXI)
    registers.load_yunxi(by=MAKER, now=now, organs=made, middle=territory.YUNXI.centre, spots=spots)
    today = timezone.localdate()
    assert sources.sources(seen_by=CLOCK).count() == len(registers.YUNXI)
    assert sources.permits_ending(seen_by=CLOCK, on=today) == (1, 1)
    assert {one.state for one in sources.returns(seen_by=CLOCK)} == {"filed", "accepted", "returned"}
    assert [one.organ.code for one in sources.highs(seen_by=CLOCK, on=today) if one.is_high] == ["firm-dyeing"]
    assert {one.plan_state(today) for one in sources.risks(seen_by=CLOCK)} == {"soon", "late"}
    assert {one.state for one in wastes.wastes(seen_by=CLOCK, on=today)} >= {"well", "flagged", "late"}
    assert {one.worst for one in wastes.plots(seen_by=CLOCK)} == {"watch", "negligible"}


def test_the_second_towns_registers_stand(town):
    now = timezone.now()
    made = make_organs(catalogue.LANWAN_ORGANS, now - timedelta(days=260))
    _areas, spots = territory.draw(territory.LANWAN)
    registers.load_lanwan(by=MAKER, now=now, organs=made, middle=territory.LANWAN.centre, spots=spots)
    (risk,) = sources.risks(seen_by=CLOCK)
    assert float(risk.ratio) == pytest.approx(1.6)
    assert sources.near(seen_by=CLOCK, longitude=risk.risk.longitude, latitude=risk.risk.latitude, radius=5000)
    assert len(wastes.wastes(seen_by=CLOCK, on=timezone.localdate())) == 1
