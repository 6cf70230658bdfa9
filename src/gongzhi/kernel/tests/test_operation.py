"""What subscribers of one act share, and what is said once at its end."""

from dataclasses import dataclass

import pytest

from gongzhi.kernel import operation as acts
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.facts import Fact
from gongzhi.kernel.operation import ensure, gather, known_to_subscribers, let_subscribers_know, on, operation, record, retell


@dataclass(frozen=True, kw_only=True)
class PlantWatered(Fact):
    public: bool = False


def may(actor):
    """Everybody may."""
    return True


@pytest.fixture
def subscribed(monkeypatch):
    """Let a test subscribe, and nobody after it."""
    monkeypatch.setattr(acts, "_subscribers", acts._subscribers.copy())
    return on


@operation
def water(*, by, at, subject="plants.plant:1", during=None):
    """Water a plant."""
    ensure(may)
    if during:
        during()
    record(PlantWatered(subject=subject))


class TestKnownToSubscribers:
    def test_is_found_once_for_all_of_them(self, town, noon, subscribed):
        asked, heard = [], []

        def first(entry):
            heard.append(known_to_subscribers("level", lambda: asked.append(1) or len(asked)))

        def second(entry):
            heard.append(known_to_subscribers("level", lambda: asked.append(1) or len(asked)))

        subscribed(PlantWatered)(first)
        subscribed(PlantWatered)(second)
        water(by=CLOCK, at=noon)
        assert heard == [1, 1]
        water(by=CLOCK, at=noon)
        assert heard == [1, 1, 2, 2]

    def test_is_found_afresh_after_an_act_of_a_subscriber(self, town, noon, subscribed):
        level, heard = [1], []

        def changing(entry):
            heard.append(known_to_subscribers("level", lambda: level[0]))
            if entry.fact.subject == "plants.plant:1":
                water(by=CLOCK, at=noon, subject="plants.plant:2", during=lambda: level.__setitem__(0, 2))

        def reading(entry):
            heard.append(known_to_subscribers("level", lambda: level[0]))

        subscribed(PlantWatered)(changing)
        subscribed(PlantWatered)(reading)
        water(by=CLOCK, at=noon)
        assert heard == [1, 2, 2, 2]

    def test_is_never_remembered_inside_an_act(self, town, noon):
        level, heard = [1], []

        def body():
            heard.append(known_to_subscribers("level", lambda: level[0]))
            level[0] = 2
            heard.append(known_to_subscribers("level", lambda: level[0]))

        water(by=CLOCK, at=noon, during=body)
        assert heard == [1, 2]


    def test_is_what_the_act_let_them_know_until_another_act_begins(self, town, noon, subscribed):
        level, heard = [2], []

        def reading(entry):
            heard.append(known_to_subscribers("level", lambda: level[0]))
            if entry.fact.subject == "plants.plant:1":
                water(by=CLOCK, at=noon, subject="plants.plant:2")
                heard.append(known_to_subscribers("level", lambda: level[0]))

        subscribed(PlantWatered)(reading)
        water(by=CLOCK, at=noon, during=lambda: let_subscribers_know("level", 1))
        assert heard == [1, 2, 2]


class TestGather:
    def test_says_everything_once_when_the_act_ends(self, town, noon, subscribed):
        said = []
        subscribed(PlantWatered)(lambda entry: gather(said.append, f"after {entry.fact.subject}"))
        water(by=CLOCK, at=noon, during=lambda: gather(said.append, "during"))
        assert said == [["during", "after plants.plant:1"]]

    def test_says_nothing_when_the_act_fails(self, town, noon):
        said = []

        def body():
            gather(said.append, "never")
            raise RuntimeError

        with pytest.raises(RuntimeError):
            water(by=CLOCK, at=noon, during=body)
        assert said == []

    def test_says_at_once_outside_of_an_act(self):
        said = []
        gather(said.append, "now")
        assert said == [["now"]]


@dataclass(frozen=True, kw_only=True)
class PlantWateredWell(PlantWatered):
    litres: int


@operation
def water_well(*, by, at, first=True):
    """Water a plant, and say how much."""
    ensure(may)
    if first:
        water(by=by, at=at)
    retell(PlantWatered, lambda told: PlantWateredWell(subject=told.subject, public=told.public, litres=2))


class TestRetell:
    def test_lets_the_outer_act_tell_what_the_inner_one_did_in_one_entry(self, town, noon, subscribed):
        heard = []
        subscribed(PlantWatered)(lambda entry: heard.append(entry.fact))
        water_well(by=CLOCK, at=noon)
        assert heard == [PlantWateredWell(subject="plants.plant:1", public=False, litres=2)]

    def test_needs_something_to_tell(self, town, noon):
        with pytest.raises(RuntimeError):
            water_well(by=CLOCK, at=noon, first=False)
