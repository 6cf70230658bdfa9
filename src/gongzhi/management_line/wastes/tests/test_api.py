"""Ledgers and soil over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def day(ago: int) -> str:
    """Return a day so many days ago."""
    return (TODAY - timedelta(days=ago)).isoformat()


JSON = "application/json"


@pytest.fixture
def made(town):
    towns.forget()
    return make_town_with_list(timezone.now())


def test_a_ledger_is_kept_counted_and_read(made):
    firm, officer = browser_of(made, "contact"), browser_of(made, "officer")
    given = {"firm": "firm", "code": "900-039-49", "name": "废活性炭", "is_hazardous": True, "opened_on": day(300), "opening": "1.5"}
    assert firm.post("/api/v1/wastes", given | {"code": "x"}, content_type=JSON).json()["field"] == "code"
    ledger = firm.post("/api/v1/wastes", given, content_type=JSON).json()
    lines = f"/api/v1/wastes/{ledger['id']}/bookings"
    moved = {"kind": "moved", "on": day(200), "amount": "0.5", "manifest": "M1", "carrier": "c", "partner": "p"}
    assert firm.post(lines, moved | {"manifest": ""}, content_type=JSON).status_code == 409
    assert firm.post(lines, moved, content_type=JSON).status_code == 201
    wrong = firm.post(lines, {"kind": "produced", "on": day(199), "amount": "7"}, content_type=JSON).json()
    assert firm.post(f"{lines}/{wrong['id']}/strike", {"reason": "多记"}, content_type=JSON).json()["struck"] is True
    assert officer.post(lines, moved | {"manifest": "M2"}, content_type=JSON).status_code == 403
    counts = f"/api/v1/wastes/{ledger['id']}/counts"
    refused = officer.post(counts, {"on": day(90), "weighed": "0.8"}, content_type=JSON)
    assert (refused.status_code, refused.json()["field"]) == (409, "weighed")
    assert officer.post(counts, {"on": day(90), "weighed": "1"}, content_type=JSON).json()["is_flagged"] is False
    found = officer.get(f"/api/v1/wastes/{ledger['id']}").json()
    assert (found["stock"], found["moved"], found["state"]) == (1.0, 0.5, "well")
    assert [one["balances"] for one in found["balance"]] == [True, True]
    assert len(officer.get(lines).json()) == 2
    assert browser_of(made, "resident").get(f"/api/v1/wastes/{ledger['id']}").status_code == 404
    assert officer.get("/api/v1/wastes/999999").status_code == 404


def test_a_plot_and_its_samples(made):
    officer = browser_of(made, "officer")
    plot = {"code": "paddy", "name": "水田", "use": "paddy", "longitude": 120.01, "latitude": 30.27}
    assert officer.post("/api/v1/soils", plot | {"firm": "nobody"}, content_type=JSON).status_code == 422
    assert officer.post("/api/v1/soils", plot, content_type=JSON).status_code == 201
    sample = {"number": "T-1", "taken_on": day(150), "values": {"Cd": 0.35}, "ph": 5.2}
    assert officer.post("/api/v1/soils/paddy/samples", sample | {"values": {"Au": 1}}, content_type=JSON).status_code == 409
    assert officer.post("/api/v1/soils/paddy/samples", sample, content_type=JSON).json()["worst"] == "watch"
    assert officer.get("/api/v1/soils").json()[0]["worst"] == "watch"
    assert officer.get("/api/v1/soils/paddy").json()["judged"][0]["findings"][0]["clause"].startswith("GB 15618")
    assert browser_of(made, "resident").get("/api/v1/soils").status_code == 403
