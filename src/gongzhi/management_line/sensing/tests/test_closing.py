"""A station that measures no more: what it leaves, what stays, and how it comes back."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.models import Episode, RegistryVersion, Station
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station
from gongzhi.management_line.sensing.tests.test_operations import GATEWAY, MINUTE, take
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(town, noon):
    return make_station(noon)


class TestCloseStation:
    def test_takes_it_out_of_what_is_live_and_keeps_what_it_measured(self, world, noon):
        _made, station, device = world
        take(world, noon, -9, 60.0)
        before = queries.known_device(seen_by=GATEWAY, mn=device.mn)
        version = RegistryVersion.objects.get().version
        closed = operations.close_station(by=MAKER, at=noon, station_id=station.pk, reason=" 企业搬迁 ", since=noon - 5 * MINUTE)
        assert (closed.closed_at, closed.close_reason) == (noon - 5 * MINUTE, "企业搬迁")
        assert before is not None
        assert queries.known_device(seen_by=GATEWAY, mn=device.mn) is None
        assert RegistryVersion.objects.get().version > version
        assert not queries.stations(seen_by=CLOCK).exists()
        assert not queries.devices(seen_by=CLOCK).exists()
        assert queries.overview(seen_by=CLOCK, at=noon) == []
        assert json.loads(queries.latest_json(seen_by=CLOCK)) == []
        last = queries.station_now(seen_by=CLOCK, at=noon, station=closed)
        assert [value.latest.value for value in last.values if value.latest] == [60.0]
        assert not last.is_online
        assert queries.stations_since(seen_by=CLOCK, since=noon - 6 * MINUTE).get() == closed
        assert not queries.stations_since(seen_by=CLOCK, since=noon - 5 * MINUTE).exists()

    @pytest.mark.parametrize(("since", "why"), [
        (MINUTE, "ClosedTooEarly"), (-timedelta(days=200), "ClosedTooEarly"), (-10 * MINUTE, "StillMeasured"), (-8 * MINUTE, None),
    ])  # fmt: skip
    def test_refuses_a_time_to_come_before_it_was_opened_or_before_its_last_reading(self, world, noon, since, why):
        _made, station, _device = world
        take(world, noon, -9, 60.0)
        if why is None:
            assert operations.close_station(by=MAKER, at=noon, station_id=station.pk, since=noon + since).closed_at == noon + since
            return
        with pytest.raises(getattr(operations, why)) as told:
            operations.close_station(by=MAKER, at=noon, station_id=station.pk, since=noon + since)
        assert told.value.field == "since"
        assert Station.objects.get().closed_at is None

    def test_is_once_and_for_those_who_register(self, world, noon):
        made, station, _device = world
        with pytest.raises(NotAllowed):
            operations.close_station(by=made.by("supervisor"), at=noon, station_id=station.pk)
        operations.close_station(by=MAKER, at=noon, station_id=station.pk)
        with pytest.raises(operations.AlreadyClosed):
            operations.close_station(by=MAKER, at=noon, station_id=station.pk)

    def test_lets_its_logger_come_back_with_it_or_go_to_another_station(self, world, noon):
        _made, station, device = world
        operations.close_station(by=MAKER, at=noon, station_id=station.pk, reason="x")
        again = operations.register_station(by=MAKER, at=noon + MINUTE, code=station.code, name=station.name, kind=station.kind, organ_id=station.organ_id)
        assert (again.pk, again.closed_at, again.close_reason) == (station.pk, None, "")
        back = operations.register_device(by=MAKER, at=noon + MINUTE, station_id=again.pk, mn=device.mn, password="another", report_seconds=30)
        assert (back.pk, back.state, back.report_seconds, back.last_seen_at) == (device.pk, "active", 30, None)
        known = queries.known_device(seen_by=GATEWAY, mn=device.mn)
        assert (known.device_id, known.station_id, known.password) == (device.pk, station.pk, "another")
        with pytest.raises(operations.DeviceTaken):
            operations.register_device(by=MAKER, at=noon + MINUTE, station_id=again.pk, mn=device.mn, password="third")

    def test_does_not_give_a_retired_logger_of_another_town(self, world, noon, other_town):
        _made, station, device = world
        operations.close_station(by=MAKER, at=noon, station_id=station.pk)
        with in_town(other_town.pk):
            elsewhere = operations.register_station(by=MAKER, at=noon, code="theirs", name="他", kind="air")
            with pytest.raises(operations.DeviceTaken):
                operations.register_device(by=MAKER, at=noon, station_id=elsewhere.pk, mn=device.mn, password="another")


@pytest.fixture
def live(town):
    """Return a station at this very moment, with readings beyond its limit, and browsers for its people."""
    towns.forget()
    now = timezone.now().replace(microsecond=0)
    made = make_station(now)
    for minute in (-3, -2):
        take(made, now, minute, 95.0)
    organs.give_post(by=MAKER, at=now, organ_id=made[0].organs["centre"].pk, person_id=made[0].people["officer"].pk, role="administrator", starts_on=now.date())
    return made


class TestPages:
    def test_tell_what_closing_means_and_close_with_a_reason(self, live):
        made, _station, device = live
        browser = browser_of(made, "officer")
        assert "/stations/outlet/close/" in browser.get("/stations/outlet/").content.decode()
        page = browser.get("/stations/outlet/close/").content.decode()
        assert "1 台数采仪随之停用" in page
        assert "1 起报警未解除" in page
        assert browser.post("/stations/outlet/close/", {"reason": ""}).status_code == 422
        early = timezone.localtime() - timedelta(hours=1)
        refused = browser.post("/stations/outlet/close/", {"reason": "搬迁", "since": f"{early:%Y-%m-%dT%H:%M}"})
        assert refused.status_code == 422
        assert "仍有监测数据" in refused.content.decode()
        assert browser.post("/stations/outlet/close/", {"reason": "企业搬迁"}).headers["Location"] == "/stations/outlet/"
        shown = browser.get("/stations/outlet/").content.decode()
        assert "已关停" in shown
        assert "企业搬迁" in shown
        assert "95.0" in shown  # its last value, and the line of its last day
        assert 'id="history"' in shown
        assert "/stations/outlet/close/" not in shown
        assert browser.post("/stations/outlet/close/", {"reason": "again"}).status_code == 422
        listed = browser.get("/stations/").content.decode()
        assert "stationcard" not in listed
        assert "企业搬迁" in listed
        assert device.mn not in browser.get("/stations/devices/").content.decode()
        assert Episode.objects.get().case.is_open

    def test_are_for_those_who_register(self, live):
        made, _station, _device = live
        assert browser_of(made, "resident").get("/stations/outlet/close/").status_code == 403
        assert "/close/" not in browser_of(made).get("/stations/outlet/").content.decode()

    def test_open_it_again_and_keep_its_short_name_for_it(self, live):
        made, station, _device = live
        browser = browser_of(made, "officer")
        browser.post("/stations/outlet/close/", {"reason": "企业搬迁"})
        given = {"code": "outlet", "name": "东排口", "kind": "waste_water", "is_public": "on", "organ": station.organ_id}
        taken = browser.post("/stations/new/", given)
        assert taken.status_code == 422
        assert "已关停的站点用过这个短名" in taken.content.decode()
        assert browser.post("/stations/outlet/edit/", given).headers["Location"] == "/stations/devices/new/?station=outlet"
        again = Station.objects.get(code="outlet")
        assert (again.is_closed, again.organ_id) == (False, station.organ_id)


class TestApi:
    def test_closes_shows_and_opens_again(self, live):
        made, _station, _device = live
        user = people.give_login(by=MAKER, at=made.at, person_id=made.people["member"].pk, username="member", password="a-long-password-26")
        by = Actor(kind="person", person_id=made.people["member"].pk, user_id=user.pk)
        _token, text = people.issue_token(by=by, at=timezone.now(), title="t", scopes=("sensing:read", "sensing:write"))

        def call(method, path, body=None):
            answer = Client().generic(method, f"/api/v1{path}", json.dumps(body) if body else "", content_type="application/json",
                                      headers={"authorization": f"Bearer {text}"})  # fmt: skip
            return answer.status_code, answer.json()

        assert call("POST", "/stations/outlet/close", {})[0] == 422
        status, told = call("POST", "/stations/outlet/close", {"reason": "企业搬迁", "since": "2020-01-01T00:00:00Z"})
        assert (status, told["field"]) == (409, "since")
        status, closed = call("POST", "/stations/outlet/close", {"reason": "企业搬迁"})
        assert (status, closed["close_reason"], closed["online"]) == (200, "企业搬迁", False)
        assert call("POST", "/stations/outlet/close", {"reason": "again"})[0] == 409
        assert call("GET", "/stations")[1] == []
        assert [one["code"] for one in call("GET", "/stations?closed=true")[1]] == ["outlet"]
        assert call("GET", "/stations?closed=true&kind=air")[1] == []
        status, one = call("GET", "/stations/outlet")
        assert status == 200
        assert one["closed_at"] == closed["closed_at"]
        series = next(value["series_id"] for value in one["values"] if value["factor"] == "w01018")
        assert [point["value"] for point in call("GET", f"/stations/outlet/readings?series_id={series}")[1]] == [95.0, 95.0]
        status, told = call("POST", "/stations", {"code": "outlet", "name": "新", "kind": "air"})
        assert (status, told["field"]) == (409, "code")
        assert call("PUT", "/stations/outlet", {"name": "东排口", "kind": "waste_water"})[0] == 200
        assert [one["closed_at"] for one in call("GET", "/stations")[1]] == [None]
