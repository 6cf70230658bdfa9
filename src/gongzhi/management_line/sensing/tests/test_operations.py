import uuid
from datetime import timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.operations.closing import NeedsReading
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.models import DeviceAddress, LimitRule, Reading, Station
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import MN, PASSWORD, make_station

pytestmark = pytest.mark.django_db
GATEWAY = system("gateway")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(town, noon):
    return make_station(noon)


def take(world, noon, minute, value, factor="w01018", flag="N", key=None):
    _made, station, device = world
    at = noon + minute * MINUTE
    packet = TakenPacket(f"{minute} {value}".encode(), device.pk, station.pk, at, ((factor, "rtd", at, value, flag),))
    return operations.take_readings(by=GATEWAY, at=at, key=key or uuid.uuid4(), packets=[packet])


def series(world, factor="w01018"):
    return queries.series_of(seen_by=CLOCK, station_id=world[1].pk).get(factor=factor)


class TestTakeReadings:
    def test_keeps_them_once_and_corrections_as_the_next_version(self, world, noon):
        Station.objects.update(organ=None)  # the town's own; what a supervised unit corrects is its claim
        take(world, noon, 0, 50.0)
        assert take(world, noon, 0, 50.0).repeated == 1
        assert take(world, noon, 0, 51.5).corrected == 1
        points = queries.readings(seen_by=CLOCK, series_id=series(world).pk, since=noon - MINUTE, until=noon + MINUTE)
        assert [(point.value, point.version) for point in points] == [(51.5, 1)]
        assert Reading.objects.filter(series=series(world)).count() == 2

    def test_changes_nothing_for_the_same_batch(self, world, noon):
        key = uuid.uuid4()
        first = take(world, noon, 0, 50.0, key=key)
        assert take(world, noon, 0, 99.0, key=key) == first
        assert Reading.objects.count() == 1

    def test_is_for_gateways_and_programs_with_the_scope(self, world, noon):
        with pytest.raises(NotAllowed):
            operations.take_readings(by=ANYONE, at=noon, key=uuid.uuid4(), packets=[])
        with pytest.raises(NotAllowed):
            operations.take_readings(by=Actor(kind="person", user_id=1, scopes=frozenset({"cases:read"})), at=noon, key=uuid.uuid4(), packets=[])
        assert operations.take_readings(by=Actor(kind="person", user_id=1, scopes=frozenset({"sensing:write"})), at=noon, key=uuid.uuid4(), packets=[]).pk

    def test_learns_a_new_factor_with_its_usual_unit(self, world, noon):
        take(world, noon, 0, 1.2, factor="w21003")
        assert series(world, "w21003").unit == "mg/L"

    def test_shows_the_newest_value_even_when_an_older_one_comes_late(self, world, noon):
        take(world, noon, 5, 60.0)
        take(world, noon, 1, 40.0)
        now = queries.overview(seen_by=CLOCK, at=noon + 6 * MINUTE)[0]
        assert {value.series.factor: value.latest.value for value in now.values if value.latest} == {"w01018": 60.0}


