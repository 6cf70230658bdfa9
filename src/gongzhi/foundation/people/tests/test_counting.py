"""Counts of what somebody unknown does hold over all processes, begin anew after their stretch, and leave no address behind."""

from datetime import timedelta

import pytest
from django.db import connection

from gongzhi.foundation.people import counting, operations, tasks
from gongzhi.foundation.people.models import Attempt, Session
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town

MINUTE = 60
WHERE = "198.51.100.1"


@pytest.mark.django_db
def test_counts_within_a_stretch_and_begins_anew_exactly_at_its_end(town, noon):
    def count(at):
        return counting.count("reports", WHERE, seconds=MINUTE, at=at)

    assert [count(noon), count(noon + timedelta(seconds=30)), count(noon + timedelta(seconds=59))] == [1, 2, 3]
    assert counting.counted("reports", WHERE, seconds=MINUTE, at=noon + timedelta(seconds=59)) == 3
    assert counting.counted("reports", WHERE, seconds=MINUTE, at=noon + timedelta(seconds=60)) == 0
    assert count(noon + timedelta(seconds=60)) == 1
    assert counting.count("reports", "198.51.100.2", seconds=MINUTE, at=noon) == 1
    assert counting.count("codes", WHERE, seconds=MINUTE, at=noon) == 1
    counting.forget("reports", WHERE)
    assert count(noon) == 1
    assert not any(WHERE.encode() in bytes(of) for of in Attempt.objects.values_list("of", flat=True))


@pytest.mark.django_db
def test_each_town_counts_for_itself(town, other_town, noon):
    assert counting.count("reports", WHERE, seconds=MINUTE, at=noon) == 1
    with in_town(other_town.pk):
        assert counting.count("reports", WHERE, seconds=MINUTE, at=noon) == 1


def test_what_another_process_counted_counts_here(committed_db, town, noon):
    from threading import Thread

    def elsewhere():
        with in_town(town.pk):
            for _n in range(2):
                counting.count("reports", WHERE, seconds=MINUTE, at=noon)
        connection.close()

    others = [Thread(target=elsewhere) for _n in range(3)]  # each with a connection of its own, as a process has
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert counting.count("reports", WHERE, seconds=MINUTE, at=noon) == 7


@pytest.mark.django_db
def test_ended_sessions_and_old_tries_are_thrown_away(town, noon):
    Session.objects.create(town=town, session_key="ended", session_data="x", expire_date=noon)
    Session.objects.create(town=town, session_key="runs", session_data="x", expire_date=noon + timedelta(seconds=1))
    counting.count("reports", "old", seconds=MINUTE, at=noon - timedelta(days=90, seconds=1))
    counting.count("reports", "young", seconds=MINUTE, at=noon - timedelta(days=90))
    assert operations.forget_traces(by=CLOCK, at=noon) == 2
    assert list(Session.objects.values_list("session_key", flat=True)) == ["runs"]
    assert Attempt.objects.count() == 1
    Session.objects.update(expire_date=noon - timedelta(days=400))
    tasks.forget(0)
    assert not Session.objects.exists()
