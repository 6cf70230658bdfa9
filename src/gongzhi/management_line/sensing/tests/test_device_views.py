"""Devices' pages: health, requests, maintenance, calibration, registration."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.organs import operations as organs
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.models import Calibration, Device, DeviceRequest, LimitRule, Maintenance, Series, Station
from gongzhi.management_line.sensing.tests.factories import MN, browser_of, make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
PAGE = f"/stations/devices/{MN}/"


@pytest.fixture
def world(town):
    towns.forget()
    return make_station(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(world):
    return partial(browser_of, world[0])


@pytest.fixture
def administrator(world, enter):
    at = timezone.now() - timedelta(hours=1)
    organs.give_post(by=MAKER, at=at, organ_id=world[0].organs["centre"].pk if "centre" in world[0].organs else next(iter(world[0].organs.values())).pk,
                     person_id=world[0].people["officer"].pk, role="administrator", starts_on=at.date())  # fmt: skip
    return enter("officer")


class TestDevices:
    @pytest.mark.parametrize(("who", "sees"), [("", False), ("resident", False), ("officer", True)])
    def test_are_listed_for_those_who_keep_them(self, enter, who, sees):
        page = enter(who).get("/stations/devices/")
        assert page.status_code == 200
        assert (MN in page.content.decode()) is sees

    def test_are_hidden_from_strangers(self, enter):
        assert enter().get(PAGE).status_code == 404
        assert enter("resident").get(PAGE).status_code == 404


class TestDevice:
    def test_is_asked_kept_and_calibrated_by_its_keepers(self, enter):
        browser = enter("officer")
        page = browser.get(PAGE)
        assert page.status_code == 200
        assert f'value="{timezone.localdate():%Y-%m-%d}"' in page.content.decode()  # a form browsers can show; they take no other
        assert browser.post(PAGE, {"act": "ask", "command": "1012"}).status_code == 302
        assert DeviceRequest.objects.get().command == "1012"
        wrong = browser.post(PAGE, {"act": "ask", "command": "2061"})
        assert wrong.status_code == 422
        assert "七天" in wrong.content.decode()
        assert browser.post(PAGE, {"act": "maintain", "begins_at": "2026-11-24T10:00", "ends_at": "2026-11-24T09:00", "reason": "x"}).status_code == 422
        assert not Maintenance.objects.exists()
        begin = timezone.localtime() + timedelta(hours=1)
        window = {"act": "maintain", "begins_at": f"{begin:%Y-%m-%dT%H:%M}", "ends_at": f"{begin + timedelta(hours=2):%Y-%m-%dT%H:%M}", "reason": "换泵管"}
        assert browser.post(PAGE, window).status_code == 302
        assert browser.post(
            PAGE, {"act": "calibrate", "factor": "w01018", "done_on": "2026-11-20", "reference": "100", "found": "102", "passed": "on",
                   "next_due_on": "2026-11-21"},
        ).status_code == 302  # fmt: skip
        assert Calibration.objects.get().passed
        page = browser.get(PAGE).content.decode()
        assert "换泵管" in page
        assert "校准已逾期" in page

    def test_keeps_its_password_from_those_who_may_not_register(self, enter):
        before = Device.objects.get().sealed_password
        assert enter("supervisor").post(PAGE, {"act": "rotate", "password": "another"}).status_code == 422
        assert Device.objects.get().sealed_password == before
        assert enter("officer").post(PAGE, {"act": "rotate", "password": "another"}).status_code == 302
        assert Device.objects.get().sealed_password != before


class TestNotices:
    def test_stand_on_the_device_page_and_over_the_api_for_staff(self, world, enter):
        at = timezone.now().replace(microsecond=0)
        operations.keep_notice(by=MAKER, at=at, device_id=world[2].pk, command="2072", told_at=at, content="AlarmType=1;w01018-Ala=120.1")
        officer = enter("officer")
        page = officer.get(PAGE).content.decode()
        assert "设备自报报警" in page
        assert "w01018-Ala=120.1" in page
        assert [one["command"] for one in officer.get(f"/api/v1/devices/{MN}/notices").json()] == ["2072"]
        assert enter().get(f"/api/v1/devices/{MN}/notices").status_code == 404


class TestRegistry:
    def test_is_closed_to_those_who_may_not_register(self, enter):
        resident = enter("resident")
        for page in ("/stations/new/", "/stations/devices/new/", "/stations/outlet/edit/", "/stations/outlet/limits/new/"):
            assert resident.get(page).status_code == 403
            assert enter().get(page).headers["Location"].startswith("/sign-in/")

    def test_lets_an_officer_of_a_department_connect_a_device(self, world, enter):
        officer, firm = enter("officer"), world[0].organs["firm"]
        assert 'href="/stations/new/"' in officer.get("/stations/devices/").content.decode()
        station = {"code": "west", "name": "西排口", "kind": "waste_water", "is_public": "on", "organ": firm.pk}
        assert officer.post("/stations/new/", station | {"organ": "0"}).status_code == 422
        assert officer.post("/stations/new/", station).headers["Location"] == "/stations/devices/new/?station=west"
        assert Station.objects.get(code="west").organ_id == firm.pk
        device = {"station": "west", "mn": "33011010820000000000B1", "password": "secret", "report_seconds": "60", "series": "011 mg/L"}
        assert officer.post("/stations/devices/new/", device).status_code == 302
        assert Series.objects.filter(station__code="west").values_list("factor", flat=True).get() == "w01018"  # 011 is its code of 2005
        assert officer.get("/stations/west/limits/new/").status_code == 200

    def test_takes_a_station_a_device_and_a_limit(self, administrator):
        assert administrator.get("/stations/new/").status_code == 200
        answer = administrator.post("/stations/new/", {"code": "west", "name": "西排口", "kind": "waste_water", "is_public": "on"})
        assert answer.headers["Location"] == "/stations/devices/new/?station=west"
        assert administrator.post("/stations/new/", {"code": "west", "name": "西排口", "kind": "waste_water"}).status_code == 422
        given = {"station": "west", "mn": "33011010820000000000B1", "password": "secret", "report_seconds": "60", "series": "w01018 mg/L\nw01001 pH\n"}
        assert administrator.post("/stations/devices/new/", given | {"series": "!!"}).status_code == 422
        assert administrator.post("/stations/devices/new/", given).status_code == 302
        again = administrator.post("/stations/devices/new/", given)
        assert again.status_code == 422
        series = Series.objects.get(station__code="west", factor="w01018")
        limit = {"series": series.pk, "comparator": "above", "limit": "80", "return_difference": "4", "count": "3", "duration_minutes": "5", "clean_count": "3",
                 "severity": "2", "clause": "GB 4287-2012", "valid_from": "2026-11-24"}  # fmt: skip
        assert administrator.post("/stations/west/limits/new/", limit | {"count": "0"}).status_code == 422
        assert administrator.post("/stations/west/limits/new/", limit).status_code == 302
        rule = LimitRule.objects.get(station=Station.objects.get(code="west"))
        assert (rule.unit, rule.duration_seconds) == ("mg/L", 300)

    def test_corrects_a_station_and_keeps_whose_it_is(self, administrator):
        outlet = Station.objects.get()
        assert administrator.post("/stations/new/", {"code": "stream", "name": "下游断面", "kind": "surface_water", "is_public": "on"}).status_code == 302
        page = administrator.get("/stations/outlet/edit/").content.decode()
        assert f'value="{outlet.name}"' in page
        given = {"code": "other", "name": "新东排口", "kind": "waste_water", "is_public": "on", "flows_to": "stream", "flow_hours": "1.5",
                 "organ": outlet.organ_id}
        assert administrator.post("/stations/outlet/edit/", given | {"flows_to": ""}).status_code == 422
        assert administrator.post("/stations/outlet/edit/", given | {"kind": "air"}).status_code == 422
        assert administrator.post("/stations/outlet/edit/", given).headers["Location"] == "/stations/outlet/"
        after = Station.objects.get(pk=outlet.pk)
        assert (after.code, after.name, after.flows_to.code, after.flow_hours, after.organ_id) == ("outlet", "新东排口", "stream", 1.5, outlet.organ_id)
        assert "下游断面" in administrator.get("/stations/outlet/").content.decode()
        assert "新东排口" in administrator.get("/stations/stream/").content.decode()
        shown = {one["code"]: (one["flows_to"], one["flow_hours"]) for one in administrator.get("/api/v1/stations").json()}
        assert shown == {"outlet": ("stream", 1.5), "stream": (None, None)}


class TestApi:
    def test_gives_hours_latest_values_and_devices(self, enter):
        station = Station.objects.get()
        series = Series.objects.get(factor="w01018")
        assert enter().get("/api/v1/latest").json() == []
        span = {"series_id": series.pk, "since": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"}
        assert enter().get(f"/api/v1/stations/{station.code}/rollups", span).json() == []
        assert enter().get(f"/api/v1/stations/{station.code}/rollups", span | {"until": "2020-01-01T00:00:00Z"}).status_code == 422
        assert [one["mn"] for one in enter("officer").get("/api/v1/devices").json()] == [MN]
