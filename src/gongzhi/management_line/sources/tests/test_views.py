"""The register pages: who may open which, what a form keeps, what the files hold, and the way from an exceedance to an order."""

import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from gongzhi.cases import operations as cases
from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.models import Episode
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.management_line.sources import operations, queries
from gongzhi.management_line.sources.models import Outlet, Permit, Return, SensitivePlace
from gongzhi.management_line.sources.tests.factories import NUMBER, make_source
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
MONTH = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)  # the one before


def day(ago: int) -> str:
    """Return a day so many days ago (or to come)."""
    return (TODAY - timedelta(days=ago)).isoformat()


RETURN = {"period": "month", "starts_on": MONTH.isoformat(), "output_value": "400", "energy": "120", "water": "9000"}


@pytest.fixture
def kit(town):
    towns.forget()
    return make_source(timezone.now())


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


class TestWhoMayOpen:
    @pytest.mark.parametrize(
        "path", ["/sources/", "/permits/", f"/permits/{NUMBER}/", "/sources/dyeing/", "/sources.geojson", "/sources/export.csv", "/sources/export.xlsx"]
    )
    def test_permits_are_public(self, kit, path):
        assert Client().get(path).status_code == 200

    @pytest.mark.parametrize(
        "path", ["/returns/", "/three-highs/", "/risks/", "/sensitive-places/", "/risks.geojson", "/returns/export.csv", "/three-highs/thresholds/"]
    )
    def test_the_rest_is_for_those_it_concerns(self, kit, path):
        assert Client().get(path).status_code == 302
        assert browser_of(kit.made, "resident").get(path).status_code == 403
        assert browser_of(kit.made, "officer").get(path).status_code == 200

    def test_a_firm_sees_its_own_page_and_not_the_town(self, kit):
        firm = browser_of(kit.made, "contact")
        assert firm.get("/returns/").status_code == 200
        assert firm.get("/three-highs/firm/").status_code == 200
        assert firm.get("/three-highs/").status_code == 403
        assert firm.get("/sources/new/").status_code == 403


class TestLists:
    def test_filter_search_and_order_narrow_page_and_file_alike(self, kit):
        officer = browser_of(kit.made, "officer")
        for code, name, level in (("b", "锦程纺织", "simple"), ("c", "=cmd()", "registered")):
            operations.register_source(
                by=MAKER, at=timezone.now(), code=code, name=name, organ_id=kit.made.organs["firm"].pk, industry_code="1751", industry="化纤织造", level=level,
                longitude=120.02, latitude=30.28,
            )  # fmt: skip
        page = officer.get("/sources/?level=simple").content.decode()
        assert "锦程纺织" in page
        assert 'name="q"' in page
        assert "云溪染整" not in page
        assert [row[0] for row in rows_of(officer.get("/sources/export.csv?level=simple"))[1:]] == ["锦程纺织"]
        assert [row[0] for row in rows_of(officer.get("/sources/export.csv?q=印染精"))[1:]] == ["云溪染整"]
        assert [row[3] for row in rows_of(officer.get("/sources/export.csv?order=-level"))[1:]] == ["简化管理", "登记管理", "重点管理"]
        book = load_workbook(io.BytesIO(b"".join(officer.get("/sources/export.xlsx").streaming_content)))
        assert sorted(str(row[0]) for row in book.active.iter_rows(min_row=2, values_only=True)) == ["'=cmd()", "云溪染整", "锦程纺织"]

    def test_an_address_that_cannot_be_read_still_shows_the_list(self, kit):
        for query in ("page=99", "page=x", "order=nothing", "level=no", "q=%00"):
            assert Client().get(f"/sources/?{query}").status_code == 200


