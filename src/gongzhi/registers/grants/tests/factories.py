"""A town whose catalogue names who answers for what: the registry for people, the market office for firms."""

from datetime import date, timedelta

from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE
from gongzhi.registers.grants import operations
from gongzhi.registers.residents.tests.factories import MAKER, ground
from gongzhi.registers.residents.values import FIELDS

LAW = "《老年人权益保障法》第三十三条"
FIRST, LAST = date(2026, 11, 18), date(2027, 11, 17)  # the day of `noon`, and a year with it


def officer(at, organ, role="department_officer", kind="department"):
    """Return somebody who serves in an organ, which is made if it is not there."""
    found = organ_queries.organ_by_code(seen_by=ANYONE, code=organ) or organs.define_organ(by=MAKER, at=at, kind=kind, code=organ, name=organ)
    person = people.register_person(by=MAKER, at=at, kind="staff", name=f"{organ}经办", public_name=f"{organ}经办")
    organs.give_post(by=MAKER, at=at, person_id=person.pk, organ_id=found.pk, role=role, starts_on=(at - timedelta(days=9)).date())
    return organ_queries.actor_for_person(seen_by=ANYONE, person_id=person.pk, at=at)


def organ_id(code):
    """Return the id of an organ by its code."""
    return organ_queries.organ_by_code(seen_by=ANYONE, code=code).pk


def catalogued(at, fields=None):
    """Make the ground, a registry that answers for people and a welfare office that asks; return {"registry": actor, "welfare": actor, areas…}."""
    made = ground(at) | {"registry": officer(at, "registry"), "welfare": officer(at, "welfare")}
    for field in fields or [one.code for one in FIELDS]:
        operations.catalogue_field(by=MAKER, at=at, register="residents", field=field, organ_id=organ_id("registry"))
    return made


def given(at, made, fields=("name", "phone"), starts_on=FIRST, ends_on=LAST):
    """Grant fields of residents to the welfare office."""
    return operations.give_grant(
        by=made["registry"], at=at, register="residents", fields=fields, organ_id=organ_id("welfare"), authority_id=organ_id("registry"),
        purpose="高龄津贴审核", basis=LAW, starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
