"""Pages and the API of the registers, as each reader meets them."""

from datetime import date
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.foundation.organs.models import Post
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people.models import Person
from gongzhi.registers.record import importing
from gongzhi.registers.record.models import Look, TakenFile
from gongzhi.registers.residents import queries
from gongzhi.registers.residents.models import Duplicate, Resident
from gongzhi.registers.residents.tests.factories import MAKER, ground, number, resident, serving

PASSWORD = "ein-langes-wort-77"


@pytest.fixture
def areas(town, noon):
    return ground(noon)


@pytest.fixture
def enter(client, areas, noon):
    """Sign in somebody who serves as a role, or a resident with an account; return the actor."""

    def sign_in(role="", area=None):
        if role:
            actor = serving(noon, role, area)
            person_id = actor.person_id
            Post.objects.filter(person_id=person_id).update(ends_on=None)
        else:
            actor, person_id = None, people.register_person(by=MAKER, at=noon, kind="resident", name="沈云舒", phone="13900000117").pk
        name = f"u{person_id}"
        user = people.give_login(by=MAKER, at=noon, person_id=person_id, username=name, password=PASSWORD)
        client.force_login(user)
        return actor or person_id

    return sign_in


class TestSearch:
    def test_a_keeper_finds_by_number_and_no_number_stands_in_an_address(self, client, enter, noon):
        one = resident(noon)
        enter("station_officer")
        assert client.get("/registers/").status_code == 200
        answer = client.post("/registers/", {"text": number()})
        text = answer.content.decode()
        assert f"/registers/residents/{one.pk}/" in text
        assert number() not in text.replace(f'value="{number()}"', "")
        assert "no-store" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("role", ["dispatcher", "auditor", "department_officer", "administrator"])
    def test_others_see_nobody(self, client, enter, noon, role):
        one = resident(noon)
        enter(role)
        for address in (f"/registers/residents/{one.pk}/", "/registers/residents/new/", "/registers/duplicates/", f"/registers/dwellings/{one.dwelling_id}/"):
            assert client.get(address).status_code in (403, 404), address
        answer = client.post("/registers/", {"text": number()})
        assert f"/registers/residents/{one.pk}/" not in answer.content.decode()


