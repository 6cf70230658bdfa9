from datetime import date

import pytest

from gongzhi.foundation.organs import operations, queries
from gongzhi.foundation.people.models import Person
from gongzhi.foundation.territory.tests.factories import make_areas
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.operation import NotAllowed

MAKER = system("tests")


@pytest.fixture
def person(town):
    return Person.objects.create(town=town, kind="staff", public_name="网格岗 04")


class TestPosts:
    def test_make_an_actor_of_their_holder_for_their_time(self, town, noon, person):
        areas = make_areas(noon)
        station = operations.define_organ(by=MAKER, at=noon, kind="station", code="west", name="溪西社区工作站", area_id=areas["west"].pk)
        post = operations.give_post(
            by=MAKER, at=noon, person_id=person.pk, organ_id=station.pk, role="grid_worker", starts_on=date(2026, 1, 1), area_id=areas["west"].pk
        )
        actor = queries.actor_for_person(seen_by=ANYONE, person_id=person.pk, at=noon)
        assert actor.covers(areas["w1"].path, "grid_worker")
        assert not actor.covers(areas["e1"].path, "grid_worker")
        assert queries.holders(seen_by=ANYONE, role="grid_worker", on=noon.date(), area_path=areas["w1"].path) == [person.pk]
        assert queries.holders(seen_by=ANYONE, role="grid_worker", on=noon.date(), area_path=areas["e1"].path) == []
        operations.end_post(by=MAKER, at=noon, post_id=post.pk, ends_on=noon.date())
        assert queries.actor_for_person(seen_by=ANYONE, person_id=person.pk, at=noon).duties == ()

    def test_are_given_by_the_committee_only(self, town, noon, person):
        organ = operations.define_organ(by=MAKER, at=noon, kind="department", code="water", name="水务站")
        with pytest.raises(NotAllowed):
            operations.give_post(by=ANYONE, at=noon, person_id=person.pk, organ_id=organ.pk, role="dispatcher", starts_on=date(2026, 1, 1))
        with pytest.raises(operations.UnknownRole):
            operations.give_post(by=MAKER, at=noon, person_id=person.pk, organ_id=organ.pk, role="king", starts_on=date(2026, 1, 1))
        assert operations.give_post(by=MAKER, at=noon, person_id=person.pk, organ_id=organ.pk, role="dispatcher", starts_on=date(2026, 1, 1)).pk


class TestDispatchOrgan:
    def test_is_the_named_one_else_where_a_dispatcher_serves_else_the_committee(self, town, noon, person):
        committee = operations.define_organ(by=MAKER, at=noon, kind="committee", code="committee", name="管委会")
        centre = operations.define_organ(by=MAKER, at=noon, kind="department", code="centre", name="指挥中心")
        from gongzhi.kernel import memory

        assert queries.dispatch_organ_id(seen_by=ANYONE) == committee.pk
        operations.give_post(by=MAKER, at=noon, person_id=person.pk, organ_id=centre.pk, role="dispatcher", starts_on=date(2026, 1, 1))
        memory.forget()
        assert queries.dispatch_organ_id(seen_by=ANYONE) == centre.pk
        assert queries.dispatch_organ_id(seen_by=ANYONE, code="committee") == committee.pk
