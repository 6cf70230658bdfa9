"""From readings to likely sources, and to the quantity of the year: real readings, episodes and roll-ups."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel import memory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.models import Episode
from gongzhi.management_line.sources import operations, queries
from gongzhi.management_line.sources.operations import AmountLine
from gongzhi.management_line.sources.tests.factories import NUMBER, cod, make_source, river
from gongzhi.management_line.sources.tests.test_operations import file_october

pytestmark = pytest.mark.django_db
BY = system("test")


@pytest.fixture
def now():
    return timezone.now().replace(minute=30, second=0, microsecond=0)


@pytest.fixture
def kit(town, now):
    return make_source(now)


def measure(now, station, factor, unit, rows):
    """Let a station measure: (hours ago, value) each."""
    series = sensing.define_series(by=BY, at=now, station_id=station.pk, factor=factor, unit=unit)
    memory.forget()  # limits are remembered for half a minute
    moments = [now - timedelta(hours=hours) for hours, _value in rows]
    sensing.take_measurements(by=BY, at=now, key=uuid.uuid4(), series_ids=[series.pk] * len(rows), moments=moments, values=[value for _h, value in rows])
    return series


def limit(now, station, factor, unit, value):
    sensing.set_limit(
        by=MAKER, at=now - timedelta(days=2), title=factor, factor=factor, limit=value, unit=unit, valid_from=(now - timedelta(days=2)).date(),
        station_id=station.pk, count=2, clean_count=3, clause="GB 3838-2002 Ⅲ类",
    )  # fmt: skip


class TestAir:
    @pytest.fixture
    def smoke(self, kit, now):
        """An air station with wind from the east and particles beyond the limit, a stack in the east and one in the west."""
        air = sensing.register_station(
            by=MAKER, at=now - timedelta(days=2), code="air", name="空气站", kind="air", longitude=kit.source.longitude, latitude=kit.source.latitude
        )
        for code, east in (("DA001", 0.008), ("DA002", -0.004)):
            operations.register_outlet(
                by=MAKER, at=now, source_id=kit.source.pk, code=code, name=code, longitude=kit.source.longitude + east, latitude=kit.source.latitude, height=15
            )
        limit(now, air, "a34004", "ug/m³", 115)
        return air

    def test_the_stack_from_which_the_wind_blew_is_named_with_its_figures(self, kit, smoke, now):
        measure(now, smoke, "a01008", "°", [(h / 4, 88.0 + h) for h in range(1, 9)])
        measure(now, smoke, "a01007", "m/s", [(h / 4, 2.5) for h in range(1, 9)])
        measure(now, smoke, "a34004", "ug/m³", [(1.0, 160.0), (0.75, 180.0), (0.5, 170.0)])
        found = queries.trace(seen_by=CLOCK, episode_id=Episode.objects.get().pk, at=now)
        assert found.way == "air"
        assert [one.outlet.code for one in found.suspects] == ["DA001"]
        words = " ".join(str(reason) for reason in found.suspects[0].reasons)
        assert "100" in words
        assert "许可证" in words or "permit" in words  # it names no particles, so it counts half
        assert sum(one.share for one in found.suspects) == pytest.approx(1)

    def test_a_permit_that_names_the_pollutant_counts_whole(self, kit, smoke, now):
        measure(now, smoke, "a01008", "°", [(h / 4, 90.0) for h in range(1, 9)])
        measure(now, smoke, "a34004", "ug/m³", [(1.0, 160.0), (0.75, 180.0)])
        episode = Episode.objects.get().pk
        half = queries.trace(seen_by=CLOCK, episode_id=episode, at=now).suspects[0].weight
        operations.end_permit(by=MAKER, at=now, permit_id=kit.permit.pk, ended_on=date(2026, 2, 1), reason="换证")
        operations.enter_permit(
            by=MAKER, at=now, source_id=kit.source.pk, number="WITH-STACKS-01", valid_from=date(2026, 2, 1), valid_to=date(2030, 1, 1),
            limits=[cod(outlet="DA001", factor="a34013", concentration=20.0, unit="mg/m3")],
        )  # fmt: skip
        assert queries.trace(seen_by=CLOCK, episode_id=episode, at=now).suspects[0].weight == pytest.approx(2 * half)

    def test_without_wind_it_says_so_and_goes_by_distance(self, kit, smoke, now):
        measure(now, smoke, "a34004", "ug/m³", [(1.0, 160.0), (0.75, 180.0)])
        found = queries.trace(seen_by=CLOCK, episode_id=Episode.objects.get().pk, at=now)
        assert found.way == "beside"
        assert [one.outlet.code for one in found.suspects] == ["DA002", "DA001"]
        assert found.notes


class TestWater:
    @pytest.fixture
    def stream(self, kit, now):
        """A stream: inflow → bridge → outflow, the measured outlet above the bridge, an unmeasured one above the outflow."""
        outflow = river(now, "outflow")
        bridge = river(now, "bridge", outflow, 2.0)
        inflow = river(now, "inflow", bridge, 3.0)
        sensing.register_station(
            by=MAKER, at=now, code="outlet", name="东排口", kind="waste_water", longitude=kit.source.longitude, latitude=kit.source.latitude,
            organ_id=kit.made.organs["firm"].pk, flows_to_id=bridge.pk, flow_hours=1.0,
        )  # fmt: skip
        operations.register_outlet(
            by=MAKER, at=now, source_id=kit.source.pk, code="DW002", name="雨水口", longitude=kit.source.longitude, latitude=kit.source.latitude,
            downstream_id=outflow.pk, downstream_hours=0.5,
        )  # fmt: skip
        limit(now, outflow, "w01018", "mg/L", 20)
        return {"outflow": outflow, "bridge": bridge, "inflow": inflow}

    def trace(self, now):
        return queries.trace(seen_by=CLOCK, episode_id=Episode.objects.get(series__station__code="outflow").pk, at=now)

    def test_walks_upstream_with_travel_times(self, kit, stream, now):
        measure(now, stream["outflow"], "w01018", "mg/L", [(1.0, 40.0), (0.75, 42.0), (0.5, 41.0)])
        found = self.trace(now)
        assert {one.outlet.code: one.hours for one in found.suspects} == {"DW001": 3.0, "DW002": 0.5}

    def test_an_outlet_that_was_high_when_that_water_left_it_counts_more(self, kit, stream, now):
        measure(now, stream["outflow"], "w01018", "mg/L", [(1.0, 40.0), (0.75, 42.0)])
        before = {one.outlet.code: one.weight for one in self.trace(now).suspects}
        measure(now, kit.station, "w01018", "mg/L", [(4.0, 75.0), (3.9, 79.0)])  # three hours up, 96 % of its limit in the mean
        after = {one.outlet.code: one.weight for one in self.trace(now).suspects}
        assert after["DW001"] == pytest.approx(before["DW001"] / 0.75 * (0.5 + 0.5 * 77 / 80))
        assert after["DW002"] == before["DW002"]
        high = next(one for one in self.trace(now).suspects if one.outlet.code == "DW001")
        assert any("96" in str(reason) for reason in high.reasons)

    def test_what_passed_a_clean_station_counts_a_quarter(self, kit, stream, now):
        measure(now, stream["outflow"], "w01018", "mg/L", [(1.0, 40.0), (0.75, 42.0)])
        before = {one.outlet.code: one.weight for one in self.trace(now).suspects}
        measure(now, stream["bridge"], "w01018", "mg/L", [(3.0, 9.0), (2.8, 10.0)])
        after = {one.outlet.code: one.weight for one in self.trace(now).suspects}
        assert after["DW001"] == pytest.approx(before["DW001"] / 4)
        assert after["DW002"] == before["DW002"]

    def test_a_station_above_that_was_beyond_too_is_said(self, kit, stream, now):
        measure(now, stream["outflow"], "w01018", "mg/L", [(1.0, 40.0), (0.75, 42.0)])
        measure(now, stream["bridge"], "w01018", "mg/L", [(3.0, 90.0), (2.8, 95.0)])
        assert any("bridge" in str(note) for note in self.trace(now).notes)

    def test_an_outlets_own_station_names_it_without_doubt(self, kit, now):
        measure(now, kit.station, "w01018", "mg/L", [(0.5, 130.0), (0.4, 131.0)])
        found = queries.trace(seen_by=CLOCK, episode_id=Episode.objects.get().pk, at=now)
        assert [(one.outlet.code, one.is_certain) for one in found.suspects] == [("DW001", True)]


class TestUsage:
    def test_measured_hours_and_accepted_returns_make_the_year(self, kit, town):
        now = datetime(2026, 11, 18, 12, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        filed = file_october(kit, now)
        measure(now, kit.station, "w01018", "mg/L", [(2.0, 50.0), (1.0, 70.0), (0.0, 60.0)])
        measure(now, kit.station, "w00000", "L/s", [(2.0, 10.0), (1.0, 20.0)])
        sensing.roll_up(by=CLOCK, at=now)
        permit = queries.permit_for(seen_by=CLOCK, number=NUMBER)
        (only,) = queries.usage(seen_by=CLOCK, permit=permit, at=now)
        measured = (50 * 10 + 70 * 20) * 3600 / 1e6  # mg/L × L/s = mg/s, an hour of it in kg
        assert only.used.kilograms == pytest.approx(measured)
        assert only.used.measured_hours == 2
        operations.check_return(by=kit.by("officer"), at=now, return_id=filed.pk, accepted=True)
        (only,) = queries.usage(seen_by=CLOCK, permit=permit, at=now)
        assert only.used.kilograms == pytest.approx(1500 + measured)
        assert only.share == pytest.approx((1500 + measured) / 20_000)
        assert only.state[0] == "ok"
        assert only.judged.keeps is True
        assert only.used.covered == pytest.approx((31 + 2 / 24) / 322, abs=0.001)

    def test_more_than_the_permit_grants_is_said(self, kit, town):
        now = datetime(2026, 11, 18, 12, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        filed = file_october(kit, now, amounts=[AmountLine(outlet_id=kit.outlet.pk, factor="w01018", kilograms=Decimal(20_001))])
        operations.check_return(by=kit.by("officer"), at=now, return_id=filed.pk, accepted=True)
        (only,) = queries.usage(seen_by=CLOCK, permit=queries.permit_for(seen_by=CLOCK, number=NUMBER), at=now)
        assert only.is_over
        assert only.amount.keeps is False
