"""Open311: every method in both formats, its errors, and two clients that others wrote, unchanged."""

import itertools
import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gongzhi.cases import queries as case_queries
from gongzhi.foundation.territory import operations as territory
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE, CLOCK, system
from gongzhi.management_line.reports import open311, operations
from gongzhi.management_line.reports.tests.factories import CODE, finish, make_reporting_town, picture
from gongzhi.portal.middleware import towns

WEST = middle(0, 0)
ROOT = "/open311/v2"


def ready():
    towns.forget()
    territory.set_town_rules(by=system("tests"), at=timezone.now(), open311_keys={"demo": "the demo client"})
    return make_reporting_town(timezone.now() - timedelta(minutes=5))


@pytest.fixture
def made(town):
    return ready()


@pytest.fixture
def client():
    return Client()


def post(client, written="json", **more):
    given = {"api_key": "demo", "service_code": CODE, "lat": WEST[1], "long": WEST[0], "description": "垃圾桶满了", "address_string": "文昌路"} | more
    return client.post(f"{ROOT}/requests.{written}", {name: value for name, value in given.items() if value is not None})


def tree(answer):
    assert answer.headers["Content-Type"].startswith("text/xml")
    return ElementTree.fromstring(answer.content)


class TestServices:
    def test_lists_the_public_categories_in_both_formats(self, made, client):
        listed = client.get(f"{ROOT}/services.json").json()
        assert {row["service_code"] for row in listed} == {"H3-bin", "H3-parking", "H3-smell"}
        first = next(row for row in listed if row["service_code"] == CODE)
        assert first == {
            "service_code": CODE, "service_name": "垃圾满溢", "description": "垃圾满溢", "metadata": True, "type": "realtime",
            "keywords": "垃圾, 垃圾桶", "group": "市容环卫",
        }  # fmt: skip
        root = tree(client.get(f"{ROOT}/services.xml"))
        assert root.tag == "services"
        assert [node.tag for node in root[0]] == list(first)
        assert root[0].findtext("metadata") == "true"

    def test_speaks_english_when_asked(self, made, client):
        listed = client.get(f"{ROOT}/services.json?locale=en_US&jurisdiction_id=yunxi").json()
        assert "Bin overflowing" in {row["service_name"] for row in listed}

    def test_defines_a_service(self, made, client):
        definition = client.get(f"{ROOT}/services/{CODE}.json").json()
        assert definition["service_code"] == CODE
        assert {"variable", "code", "datatype", "required", "datatype_description", "order", "description", "values"} == set(definition["attributes"][0])
        root = tree(client.get(f"{ROOT}/services/{CODE}.xml"))
        assert root.tag == "service_definition"
        assert root.find("attributes/attribute/values/value/key").text == "today"

    def test_refuses_an_unknown_service(self, made, client):
        answer = client.get(f"{ROOT}/services/nothing.json")
        assert answer.status_code == 404
        assert answer.json() == [{"code": 404, "description": "service_code was not found."}]
        root = tree(client.get(f"{ROOT}/services/nothing.xml"))
        assert root.tag == "errors"
        assert root.findtext("error/code") == "404"


