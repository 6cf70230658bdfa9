"""What a process remembers is found by one, kept for all, and never kept when it may have changed meanwhile."""

import threading

import pytest

from gongzhi.kernel import memory
from gongzhi.kernel.memory import forget, remember
from gongzhi.kernel.towns import in_town


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: now[0])
    forget()
    with in_town(1):
        yield now
    forget()


def test_is_found_once_and_again_when_it_is_old(clock):
    found = iter("abc")
    assert [remember("x", lambda: next(found)) for _time in range(3)] == ["a"] * 3
    clock[0] += memory.AGE
    assert [remember("x", lambda: next(found)) for _time in range(3)] == ["b"] * 3
    forget("x")
    assert remember("x", lambda: next(found)) == "c"


def test_each_town_has_its_own():
    assert remember("x", lambda: "one") == "one"
    with in_town(2):
        assert remember("x", lambda: "two") == "two"
    assert remember("x", lambda: "other") == "one"


def _while_found_afresh(during, *, found="new"):
    """Have another thread find `x` afresh, and do something meanwhile; return what it found."""
    begun, go_on, got = threading.Event(), threading.Event(), []

    def find():
        begun.set()
        assert go_on.wait(5)
        return found

    def work():
        with in_town(1):
            got.append(remember("x", find))

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(5)
    during()
    go_on.set()
    thread.join()
    return got[0]


def test_while_one_finds_it_afresh_the_others_go_on_with_what_there_was(clock):
    assert remember("x", lambda: "old") == "old"
    clock[0] += memory.AGE
    seen = []
    assert _while_found_afresh(lambda: seen.append(remember("x", lambda: "never"))) == "new"
    assert seen == ["old"]
    assert remember("x", lambda: "never") == "new"


def test_what_was_forgotten_while_it_was_being_found_is_not_kept(clock):
    assert remember("x", lambda: "old") == "old"
    clock[0] += memory.AGE
    assert _while_found_afresh(lambda: forget("x"), found="before the change") == "before the change"
    assert remember("x", lambda: "after the change") == "after the change"


def test_what_was_forgotten_while_it_was_first_found_is_not_kept_either():
    assert _while_found_afresh(lambda: forget("x"), found="before the change") == "before the change"
    assert remember("x", lambda: "after the change") == "after the change"


def test_finding_one_thing_may_ask_for_others():
    assert remember("x", lambda: remember("y", lambda: "inner") + "!") == "inner!"
    assert remember("y", lambda: "never") == "inner"


def test_what_is_older_than_twice_its_age_is_waited_for(clock):
    assert remember("x", lambda: "old") == "old"
    clock[0] += 2 * memory.AGE
    seen = []
    _while_found_afresh(lambda: seen.append(remember("x", lambda: "fresh")))
    assert seen == ["fresh"]


def test_who_fails_to_find_it_leaves_it_to_the_next(clock):
    assert remember("x", lambda: "old") == "old"
    clock[0] += memory.AGE
    with pytest.raises(ZeroDivisionError):
        remember("x", lambda: 1 / 0)
    assert remember("x", lambda: "new") == "new"
