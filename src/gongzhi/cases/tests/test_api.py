"""Cases for programs: what is read, opened and done, and how refusals name the field."""

from datetime import timedelta

import pytest

from gongzhi.cases import acts
from gongzhi.cases import operations as cases
from gongzhi.cases.api.acting import BODIES
from gongzhi.cases.models import Case
from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures

API = "/api/v1"


@pytest.fixture
def program(enter):  # noqa: F811
    """Return a function that gives the API as somebody sees it: (method, path, body) → (status, answer)."""

    def calling(who=""):
        client = enter(who)

        def call(method, path, body=None):
            more = {"data": body, "content_type": "application/json"} if body is not None else {}
            answer = getattr(client, method)(f"{API}{path}", headers={"Accept": "application/json"}, **more)
            return answer.status_code, answer.json() if answer.content else None

        return call

    return calling


class TestReading:
    def test_gives_every_case_once_by_cursor(self, made, program):  # noqa: F811
        numbers = {made.open(title=f"第{n}件").number for n in range(5)}
        call, seen, after = program("dispatcher"), [], ""
        while after is not None:
            status, page = call("get", f"/cases?limit=2&after={after}")
            assert status == 200
            seen += [item["number"] for item in page["items"]]
            after = page["after"]
        assert len(seen) == 5
        assert set(seen) == numbers

    def test_keeps_restricted_cases_from_others(self, made, program):  # noqa: F811
        case = made.open(visibility="restricted")
        assert program("neighbour")("get", f"/cases/{case.slug}")[0] == 404
        assert program("officer")("get", f"/cases/{case.slug}")[0] == 200

    def test_narrows_and_names_what_it_cannot_read(self, made, program):  # noqa: F811
        made.open()
        call = program("officer")
        assert len(call("get", "/cases?category=H3-bin&state=open&life=home")[1]["items"]) == 1
        assert call("get", "/cases?category=H3-parking")[1]["items"] == []
        status, problem = call("get", "/cases?category=none")
        assert (status, problem["field"]) == (422, "category")
        assert call("get", "/cases?limit=0")[0] == 422
        assert call("get", "/cases?after=zzz")[0] in (409, 422)

    def test_shows_why_it_is_due_and_what_one_may_do(self, made, program):  # noqa: F811
        case = made.open()
        status, told = program("officer")("get", f"/cases/{case.slug}")
        assert status == 200
        assert told["lead"] == "utilities"
        assert told["clocks"][0]["why"]
        assert "answer" in told["acts"] or "accept" in told["acts"]

    def test_gives_steps_without_internal_words_to_residents(self, made, program):  # noqa: F811
        case = made.open()
        cases.note_case(by=made.by("officer"), at=made.at, case_id=case.pk, text="车坏了")
        assert "车坏了" in str(program("officer")("get", f"/cases/{case.slug}/steps")[1])
        assert "车坏了" not in str(program("resident")("get", f"/cases/{case.slug}/steps")[1])

    def test_gives_the_lists_of_the_town(self, made, program):  # noqa: F811
        made.open()
        call = program("resident")
        for path in ("/categories", "/responsibilities", "/procedures", "/procedures?every_version=true", "/kinds"):
            status, found = call("get", path)
            assert status == 200
            assert found
        assert call("get", "/figures")[1]["open"] == 1
        assert call("get", "/figures?area=none")[0] == 422

    def test_gives_the_desk_to_posts_only(self, made, program):  # noqa: F811
        made.open()
        assert len(program("officer")("get", "/desk?queue=unit")[1]["items"]) == 1
        assert program("resident")("get", "/desk")[0] == 403


