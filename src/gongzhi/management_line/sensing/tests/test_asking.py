"""Devices asked, kept, and found ill."""

import uuid
from datetime import timedelta

import pytest

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.models import DeviceRequest
from gongzhi.management_line.sensing.tests.factories import make_station

BY = system("test")


@pytest.fixture
def world(town, noon):
    return make_station(noon)


def report(world, noon, hours, aggregate="rtd"):
    series = operations.define_series(by=BY, at=noon - timedelta(days=30), station_id=world[1].pk, factor="w01018", aggregate=aggregate)
    moments = [noon.replace(minute=0) - timedelta(hours=hour, minutes=-5) for hour in hours]
    operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk] * len(moments), moments=moments, values=[50.0] * len(moments))
    while operations.roll_up(by=CLOCK, at=noon):
        pass
    world[2].last_seen_at = noon
    world[2].save()
    return series


class TestAskDevice:
    def test_asks_once_for_the_same(self, world, noon):
        first = operations.ask_device(by=MAKER, at=noon, device_id=world[2].pk, command="1012")
        assert operations.ask_device(by=MAKER, at=noon, device_id=world[2].pk, command="1012").pk == first.pk
        assert queries.waiting_requests(seen_by=CLOCK, device_ids=[world[2].pk]) == [first]

    def test_refuses_what_no_device_can_do(self, world, noon):
        for command, begins, ends in (("9999", noon, noon), ("2061", None, None), ("2061", noon, noon), ("2061", noon - timedelta(days=9), noon)):
            with pytest.raises(operations.NotAsked if command == "9999" else operations.NoStretch):
                operations.ask_device(by=MAKER, at=noon, device_id=world[2].pk, command=command, begins_at=begins, ends_at=ends)
        with pytest.raises(NotAllowed):
            operations.ask_device(by=Actor(kind="person", person_id=7), at=noon, device_id=world[2].pk, command="1012")

    def test_follows_a_request_to_its_end(self, world, noon):
        request = operations.ask_device(by=MAKER, at=noon, device_id=world[2].pk, command="1012")
        operations.note_request(by=BY, at=noon, request_id=request.pk, state="sent", qn="20261124120000001")
        assert queries.request_under_way(seen_by=CLOCK, device_id=world[2].pk, qn="20261124120000001") == request
        operations.note_request(by=BY, at=noon, request_id=request.pk, state="done", result="1")
        assert operations.note_request(by=BY, at=noon, request_id=request.pk, state="failed") is None
        request.refresh_from_db()
        assert (request.state, request.result, request.ended_at) == ("done", "1", noon)

    def test_ends_what_is_never_answered(self, world, noon):
        request = operations.ask_device(by=MAKER, at=noon, device_id=world[2].pk, command="1012")
        operations.note_request(by=BY, at=noon, request_id=request.pk, state="sent", qn="1")
        assert operations.expire_requests(by=CLOCK, at=noon + timedelta(minutes=1)) == 0
        assert operations.expire_requests(by=CLOCK, at=noon + timedelta(minutes=3)) == 1


class TestAskForGaps:
    def test_asks_for_the_hours_of_which_nothing_came(self, world, noon):
        report(world, noon, [hour for hour in range(72) if hour not in (10, 11, 12, 30)])
        operations.ask_for_gaps(by=CLOCK, at=noon)
        hours = [request for request in DeviceRequest.objects.all() if request.ends_at <= noon]
        assert {request.command for request in hours} == {"2061"}
        asked = sum((request.ends_at - request.begins_at for request in hours), timedelta())
        assert asked >= timedelta(hours=4)
        count = DeviceRequest.objects.count()
        operations.ask_for_gaps(by=CLOCK, at=noon + timedelta(minutes=5))
        assert DeviceRequest.objects.count() == count

    def test_asks_nothing_of_a_device_that_is_away_or_worked_on(self, world, noon):
        report(world, noon, [1, 2, 40])
        early = noon - timedelta(days=5)
        operations.plan_maintenance(by=MAKER, at=early, device_id=world[2].pk, begins_at=early, ends_at=noon, reason="flood")
        assert operations.ask_for_gaps(by=CLOCK, at=noon) == 0
        assert operations.ask_for_gaps(by=CLOCK, at=noon + timedelta(days=1)) == 0


class TestHealth:
    def test_tells_what_is_wrong_with_a_device(self, world, noon):
        report(world, noon, range(24))
        one = queries.health(seen_by=CLOCK, at=noon)[0]
        assert one.is_well
        operations.keep_refused(by=BY, at=noon, peer="p", mn=world[2].mn, verdict="crc_mismatch", reason="r", raw=b"x", device_id=world[2].pk)
        operations.record_calibration(by=MAKER, at=noon, device_id=world[2].pk, factor="w01018", done_on=noon.date() - timedelta(days=40), reference=100,
                                      found=103, passed=True, next_due_on=noon.date() - timedelta(days=10))  # fmt: skip
        one = queries.health(seen_by=CLOCK, at=noon)[0]
        assert not one.is_well
        assert one.refused == 1
        assert one.is_calibration_late(noon.date())
        assert queries.calibrations_of(seen_by=CLOCK, device_id=world[2].pk).get().deviation == pytest.approx(0.03)

    def test_shows_devices_only_to_those_who_keep_them(self, world, noon):
        assert queries.health(seen_by=Actor(kind="person", person_id=7), at=noon) == []

    def test_refuses_a_window_that_ends_before_it_begins(self, world, noon):
        with pytest.raises(operations.EndsBeforeItBegins):
            operations.plan_maintenance(by=MAKER, at=noon, device_id=world[2].pk, begins_at=noon, ends_at=noon, reason="x")
