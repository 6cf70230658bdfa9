"""The API as a whole: the OpenAPI document, tokens, keys, errors; schemathesis finds no server error."""

import json
import re
import threading
from pathlib import Path

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from pydantic import create_model

from gongzhi.config.api import document
from gongzhi.config.contract import Api, TwoShapesOneName
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.receipts.models import Receipt
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sources.api import returns as sources

KEPT = Path(__file__).parents[1] / "docs" / "openapi.json"


def test_the_document_that_is_kept_is_the_one_that_holds():
    assert json.loads(KEPT.read_text(encoding="utf-8")) == json.loads(document()), "run ./gongzhi openapi"


@pytest.fixture
def made(town, noon):
    from gongzhi.cases import operations as cases
    from gongzhi.cases import procedure as procedures
    from gongzhi.cases.kind import kind_of
    from gongzhi.cases.tests.factories import MAKER

    world = make_station(noon)[0]
    text = kind_of("report").procedure.read_text(encoding="utf-8")
    cases.adopt_procedure(by=MAKER, at=noon, kind="report", definition=procedures.read(text), reason="first")
    return world


def token(made, who, *scopes):
    from gongzhi.cases.tests.factories import MAKER

    person = made.people[who]
    user = people.give_login(by=MAKER, at=made.at, person_id=person.pk, username=who, password="a-long-password-26")
    from django.utils import timezone

    _token, text = people.issue_token(by=Actor(kind="person", person_id=person.pk, user_id=user.pk), at=timezone.now(), title="t", scopes=scopes)
    return {"authorization": f"Bearer {text}"}


NEED = {"title": "垃圾桶满溢", "text": "文昌路垃圾桶满了两天", "kind": "report"}


def post(client, body, **headers):
    return client.post("/api/v1/reports", json.dumps(body), content_type="application/json", headers=headers)