class TestPostRequest:
    def test_opens_a_case_with_the_responsible_unit(self, made, client):
        answer = post(client)
        assert answer.status_code == 201
        (row,) = answer.json()
        assert set(row) == {"service_request_id", "service_notice", "account_id"}
        case = case_queries.case_for(seen_by=ANYONE, slug=row["service_request_id"])
        assert case.lead.code == "utilities"
        assert case.origin == "other_system"

    def test_answers_in_xml(self, made, client):
        root = tree(post(client, "xml"))
        assert root.tag == "service_requests"
        assert root.findtext("request/service_request_id")

    def test_keeps_contact_attributes_and_media(self, made, client):
        photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
        answer = post(client, **{
            "attribute[SPOT]": "3 号杆", "attribute[SINCE]": "days", "attribute[OWN]": "x", "phone": "13800001111", "email": "a@b.cn", "last_name": "李",
            "media_url": "https://example.org/a.jpg", "media": photo, "account_id": "77",
        })  # fmt: skip
        case = case_queries.case_for(seen_by=ANYONE, slug=answer.json()[0]["service_request_id"])
        assert "3 号杆" in case.text
        assert "OWN: x" in case.text
        assert case.raised_by.email == "a@b.cn"
        assert answer.json()[0]["account_id"] == "77"
        listed = client.get(f"{ROOT}/requests/{case.slug}.json").json()[0]
        assert "/attachments/" in listed["media_url"]
        assert "13800001111" not in json.dumps(listed)

    def test_places_an_address_that_names_a_known_place(self, made, client):
        answer = post(client, lat=None, long=None, address_string="文昌路 12 号旁")
        assert case_queries.case_for(seen_by=ANYONE, slug=answer.json()[0]["service_request_id"]).area == made.areas["w1"]

    def test_makes_one_case_of_one_idempotency_key(self, made, client):
        given = {"api_key": "demo", "service_code": CODE, "lat": WEST[1], "long": WEST[0], "description": "垃圾桶满了"}
        first, again = (client.post(f"{ROOT}/requests.json", given, headers={"Idempotency-Key": "a" * 32}).json() for _n in range(2))
        assert first == again

    @pytest.mark.parametrize(
        ("given", "status", "words"),
        [
            ({"api_key": None}, 403, "api_key was not provided"),
            ({"api_key": "wrong"}, 403, "Invalid api_key"),
            ({"service_code": None}, 400, "service_code was not provided"),
            ({"service_code": "no"}, 404, "service_code was not found"),
            ({"lat": "north"}, 400, "lat"),
            ({"lat": "91"}, 400, "lat"),
            ({"lat": "nan"}, 400, "lat"),
            ({"long": None}, 400, "together"),
            ({"lat": None, "long": None, "address_string": None}, 400, "location"),
            ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
            ({"attribute[SINCE]": "never"}, 400, "SINCE"),
            ({"phone": "call me"}, 400, "phone"),
            ({"description": "长" * 9000}, 400, "text"),
        ],
    )
    @pytest.mark.parametrize("written", ["json", "xml"])
    def test_refuses_what_cannot_be_used(self, made, client, given, status, words, written):
        answer = post(client, written, **given)
        assert answer.status_code == status
        found = answer.json()[0] if written == "json" else {node.tag: node.text for node in tree(answer)[0]}
        assert int(found["code"]) == status
        assert words in found["description"]
        assert case_queries.cases(seen_by=ANYONE, kind="report").count() == 0

    def test_serves_no_other_method(self, made, client):
        assert client.delete(f"{ROOT}/requests.json").status_code == 405
        assert client.options(f"{ROOT}/requests.json").headers["Access-Control-Allow-Origin"] == "*"


