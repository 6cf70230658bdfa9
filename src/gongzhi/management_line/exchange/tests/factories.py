"""The town of grants with both procedures adopted, and somebody whose record is linked to their account."""

from datetime import timedelta

from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE
from gongzhi.management_line.exchange import operations
from gongzhi.management_line.exchange.kinds import CORRECTION, DATA_REQUEST
from gongzhi.registers.grants.tests.factories import FIRST, LAST, LAW, catalogued, organ_id
from gongzhi.registers.residents import operations as residents
from gongzhi.registers.residents.tests.factories import MAKER, resident


def exchanging(at):
    """Return {"welfare": actor, "registry": actor, "resident": actor, "one": their record, …}."""
    organs.define_organ(by=MAKER, at=at, kind="committee", code="committee", name="管委会")
    made = catalogued(at)
    for kind in (DATA_REQUEST, CORRECTION):
        definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
        cases.adopt_procedure(by=MAKER, at=at - timedelta(days=1), kind=kind.code, definition=definition, reason="试")
    made["one"] = resident(at, phone="13900000117")
    person = people.register_person(by=MAKER, at=at, kind="resident", name="沈云舒", public_name="沈**", phone="13900000117")
    residents.link_account(by=MAKER, at=at, resident_id=made["one"].pk, person_id=person.pk)
    made["resident"] = organ_queries.actor_for_person(seen_by=ANYONE, person_id=person.pk, at=at)
    return made


def asked(made, at, fields=("name", "phone", "address"), **more):
    """Ask for fields for the welfare office."""
    given = {"purpose": "高龄津贴审核", "basis": LAW, "starts_on": FIRST, "ends_on": LAST} | more
    return operations.ask_for_data(by=made["welfare"], at=at, organ_id=organ_id("welfare"), register="residents", fields=fields, **given)
