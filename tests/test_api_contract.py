"""The API as a whole: the OpenAPI document, tokens, keys, errors; schemathesis finds no server error."""

import json
import threading
from pathlib import Path

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings
from pydantic import create_model

from gongzhi.config.api import document
from gongzhi.config.contract import Api, TwoShapesOneName
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.receipts.models import Receipt
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sources import api as sources

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


@pytest.mark.usefixtures("made")
@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_input_brings_the_server_down(case):
    """Whatever fits the document, and what does not, is answered without a server error."""
    from werkzeug.test import EnvironBuilder

    assert EnvironBuilder
    client = Client(raise_request_exception=False)
    sent = case.as_transport_kwargs(base_url="http://testserver")
    body = json.dumps(sent["json"]) if "json" in sent else sent.get("data") or b""
    answer = client.generic(
        case.method.upper(), sent["url"].removeprefix("http://testserver"), body if isinstance(body, bytes | str) else b"",
        content_type="application/json", query_params=sent.get("params") or {},
    )  # fmt: skip
    assert answer.status_code < 500, answer.content[:500]
