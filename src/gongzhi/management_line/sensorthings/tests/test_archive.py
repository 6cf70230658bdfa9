"""Readings that have left for the archive are in the answers as if they were rows: asked before and after they leave, the answers are the same."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import frost_sta_client as frost
import pytest
from django.utils import timezone

from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.archive import moving
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.archive.tests.factories import OLD, put, series_of
from gongzhi.management_line.sensing.models import Latest, Reading
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sensorthings import queries
from gongzhi.management_line.sensorthings.tests.factories import ROOT, Program, running_web, token_of
from gongzhi.portal.middleware import towns

MINUTE = timedelta(minutes=1)
LATER = datetime(2025, 4, 20, tzinfo=UTC)
BEFORE = datetime(2025, 2, 27, 23, tzinfo=UTC)
MOVED = datetime(2026, 5, 20, tzinfo=UTC)  # when February and March have left, and April has not


@pytest.fixture(autouse=True)
def archive_folder(settings, tmp_path, monkeypatch):
    """Return the folder in which this test's files lie, for the web server too."""
    settings.ARCHIVE = tmp_path / "archive"
    monkeypatch.setenv("GONGZHI_ARCHIVE", str(settings.ARCHIVE))
    return settings.ARCHIVE


def _fill(made):
    """Let two series have readings of three months, some corrected."""
    cod, ph = series_of(made[1])
    for one in (cod, ph):
        put(one, BEFORE, 90)  # runs over the end of a month in the town's own time
        put(one, OLD, 400)
        put(one, LATER, 150)
    put(cod, OLD + 7 * MINUTE, 2, version=1, add=5)
    put(cod, LATER + 3 * MINUTE, 1, version=1, add=7)
    for one in (cod, ph):
        Latest.objects.update_or_create(
            series_id=one, defaults={"town_id": made[1].town_id, "measured_at": LATER + 149 * MINUTE, "received_at": LATER, "value": 1.0, "flag": "N"}
        )
    return cod, ph


def _leave():
    moving.move_out(by=CLOCK, at=MOVED)
    assert ArchivedFile.objects.in_force().count() >= 2
    assert not Reading.objects.filter(measured_at__lt=datetime(2025, 3, 31, tzinfo=UTC)).exists()


@pytest.fixture
def world(town):
    towns.forget()
    made = make_station(timezone.now().replace(microsecond=0))
    return made, *_fill(made)


def _all(path, **query):
    """Return every entity over all pages, the count, and how many pages there were."""
    body = Program().get(path, **query)
    values, count, pages = list(body["value"]), body.get("@iot.count"), 1
    while "@iot.nextLink" in body:
        address, _mark, rest = body["@iot.nextLink"].partition("?")
        body = Program().get(address.partition(f"{ROOT}/")[2], **{name[1:]: value for name, value in parse_qsl(rest)})
        values += body["value"]
        pages += 1
        assert pages < 60
    return values, count, pages


T = "2025-03-10T03:20:00Z"
QUESTIONS = [
    {"top": "100"}, {"top": "100", "orderby": "phenomenonTime desc"}, {"top": "35", "orderby": "phenomenonTime desc", "filter": f"phenomenonTime lt {T}"},
    {"top": "97", "orderby": "phenomenonTime asc", "count": "true"}, {"top": "50", "skip": "465", "count": "true"},
    {"top": "50", "skip": "465", "orderby": "phenomenonTime desc"}, {"top": "40", "skip": "90"}, {"top": "40", "skip": "89"}, {"top": "40", "skip": "5000"},
    {"top": "60", "filter": "result ge 45", "count": "true"}, {"top": "60", "filter": "result ge 45", "orderby": "phenomenonTime desc"},
    {"top": "60", "filter": f"phenomenonTime ge {T} and result lt 42", "count": "true"}, {"top": "500", "filter": f"{T} gt phenomenonTime"},
    {"top": "50", "filter": f"phenomenonTime eq {T}", "count": "true"}, {"top": "80", "filter": "resultTime ne null"},
    {"top": "80", "filter": "resultQuality eq 'D' or result eq 52", "count": "true"}, {"top": "30", "orderby": "result desc,phenomenonTime", "count": "true"},
    {"top": "30", "skip": "20", "orderby": "result", "filter": "phenomenonTime lt 2025-03-05T00:00:00Z"}, {"top": "0", "count": "true"},
    {"top": "70", "filter": "day(phenomenonTime) eq 10 and not (result gt 43)", "count": "true"}, {"top": "90", "filter": "result gt 1000"},
    {"top": "55", "expand": "Datastream($select=name),FeatureOfInterest($select=name)", "select": "result,phenomenonTime"},
    {"top": "1000", "filter": f"phenomenonTime ge 2025-02-28T00:00:00Z and phenomenonTime lt {T}"}, {"top": "90", "orderby": "phenomenonTime"},
]  # fmt: skip


