"""Pages and the API of exchange, as each reader meets them."""

import pytest

from gongzhi.cases.models import Case
from gongzhi.foundation.people import operations as people
from gongzhi.management_line.exchange import operations
from gongzhi.management_line.exchange.models import DataRequest
from gongzhi.management_line.exchange.tests.factories import asked, exchanging
from gongzhi.registers.grants import operations as grants
from gongzhi.registers.grants.models import Grant
from gongzhi.registers.grants.tests.factories import FIRST, LAST, LAW, officer, organ_id
from gongzhi.registers.record.models import Look
from gongzhi.registers.residents.tests.factories import MAKER, number

PHONE = "13900000117"


@pytest.fixture
def made(town, noon, monkeypatch):
    for module in ("gongzhi.management_line.exchange.views", "gongzhi.management_line.exchange.api", "gongzhi.registers.residents.views"):
        monkeypatch.setattr(f"{module}.timezone.now", lambda: noon)
    return exchanging(noon)


@pytest.fixture
def enter(client, noon):
    users = {}

    def sign_in(actor):
        if actor.person_id not in users:
            users[actor.person_id] = people.give_login(
                by=MAKER, at=noon, person_id=actor.person_id, username=f"u{actor.person_id}", password="ein-langes-wort-77"
            )
        client.force_login(users[actor.person_id])

    return sign_in


def granted(made, noon, fields=("name", "phone")):
    (request,) = asked(made, noon, fields=fields)
    return operations.answer_request(by=made["registry"], at=noon, case_id=request.case_id, granted=list(fields)).grant_id