class TestForms:
    def test_an_officer_enters_a_source_its_outlet_and_its_permit(self, kit):
        officer = browser_of(kit.made, "officer")
        place = {"longitude": "120.02", "latitude": "30.28"}
        given = place | {
            "code": "plant",
            "name": "电镀厂",
            "organ": kit.made.organs["firm"].pk,
            "industry_code": "3360",
            "industry": "金属表面处理",
            "level": "key",
        }
        assert officer.post("/sources/new/", given).headers["Location"] == "/sources/plant/"
        assert officer.post("/sources/new/", given).status_code == 422  # the short name is taken
        assert officer.post("/sources/plant/outlets/new/", place | {"code": "DW001", "name": "总排口"}).status_code == 302
        permit = {
            "number": "PLANT-2026-01",
            "valid_from": day(300),
            "valid_to": day(-900),
            "limits": "DW001, w01018, 80, mg/L, 3.2, GB 21900-2008 表 2\nDW001, w01001, 6-9, pH, , GB 21900-2008 表 2",
        }
        wrong = officer.post("/sources/plant/permits/new/", permit | {"limits": "DW001, w01018, achtzig, mg/L, , x"})
        assert wrong.status_code == 422
        assert "achtzig" in wrong.content.decode()  # nothing that was typed is lost
        refused = officer.post("/sources/plant/permits/new/", permit | {"limits": "DW009, w01018, 80, mg/L, , x"})
        assert refused.status_code == 422
        assert not Permit.objects.filter(number="PLANT-2026-01").exists()
        assert officer.post("/sources/plant/permits/new/", permit).headers["Location"] == "/permits/PLANT-2026-01/"
        held = queries.permit_for(seen_by=MAKER, number="PLANT-2026-01")
        assert [(one.factor, one.low, one.concentration) for one in held.limits.all()] == [("w01001", 6.0, 9.0), ("w01018", None, 80.0)]
        assert "6 – 9" in officer.get("/permits/PLANT-2026-01/").content.decode()

    def test_an_outlet_is_corrected_and_a_source_closed(self, kit):
        officer = browser_of(kit.made, "officer")
        shown = officer.get("/sources/dyeing/outlets/DW001/").content.decode()
        assert "废水总排口" in shown
        assert (
            officer.post(
                "/sources/dyeing/outlets/DW001/", {"name": "总排口", "longitude": "120.02", "latitude": "30.28", "station": kit.station.pk}
            ).status_code
            == 302
        )
        assert Outlet.objects.get(pk=kit.outlet.pk).name == "总排口"
        assert officer.get("/sources/dyeing/outlets/DW077/").status_code == 404
        assert (
            officer.post(
                "/sources/dyeing/edit/",
                {
                    "name": "染整二厂",
                    "organ": kit.made.organs["firm"].pk,
                    "industry_code": "1713",
                    "industry": "印染",
                    "level": "key",
                    "longitude": "120.02",
                    "latitude": "30.28",
                },
            ).status_code
            == 302
        )
        assert "染整二厂" in officer.get("/sources/dyeing/").content.decode()
        assert officer.post("/sources/dyeing/close/", {"closed_on": day(0)}).status_code == 302
        assert Client().get("/sources/dyeing/").status_code == 404

    def test_a_permit_is_ended_by_the_town_only(self, kit):
        words = {"ended_on": day(0), "reason": "换证"}
        assert browser_of(kit.made, "contact").post(f"/permits/{NUMBER}/", words).status_code == 403
        assert browser_of(kit.made, "officer").post(f"/permits/{NUMBER}/", words | {"ended_on": day(-9000)}).status_code == 422
        assert Client().get(f"/permits/{NUMBER}/").status_code == 200


class TestReturns:
    def test_the_firm_files_the_officer_sends_back_the_firm_files_anew(self, kit):
        firm, officer = browser_of(kit.made, "contact"), browser_of(kit.made, "officer")
        amount = f"amount_{kit.outlet.pk}_w01018"
        assert amount in firm.get("/returns/new/").content.decode()
        page = firm.post("/returns/new/", RETURN | {amount: "1500"}).headers["Location"]
        assert firm.post("/returns/new/", RETURN).status_code == 422
        assert firm.post(page, {"accepted": "yes"}).status_code == 403
        assert officer.post(page, {"accepted": "no"}).status_code == 422
        assert officer.post(page, {"accepted": "no", "remark": "用水量单位有误"}).status_code == 302
        assert "用水量单位有误" in firm.get(page).content.decode()
        again = firm.post("/returns/new/", RETURN | {"water": "900"}).headers["Location"]
        assert officer.post(again, {"accepted": "yes"}).status_code == 302
        assert Return.objects.filter(state="accepted").count() == 1
        assert "云" not in officer.get("/three-highs/export.csv").headers["Content-Disposition"]
        _heads, row = rows_of(officer.get("/three-highs/export.csv"))[:2]
        assert row[0] == "firm"
        assert browser_of(kit.made, "resident").get(again).status_code in (403, 404)

    def test_the_committee_sets_thresholds(self, kit):
        words = {"measure": "energy", "limit": "0.2", "basis": "镇政府〔2026〕3 号", "valid_from": day(400)}
        assert browser_of(kit.made, "officer").post("/three-highs/thresholds/", words).status_code == 403
        member = browser_of(kit.made, "member")
        assert member.post("/three-highs/thresholds/", words).status_code == 302
        assert member.post("/three-highs/thresholds/", words).status_code == 422
        assert "〔2026〕3" in member.get("/three-highs/thresholds/").content.decode()


