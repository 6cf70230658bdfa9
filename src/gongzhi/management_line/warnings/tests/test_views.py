"""The pages of early warning and the API, as the public, a firm and the staff see them."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.organs import operations as organs
from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.models import Device, Episode, Station
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station
from gongzhi.management_line.warnings import operations, tasks
from gongzhi.management_line.warnings.models import WarningRule
from gongzhi.management_line.warnings.tests.factories import HOUR, make_point, make_series, take
from gongzhi.management_line.warnings.tests.test_forecast import weather
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
RULES = "/environment/warnings/rules/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def world(town, now, monkeypatch):
    """A device that has been silent for two hours, and the warning of it."""
    towns.forget()
    made, station, device = make_station(now)
    operations.set_rule(by=MAKER, at=now, title="失联半小时", cause="silence", threshold=30.0, clause="HJ 212 运维要求",
                        valid_from=now.date() - timedelta(days=2), category_id=made.categories["bin"].pk)  # fmt: skip
    Device.objects.update(last_seen_at=now - timedelta(hours=2))
    monkeypatch.setattr(tasks, "listens_since", lambda now: now - timedelta(days=1))
    tasks.judge.func(timestamp=0)
    return made, station, device


@pytest.fixture
def enter(world):
    return partial(browser_of, world[0])


@pytest.fixture
def administrator(world, enter):
    at = timezone.now() - timedelta(hours=1)
    organs.give_post(by=MAKER, at=at, organ_id=next(iter(world[0].organs.values())).pk, person_id=world[0].people["officer"].pk, role="administrator",
                     starts_on=at.date())  # fmt: skip
    return enter("officer")


class TestIndex:
    def test_says_what_was_found_and_why(self, world, enter):
        page = enter().get("/environment/warnings/").content.decode()
        episode = Episode.objects.get()
        assert "设备失联" in page
        assert "120 分钟没有上报" in page
        assert f"/cases/{episode.case.slug}/" in page
        assert world[2].mn not in page

    def test_shows_one_cause_or_what_stands_and_bears_nonsense(self, enter):
        browser = enter()
        assert "分钟没有上报" not in browser.get("/environment/warnings/?cause=rate").content.decode()
        assert "没有预警" in browser.get("/environment/warnings/?cause=rate").content.decode()
        assert "分钟没有上报" in browser.get("/environment/warnings/?open=1").content.decode()
        assert browser.get("/environment/warnings/?cause=mood").status_code == 200

    def test_hides_what_is_found_at_stations_that_are_not_public(self, world, enter):
        Station.objects.update(is_public=False)
        assert "分钟没有上报" not in enter().get("/environment/warnings/").content.decode()
        assert "分钟没有上报" in enter("contact").get("/environment/warnings/").content.decode()

    def test_is_reached_from_the_environments_home_and_told_on_case_and_station(self, world, enter):
        browser = enter("officer")
        assert 'href="/environment/warnings/"' in browser.get("/environment/").content.decode()
        case = Episode.objects.get().case
        page = browser.get(f"/cases/{case.slug}/").content.decode()
        assert "分钟没有上报" in page
        assert "失联半小时" in page
        assert "收到读数" in page
        assert "分钟没有上报" in browser.get("/stations/outlet/").content.decode()


class TestRules:
    def test_are_public_and_set_by_those_who_may(self, enter):
        page = enter().get(RULES)
        assert "失联半小时" in page.content.decode()
        assert "new/?cause=" not in page.content.decode()
        assert enter().get(RULES + "new/?cause=rate").headers["Location"].startswith("/sign-in/")
        resident = enter("resident")
        assert resident.get(RULES + "new/?cause=rate").status_code == 403
        assert resident.post(f"{RULES}{WarningRule.objects.get().pk}/end/", {"valid_to": "2030-01-01"}).status_code == 403

    @pytest.mark.parametrize(("cause", "given", "kept"), [
        ("rate", {"factor": "w01018 rtd", "threshold": "20", "window_minutes": "30", "direction": "up", "count": "2"}, {"threshold": 20.0, "direction": "up"}),
        ("silence", {"threshold": "45", "repeats": "5"}, {"threshold": 45.0, "repeats": 5, "factor": ""}),
        ("frozen", {"factor": "w01018 rtd", "threshold": "60", "repeats": "20", "tolerance": "0.1"}, {"repeats": 20, "tolerance": 0.1}),
        ("neighbours", {"factor": "w01018 rtd", "threshold": "6", "tolerance": "1", "radius_km": "3", "count": "2"}, {"radius_km": 3.0, "count": 2}),
        ("forecast", {"factor": "w01018 rtd", "threshold": "", "horizon_hours": "6", "count": "1"}, {"threshold": None, "horizon_hours": 6}),
    ])  # fmt: skip
    def test_are_set_by_a_form_for_each_cause(self, administrator, cause, given, kept):
        address = f"{RULES}new/?cause={cause}"
        assert administrator.get(address).status_code == 200
        shared = {"title": "新规则", "where": "station:outlet", "clean_count": "3", "severity": "2", "category": "", "clause": "运维规程",
                  "valid_from": "2026-11-01"}  # fmt: skip
        wrong = administrator.post(address, shared | given | {"clause": ""})
        assert wrong.status_code == 422
        assert 'value="新规则"' in wrong.content.decode()
        assert administrator.post(address, shared | given).headers["Location"] == RULES
        rule = WarningRule.objects.get(title="新规则")
        assert (rule.cause, rule.station.code, rule.station_kind, rule.aggregate) == (cause, "outlet", "", "rtd")
        assert {name: getattr(rule, name) for name in kept} == kept

    def test_are_ended_on_a_day(self, administrator):
        rule = WarningRule.objects.get()
        assert administrator.post(f"{RULES}{rule.pk}/end/", {"valid_to": ""}).status_code == 302
        assert WarningRule.objects.get().valid_to is None
        assert administrator.post(f"{RULES}{rule.pk}/end/", {"valid_to": str(timezone.localdate())}).status_code == 302
        assert WarningRule.objects.get().valid_to == timezone.localdate()
        assert "未生效" in administrator.get(RULES).content.decode()
        assert administrator.get(RULES + "new/?cause=mood").headers["Location"] == RULES


class TestForecastPages:
    def air(self, now, seed=12):
        series = make_series(now, make_point(now, "air", kind="air"), "a34004", "ug/m³")
        values, _hours = weather(seed, weeks=7)
        take(now.replace(minute=0, second=0) - HOUR, series, values, step=HOUR)
        return series

    def test_show_the_band_and_how_good_it_was(self, world, now, enter):
        series = self.air(now)
        model = operations.train(by=CLOCK, at=now, series_id=series.pk, limit=50.0, horizon_hours=6)
        browser = enter()
        page = browser.get(f"/stations/air/forecast/?series={series.pk}").content.decode()
        assert "区间下限" in page
        assert "基准：上周同时刻" in page
        assert f"{model.score['warned']['model']['hits']} / {model.score['warned']['model']['onsets']}" in page
        assert ("用于预警" in page and "不用于预警" not in page) is model.is_better
        assert "PM2.5" in browser.get("/environment/warnings/forecasts/").content.decode()

    def test_say_that_nothing_is_foreseen_where_that_is_so(self, world, now, enter):
        browser = enter()
        assert "本站还没有预测" in browser.get("/stations/outlet/forecast/?series=x").content.decode()
        assert "还没有预测" in browser.get("/environment/warnings/forecasts/").content.decode()
        series = make_series(now, make_point(now, "air", kind="air"), "a34004", "ug/m³")
        operations.train(by=CLOCK, at=now, series_id=series.pk)
        assert "不用于预警" in browser.get("/stations/air/forecast/").content.decode()
        Station.objects.update(is_public=False)
        assert browser.get("/stations/air/forecast/").status_code == 404


class TestApi:
    def test_gives_what_was_found(self, world, enter):
        found = enter().get("/api/v1/warnings").json()
        assert [(one["cause"], one["station"], one["unit"], one["state"]) for one in found] == [("silence", "outlet", "min", "over")]
        assert enter().get("/api/v1/warnings", {"cause": "rate"}).json() == []
        assert enter().get("/api/v1/warnings", {"cause": "mood"}).status_code == 422

    def test_sets_and_ends_rules_as_the_pages_do(self, administrator, enter):
        given = {"cause": "rate", "clause": "规程", "factor": "w01018", "threshold": 20.0, "station": "outlet", "valid_from": "2026-11-01"}

        def post(browser, address, body):
            return browser.post(address, json.dumps(body), content_type="application/json")

        assert post(enter(), "/api/v1/warnings/rules", given).status_code == 403
        refused = post(administrator, "/api/v1/warnings/rules", given | {"factor": ""})
        assert (refused.status_code, refused.json()["field"]) == (409, "factor")
        made = post(administrator, "/api/v1/warnings/rules", given)
        assert made.status_code == 201
        assert made.json()["station"] == "outlet"
        assert len(enter().get("/api/v1/warnings/rules").json()) == 2
        ended = post(administrator, f"/api/v1/warnings/rules/{made.json()['id']}/end", {"valid_to": "2030-01-01"})
        assert ended.json()["valid_to"] == "2030-01-01"
        assert post(administrator, "/api/v1/warnings/rules", given | {"station": "none"}).status_code == 404

    def test_gives_the_forecast(self, world, now, enter):
        series = TestForecastPages().air(now)
        assert enter().get("/api/v1/stations/air/forecast", {"series_id": series.pk}).status_code == 404
        operations.train(by=CLOCK, at=now, series_id=series.pk)
        found = enter().get("/api/v1/stations/air/forecast", {"series_id": series.pk}).json()
        assert len(found["coming"]) == 24
        assert found["warns"] is found["score"]["is_better"]
        assert all(hour["low"] <= hour["middle"] <= hour["high"] for hour in found["coming"])


class TestSharedEpisodes:
    def test_registers_of_limits_hold_limits_only(self, world, enter):
        assert enter().get("/api/v1/episodes").json() == []
        assert "设备失联" not in enter().get("/environment/exceedances/").content.decode()
        assert sensing.settle_alarm(by=CLOCK, at=timezone.now(), case_id=Episode.objects.get().case_id) == 1
