"""How the town's own cases went: from the record to figures, pages, files and the API."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.cases import operations as cases
from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures
from gongzhi.evaluation import queries, xes
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, CLOCK

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PAGE = "/evaluation/processes/need/"


def through(made, *, hours=2, at=None, **more):  # noqa: F811
    """Open a case, begin it after an hour and answer it after `hours` more; it is checked and closed an hour later."""
    at = at or made.at
    case = made.open(at=at, **more)
    officer, walker = made.by("officer"), made.by("walker")
    cases.accept_case(by=officer, at=at + HOUR, case_id=case.pk)
    cases.answer_case(by=officer, at=at + HOUR * (1 + hours), case_id=case.pk, public_text="清掉了")
    cases.verify_case(by=walker, at=at + HOUR * (2 + hours), case_id=case.pk, passed=True, text="干净了")
    return case


def day(made):  # noqa: F811
    """Return the day in the town on which the case came in."""
    return made.at.astimezone(ZoneInfo("Asia/Shanghai")).date()


def asked(made, **more):  # noqa: F811
    return {"kind": "need", "since": made.at - timedelta(days=30), "until": made.at + timedelta(days=30)} | more


class TestProcess:
    def test_says_ways_and_times_of_the_record(self, made):  # noqa: F811
        for hours in (2, 4, 9):
            through(made, hours=hours)
        found = queries.process(seen_by=made.by("supervisor"), **asked(made))
        arcs = {(arc.source, arc.target): arc for arc in found.mined.arcs}
        assert (found.mined.cases, found.over, found.walked, found.as_adopted) == (3, 3, 3, 3)
        assert arcs["accept", "answer"].count == 3
        assert arcs["accept", "answer"].median_hours == 4
        assert arcs["accept", "answer"].mean_hours == 5
        assert found.mined.variants[0][1] == 3

    def test_counts_hands_between_units(self, made):  # noqa: F811
        through(made)
        found = queries.process(seen_by=made.by("supervisor"), **asked(made))
        names = queries.organ_names(seen_by=ANYONE, found=found)
        assert ("utilities", "station") in {(names[one.source], names[one.target]) for one in found.mined.handoffs}

    def test_tells_everybody_nothing_that_fewer_than_three_cases_did(self, made):  # noqa: F811
        for _n in range(3):
            through(made)
        rare = made.open()
        cases.accept_case(by=made.by("officer"), at=made.at, case_id=rare.pk)
        cases.return_case(by=made.by("officer"), at=made.at, case_id=rare.pk, reason="不归我们", clause="A-bin")
        seen, told = (queries.process(seen_by=actor, **asked(made)) for actor in (made.by("supervisor"), ANYONE))
        assert ("accept", "return") in {(arc.source, arc.target) for arc in seen.mined.arcs}
        assert "return" in seen.mined.activities
        assert ("accept", "return") not in {(arc.source, arc.target) for arc in told.mined.arcs}
        assert "return" not in told.mined.activities
        assert (told.mined.cases, told.withheld) == (4, 1)
        assert seen.withheld == 0

    def test_of_two_cases_tells_everybody_only_that_there_are_two(self, made):  # noqa: F811
        through(made)
        through(made)
        told = queries.process(seen_by=ANYONE, **asked(made))
        assert (told.mined.cases, told.withheld) == (2, 2)
        assert not told.mined.arcs
        assert not told.mined.variants
        assert told.share_as_adopted is None

    def test_counts_no_restricted_case_for_people(self, made):  # noqa: F811
        through(made, visibility="restricted")
        assert queries.process(seen_by=made.by("supervisor"), **asked(made)).mined.cases == 0
        assert queries.process(seen_by=CLOCK, **asked(made)).mined.cases == 1

    def test_is_narrowed_by_span_area_and_unit(self, made):  # noqa: F811
        through(made)
        made.open(category_id=made.categories["parking"].pk)
        boss = made.by("supervisor")
        assert queries.process(seen_by=boss, **asked(made)).mined.cases == 2
        assert queries.process(seen_by=boss, **asked(made, organ_id=made.organs["utilities"].pk)).mined.cases == 1
        assert queries.process(seen_by=boss, **asked(made, area_path=made.areas["west"].path)).mined.cases == 2
        assert queries.process(seen_by=boss, **asked(made, area_path=made.areas["east"].path)).mined.cases == 0
        assert queries.process(seen_by=boss, **asked(made, since=made.at, until=made.at)).mined.cases == 0

    def test_is_found_in_few_questions_and_then_remembered(self, made):  # noqa: F811
        for _n in range(4):
            through(made)
        memory.forget()
        with CaptureQueriesContext(connection) as first:
            queries.process(seen_by=ANYONE, **asked(made))
        with CaptureQueriesContext(connection) as again:
            queries.process(seen_by=ANYONE, **asked(made))
        assert len(first) <= 4
        assert len(again) == 0


class TestPage:
    def test_is_open_to_everybody_and_draws_the_map(self, made, enter):  # noqa: F811
        for _n in range(3):
            through(made)
        page = enter("").get(PAGE).content.decode()
        assert 'class="process-map"' in page
        assert "log.xes" not in page
        assert "/evaluation/processes/need/" in enter("").get("/evaluation/").content.decode()

    def test_names_the_field_that_cannot_be_read_and_keeps_what_was_typed(self, made, enter):  # noqa: F811
        answer = enter("").get(PAGE, {"since": "2026-02-30", "until": "2026-03-01"})
        assert answer.status_code == 422
        assert 'id="e-since"' in answer.content.decode()
        assert "2026-02-30" in answer.content.decode()
        for bad in ({"since": "2026-03-02", "until": "2026-03-01"}, {"since": "2010-01-01", "until": "2026-01-01"}, {"area": "none"}, {"organ": "none"}):
            assert enter("").get(PAGE, bad).status_code == 422, bad

    def test_for_everybody_is_of_a_week_at_least(self, made, enter):  # noqa: F811
        assert enter("").get(PAGE, {"since": "2026-03-01", "until": "2026-03-06"}).status_code == 422
        assert enter("").get(PAGE, {"since": "2026-03-01", "until": "2026-03-07"}).status_code == 200
        assert enter("supervisor").get(PAGE, {"since": "2026-03-01", "until": "2026-03-01"}).status_code == 200

    def test_of_an_unknown_kind_is_not_found(self, made, enter):  # noqa: F811
        assert enter("").get("/evaluation/processes/none/").status_code == 404


class TestFiles:
    def test_are_for_those_who_watch_over_the_town(self, made, enter):  # noqa: F811
        through(made, at=made.at)
        span = {"since": f"{day(made)}", "until": f"{day(made)}"}
        for name in ("log.xes", "log.ocel.json"):
            assert enter("officer").get(PAGE + name, span).status_code == 403
            assert enter("supervisor").get(PAGE + name, span).status_code == 200
            assert enter("supervisor").get(PAGE + name, {"area": "none"}).status_code == 404

    def test_hold_what_the_page_counts_and_no_person(self, made, enter):  # noqa: F811
        case = through(made, at=made.at)
        span = {"since": f"{day(made)}", "until": f"{day(made)}"}
        text = b"".join(enter("supervisor").get(PAGE + "log.xes", span).streaming_content)
        (trace,) = list(xes.Log(io.BytesIO(text)))
        found = queries.process(seen_by=made.by("supervisor"), **asked(made))
        assert trace.name == case.number
        assert len(trace.events) == found.mined.events
        assert "utilities" in {event.resource for event in trace.events}
        assert "13800001234" not in text.decode()

    def test_of_objects_have_every_event_of_a_declared_type_and_a_known_object(self, made, enter):  # noqa: F811
        through(made, at=made.at)
        told = enter("supervisor").get(PAGE + "log.ocel.json", {"since": f"{day(made)}"}).json()
        ids, types = {one["id"] for one in told["objects"]}, {one["name"] for one in told["eventTypes"]}
        assert {one["type"] for one in told["objects"]} == {"case", "organ", "area"} == {one["name"] for one in told["objectTypes"]}
        assert told["events"]
        for event in told["events"]:
            assert event["type"] in types
            assert event["relationships"][0]["objectId"].startswith("case:")
            assert {one["objectId"] for one in event["relationships"]} <= ids
        assert all({one["objectId"] for one in thing["relationships"]} <= ids for thing in told["objects"])


class TestApi:
    def test_gives_the_same_as_the_page(self, made, enter):  # noqa: F811
        for _n in range(3):
            through(made)
        span = {"since": f"{made.at - timedelta(days=10):%Y-%m-%d}", "until": f"{made.at + timedelta(days=10):%Y-%m-%d}"}
        told = enter("").get("/api/v1/evaluation/processes/need", span).json()
        assert (told["cases"], told["ended"], told["as_adopted_share"]) == (3, 3, 1.0)
        assert {"source": "accept", "target": "answer"}.items() <= next(arc for arc in told["arcs"] if arc["source"] == "accept").items()

    def test_names_the_field_it_cannot_use(self, made, enter):  # noqa: F811
        get = enter("").get
        assert get("/api/v1/evaluation/processes/none").status_code == 404
        for field, bad in (("area", {"area": "none"}), ("since", {"since": "2026-03-01", "until": "2026-03-02"})):
            answer = get("/api/v1/evaluation/processes/need", bad)
            assert (answer.status_code, answer.json()["field"]) == (422, field)
