"""Drafts: one's own, sealed, and gone in time."""

from datetime import timedelta

import pytest

from gongzhi.foundation.drafts import operations, queries
from gongzhi.foundation.drafts.models import KEPT_FOR, Draft
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.operation import NotAllowed

PURPOSE = "application:JY-02"


@pytest.fixture
def owners(town, noon):
    made = [people.register_person(by=system("tests"), at=noon, kind="resident", name=name, public_name=name) for name in ("甲", "乙")]
    return [Actor(kind="person", person_id=person.pk) for person in made]


def keep(owner, noon, **more):
    return operations.keep_draft(**{"by": owner, "at": noon, "purpose": PURPOSE, "values": {"name": "桂花巷小馆"}} | more)


class TestKeepDraft:
    def test_is_read_by_its_owner_on_any_device_and_by_nobody_else(self, owners, noon):
        keep(owners[0], noon, session="a browser")
        mine = queries.draft_for(seen_by=owners[0], session="another browser", purpose=PURPOSE, at=noon)
        assert (mine.values, mine.version) == ({"name": "桂花巷小馆"}, 1)
        assert queries.draft_for(seen_by=owners[1], purpose=PURPOSE, at=noon) is None
        assert queries.draft_for(seen_by=ANYONE, session="a browser", purpose=PURPOSE, at=noon) is None

    def test_lies_sealed_in_the_table(self, owners, noon):
        keep(owners[0], noon)
        assert "桂花".encode() not in bytes(Draft.objects.get().values_sealed)

    def test_belongs_to_a_session_where_nobody_signed_in_and_to_nobody_without_one(self, owners, noon):
        keep(ANYONE, noon, session="a browser")
        assert queries.draft_for(seen_by=ANYONE, session="a browser", purpose=PURPOSE, at=noon).values["name"] == "桂花巷小馆"
        assert queries.draft_for(seen_by=ANYONE, session="another", purpose=PURPOSE, at=noon) is None
        with pytest.raises(NotAllowed):
            keep(ANYONE, noon)

    def test_tells_a_device_that_another_went_on(self, owners, noon):
        keep(owners[0], noon)
        keep(owners[0], noon, version=1, values={"name": "新名"})
        with pytest.raises(operations.KeptElsewhere):
            keep(owners[0], noon, version=1)
        assert queries.draft_for(seen_by=owners[0], purpose=PURPOSE, at=noon).values == {"name": "新名"}

    def test_refuses_more_than_it_can_hold(self, owners, noon):
        keep(owners[0], noon, values={"a": "x" * (operations.MOST_BYTES - 8)})
        with pytest.raises(operations.TooMuch):
            keep(owners[0], noon, values={"a": "x" * (operations.MOST_BYTES - 7)})


class TestEnding:
    def test_comes_thirty_days_after_the_last_touch_and_not_before(self, owners, noon):
        keep(owners[0], noon)
        assert operations.expire_drafts(by=CLOCK, at=noon + KEPT_FOR - timedelta(seconds=1)) == 0
        assert queries.draft_for(seen_by=owners[0], purpose=PURPOSE, at=noon + KEPT_FOR) is None
        assert operations.expire_drafts(by=CLOCK, at=noon + KEPT_FOR) == 1

    def test_is_for_the_clock_only(self, owners, noon):
        with pytest.raises(NotAllowed):
            operations.expire_drafts(by=owners[0], at=noon)

    def test_comes_when_it_was_sent(self, owners, noon):
        keep(owners[0], noon)
        assert operations.drop_draft(by=owners[1], at=noon, purpose=PURPOSE) == 0
        assert operations.drop_draft(by=owners[0], at=noon, purpose=PURPOSE) == 1