class TestPages:
    def test_everybody_reads_the_catalogue_and_the_grants_and_nobody_s_value(self, client, made, noon):
        pk = granted(made, noon)
        for address in ("/exchange/", "/exchange/catalogue/residents/", "/exchange/catalogue/care/", "/exchange/grants/", f"/exchange/grants/{pk}/",
                        "/exchange/grants/export.csv", "/exchange/catalogue/residents/export.csv"):  # fmt: skip
            answer = client.get(address)
            text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
            assert answer.status_code == 200, address
            assert PHONE not in text
            assert "沈云舒" not in text
        assert client.get("/exchange/catalogue/nothing/").status_code == 404

    def test_an_officer_asks_the_answering_one_ticks_and_a_form_is_filled(self, client, enter, made, noon):
        enter(made["welfare"])
        given = {
            "organ": organ_id("welfare"), "fields_asked": ["name", "phone", "address"], "purpose": "高龄津贴审核", "basis": LAW, "starts_on": FIRST,
            "ends_on": LAST,
        }  # fmt: skip
        assert client.get("/exchange/ask/residents/").status_code == 200
        bad = client.post("/exchange/ask/residents/", given | {"purpose": "", "basis": "津贴办法"})
        assert (bad.status_code, "津贴办法" in bad.content.decode()) == (422, True)
        assert client.post("/exchange/ask/residents/", given).status_code == 302
        case = Case.objects.get(kind="data_request")
        assert "高龄津贴审核" in client.get(f"/cases/{case.slug}/").content.decode()
        assert client.post(f"/cases/{case.slug}/data-request-answer/", {"granted": ["name"], "reason": "x"}).status_code == 403
        enter(made["registry"])
        page = client.get(f"/cases/{case.slug}/data-request-answer/").content.decode()
        assert 'value="phone"' in page
        assert client.post(f"/cases/{case.slug}/data-request-answer/", {"granted": ["name", "phone"], "reason": ""}).status_code == 409
        answered = client.post(f"/cases/{case.slug}/data-request-answer/", {"granted": ["name", "phone"], "reason": "用不到住址", "ends_on": str(LAST)})
        assert answered.status_code == 302
        pk = DataRequest.objects.get().grant_id
        enter(made["welfare"])
        page = client.post(f"/exchange/grants/{pk}/use/", {"shown": number(), "purpose": "津贴 12"}).content.decode()
        assert f'value="{PHONE}"' in page
        assert "公安人口库" in page
        assert "桂花巷" not in page
        wrong = client.post(f"/exchange/grants/{pk}/use/", {"shown": "330110199003070111", "purpose": "津贴 12"})
        assert wrong.status_code == 422

    def test_nobody_without_the_grant_sees_a_field(self, client, enter, made, noon):
        pk = granted(made, noon)
        third = officer(noon, "third")
        enter(third)
        assert client.post(f"/exchange/grants/{pk}/use/", {"shown": number(), "purpose": "x"}).status_code == 403
        for address in (f"/registers/residents/{made['one'].pk}/", f"/exchange/doubt/residents/{made['one'].pk}/phone/"):
            assert client.get(address).status_code in (403, 404), address
        page = client.get(f"/exchange/grants/{pk}/").content.decode()
        assert "津贴 12" not in page
        told = client.post(f"/api/v1/exchange/grants/{pk}/use", {"shown": number(), "purpose": "x"}, content_type="application/json")
        assert told.status_code == 403
        for words in (PHONE, "沈云舒", number()):
            assert "/registers/residents/" not in client.get("/search/", {"q": words}).content.decode()
            assert "/registers/residents/" not in client.post("/registers/", {"text": words}).content.decode()
        assert not Look.objects.exists()
        enter(made["welfare"])  # who holds it sees these fields, and nothing else of the register
        assert client.get(f"/registers/residents/{made['one'].pk}/").status_code in (403, 404)
        assert client.get(f"/api/v1/residents/{made['one'].pk}").status_code == 404

    def test_a_resident_reads_who_was_shown_what_and_doubts_a_value(self, client, enter, made, noon):
        grants.fill(by=made["welfare"], at=noon, grant_id=granted(made, noon), register="residents", shown=number(), purpose="津贴 12")
        enter(made["resident"])
        page = client.get("/account/record/", HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
        assert "津贴 12" in page
        assert f"/exchange/grants/{Grant.objects.get().pk}/" in page
        address = f"/exchange/doubt/residents/{made['one'].pk}/phone/"
        assert address in page
        assert client.post(address, {"reason": ""}).status_code == 422
        assert client.post(address, {"reason": "停用了", "proposed": "13900000118"}).status_code == 302
        page = client.get("/account/record/").content.decode()
        assert address not in page
        case = Case.objects.get(kind="correction")
        assert "13900000118" in client.get(f"/cases/{case.slug}/").content.decode()
        enter(made["welfare"])
        assert client.get(f"/cases/{case.slug}/").status_code == 404
        enter(made["registry"])
        done = client.post(f"/cases/{case.slug}/correction-answer/", {"outcome": "corrected", "value": "13900000118", "basis": "来电核实"})
        assert done.status_code == 302, done.content.decode()
        enter(made["welfare"])
        (notice,) = [one for one in client.get("/api/v1/notices").json()["items"] if one["url"].startswith("/exchange/corrected/")]
        assert "津贴 12" in client.get(notice["url"]).content.decode()

    def test_a_grant_is_ended_on_its_page(self, client, enter, made, noon):
        pk = granted(made, noon)
        enter(made["registry"])
        assert client.post(f"/exchange/grants/{pk}/end/", {"reason": ""}).status_code == 422
        assert client.post(f"/exchange/grants/{pk}/end/", {"reason": "不再需要"}).status_code == 302
        assert Grant.objects.get(pk=pk).ended_at == noon

    def test_the_catalogue_is_kept_by_its_keeper(self, client, enter, made, noon):
        enter(made["welfare"])
        for address in ("/exchange/catalogue/residents/name/", "/exchange/sets/new/", "/exchange/senders/"):
            assert client.get(address).status_code == 403, address
        enter(officer(noon, "committee", "committee_member"))
        assert client.get("/exchange/catalogue/residents/name/").status_code == 200
        kept = {"organ": organ_id("registry"), "share": "3", "basis": "", "period": "year"}
        assert client.post("/exchange/catalogue/residents/ethnicity/", kept).status_code == 422
        assert client.post("/exchange/catalogue/residents/ethnicity/", kept | {"basis": "《法》"}).status_code == 302
        sets = {
            "code": "elders",
            "title": "津贴名册",
            "organ": organ_id("registry"),
            "schema": "id,证号\namount,金额,number,!",
            "share": "2",
            "period": "month",
        }
        assert client.post("/exchange/sets/new/", sets | {"schema": "名"}).status_code == 422
        assert client.post("/exchange/sets/new/", sets).status_code == 302
        assert client.get("/exchange/senders/").status_code == 200


class TestApi:
    def test_asks_answers_uses_ends_and_doubts(self, client, enter, made, noon):
        enter(made["welfare"])
        given = {
            "data": "residents", "fields": ["name", "phone"], "organ_id": organ_id("welfare"), "purpose": "津贴", "basis": LAW, "starts_on": str(FIRST),
            "ends_on": str(LAST),
        }  # fmt: skip
        answer = client.post("/api/v1/exchange/requests", given, content_type="application/json")
        assert answer.status_code == 201, answer.content
        slug = answer.json()[0]["case"]
        enter(made["registry"])
        done = client.post(f"/api/v1/cases/{slug}/acts/data-request-answer", {"granted": ["phone"], "reason": "用不到"}, content_type="application/json")
        assert done.status_code == 200, done.content
        enter(made["welfare"])
        (grant,) = client.get("/api/v1/exchange/grants/usable").json()
        used = client.post(f"/api/v1/exchange/grants/{grant['id']}/use", {"shown": number(), "purpose": "津贴 1"}, content_type="application/json").json()
        assert [(one["field"], one["value"], one["source"]) for one in used["values"]] == [("phone", PHONE, "公安人口库")]
        doubt = {"data": "residents", "subject_id": used["subject_id"], "field": "phone", "reason": "打不通"}
        assert client.post("/api/v1/exchange/corrections", doubt, content_type="application/json").status_code == 201
        ended = client.post(f"/api/v1/exchange/grants/{grant['id']}/end", {"reason": "完成"}, content_type="application/json")
        assert ended.json()["state"] == "ended"
        late = client.post(f"/api/v1/exchange/grants/{grant['id']}/use", {"shown": number(), "purpose": "津贴 1"}, content_type="application/json")
        assert (late.status_code, PHONE in late.content.decode()) == (409, False)

    def test_the_catalogue_is_told_field_by_field(self, client, made):
        told = {one["field"]: one for one in client.get("/api/v1/exchange/catalogue?data=residents").json()}
        assert (told["phone"]["organ"], told["phone"]["share"], told["phone"]["complete"]) == ("registry", 2, 100)
