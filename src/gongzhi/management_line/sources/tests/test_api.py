"""The registers over the API: the same acts and rules as on pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.management_line.sources.tests.factories import NUMBER, make_source
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def kit(town):
    towns.forget()
    return make_source(timezone.now())


def browser(kit, who):
    """Return a browser, signed in; the API takes its session."""
    return browser_of(kit.made, who)


TODAY = timezone.localdate()
MONTH = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)  # the one before


def day(ago: int) -> str:
    """Return a day so many days ago (or to come)."""
    return (TODAY - timedelta(days=ago)).isoformat()


RETURN = {"firm": "firm", "period": "month", "starts_on": MONTH.isoformat(), "output_value": "400", "energy": "120", "water": "9000"}
LINE = {"source": "dyeing", "outlet": "DW001", "factor": "w01018", "kilograms": "1500"}


class TestSources:
    def test_anybody_reads_sources_and_permits_with_what_is_used(self, kit):
        anybody = Client()
        (source,) = anybody.get("/api/v1/sources").json()
        assert source["outlets"][0]["station"] == "outlet"
        assert anybody.get("/api/v1/permits?state=valid").json()[0]["number"] == NUMBER
        assert anybody.get("/api/v1/permits?state=expired").json() == []
        detail = anybody.get(f"/api/v1/permits/{NUMBER}").json()
        assert detail["limits"][0]["tonnes_a_year"] == 20
        assert detail["limits"][0]["tonnes_used"] == 0
        assert anybody.get("/api/v1/sources/nothing").status_code == 404

    def test_an_officer_registers_what_a_firm_may_not(self, kit):
        given = {
            "code": "plant",
            "name": "电镀厂",
            "firm": "firm",
            "industry_code": "3360",
            "industry": "电镀",
            "level": "key",
            "longitude": 120.02,
            "latitude": 30.28,
        }
        assert browser(kit, "contact").post("/api/v1/sources", given, content_type="application/json").status_code == 403
        officer = browser(kit, "officer")
        assert officer.post("/api/v1/sources", given | {"firm": "centre"}, content_type="application/json").status_code == 409
        assert officer.post("/api/v1/sources", given | {"longitude": 300}, content_type="application/json").status_code == 422
        assert officer.post("/api/v1/sources", given, content_type="application/json").status_code == 201
        outlet = {"code": "DW001", "name": "总排口", "longitude": 120.02, "latitude": 30.28}
        assert officer.post("/api/v1/sources/plant/outlets", outlet, content_type="application/json").json()["outlets"][0]["code"] == "DW001"
        permit = {
            "number": "PLANT-2026-01",
            "valid_from": day(300),
            "valid_to": day(-900),
            "limits": [
                {"outlet": "DW001", "factor": "w01018", "concentration": 80, "unit": "mg/L", "year_amount": "3.2", "standard": "GB 21900-2008 表 2"}
            ],
        }
        assert officer.post("/api/v1/sources/plant/permits", permit, content_type="application/json").status_code == 201
        again = officer.post("/api/v1/sources/plant/permits", permit, content_type="application/json")
        assert (again.status_code, again.json()["field"]) == (409, "number")
        ended = officer.post("/api/v1/permits/PLANT-2026-01/end", {"ended_on": day(30), "reason": "换证"}, content_type="application/json")
        assert ended.json()["state"] == "ended"


class TestReturns:
    def test_a_firm_files_and_an_officer_checks(self, kit):
        firm, officer = browser(kit, "contact"), browser(kit, "officer")
        assert officer.post("/api/v1/returns", RETURN, content_type="application/json").status_code == 403
        assert firm.post("/api/v1/returns", RETURN | {"amounts": [LINE | {"outlet": "DW009"}]}, content_type="application/json").json()["field"] == "amounts"
        filed = firm.post("/api/v1/returns", RETURN | {"amounts": [LINE]}, content_type="application/json").json()
        assert filed["ends_on"] == (TODAY.replace(day=1) - timedelta(days=1)).isoformat()
        assert firm.post(f"/api/v1/returns/{filed['id']}/check", {"accepted": True}, content_type="application/json").status_code == 403
        assert officer.post(f"/api/v1/returns/{filed['id']}/check", {"accepted": True}, content_type="application/json").json()["state"] == "accepted"
        assert [one["state"] for one in firm.get("/api/v1/returns").json()] == ["accepted"]
        assert browser(kit, "resident").get("/api/v1/returns").json() == []
        threshold = {"measure": "energy", "limit": "0.2", "basis": "决定", "valid_from": day(400)}
        assert browser(kit, "member").post("/api/v1/three-highs/thresholds", threshold, content_type="application/json").status_code == 201
        (high,) = officer.get("/api/v1/three-highs").json()
        assert high["high"] is True
        assert high["measures"][0] == {"measure": "energy", "amount": 120, "value": 0.3, "threshold": 0.2, "basis": "决定", "high": True}
        assert firm.get("/api/v1/three-highs").status_code == 403


class TestRisks:
    def test_who_lies_near_and_what_is_kept(self, kit):
        officer, firm = browser(kit, "officer"), browser(kit, "contact")
        risk = {"code": "tank", "name": "液氨储罐", "firm": "firm", "longitude": 120.005, "latitude": 30.265}
        assert officer.post("/api/v1/risks", risk, content_type="application/json").status_code == 201
        place = {"name": "云溪小学", "kind": "school", "population": 900, "longitude": 120.005, "latitude": 30.268}
        assert officer.post("/api/v1/sensitive-places", place, content_type="application/json").status_code == 201
        substance = {"name": "氨", "quantity": "4", "threshold": "5", "basis": "报告"}
        assert firm.post("/api/v1/risks/tank/substances", substance, content_type="application/json").status_code == 201
        plan = {"title": "预案", "number": "1", "filed_on": day(1000), "revision_due_on": day(30)}
        assert firm.post("/api/v1/risks/tank/plans", plan, content_type="application/json").status_code == 201
        assert firm.post("/api/v1/risks/tank/drills", {"held_on": day(60), "scenario": "泄漏"}, content_type="application/json").status_code == 201
        (found,) = firm.get("/api/v1/risks").json()
        assert (found["q"], found["plan"], found["last_drill_on"]) == (0.8, "late", day(60))
        assert [one["name"] for one in officer.get("/api/v1/risks/tank/near?radius=400").json()] == ["云溪小学"]
        assert officer.get("/api/v1/risks/tank/near?radius=100").json() == []
        assert Client().get("/api/v1/risks").status_code == 403
        assert Client().get("/api/v1/sensitive-places").status_code == 403
        assert officer.get("/api/v1/episodes/1/trace").status_code == 404
        assert Client().get("/api/v1/episodes/1/trace").status_code == 403