@pytest.mark.django_db
class TestOneDatastream:
    def test_answers_the_same_before_and_after_its_readings_have_left(self, world):
        _made, cod, _ph = world
        path = f"Datastreams({cod})/Observations"
        before = [_all(path, **question) for question in QUESTIONS]
        assert before[3][1] == 640
        assert {pages for _values, _count, pages in before} >= {1, 7}
        _leave()
        for question, expected in zip(QUESTIONS, before, strict=True):
            assert _all(path, **question) == expected, question

    def test_is_known_by_a_filter_too_and_each_reading_by_its_own_address(self, world):
        _made, cod, _ph = world
        questions = [f"Datastream/id eq {cod}", f"Datastream/id eq {cod} and result ge 45", "Datastream/properties/factor eq 'w01018' and result ge 45"]
        before = [_all("Observations", filter=one, orderby="phenomenonTime desc", top="90", count="true") for one in questions]
        one = before[0][0][-1]
        path = one["@iot.selfLink"].partition(f"{ROOT}/")[2]
        alone, stream = Program().get(path), Program().get(f"{path}/Datastream")
        _leave()
        assert [_all("Observations", filter=one, orderby="phenomenonTime desc", top="90", count="true") for one in questions] == before
        assert Program().get(path) == alone
        assert Program().get(f"{path}/Datastream") == stream
        assert alone["phenomenonTime"] == "2025-02-27T23:00:00Z"

    def test_takes_what_comes_late_for_a_month_that_has_left(self, world):
        _made, cod, _ph = world
        _leave()
        put(cod, OLD + 30 * MINUTE, 2, add=20)  # one moment that is in a file, corrected
        path, within = f"Datastreams({cod})/Observations", f"phenomenonTime ge {(OLD + 29 * MINUTE).isoformat().replace('+00:00', 'Z')}"
        found = Program().values(path, filter=within, top="4")
        assert [one["result"] for one in found] == [41.0, 60.0, 61.0, 44.0]
        assert Program().get(path, count="true", top="1")["@iot.count"] == 640

    def test_corrects_a_reading_that_has_left(self, world):
        made, cod, _ph = world
        _leave()
        path = Program().values(f"Datastreams({cod})/Observations", top="1")[0]["@iot.selfLink"].partition(f"{ROOT}/")[2]
        assert Program(token_of(made[0])).call("PATCH", path, {"result": 77.5}).status_code == 200
        assert Program().get(path)["result"] == 77.5
        assert Program().values(f"Datastreams({cod})/Observations", top="2")[0]["result"] == 77.5

    def test_says_since_when_it_has_measured(self, world):
        _made, cod, _ph = world
        before = Program().get(f"Datastreams({cod})")
        _leave()
        assert Program().get(f"Datastreams({cod})") == before
        assert before["phenomenonTime"].startswith("2025-02-27T23:00:00Z/")


@pytest.mark.django_db
class TestManyDatastreams:
    def test_have_their_readings_expanded_whole(self, world):
        inner = ["$top=3", "$orderby=phenomenonTime desc;$top=200", "$filter=result ge 45;$orderby=phenomenonTime desc;$top=2;$count=true"]
        ask = [{"expand": f"Observations({each})", "select": "name"} for each in inner]
        before = [Program().get("Datastreams", **each) for each in ask]
        _leave()
        assert [Program().get("Datastreams", **each) for each in ask] == before

    def test_are_read_one_after_the_other_unasked_and_newest_first_as_far_as_the_rows_go(self, world):
        before = _all("Observations", top="300")
        newest = Program().get("Observations", orderby="phenomenonTime desc", top="50")
        recent = _all("Observations", filter="phenomenonTime ge 2025-04-01T00:00:00Z and result ge 44", orderby="result", top="70", count="true")
        assert len(before[0]) == 1280
        _leave()
        assert _all("Observations", top="300") == before
        assert Program().get("Observations", orderby="phenomenonTime desc", top="50") == newest
        assert _all("Observations", filter="phenomenonTime ge 2025-04-01T00:00:00Z and result ge 44", orderby="result", top="70", count="true") == recent

    @pytest.mark.parametrize(("path", "query"), [
        ("Observations", {"orderby": "result desc"}), ("Observations", {"count": "true"}),
        ("Observations", {"filter": "result gt 3", "orderby": "phenomenonTime"}),
        ("Observations", {"orderby": "phenomenonTime desc", "top": "500"}), ("Datastreams", {"filter": "Observations/result gt 45"}),
        ("FeaturesOfInterest", {"expand": "Observations"}),
    ])  # fmt: skip
    def test_say_what_cannot_be_asked_rather_than_too_little(self, world, path, query):
        Program().get(path, **query)
        _leave()
        status, body = Program().refused("GET", path, **query)
        assert status == 501, body
        assert "2025-04-01" in body["message"] or "2025-03-31T16" in body["message"]

    def test_of_very_many_readings_are_not_put_in_an_order_of_their_own(self, world, monkeypatch):
        _made, cod, _ph = world
        _leave()
        monkeypatch.setattr(queries, "MOST_COLD", 100)
        assert Program().refused("GET", f"Datastreams({cod})/Observations", orderby="result")[0] == 501
        assert len(_all(f"Datastreams({cod})/Observations", orderby="result", filter="phenomenonTime lt 2025-03-05T00:00:00Z")[0]) == 90


def test_an_unmodified_client_reads_over_the_border(committed_db, town):
    made = make_station(timezone.now().replace(microsecond=0))
    cod, _ph = _fill(made)
    _leave()
    with running_web() as address:
        service = frost.SensorThingsService(address)
        stream = service.datastreams().find(cod)
        found = [one.result for one in stream.get_observations().query().top(100).orderby("phenomenonTime", "asc").list()]
        assert len(found) == 640
        assert found[:3] == [40.0, 41.0, 42.0]
        assert found[97] == 45.0  # the corrected one
        asked = stream.get_observations().query().filter("result ge 45 and phenomenonTime lt 2025-04-01T00:00:00Z").count().top(10)
        backwards = [one.result for one in asked.orderby("phenomenonTime", "desc").list()]
        assert sorted(backwards) == sorted(value for value in found[:490] if value >= 45)
