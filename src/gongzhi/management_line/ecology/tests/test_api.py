"""The environment for programs: the same as the pages say."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel import memory
from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.models import Station
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
BY = system("test")
ZONE = ZoneInfo("Asia/Shanghai")
AIR = {"a34004": ("ug/m³", 90.0), "a34002": ("ug/m³", 100.0), "a05024": ("ug/m³", 60.0), "a21004": ("ug/m³", 40.0), "a21026": ("ug/m³", 8.0),
       "a21005": ("mg/m³", 0.8)}  # fmt: skip


@pytest.fixture
def world(town, noon):
    towns.forget()
    memory.forget()
    make_station(noon)
    station = operations.register_station(by=MAKER, at=noon - timedelta(days=30), code="air", name="空气站", kind="air")
    for factor, (unit, value) in AIR.items():
        series = operations.define_series(by=BY, at=datetime(2026, 11, 10, tzinfo=ZONE), station_id=station.pk, factor=factor, unit=unit, aggregate="hour.avg")
        moments = [datetime(2026, 11, 10, hour, tzinfo=ZONE) for hour in range(22)]
        flags = ["D" if hour == 3 else "N" for hour in range(22)]
        operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk] * 22, moments=moments, values=[value] * 22, flags=flags)


def get(path):
    answer = Client().get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestApi:
    def test_lists_every_station_today(self, world):
        found = {row["station"]: row for row in get("environment")}
        assert found["air"]["compartment"] == "air"
        assert found["outlet"]["compartment"] == "water"
        Station.objects.update(is_public=False)
        assert get("environment") == []

    def test_gives_the_days_of_an_air_station(self, world):
        days = {row["day"]: row for row in get("stations/air/air-days?year=2026")}
        assert days["2026-11-10"]["aqi"] == 128
        assert days["2026-11-10"]["primary"] == ["PM2.5"]
        assert days["2026-11-10"]["valid_hours"]["PM2.5"] == 21
        assert days["2026-11-09"]["aqi"] is None
        assert get("stations/outlet/air-days?year=2026") == []
        assert Client().get("/api/v1/stations/air/air-days?year=1").status_code == 422

    def test_gives_a_series_over_a_span_with_what_is_missing(self, world):
        (found,) = get("stations/air/history?factor=a34004&since=2026-11-10&until=2026-11-10")
        states = [step["state"] for step in found["steps"]]
        assert found["step_seconds"] == 3600
        assert [place for place, state in enumerate(states) if state] == [3, 22, 23]
        assert (states[3], states[22]) == ("invalid", "missing")
        assert found["steps"][3]["marks"] == {"D": 1}
        answer = Client().get("/api/v1/stations/air/history?since=x")
        assert (answer.status_code, answer.json()["field"]) == (422, "from")

    def test_tells_how_complete_a_day_is(self, world):
        found = {row["station"]: row for row in get("environment/completeness?since=2026-11-10&until=2026-11-11")}
        assert {name: found["air"][name] for name in ("due", "valid", "invalid", "missing")} == {"due": 144, "valid": 126, "invalid": 6, "missing": 12}
        assert found["air"]["marks"] == {"D": 6}
        for bad in ("since=2026-11-10&until=2026-11-10", "since=2026-01-01&until=2026-11-10"):
            assert Client().get(f"/api/v1/environment/completeness?{bad}").status_code == 422
