"""The pages of ledgers and soil."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.management_line.wastes.models import Booking, Count, Waste
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def day(ago: int) -> str:
    """Return a day so many days ago."""
    return (TODAY - timedelta(days=ago)).isoformat()


@pytest.fixture
def made(town):
    towns.forget()
    return make_town_with_list(timezone.now())


@pytest.fixture
def ledger(made):
    firm = browser_of(made, "contact")
    given = {
        "organ": made.organs["firm"].pk, "is_hazardous": "on", "code": "900-039-49", "name": "废活性炭", "opened_on": day(300), "opening": "1.5",
        "tolerance": "0.005",
    }  # fmt: skip
    return firm, firm.post("/wastes/new/", given).headers["Location"]


def rows_of(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


class TestLedgers:
    def test_a_firm_keeps_its_ledger_and_an_officer_reads_it(self, made, ledger):
        firm, page = ledger
        line = {"act": "book", "kind": "produced", "on": day(200), "amount": "2"}
        assert firm.post(page, line).status_code == 302
        refused = firm.post(page, line | {"kind": "moved", "amount": "9", "manifest": "M-1", "carrier": "c", "partner": "p"})
        assert refused.status_code == 422
        assert "3.5" in refused.content.decode()
        officer = browser_of(made, "officer")
        assert "废活性炭" in officer.get(page).content.decode()
        assert officer.post(page, line).status_code == 403
        assert officer.post(page, {"act": "count", "on": day(90), "weighed": "3.2"}).status_code == 422
        assert officer.post(page, {"act": "count", "on": day(90), "weighed": "3.2", "explanation": "散落"}).status_code == 302
        assert Count.objects.get().is_flagged
        assert [row[1] for row in rows_of(officer.get("/wastes/export.csv?state=flagged"))[1:]] == ["firm"]
        assert len(rows_of(officer.get("/wastes/lines/export.csv"))) == 2

    def test_a_line_is_struck_with_a_reason(self, made, ledger):
        firm, page = ledger
        firm.post(page, {"act": "book", "kind": "produced", "on": day(200), "amount": "2"})
        booking = Booking.objects.get()
        assert firm.post(page, {"act": "strike", "booking": booking.pk, "reason": ""}).status_code == 422
        assert firm.post(page, {"act": "strike", "booking": "x", "reason": "重复"}).status_code == 404
        assert firm.post(page, {"act": "strike", "booking": booking.pk, "reason": "重复"}).status_code == 302
        assert "重复" in firm.get(page).content.decode()

    def test_others_do_not_see_it(self, made, ledger):
        _firm, page = ledger
        assert browser_of(made, "resident").get(page).status_code == 404
        assert Client().get("/wastes/").status_code == 302
        assert browser_of(made, "neighbour").get("/wastes/").status_code == 403
        assert Client().get(page).status_code == 404

    def test_a_code_that_is_none_is_said_beside_its_field(self, made):
        firm = browser_of(made, "contact")
        given = {
            "organ": made.organs["firm"].pk,
            "is_hazardous": "on",
            "code": "废油",
            "name": "废油",
            "opened_on": day(300),
            "opening": "0",
            "tolerance": "0.005",
        }
        answer = firm.post("/wastes/new/", given)
        assert answer.status_code == 422
        assert "HW49" in answer.content.decode()
        assert not Waste.objects.exists()


class TestSoil:
    def test_an_officer_registers_a_plot_and_records_a_sample(self, made):
        officer = browser_of(made, "officer")
        assert (
            officer.post("/soils/new/", {"code": "paddy", "name": "河口水田", "use": "paddy", "longitude": "120.01", "latitude": "30.27"}).headers["Location"]
            == "/soils/paddy/"
        )
        sample = {"number": "T-1", "taken_on": day(150), "ph": "5.2", "values": "Cd 0.35\nPb 60"}
        assert officer.post("/soils/paddy/", sample | {"values": "Cd viel"}).status_code == 422
        assert officer.post("/soils/paddy/", sample | {"ph": ""}).status_code == 422
        assert officer.post("/soils/paddy/", sample).status_code == 302
        assert "GB 15618-2018" in officer.get("/soils/paddy/").content.decode()
        assert officer.get("/soils.geojson").json()["features"][0]["properties"]["chip"] == "warn"
        assert [row[0] for row in rows_of(officer.get("/soils/export.csv?worst=watch"))[1:]] == ["河口水田"]
        assert browser_of(made, "contact").get("/soils/new/").status_code == 403

    def test_the_compartments_of_soil_and_waste_lead_here(self, made, ledger):
        officer = browser_of(made, "officer")
        home = officer.get("/environment/").content.decode()
        assert 'href="/wastes/"' in home
        assert 'href="/soils/"' in home
        assert 'href="/sources/"' in Client().get("/environment/").content.decode()


class TestEnvironmentHome:
    def test_says_how_much_lies_in_store_and_how_many_plots_there_are(self, made, ledger):
        officer = browser_of(made, "officer")
        assert "尚无地块" in officer.get("/environment/").content.decode()
        plot = {"code": "field", "name": "河口水田", "use": "paddy", "longitude": "120.005", "latitude": "30.265"}
        assert officer.post("/soils/new/", plot).status_code == 302
        page = officer.get("/environment/").content.decode()
        assert "在库 1.5 吨" in page
        assert '<b class="glance-word num">1 个地块</b>' in page

    def test_names_elements_in_words(self, made):
        officer = browser_of(made, "officer")
        officer.post("/soils/new/", {"code": "field", "name": "河口水田", "use": "paddy", "longitude": "120.005", "latitude": "30.265"})
        sample = {"number": "S-1", "taken_on": day(3), "ph": "5.8", "values": "Cd 0.52"}
        assert officer.post("/soils/field/", sample).status_code == 302
        assert '镉 <span class="sm soft">Cd</span>' in officer.get("/soils/field/").content.decode()
