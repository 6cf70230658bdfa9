"""Doors: hung once, shown to whom they are for, in their order, in their rooms."""

import pytest

from gongzhi.kernel import doors
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.doors import Door, HungTwice, Told, hang, shown


@pytest.fixture(autouse=True)
def empty_places(monkeypatch):
    monkeypatch.setattr(doors, "_places", doors.defaultdict(dict))


def door(key, **more):
    return Door(key=key, title=key, url=f"/{key}/", icon="leaf", **more)


class TestDoors:
    def test_are_shown_in_their_order_with_what_stands_behind_them(self, noon):
        hang("here", door("b", rank=20, told=lambda actor, at: Told(f"{at:%H}", "warn")))
        hang("here", door("a", rank=20))
        hang("here", door("z", rank=10))
        hang("there", door("x"))
        found = shown("here", actor=ANYONE, at=noon)
        assert [(one.door.key, one.told and one.told.words) for one in found] == [("z", None), ("a", None), ("b", f"{noon:%H}")]
        assert found[2].told.icon == "clock"

    def test_are_hidden_from_those_they_are_not_for_and_not_asked(self, noon):
        hang("here", door("staff", may=lambda actor: actor.is_clock, told=lambda actor, at: pytest.fail("asked") if not actor.is_clock else None))
        assert shown("here", actor=ANYONE, at=noon) == []
        assert [one.door.key for one in shown("here", actor=CLOCK, at=noon)] == ["staff"]

    def test_stand_in_their_rooms(self, noon):
        hang("here", door("air", rooms=("air", "noise")))
        hang("here", door("all"))
        assert [one.door.key for one in shown("here", actor=ANYONE, at=noon, room="noise")] == ["air"]
        assert shown("here", actor=ANYONE, at=noon, room="soil") == []
        assert len(shown("here", actor=ANYONE, at=noon)) == 2

    def test_are_tabs_with_the_one_that_is_open(self, noon):
        hang("here", door("a"))
        hang("here", door("b"))
        assert doors.tabs("here", actor=ANYONE, at=noon, here="/b/") == [("/a/", "a", False), ("/b/", "b", True)]

    def test_lead_to_the_thing_that_the_page_is_about(self, noon):
        hang("here", Door(key="a", title="a", url="/stations/{code}/more/", icon="leaf"))
        assert shown("here", actor=ANYONE, at=noon, code="outlet")[0].url == "/stations/outlet/more/"

    def test_are_hung_once(self):
        first = hang("here", door("a"))
        assert hang("here", first) is first
        with pytest.raises(HungTwice):
            hang("here", door("a", rank=1))