class TestCaller:
    def test_is_narrowed_by_the_scopes_of_a_token(self, made):
        client = Client()
        reader = token(made, "officer", "cases:read")
        made_case = made.open()
        assert client.get("/api/v1/cases", headers=reader).status_code == 200
        assert client.get(f"/api/v1/cases/{made_case.slug}", headers=reader).json()["number"] == made_case.number
        refused = post(client, {"text": "x"}, **reader)
        assert refused.status_code == 403
        assert refused.headers["Content-Type"] == "application/problem+json"

    def test_with_a_bad_token_is_told_so(self, made):
        answer = Client().get("/api/v1/cases", headers={"authorization": "Bearer nothing"})
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers

    def test_by_session_needs_the_csrf_token(self, made):
        token(made, "resident", "cases:read")
        client = Client(enforce_csrf_checks=True)
        client.get("/sign-in/")
        form = {"username": "resident", "password": "a-long-password-26", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
        assert client.post("/sign-in/", form).status_code == 302
        assert post(client, {"text": "垃圾桶满了"}).status_code == 403
        assert post(client, {"text": "垃圾桶满了"}, **{"x-csrftoken": client.cookies["csrftoken"].value}).status_code == 201


class TestOnce:
    BODY = {"text": "文昌路垃圾桶满了两天"}

    def test_the_same_key_does_a_thing_once(self, made):
        client = Client()
        first, second = (post(client, self.BODY, **{"idempotency-key": "k1"}) for _try in range(2))
        assert first.status_code == 201, first.content
        assert second.headers["Idempotency-Replayed"] == "true"
        assert second.json() == first.json() | {"follow_code": None}  # a stranger who repeats key and words gets no code
        assert first.json()["follow_code"] not in Receipt.objects.get().answer
        assert Receipt.objects.count() == 1
        assert post(client, self.BODY, **{"idempotency-key": "k2"}).json() != first.json()

    def test_a_key_is_not_taken_for_another_call(self, made):
        client = Client()
        post(client, self.BODY, **{"idempotency-key": "k1"})
        answer = post(client, {"text": "别的事情"}, **{"idempotency-key": "k1"})
        assert answer.status_code == 422
        assert answer.json()["field"] == "Idempotency-Key"

    def test_twins_at_the_same_moment_do_it_once(self, committed_db, town, noon):
        from django.db import connections

        from gongzhi.cases import operations as cases
        from gongzhi.cases import procedure as procedures
        from gongzhi.cases.kind import kind_of
        from gongzhi.cases.models import Case
        from gongzhi.cases.tests.factories import MAKER

        make_station(noon)
        cases.adopt_procedure(
            by=MAKER, at=noon, kind="report", definition=procedures.read(kind_of("report").procedure.read_text(encoding="utf-8")), reason="first"
        )
        found = []

        def call():
            found.append(post(Client(), self.BODY, **{"idempotency-key": "twin"}))
            connections.close_all()

        threads = [threading.Thread(target=call) for _twin in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Case.objects.filter(kind="report").count() == 1
        assert {answer.status_code for answer in found} == {201}
        told = [answer.json() for answer in found]
        assert len({one["number"] for one in told}) == 1
        assert len([one for one in told if one["follow_code"]]) == 1  # each of the twins may be a stranger: the code is told once


class TestErrors:
    @pytest.mark.parametrize(
        ("address", "status"),
        [("/api/v1/nothing", 404), ("/api/", 404), ("/api/v1/cases/2026-99999", 404), ("/api/v1/cases?after=%00", 422), ("/api/v1/locate?longitude=x", 422)],
    )
    def test_are_problems(self, made, address, status):
        answer = Client().get(address)
        assert answer.status_code in (status, 409), answer.content
        assert answer.headers["Content-Type"].startswith("application/problem+json")

    def test_of_a_body_name_the_field(self, made):
        answer = post(Client(), {"text": 5})
        assert answer.status_code == 422
        assert answer.json()["field"] == "text"
        assert Client().post("/api/v1/reports", "{", content_type="application/json").status_code in (400, 422)


class TestTaken:
    @pytest.mark.parametrize(
        ("address", "field"),
        [("/api/v1/calendar?since=0", "since"), ("/api/v1/categories?on=1700000000", "on"), ("/api/v1/cases?opened_to=0.5", "opened_to"),
            ("/api/v1/responsibilities?on=2026-02-30", "on")],
    )  # fmt: skip
    def test_is_no_number_for_a_day(self, made, address, field):
        answer = Client().get(address)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    @pytest.mark.parametrize(
        ("body", "field"),
        [('"title"', "given"), ("[1]", "given"), ('{"title": 5}', "title"), ('{"title": "x", "query": null}', "query"), ('{"title": "\\ud821"}', None)],
    )
    def test_is_nothing_of_another_type(self, made, body, field):
        answer = Client().post("/api/v1/desk/views", body, content_type="application/json", headers=token(made, "officer", "cases:write"))
        assert answer.status_code == 422, answer.content
        assert field is None or answer.json()["field"] == field

    @pytest.mark.parametrize("address", ["/api/v1/cases/a%0Ab", "/api/v1/nothing%0A", "/api/%0A"])
    @pytest.mark.parametrize("method", ["get", "post", "delete"])
    def test_from_addresses_that_no_route_can_have_is_a_problem(self, made, address, method):
        answer = getattr(Client(), method)(address)
        assert answer.status_code in (404, 405)
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_is_a_days_and_a_moments_own_writing(self, made):
        for moment in ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00%2B08:00", "2026-01-31%2008:00:00Z"):
            assert Client().get(f"/api/v1/cases?opened_from={moment}").status_code == 200, moment


class TestDocument:
    def test_names_each_shape_once(self):
        told = json.loads(document())
        body = told["paths"]["/api/v1/returns"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        fields = told["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"]
        assert set(fields) == set(sources.ReturnIn.model_fields)

    def test_refuses_two_shapes_of_one_name(self):
        def shape(module, **fields):
            made = create_model("Twin", **fields)
            made.__module__ = module
            return made

        one, other = shape("gongzhi.one.api", a=(int, ...)), shape("gongzhi.two.api", b=(str, ...))
        twins = Api(urls_namespace="twins")
        twins.get("/a", response=one)(lambda request: None)
        twins.post("/b", response=list[other])(lambda request: None)
        with pytest.raises(TwoShapesOneName, match=r"gongzhi\.one\.api\.Twin and gongzhi\.two\.api\.Twin"):
            twins.get_openapi_schema(path_prefix="/x/")

    def test_is_valid_by_the_standard_it_names(self):
        told = json.loads(document())
        for shape in told["components"]["schemas"].values():
            Draft202012Validator.check_schema(shape)
        for path, methods in told["paths"].items():
            names = re.findall(r"{(\w+)}", path)
            for operation in methods.values():
                assert sorted(one["name"] for one in operation["parameters"] if one["in"] == "path") == sorted(names), path

    def test_names_problems_by_their_own_media_type(self):
        told = json.loads(document())
        assert len(told["paths"]) > 100
        for path, methods in told["paths"].items():
            for method, operation in methods.items():
                problems = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
                assert {"401", "403", "404", "422"} <= set(problems), (method, path)
                for answer in problems.values():
                    assert set(told["components"]["responses"][answer["$ref"].rpartition("/")[2]]["content"]) == {"application/problem+json"}


schema = schemathesis.openapi.from_dict(json.loads(document()))
schema.app = WSGIHandler()


@pytest.fixture
def caller(made):
    """Give the headers of a member of the committee with a token of every scope; the test's connection stays open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield token(made, "member", *people.SCOPES)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_keeps_the_contract(case, caller):
    """Whatever fits the document, and what does not, is answered as the document says: every check of schemathesis."""
    case.call_and_validate(headers=caller)
