"""What keepers do over the API is what they do on the pages: registered, refused and kept alike."""

import json
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.models import Calibration, Device, DeviceRequest, LimitRule, Maintenance, Station
from gongzhi.management_line.sensing.tests.factories import MN, make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
STATION = {"code": "north", "name": "北断面", "kind": "surface_water", "longitude": 120.005, "latitude": 30.265}
LIMIT = {"title": "氨氮", "factor": "w21003", "limit": 1.0, "unit": "mg/L", "clause": "GB 3838-2002", "valid_from": "2026-01-01"}


@pytest.fixture
def world(town):
    towns.forget()
    return make_station(timezone.now().replace(microsecond=0))


@pytest.fixture
def call(world):
    """Return a function that calls the API by a token of somebody: (who, scopes, method, path, body)."""
    made, _station, _device = world

    def caller(who, *scopes):
        user = people.give_login(by=MAKER, at=made.at, person_id=made.people[who].pk, username=who, password="a-long-password-26")
        by = Actor(kind="person", person_id=made.people[who].pk, user_id=user.pk)
        _token, text = people.issue_token(by=by, at=timezone.now(), title="t", scopes=scopes or ("sensing:read", "sensing:write"))
        return partial(_call, {"authorization": f"Bearer {text}"})

    return caller


def _call(headers, method, path, body=None):
    answer = Client().generic(method, f"/api/v1{path}", json.dumps(body) if body is not None else "", content_type="application/json", headers=headers)
    return answer.status_code, (answer.json() if answer.content else None)


class TestStations:
    def test_are_registered_once_and_corrected(self, world, call):
        member = call("member")
        status, made = member("POST", "/stations", STATION | {"organ": "station"})
        assert (status, made["url"]) == (201, "/stations/north/")
        assert Station.objects.get(code="north").organ.code == "station"
        assert member("POST", "/stations", STATION)[0] == 409
        status, _made = member("PUT", "/stations/north", {"name": "北大桥断面", "kind": "surface_water"})
        assert status == 200
        assert Station.objects.get(code="north").name == "北大桥断面"

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"organ": "nobody"}, "organ"), ({"flows_to": "nowhere"}, "flows_to"), ({"kind": "moon"}, "kind"), ({"longitude": 181}, "longitude"),
         ({"code": "a b"}, "code"), ({"code": "new"}, "code")],
    )  # fmt: skip
    def test_name_the_field_that_is_wrong(self, world, call, wrong, field):
        status, told = call("member")("POST", "/stations", STATION | wrong)
        assert status in (409, 422)
        assert told["field"] == field
        assert not Station.objects.filter(name="北断面").exists()

    def test_are_for_those_who_register_with_the_scope_for_it(self, world, call):
        assert call("supervisor")("POST", "/stations", STATION)[0] == 403
        status, told = call("member", "sensing:read")("POST", "/stations", STATION)
        assert (status, told["scope"]) == (403, "sensing:write")
        assert not Station.objects.filter(code="north").exists()
        assert call("officer")("POST", "/stations", STATION)[0] == 201
        assert Station.objects.filter(code="north").exists()


class TestLimits:
    def test_are_set_listed_and_ended(self, world, call):
        member = call("member")
        status, made = member("POST", "/stations/outlet/limits", LIMIT)
        assert status == 201
        today = timezone.localtime().date()
        assert member("POST", f"/limits/{made['id']}/end", {"on": f"{today - timedelta(days=1)}"})[1]["field"] == "on"
        status, ended = member("POST", f"/limits/{made['id']}/end", {"on": f"{today + timedelta(days=1)}"})
        assert (status, ended["valid_to"]) == (200, f"{today + timedelta(days=1)}")
        found = member("GET", "/stations/outlet/limits")[1]
        assert {(limit["factor"], limit["valid_to"] is None) for limit in found} == {("w21003", False), ("w01018", True)}

    def test_do_not_end_while_an_alarm_under_them_runs(self, world, call):
        made, station, _device = world
        rule = LimitRule.objects.get(station=station)
        series = operations.define_series(by=MAKER, at=made.at, station_id=station.pk, factor="w01018")
        at = timezone.now()
        moments = [at - timedelta(minutes=2), at - timedelta(minutes=1)]
        operations.take_measurements(by=MAKER, at=at, key=uuid.uuid4(), series_ids=[series.pk] * 2, moments=moments, values=[95.0, 96.0])
        tomorrow = timezone.localtime().date() + timedelta(days=1)
        status, told = call("member")("POST", f"/limits/{rule.pk}/end", {"on": f"{tomorrow}"})
        assert (status, told["type"]) == (409, "about:blank#LimitStillRuns")
        rule.refresh_from_db()
        assert rule.valid_to is None

    def test_are_not_ended_by_who_may_not_register(self, world, call):
        rule = LimitRule.objects.get()
        tomorrow = timezone.localtime().date() + timedelta(days=1)
        assert call("supervisor")("POST", f"/limits/{rule.pk}/end", {"on": f"{tomorrow}"})[0] == 403


class TestDevices:
    def test_are_registered_and_kept(self, world, call):
        member = call("member")
        status, made = member("POST", "/devices", {"station": "outlet", "mn": "330110108200000000000B02", "password": "654321", "series": {"w21003": "mg/L"}})
        assert (status, made["url"]) == (201, "/stations/devices/330110108200000000000B02/")
        assert member("POST", "/devices", {"station": "outlet", "mn": MN, "password": "654321"})[1]["field"] == "mn"
        before = Device.objects.get(mn=MN).sealed_password
        assert member("PUT", f"/devices/{MN}/password", {"password": "another-one"})[0] == 204
        assert Device.objects.get(mn=MN).sealed_password != before

    def test_are_asked_maintained_and_calibrated_by_their_keepers(self, world, call):
        officer = call("officer")
        status, asked = officer("POST", f"/devices/{MN}/requests", {"command": "1012"})
        assert (status, asked["state"]) == (201, "waiting")
        assert [request["id"] for request in officer("GET", f"/devices/{MN}/requests")[1]] == [asked["id"]]
        begin = timezone.localtime() + timedelta(hours=1)
        window = {"begins_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=2)).isoformat(), "reason": "换泵管"}
        assert officer("POST", f"/devices/{MN}/maintenance", window)[0] == 201
        assert officer("POST", f"/devices/{MN}/maintenance", window | {"ends_at": window["begins_at"]})[1]["field"] == "ends_at"
        calibration = {"factor": "w01018", "done_on": "2026-11-20", "reference": 50, "found": 51, "passed": True}
        status, told = officer("POST", f"/devices/{MN}/calibrations", calibration)
        assert (status, told["deviation"]) == (201, pytest.approx(0.02))
        assert (Maintenance.objects.count(), Calibration.objects.count(), DeviceRequest.objects.count()) == (1, 1, 1)

    def test_of_others_are_not_found(self, world, call):
        assert call("resident")("POST", f"/devices/{MN}/requests", {"command": "1012"})[0] == 404
        assert DeviceRequest.objects.count() == 0