class TestPerson:
    def test_a_look_shows_what_is_sealed_and_stands_on_the_page(self, client, enter, noon):
        one = resident(noon, phone="13900000117")
        enter("station_officer")
        before = client.get(f"/registers/residents/{one.pk}/").content.decode()
        assert "沈云舒" not in before
        assert client.post(f"/registers/residents/{one.pk}/", {"purpose": ""}).status_code == 422
        after = client.post(f"/registers/residents/{one.pk}/", {"purpose": "办理居住证"}).content.decode()
        assert "沈云舒" in after
        assert number() in after
        assert "13900000117" in after
        assert Look.objects.get().purpose == "办理居住证"
        assert "办理居住证" in client.get(f"/registers/residents/{one.pk}/").content.decode()

    def test_bad_input_stands_beside_its_field_and_loses_nothing(self, client, enter, noon):
        enter("station_officer")
        given = {"name": "沈云舒", "number": "330110199003070111", "address": "桂花巷9号", "source": "身份证", "basis": "法", "word": "paper"}
        answer = client.post("/registers/residents/new/", given)
        assert answer.status_code == 422
        assert 'value="330110199003070111"' in answer.content.decode()
        assert 'value="沈云舒"' in answer.content.decode()
        answer = client.post("/registers/residents/new/", given | {"number": number()})
        assert answer.status_code == 302, answer.content.decode()
        one = Resident.objects.get()
        client.post(f"/registers/residents/{one.pk}/change/", {"phone": "13900000118", "source": "本人", "basis": "告知", "word": "own"})
        assert queries.masked(seen_by=MAKER, resident=Resident.objects.get())["phone"] == "139****0118"

    def test_a_pair_is_merged_on_its_page(self, client, enter, noon):
        one = resident(noon)
        other = resident(noon, number=None, birth="1990-03-07", address="河滨路2号")
        pair = Duplicate.objects.get()
        enter("station_officer")
        assert "姓名" in client.get("/registers/duplicates/", HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
        client.post("/registers/duplicates/", {"pair": pair.pk, "act": "one", "ground": "窗口核对身份证"})
        assert Resident.objects.get(pk=other.pk).merged_into_id == one.pk


class TestOwnRecord:
    def test_a_resident_proves_and_reads_the_own_record(self, client, enter, noon):
        one = resident(noon, phone="13900000117")
        person_id = enter()
        assert client.get("/account/record/").status_code == 200
        answer = client.post("/account/record/", {"name": "沈云舒", "number": number()})
        assert answer.status_code == 422  # the telephone is not proved yet
        Person.objects.filter(pk=person_id).update(phone_proved_at=noon)
        assert "4" in client.post("/account/record/", {"name": "沈云", "number": number()}).content.decode()  # tries that are left
        assert client.post("/account/record/", {"name": "沈云舒", "number": number()}).status_code == 302
        assert Resident.objects.get(pk=one.pk).person_id == person_id
        text = client.get("/account/record/").content.decode()
        assert "沈云舒" in text
        assert "公安人口库" in text
        assert number() not in text
        assert f"{number()[:4]}" in text

    def test_nobody_reads_it_signed_out(self, client, areas):
        assert client.get("/account/record/").status_code == 302


class TestImport:
    def test_columns_are_proposed_and_the_file_is_taken(self, client, enter, noon, settings, tmp_path):
        settings.VAR = str(tmp_path)
        enter("station_officer")
        body = f"姓名,身份证号,现住址\n沈云舒,{number()},桂花巷9号\n坏,{number()[:17]}9,桂花巷9号\n".encode()
        answer = client.post("/registers/import/", {"register": "residents", "file": SimpleUploadedFile("人口.csv", body)})
        assert answer.status_code == 302, answer.content.decode()
        page = client.get(answer.url).content.decode()
        assert 'value="身份证号" selected' in page
        given = {"f_name": "姓名", "f_number": "身份证号", "f_address": "现住址", "source": "公安", "basis": "法", "as_of": "2026-11-18", "header": "1"}
        assert client.post(answer.url, given | {"source": ""}).status_code == 422
        assert client.post(answer.url, given).status_code == 302
        file = importing.run(TakenFile.objects.get(), lambda: noon)
        assert (file.rows, file.added, file.refused, file.state) == (2, 1, 1, "done")
        assert client.get(answer.url).status_code == 200
        assert "".join(part.decode() for part in client.get(f"{answer.url}refused.csv").streaming_content).count("\n") == 2

    def test_only_keepers_of_the_whole_town_bring_files(self, client, enter, areas):
        enter("grid_worker", areas["west"])
        assert client.get("/registers/import/").status_code == 403


class TestApi:
    def test_a_grid_worker_takes_homes_along_and_tells_a_visit(self, client, enter, noon, areas):
        one = resident(noon)
        enter("grid_worker", areas["west"])
        (home,) = client.get("/api/v1/residents/field-pack").json()
        assert home["people"][0]["name"] == "沈**"
        assert number() not in str(home)
        given = {
            "key": str(uuid4()), "dwelling_id": one.dwelling_id, "visited_at": "2026-11-18T03:00:00Z", "outcome": "met",
            "changes": [{"resident_id": one.pk, "seen": home["people"][0]["seen"], "values": {"phone": "13900000118"}}],
        }  # fmt: skip
        with patch("gongzhi.registers.residents.api.timezone.now", return_value=noon):
            answer = client.post("/api/v1/residents/visits", given, content_type="application/json")
        assert answer.status_code == 201, answer.content
        assert answer.json()["found"][0]["outcome"] == "taken"

    def test_a_wrong_number_is_told_with_its_field(self, client, enter, noon):
        enter("station_officer")
        given = {"values": {"name": "沈云舒", "number": "330110199003070111"}, "source": "身份证", "basis": "法"}
        answer = client.post("/api/v1/residents", given, content_type="application/json")
        assert (answer.status_code, answer.json()["field"]) == (409, "number")
        given["values"]["number"] = number()
        made = client.post("/api/v1/residents", given, content_type="application/json").json()
        assert made["values"][0]["value"] == "沈**"
        looked = client.post(f"/api/v1/residents/{made['id']}/look", {"fields": ["number"], "purpose": "核对"}, content_type="application/json")
        assert looked.json() == {"number": number()}

    def test_others_are_refused(self, client, enter, noon):
        one = resident(noon)
        enter("dispatcher")
        assert client.get(f"/api/v1/residents/{one.pk}").status_code == 404
        assert client.get("/api/v1/residents/field-pack").status_code == 403
        assert client.post(f"/api/v1/residents/{one.pk}/look", {"fields": ["name"], "purpose": "x"}, content_type="application/json").status_code == 403


def test_ages_are_whole_years():
    one = Resident(birth=date(1990, 3, 7))
    assert (one.age_on(date(2026, 3, 6)), one.age_on(date(2026, 3, 7))) == (35, 36)