class TestPeriod:
    def test_counts_what_came_in_and_refuses_a_period_without_length(self, made, program):  # noqa: F811
        made.open()
        begin, end = (f"{made.at + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (-6, 1))
        call = program()
        status, told = call("get", f"/figures/period?since={begin}&until={end}")
        assert status == 200
        assert told["opened"] == sum(share["opened"] for share in told["by_category"]) == 1
        assert sum(opened for _day, opened, _closed in told["daily"]) == 1
        status, refused = call("get", f"/figures/period?since={end}&until={begin}")
        assert (status, refused["field"]) == (422, "until")

    def test_is_a_week_at_least_for_everybody_and_names_no_row_of_fewer_than_three(self, made, program):  # noqa: F811
        for _n in range(3):
            made.open()
        made.open(category_id=made.categories["parking"].pk)
        made.open(category_id=made.categories["smell"].pk, visibility="restricted")

        def asked(who, days):
            since, until = (f"{made.at + timedelta(days=more):%Y-%m-%dT%H:%M:%SZ}" for more in (1 - days, 1))
            return program(who)("get", f"/figures/period?since={since}&until={until}")

        for who in ("", "resident", "officer"):
            status, refused = asked(who, 6)
            assert (status, refused["field"]) == (422, "until")
            status, told = asked(who, 7)
            assert status == 200
            assert {share["name"]: share["opened"] for share in told["by_category"]} == {"bin": 3, "": 1}
            assert told["opened"] == sum(share["opened"] for share in told["by_unit"]) == 4
        status, told = asked("supervisor", 1)
        assert status == 200
        assert {share["name"]: share["opened"] for share in told["by_category"]} == {"bin": 3, "parking": 1}


class TestOpening:
    def test_opens_a_case_once_per_key(self, made, program):  # noqa: F811
        call = program("resident")
        need = {"kind": "need", "title": "垃圾", "category": "H3-bin", "longitude": 120.005, "latitude": 30.265, "submission_key": "k1"}
        status, told = call("post", "/cases", need)
        assert status == 201, told
        assert told["lead"] == "utilities"
        assert call("post", "/cases", need)[1]["number"] == told["number"]
        assert Case.objects.get().raised_by_id == made.people["resident"].pk

    @pytest.mark.parametrize(
        ("change", "field"), [({"kind": "none"}, "kind"), ({"category": "none"}, "category"), ({"title": ""}, "title"), ({"latitude": None}, "place"),
            ({"longitude": 999}, "place")]
    )
    def test_names_the_field(self, made, program, change, field):  # noqa: F811
        need = {"kind": "need", "title": "垃圾", "category": "H3-bin", "longitude": 120.005, "latitude": 30.265} | change
        status, problem = program("resident")("post", "/cases", need)
        assert status in (409, 422)
        assert problem["field"] == field
        assert not Case.objects.exists()


class TestActing:
    def test_has_a_body_for_every_act(self):
        assert BODIES.keys() == {code for code, act in acts.BY_CODE.items() if act.kinds is None}  # those of kinds have their form's, or their own

    def test_goes_the_whole_way(self, made, program):  # noqa: F811
        case = made.open()
        officer, walker, resident = program("officer"), program("walker"), program("resident")
        assert officer("post", f"/cases/{case.slug}/acts/accept", {"text": "出发"})[1]["state"] == "in_hand"
        assert officer("post", f"/cases/{case.slug}/acts/answer", {"public_text": "清了"})[1]["state"] == "answered"
        assert walker("post", f"/cases/{case.slug}/acts/verify-pass", {"text": "干净", "longitude": 120.005, "latitude": 30.265})[1]["state"] == "closed"
        status, told = resident("post", f"/cases/{case.slug}/acts/rate", {"level": 5, "solved": True, "tags": ["quick"]})
        assert status == 200, told

    def test_names_each_field_that_is_missing(self, made, program):  # noqa: F811
        case = made.open()
        status, problem = program("officer")("post", f"/cases/{case.slug}/acts/return", {"reason": " ", "clause": " "})
        assert status == 422
        assert {error["field"] for error in problem["errors"]} == {"reason", "clause"}

    def test_refuses_by_rule_and_by_state(self, made, program):  # noqa: F811
        case = made.open()
        assert program("enforcer")("post", f"/cases/{case.slug}/acts/accept", {})[0] == 403
        status, problem = program("officer")("post", f"/cases/{case.slug}/acts/resume", {})
        assert status == 409
        assert problem["title"]

    def test_refuses_words_it_does_not_know(self, made, program):  # noqa: F811
        case = made.open()
        assert program("officer")("post", f"/cases/{case.slug}/acts/accept", {"texts": "x"})[0] == 422


class TestVersions:
    def test_an_act_on_a_former_version_is_told_who_was_first(self, made, enter):  # noqa: F811
        case = made.open(category_id=made.categories["smell"].pk)
        browser, path = enter("dispatcher"), f"{API}/cases/{case.slug}"
        organ = made.organs["utilities"].pk

        def assign(body, **headers):
            told = {"Accept": "application/json"} | headers
            return browser.post(f"{path}/acts/assign", {"organ": organ} | body, content_type="application/json", headers=told)

        told = browser.get(path)
        assert told.headers["ETag"] == f'"{told.json()["version"]}"'
        seen = told.json()["version"]
        assert assign({"version": seen}).json()["version"] == seen + 1
        late = assign({"version": seen})
        assert (late.status_code, late.json()["version"], late.json()["state"]) == (409, seen + 1, "assigned")
        assert "centre · dispatcher" in late.json()["title"]
        assert assign({}, **{"If-Match": f'"{seen}"'}).status_code == 412
        for unread in ("3", '"x"', f'"{seen}", "9"'):
            refused = assign({}, **{"If-Match": unread})
            assert (refused.status_code, refused.json()["field"]) == (422, "If-Match")
        assert assign({"version": 0}).status_code == 422
        for fits in ({"If-Match": f'W/"{seen + 1}"'}, {"If-Match": "*"}, {}):
            assert assign({}, **fits).status_code == 200

    def test_what_leaves_other_decisions_standing_is_done_on_any_version(self, made, program):  # noqa: F811
        case = made.open()
        call = program("officer")
        assert call("post", f"/cases/{case.slug}/acts/accept", {})[0] == 200
        assert call("post", f"/cases/{case.slug}/acts/note", {"text": "看过", "version": 1})[0] == 200