class TestListRequests:
    def test_shows_a_request_with_all_its_fields(self, made, client):
        slug = post(client).json()[0]["service_request_id"]
        (row,) = client.get(f"{ROOT}/requests.json").json()
        assert list(row) == [
            "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible", "service_notice",
            "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
        ]  # fmt: skip
        assert row["service_request_id"] == slug
        assert row["status"] == "open"
        assert row["lat"] == WEST[1]
        assert datetime.fromisoformat(row["requested_datetime"]).tzinfo
        root = tree(client.get(f"{ROOT}/requests/{slug}.xml"))
        assert [node.tag for node in root[0]] == list(row)

    def test_is_closed_once_it_is_closed_and_says_how(self, made, client):
        slug = post(client).json()[0]["service_request_id"]
        finish(made, case_queries.case_for(seen_by=ANYONE, slug=slug), timezone.now())
        row = client.get(f"{ROOT}/requests/{slug}.json").json()[0]
        assert row["status"] == "closed"
        assert "已清运" in row["status_notes"]
        assert client.get(f"{ROOT}/requests.json?status=open").json() == []
        assert len(client.get(f"{ROOT}/requests.json?status=closed").json()) == 1
        assert len(client.get(f"{ROOT}/requests.json?status=open,closed").json()) == 1

    def test_narrows(self, made, client):
        one = post(client).json()[0]["service_request_id"]
        post(client, service_code="H3-parking", description="乱停车", lat=middle(1, 1)[1], long=middle(1, 1)[0])
        long_ago = operations.file_report(by=ANYONE, at=timezone.now() - timedelta(days=95), text="旧事", category_code=CODE, address="文昌路")[0]

        def ids(**words):
            return {row["service_request_id"] for row in client.get(f"{ROOT}/requests.json", words).json()}

        assert ids(service_code=CODE) == {one}
        assert len(ids(service_code=f"{CODE},H3-parking")) == 2
        assert ids(service_request_id=f"{one},{long_ago.slug}") == {one, long_ago.slug}
        start = timezone.now() - timedelta(days=99)
        assert ids(start_date=start.isoformat(), end_date=(start + timedelta(days=8)).isoformat()) == {long_ago.slug}
        assert ids(end_date=(start + timedelta(days=8)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")) == {long_ago.slug}
        assert ids(lat=WEST[1], long=WEST[0], radius=300) == {one}
        assert len(ids(page_size=1, page=1) | ids(page_size=1, page=2)) == 2
        assert ids(page_size=1, page=3) == set()

    @pytest.mark.parametrize("words", ["start_date=yesterday", "status=maybe", "page_size=0", "page=x", "lat=1", "start_date=2026-01-01&end_date=2026-12-01",
        "page=1.5", "page=²", "page_size=1_0", "lat=1_0&long=1", "lat=1e1&long=1", "lat=nan&long=1", "end_date=0001-01-01", "start_date=9999-12-31"])
    def test_refuses_parameters_that_cannot_be_read(self, made, client, words):
        answer = client.get(f"{ROOT}/requests.json?{words}")
        assert answer.status_code == 400
        assert answer.json()[0]["code"] == 400

    @pytest.mark.parametrize(
        "others",
        ["status=closed", "status=maybe", "service_code=H3-parking", "start_date=2001-01-01&end_date=2001-01-02", "start_date=yesterday", "end_date=0001-01-01",
            "lat=0&long=0&radius=1", "lat=1", "page=9", "page=x", "page_size=0"],
    )  # fmt: skip
    def test_lets_ids_override_all_other_arguments(self, made, client, others):
        one = post(client).json()[0]["service_request_id"]
        post(client)
        found = client.get(f"{ROOT}/requests.json?service_request_id={one}&{others}")
        assert found.status_code == 200
        assert [row["service_request_id"] for row in found.json()] == [one]

    @pytest.mark.parametrize("written", ["json", "xml"])
    def test_knows_no_other_jurisdiction(self, made, town, client, written):
        one = post(client).json()[0]["service_request_id"]
        own, count = town.code, case_queries.cases(seen_by=system("tests"), kind="report").count()
        for path in (f"services.{written}", f"services/{CODE}.{written}", f"requests.{written}", f"requests/{one}.{written}", f"tokens/{one}.{written}"):
            for good in ("", own, own.upper(), "testserver"):
                assert client.get(f"{ROOT}/{path}", {"jurisdiction_id": good}).status_code == 200, (path, good)
            foreign = client.get(f"{ROOT}/{path}", {"jurisdiction_id": "nowhere.example", "service_request_id": one})
            assert foreign.status_code == 404, path
            assert b"jurisdiction_id" in foreign.content
        assert post(client, written, jurisdiction_id="nowhere.example").status_code == 404
        assert post(client, f"{written}?jurisdiction_id=nowhere.example").status_code == 404
        assert case_queries.cases(seen_by=system("tests"), kind="report").count() == count
        assert post(client, written, jurisdiction_id=own).status_code == 201

    def test_finds_nothing_under_an_unknown_id(self, made, client):
        for slug in ("2026-99999", "x", "0-0"):
            assert client.get(f"{ROOT}/requests/{slug}.json").status_code == 404

    def test_gives_the_id_of_a_token(self, made, client):
        slug = post(client).json()[0]["service_request_id"]
        assert client.get(f"{ROOT}/tokens/{slug}.json").json() == [{"service_request_id": slug, "token": slug}]
        assert client.get(f"{ROOT}/tokens/none.xml").status_code == 404

    def test_is_discovered(self, made, client):
        assert client.get("/open311/discovery.json").json()["endpoints"][0]["url"].endswith("/open311/v2")
        assert tree(client.get("/open311/v2/discovery.xml")).findtext("endpoints/endpoint/specification")


class TestParameters:
    def test_reads_moments_as_clients_write_them(self):
        assert open311.moment("2026-01-01T00:00:00 08:00", "x").utcoffset() == timedelta(hours=8)  # a plus sign that was not escaped
        assert open311.moment("2026-01-01", "x", end=True).hour == 23
        assert open311.moment("", "x") is None


@pytest.fixture
def server(committed_db, town):
    """Serve the real application on a port of its own."""
    made = ready()

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_args):
            pass

    running = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    running.set_app(WSGIHandler())
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}{ROOT}", made
    running.shutdown()
    running.server_close()
    thread.join(timeout=5)


