"""The API's routes of reports, mounted as the product mounts them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from ninja.testing import TestClient

from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.management_line.reports.api import router
from gongzhi.management_line.reports.tests.factories import CODE, make_reporting_town, picture

LONGITUDE, LATITUDE = middle(0, 0)
REPORT = {"text": "文昌路垃圾桶满了，没人收。", "category": CODE, "longitude": LONGITUDE, "latitude": LATITUDE, "address": "文昌路"}


@pytest.fixture
def made(town):
    return make_reporting_town(timezone.now())


@pytest.fixture
def client(made):
    return TestClient(router)


def ask(client, method, address, actor=ANYONE, **more):
    return getattr(client, method)(address, actor=actor, headers={}, **more)


class TestReports:
    def test_files_and_tells_what_became_of_it(self, client):
        answer = ask(client, "post", "/reports", json=REPORT | {"submission_key": "0123456789abcdef"})
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert told["lead"] == "utilities"
        assert told["follow_code"]
        assert told["why"]
        again = ask(client, "post", "/reports", json=REPORT | {"submission_key": "0123456789abcdef"}).json()
        assert (again["number"], again["follow_code"]) == (told["number"], told["follow_code"])

    def test_takes_photos_by_their_keys(self, client):
        sent = client.post("/reports/photos", FILES={"file": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")}, actor=ANYONE)
        assert sent.status_code == 201, sent.content
        assert ask(client, "post", "/reports", json=REPORT | {"photos": [sent.json()["key"]]}).status_code == 201

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"text": None}, 422), ({"longitude": 200}, 422), ({"latitude": None}, 422), ({"photos": ["none"]}, 422), ({"submission_key": "short"}, 422),
            ({"datum": "mars"}, 422),
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_be_used(self, client, given, status):
        assert ask(client, "post", "/reports", json=REPORT | given).status_code == status

    def test_asks_tokens_for_their_scope(self, client):
        reader = Actor(kind="person", person_id=None, user_id=1, scopes=frozenset({"cases:read"}))
        answer = ask(client, "post", "/reports", actor=reader, json=REPORT)
        assert answer.status_code == 403
        assert json.loads(answer.content)["scope"] == "reports:write"

    def test_suggests_and_finds_repeats(self, client):
        assert ask(client, "post", "/reports/suggest", json={"text": REPORT["text"]}).json()[0]["code"] == CODE
        ask(client, "post", "/reports", json=REPORT)
        found = ask(client, "get", f"/reports/similar?text=垃圾桶满了&category={CODE}&longitude={LONGITUDE}&latitude={LATITUDE}").json()
        assert found[0]["metres"] == 0
        assert ask(client, "get", "/reports/similar?text=x&category=nothing").status_code == 422