class TestAlarm:
    def open(self, world, noon):
        take(world, noon, 0, 85.0)
        assert not queries.episodes(seen_by=CLOCK).exists()
        take(world, noon, 1, 90.0)
        return queries.episodes(seen_by=CLOCK).get()

    def test_opens_one_case_for_one_stretch(self, world, noon):
        made = world[0]
        episode = self.open(world, noon)
        assert episode.case.kind == "alarm"
        assert episode.case.lead == made.organs["utilities"]
        assert episode.case.area == made.areas["w1"]
        take(world, noon, 2, 88.0)
        take(world, noon, 3, 84.0)
        assert queries.episodes(seen_by=CLOCK).count() == 1
        assert case_queries.cases(seen_by=CLOCK, kind="alarm").count() == 1

    def test_leaves_alone_what_keeps_the_limit_or_is_flagged_as_faulty(self, world, noon):
        for minute, value in enumerate((80.0, 79.9, 80.0)):
            take(world, noon, minute, value)
        take(world, noon, 4, 500.0, flag="D")
        take(world, noon, 5, 500.0, flag="D")
        assert not queries.episodes(seen_by=CLOCK).exists()

    def test_grows_with_what_is_measured(self, world, noon):
        episode = self.open(world, noon)
        take(world, noon, 2, 170.0)
        episode.refresh_from_db()
        assert episode.peak == 170.0
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).severity == 3

    def test_closes_by_clean_readings_after_the_unit_has_reported(self, world, noon):
        made = world[0]
        episode = self.open(world, noon)
        for minute in (2, 3, 4):
            take(world, noon, minute, 60.0)
        episode.refresh_from_db()
        assert episode.state == "clean"
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).is_open  # nobody has reported yet
        cases.answer_case(by=made.by("officer"), at=noon + 5 * MINUTE, case_id=episode.case_id, public_text="已停产检修")
        with pytest.raises(NeedsReading):
            cases.verify_case(by=made.by("walker"), at=noon + 6 * MINUTE, case_id=episode.case_id, passed=True, text="好了")
        for minute in (6, 7):
            take(world, noon, minute, 60.0)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).is_open
        take(world, noon, 8, 60.0)
        case = case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id)
        assert case.is_closed
        assert not case.closed_unverified
        episode.refresh_from_db()
        assert episode.is_settled

    def test_sends_back_what_readings_disprove(self, world, noon):
        made = world[0]
        episode = self.open(world, noon)
        cases.answer_case(by=made.by("officer"), at=noon + 2 * MINUTE, case_id=episode.case_id, public_text="已处理")
        take(world, noon, 3, 95.0)
        take(world, noon, 4, 96.0)
        assert case_queries.case_by_id(seen_by=CLOCK, case_id=episode.case_id).state == "in_hand"

    def test_waits_for_the_duration_however_often_the_device_reports(self, world, noon):
        LimitRule.objects.update(duration_seconds=600)
        for step in range(120):
            take(world, noon, step / 12, 90.0)
        assert not queries.episodes(seen_by=CLOCK).exists()
        take(world, noon, 10, 90.0)
        assert queries.episodes(seen_by=CLOCK).get().began_at == noon

    def test_opens_for_a_stretch_that_began_and_ended_among_readings_that_come_together(self, world, noon):
        _made, station, device = world
        rows = tuple(("w01018", "rtd", noon + place * MINUTE, value, "N") for place, value in enumerate((50.0, 90.0, 170.0, 92.0, 50.0, 51.0, 52.0)))
        packet = TakenPacket(b"stored", device.pk, station.pk, noon, rows)
        operations.take_readings(by=GATEWAY, at=noon + 9 * MINUTE, key=uuid.uuid4(), packets=[packet])
        episode = queries.episodes(seen_by=CLOCK).get()
        assert (episode.began_at, episode.peak, episode.state) == (noon + MINUTE, 170.0, "clean")
        assert episode.case.severity == 3

    def test_is_not_opened_again_by_packets_that_are_sent_once_more(self, world, noon):
        episode = self.open(world, noon)
        for minute in (2, 3, 4):
            take(world, noon, minute, 60.0)
        operations.settle_alarm(by=CLOCK, at=noon + 5 * MINUTE, case_id=episode.case_id)
        take(world, noon, 0, 85.0)
        take(world, noon, 1, 90.0)
        assert queries.episodes(seen_by=CLOCK).count() == 1
        take(world, noon, 6, 85.0)
        take(world, noon, 7, 90.0)
        assert queries.episodes(seen_by=CLOCK).count() == 2

    def test_needs_the_return_difference_to_be_clean(self, world, noon):
        episode = self.open(world, noon)
        for minute in (2, 3, 4):
            take(world, noon, minute, 78.0)
        episode.refresh_from_db()
        assert episode.is_over

    def test_keeps_the_reading_when_no_case_can_be_opened(self, world, noon):
        from gongzhi.cases.models import Category

        Category.objects.filter(pk=world[0].categories["bin"].pk).update(valid_to=noon.date() - timedelta(days=1))
        episode = self.open(world, noon)
        assert episode.case is None
        assert episode.fault
        assert Reading.objects.count() == 2


class TestDevices:
    def test_are_registered_once_with_a_sealed_password(self, world, noon):
        with pytest.raises(operations.DeviceTaken):
            operations.register_device(by=GATEWAY, at=noon, station_id=world[1].pk, mn=MN, password="x")
        assert PASSWORD not in world[2].sealed_password
        assert queries.known_device(seen_by=CLOCK, mn=MN).password == PASSWORD
        operations.rotate_device_password(by=GATEWAY, at=noon, device_id=world[2].pk, password="new")
        assert queries.known_device(seen_by=CLOCK, mn=MN).password == "new"
        assert queries.town_of_device(seen_by=CLOCK, mn=MN) == DeviceAddress.objects.get().town_id

    def test_are_seen_by_staff_and_their_own_firm(self, world):
        made = world[0]
        for who, sees in (("officer", True), ("contact", True), ("resident", False)):
            assert queries.devices(seen_by=made.by(who)).exists() is sees, who


class TestRegisterStation:
    def water(self, noon, code, **more):
        return operations.register_station(by=GATEWAY, at=noon, code=code, name=code, kind=more.pop("kind", "surface_water"), **more)

    def test_keeps_where_the_water_flows_and_how_long_it_takes(self, world, noon):
        mouth = self.water(noon, "mouth")
        bridge = self.water(noon, "bridge", flows_to_id=mouth.pk, flow_hours=2.5)
        assert (bridge.flows_to, bridge.flow_hours) == (mouth, 2.5)
        assert [station.code for station in queries.upstream_of(seen_by=ANYONE, station_id=mouth.pk)] == ["bridge"]
        assert queries.downstream_of(seen_by=ANYONE, station=bridge) == mouth
        self.water(noon, "bridge")
        assert not queries.upstream_of(seen_by=ANYONE, station_id=mouth.pk).exists()

    def test_refuses_circles_air_and_flow_times_that_lead_nowhere(self, world, noon):
        mouth = self.water(noon, "mouth")
        bridge = self.water(noon, "bridge", flows_to_id=mouth.pk)
        spring = self.water(noon, "spring", flows_to_id=bridge.pk)
        air = self.water(noon, "air", kind="air")
        for code, onward, kind in (("mouth", spring, "level"), ("mouth", mouth, "level"), ("mouth", air, "level"), ("air", mouth, "air")):
            with pytest.raises(operations.NotDownstream):
                self.water(noon, code, kind=kind, flows_to_id=onward.pk)
        for hours, onward in ((1.0, None), (-1.0, bridge), (float("nan"), bridge)):
            with pytest.raises(operations.NoFlowTime):
                self.water(noon, "spring", flows_to_id=onward.pk if onward else None, flow_hours=hours)
        with pytest.raises(NotAllowed):
            operations.register_station(by=ANYONE, at=noon, code="own", name="own", kind="air")
