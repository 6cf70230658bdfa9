"""A small town with two grids, people who keep and visit it, and how somebody is told in tests."""

from datetime import timedelta

from django.test import Client

from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.organs.models import Post
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.registers.residents import numbers, operations

MAKER = system("tests")
TOLD = {"source": "公安人口库", "basis": "《居住证暂行条例》第五条"}


def number(birth="19900307", sequence="011", division="330110"):
    """Return a number with its check digit."""
    seventeen = f"{division}{birth}{sequence}"
    return seventeen + numbers.check_digit(seventeen)


def square(west, south, size=0.01):
    return {"type": "Polygon", "coordinates": [[[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]]}


def ground(at):
    """Make a town with two grids; return {"west": area, "east": area, "town": area}."""
    town = territory.define_area(by=MAKER, at=at, level="town", code="330110108000", name="云溪小镇", boundary=square(120.0, 30.0, 0.02))
    community = territory.define_area(
        by=MAKER, at=at, level="community", code="330110108001", name="溪西社区", parent_id=town.pk, boundary=square(120.0, 30.0, 0.02)
    )
    west = territory.define_area(by=MAKER, at=at, level="grid", code="330110108001001", name="第一网格", parent_id=community.pk, boundary=square(120.0, 30.0))
    east = territory.define_area(by=MAKER, at=at, level="grid", code="330110108001002", name="第二网格", parent_id=community.pk, boundary=square(120.01, 30.0))
    return {"town": town, "community": community, "west": west, "east": east}


def serving(at, role, area=None, name="经办", code=""):
    """Return somebody in a post, as an actor."""
    organ = organ_queries.organ_by_code(seen_by=ANYONE, code=code or "station") or organs.define_organ(
        by=MAKER, at=at, kind="station", code=code or "station", name="溪西社区工作站"
    )
    person = people.register_person(by=MAKER, at=at, kind="staff", name=name, public_name=name)
    organs.give_post(
        by=MAKER, at=at, person_id=person.pk, organ_id=organ.pk, role=role, area_id=area.pk if area else None, starts_on=(at - timedelta(days=9)).date()
    )
    return organ_queries.actor_for_person(seen_by=ANYONE, person_id=person.pk, at=at)


def resident(at, by=MAKER, **given):
    """Register somebody who lives in the first grid."""
    values = {"name": "沈云舒", "number": number(), "address": "桂花巷9号301室", "longitude": "120.005", "latitude": "30.005", "relation": "head"} | given
    return operations.register_resident(by=by, at=at, given={name: text for name, text in values.items() if text is not None}, **TOLD)


def signed_in(at, role, code="", client=None):
    """Return a browser of its own in which somebody who serves as a role is signed in."""
    actor = serving(at, role, code=code)
    Post.objects.filter(person_id=actor.person_id).update(ends_on=None)
    found = client or Client()
    found.force_login(people.give_login(by=MAKER, at=at, person_id=actor.person_id, username=f"u{actor.person_id}", password="ein-langes-wort-77"))
    return found