class TestSensitivePlaces:
    def test_are_corrected_under_their_name_and_leave_the_list(self, kit):
        operations.register_sensitive_place(by=MAKER, at=timezone.now(), name="云溪小学", kind="school", longitude=120.005, latitude=30.268, population=900)
        place = SensitivePlace.objects.get()
        officer, page = browser_of(kit.made, "officer"), f"/sensitive-places/{place.pk}/edit/"
        assert page in officer.get("/sensitive-places/").content.decode()
        given = {"name": "别的", "kind": "school", "population": "950", "longitude": "120.006", "latitude": "30.268"}
        assert officer.post("/sensitive-places/new/", given | {"name": "云溪小学"}).status_code == 422
        assert officer.post(page, given | {"longitude": "200"}).status_code == 422
        assert officer.post(page, given).status_code == 302
        place.refresh_from_db()
        assert (place.name, place.population, place.longitude) == ("云溪小学", 950, 120.006)
        assert browser_of(kit.made, "walker").get(page).status_code == 403
        assert officer.post(page, given | {"closed_on": day(0)}).status_code == 302
        assert "云溪小学" not in officer.get("/sensitive-places/").content.decode()
        assert officer.get(page).status_code == 404


class TestRisks:
    def test_a_firm_keeps_its_own_substances_plan_and_drills(self, kit):
        operations.register_risk_source(
            by=MAKER, at=timezone.now(), code="tank", name="液氨储罐", organ_id=kit.made.organs["firm"].pk, longitude=120.005, latitude=30.265
        )
        operations.register_sensitive_place(by=MAKER, at=timezone.now(), name="云溪小学", kind="school", longitude=120.005, latitude=30.268, population=900)
        firm = browser_of(kit.made, "contact")
        assert (
            firm.post(
                "/risks/tank/", {"act": "substance", "name": "氨", "cas": "7664-41-7", "quantity": "4", "threshold": "5", "basis": "风险评估报告"}
            ).status_code
            == 302
        )
        pdf = io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
        pdf.name = "plan.pdf"
        plan = {
            "act": "plan",
            "title": "突发环境事件应急预案",
            "number": "330110-2024-017-L",
            "filed_on": day(1000),
            "revision_due_on": day(-95),
            "paper": pdf,
        }
        assert firm.post("/risks/tank/", plan).status_code == 302
        text = io.BytesIO(b"no paper at all")
        text.name = "plan.txt"
        assert firm.post("/risks/tank/", plan | {"paper": text}).status_code == 422
        assert firm.post("/risks/tank/", {"act": "drill", "held_on": day(-9), "scenario": "泄漏"}).status_code == 422
        page = firm.get("/risks/tank/?radius=500").content.decode()
        assert "云溪小学" in page
        assert "0.800" in page
        address = re.search(r'href="(/attachments/[^"]+)"', page)[1]
        assert firm.get(address).status_code == 200
        assert browser_of(kit.made, "resident").get(address).status_code == 404
        assert browser_of(kit.made, "neighbour").get("/risks/tank/").status_code == 404


class TestTrace:
    def test_leads_from_the_exceedance_to_the_order_in_the_alarms_case(self, kit):
        now = timezone.now()
        series = sensing.define_series(by=system("test"), at=now, station_id=kit.station.pk, factor="w01018", unit="mg/L")
        sensing.take_measurements(
            by=system("test"),
            at=now,
            key=uuid.uuid4(),
            series_ids=[series.pk] * 3,
            moments=[now - timedelta(minutes=m) for m in (3, 2, 1)],
            values=[130.0, 131.0, 132.0],
        )
        episode = Episode.objects.get()
        assert Client().get(f"/trace/{episode.pk}/").status_code == 302
        assert browser_of(kit.made, "contact").get(f"/trace/{episode.pk}/").status_code == 403
        officer = browser_of(kit.made, "officer")
        cases.accept_case(by=kit.by("officer"), at=now, case_id=episode.case_id)
        page = officer.get(f"/trace/{episode.pk}/").content.decode()
        assert "DW001" in page
        order = re.search(r'href="(/cases/[^"]+/join/\?[^"]+)"', page)[1].replace("&amp;", "&")
        form = officer.get(order).content.decode()
        assert f'value="{kit.made.organs["firm"].pk}" selected' in form
        assert "DW001" in form
        points = officer.get(f"/trace/{episode.pk}.geojson").json()["features"]
        assert [one["properties"]["chip"] for one in points] == ["late"]
        cases.join_case(by=kit.by("officer"), at=now, case_id=episode.case_id, organ_id=kit.made.organs["firm"].pk, task="停止排放", is_order=True)
        assert "/join/?" not in officer.get(f"/trace/{episode.pk}/").content.decode()
        assert officer.get("/trace/999999/").status_code == 404
