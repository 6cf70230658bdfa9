"""What a token and a session may do over the API: no more than they were given, and no longer than their owner's other ways in."""

import json

import pytest
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.utils import timezone

from gongzhi.config.api import api
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people import queries
from gongzhi.kernel.actors import ANYONE, Actor, system

MAKER = system("tests")


@pytest.fixture
def officer(town, noon):
    user, password = people.employ(by=MAKER, at=noon, username="chief", name="程立", public_name="系统岗 01", must_use_second_factor=False)
    organ = organs.define_organ(by=MAKER, at=noon, kind="committee", code="committee", name="管委会")
    for role in ("administrator", "department_officer"):
        organs.give_post(by=MAKER, at=noon, person_id=user.person_id, organ_id=organ.pk, role=role, starts_on=noon.date().replace(day=1))
    user.first_password = password
    return user


def token(user, *scopes):
    by = Actor(kind="person", person_id=user.person_id, user_id=user.pk)
    return people.issue_token(by=by, at=timezone.now(), title="测试", scopes=scopes)[1]


def test_every_route_of_the_api_asks_for_a_scope():
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for route in view.operations:
                assert getattr(route.view_func, "needs_scope", ""), route.path


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/api/v1/devices", "sensing:read"), ("/api/v1/stations", "sensing:read"), ("/api/v1/archive/files", "sensing:read"),
        ("/api/v1/warnings", "sensing:read"),
        ("/api/v1/ledger/entries", "ledger:read"), ("/api/v1/organs", "town:read"), ("/api/v1/posts", "town:read"), ("/api/v1/cases", "cases:read"),
        ("/api/v1/sources", "registers:read"),
    ],
)  # fmt: skip
def test_a_token_reaches_as_far_as_its_scope_and_no_further(officer, path, scope):
    narrow, fitting = token(officer, "reports:write"), token(officer, scope)
    refused = Client().get(path, headers={"Authorization": f"Bearer {narrow}"})
    assert (refused.status_code, refused.json()["type"]) == (403, "about:blank#ScopeMissing")
    assert Client().get(path, headers={"Authorization": f"Bearer {fitting}"}).status_code == 200


def test_no_token_touches_the_log_in_of_its_owner(officer):
    broad = token(officer, *people.SCOPES)
    assert Client().get("/api/v1/account/erasure", headers={"Authorization": f"Bearer {broad}"}).status_code == 403


@pytest.mark.parametrize("end", ["change", "reset", "lock", "sessions", "factor"])
def test_a_token_ends_with_the_other_ways_in(officer, noon, end):
    presented = token(officer, "cases:read")
    own = Actor(kind="person", person_id=officer.person_id, user_id=officer.pk)
    match end:
        case "change":
            people.change_password(by=own, at=noon, user_id=officer.pk, present=officer.first_password, password="ein ganz anderes 9")
        case "reset":
            people.reset_password(by=MAKER, at=noon, user_id=officer.pk)
        case "lock":
            people.lock_login(by=MAKER, at=noon, user_id=officer.pk)
            people.unlock_login(by=MAKER, at=noon, user_id=officer.pk)
        case "sessions":
            people.end_sessions(by=own, at=noon, user_id=officer.pk)
        case "factor":
            people.reset_second_factor(by=MAKER, at=noon, user_id=officer.pk)
    assert queries.token_for(seen_by=ANYONE, presented=presented, at=noon) is None


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_session_without_a_log_in_needs_the_csrf_token_too(town, method):
    browser = Client(enforce_csrf_checks=True)
    session = browser.session
    session["followed_cases"] = [1]
    session.save()
    refused = getattr(browser, method)("/api/v1/cases/x/acts/note", "{}", content_type="application/json")
    assert (refused.status_code, refused.json()["type"]) == (403, "about:blank#Csrf")
    secret = _get_new_csrf_string()
    browser.cookies["csrftoken"] = secret
    passed = getattr(browser, method)("/api/v1/cases/x/acts/note", "{}", content_type="application/json", headers={"X-CSRFToken": secret})
    assert passed.status_code in (404, 405, 422)


def test_nobody_outside_says_whence_a_case_came_or_how_grave_it_is(town, noon):
    from gongzhi.cases.models import Case
    from gongzhi.cases.tests.factories import make_town_with_list

    make_town_with_list(noon)
    body = {"kind": "need", "title": "路灯不亮", "category": "H3-bin", "longitude": 120.005, "latitude": 30.265, "origin": "superior", "severity": 4}
    answer = Client().post("/api/v1/cases", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content
    case = Case.objects.get()
    assert case.origin == "resident"
    assert case.severity < 4