class TestExistingClients:
    @pytest.mark.parametrize("written", ["json", "xml"])
    def test_georeport_works_unchanged(self, server, written):
        georeport = pytest.importorskip("georeport")
        root, made = server
        sent = operations.file_report(by=ANYONE, at=timezone.now(), text="垃圾桶满了", category_code=CODE, longitude=WEST[0], latitude=WEST[1])[0]
        city = georeport.GeoReport(root, jurisdiction="yunxi", output_format=written)
        assert CODE in {row["service_code"] for row in city.get_service_list()}
        assert city.get_service_definition(CODE)["service_code"] == CODE
        found = city.get_service_requests(status="open", service_code=CODE)
        first = found[0] if isinstance(found, list) else found  # its XML reader gives one entry as it is
        assert first["service_request_id"] == sent.slug
        assert city.get_service_request(sent.slug)["status"] == "open"
        assert made

    def test_three_works_unchanged(self, server, monkeypatch, tmp_path):
        # the client was written for Python 2, whose itertools had this name; its own code is left as it is
        monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
        three = pytest.importorskip("three").Three
        root, _made = server
        city = three(root, api_key="demo")
        assert CODE in {row["service_code"] for row in city.services()}
        assert city.services(CODE)["service_code"] == CODE
        file = tmp_path / "photo.jpg"
        file.write_bytes(picture())
        with file.open("rb") as media:
            answer = city.post(
                CODE, address="文昌路 3 号", lat=WEST[1], long=WEST[0], name="Zach Williams", phone="555-5555", description="Full bin", media=media
            )
        slug = answer[0]["service_request_id"]
        assert city.request(slug)[0]["description"] == "Full bin"
        assert "/attachments/" in city.request(slug)[0]["media_url"]
        assert [row["service_request_id"] for row in city.requests(CODE, count=5)] == [slug]
        day = timezone.now().strftime("%m-%d-%Y")
        assert [row["service_request_id"] for row in city.requests(between=[day, (timezone.now() + timedelta(days=2)).strftime("%m-%d-%Y")])] in ([slug], [])
        assert city.token(slug)[0]["service_request_id"] == slug
        assert "endpoints" in city.discovery()
        assert "three" in sys.modules


class TestStrangePlacesAndNumbers:
    @pytest.mark.parametrize(("latitude", "longitude"), [(51.5, -0.12), (0, 0), (-89.9, 179.9)])
    def test_a_place_in_another_town_is_taken_in_given_to_nobody_and_told(self, made, client, latitude, longitude):
        answer = post(client, lat=latitude, long=longitude)
        assert answer.status_code == 201
        case = case_queries.cases(seen_by=CLOCK, kind="report").get()
        assert (case.state, case.unlocated, case.lead_id) == ("opened", True, None)
        assert "调度员" in answer.json()[0]["service_notice"]
        assert client.get(reverse("portal:cases-data")).json()["features"] == []

    @pytest.mark.parametrize("name", ["2026-²", "２０２６-1", "2026-" + "9" * 5000, "2026-٣"])
    def test_an_id_in_other_digits_is_none(self, made, client, name):
        assert client.get(f"{ROOT}/requests/{quote(name)}.json").status_code == 404
        assert client.get(f"{ROOT}/tokens/{quote(name)}.json").status_code == 404
        assert client.get(f"{ROOT}/requests.json", {"service_request_id": name}).json() == []

    @pytest.mark.parametrize(
        "given", [{"end_date": "0001-01-01"}, {"start_date": "9999-12-31"}, {"page": "1_0"}, {"page_size": "²"}, {"lat": "nan", "long": "1"}]
    )
    def test_days_and_numbers_out_of_reach_are_refused(self, made, client, given):
        assert client.get(f"{ROOT}/requests.json", given).status_code == 400

    def test_a_telephone_number_with_a_circled_digit_is_none(self, made, client):
        assert post(client, phone="1380571000①").status_code == 400


class TestLimits:
    def test_an_address_and_a_key_send_so_many_a_minute(self, made, settings):
        settings.CLIENT_REPORTS_A_MINUTE = 2
        here, there, elsewhere = (Client(REMOTE_ADDR=f"198.51.100.{n}") for n in (1, 2, 3))
        assert [post(here, description=f"第{n}个").status_code for n in range(3)] == [201, 201, 429]
        refused = post(here, written="xml", description="第四个")
        assert (refused.status_code, tree(refused).findtext("error/code")) == (429, "429")
        assert post(there).status_code == 429  # the key has had its two
        assert [post(elsewhere, api_key=f"guess-{n}").status_code for n in range(3)] == [403, 403, 429]
        assert case_queries.cases(seen_by=CLOCK, kind="report").count() == 2
