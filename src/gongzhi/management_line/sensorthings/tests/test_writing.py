"""What programs make, send, correct and take back."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from django.utils import timezone

from gongzhi.kernel.actors import CLOCK
from gongzhi.ledger.models import Entry
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing import queries as stations
from gongzhi.management_line.sensing.models import Episode, Hour, Reading, Series, Station
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sensorthings.tests.factories import Program, token_of
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SAMPLES = Path(__file__).resolve().parents[6] / "shared" / "data" / "sensorthings"
OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def world(town, now):
    towns.forget()
    made, station, _device = make_station(now)
    return made, station


@pytest.fixture
def program(world):
    return Program(token_of(world[0]))


def stream(**more):
    """Return a Datastream as it is sent, with what it stands on."""
    return {
        "name": "PM2.5", "description": "at the gate", "observationType": OM + "OM_Measurement",
        "unitOfMeasurement": {"name": "milligram per cubic metre", "symbol": "mg/m3", "definition": "urn:ucum:mg/m3"},
        "Sensor": {"name": "TEOM", "description": "a balance", "encodingType": "application/pdf", "metadata": "https://example.org/teom.pdf"},
        "ObservedProperty": {"name": "PM2.5", "definition": "http://example.org/pm25", "description": "fine dust", "properties": {"code": "a34004"}},
    } | more  # fmt: skip


def thing(**more):
    """Return a Thing as it is sent."""
    return {"name": "gate", "description": "the west gate", "properties": {"code": "gate", "kind": "air", "owner": "park"}} | more


PLACE = {"name": "gate", "description": "", "encodingType": "application/geo+json", "location": {"type": "Point", "coordinates": [120.01, 30.27]}}


class TestThings:
    def test_become_stations_with_all_that_is_sent_inside(self, world, program, now):
        moment = (now - 5 * MINUTE).isoformat()
        made = program.post("Things", thing(Locations=[PLACE], Datastreams=[stream(Observations=[{"phenomenonTime": moment, "result": 0.035}])]))
        station = Station.objects.get(code="gate")
        assert (made["@iot.id"], station.kind, station.longitude, station.latitude) == (station.pk, "air", 120.01, 30.27)
        assert made["properties"] == {"code": "gate", "kind": "air", "owner": "park"}
        series = Series.objects.get(station=station)
        assert (series.factor, series.unit) == ("a34004", "ug/m³")
        assert Reading.objects.get(series=series).value == 35.0
        shown = program.values("Observations")[0]
        assert shown["result"] == 0.035
        assert datetime.fromisoformat(shown["phenomenonTime"]) == datetime.fromisoformat(moment)
        assert [one["name"] for one in program.values(f"Things({station.pk})/Locations")] == ["gate"]
        assert len(program.values(f"Things({station.pk})/HistoricalLocations")) == 1
        kinds = set(Entry.objects.values_list("kind", flat=True))
        assert {"StationRegistered", "SeriesDefined", "ReadingsTaken", "EntityCreated"} <= kinds

    def test_are_changed_moved_and_closed(self, world, program):
        made = program.post("Things", thing(Locations=[PLACE]))
        path = f"Things({made['@iot.id']})"
        assert program.call("PATCH", path, {"name": "west gate", "properties": {"owner": "town"}}).json()["name"] == "west gate"
        assert Station.objects.get(code="gate").name == "west gate"
        program.call("PATCH", path, {"Locations": [PLACE | {"location": {"type": "Point", "coordinates": [120.02, 30.28]}}]})
        assert Station.objects.get(code="gate").longitude == 120.02
        assert len(program.values(f"{path}/HistoricalLocations")) == 2
        patch = [{"op": "replace", "path": "/description", "value": "moved"}, {"op": "add", "path": "/properties/floor", "value": 2}]
        changed = program.call("PATCH", path, patch, kind="application/json-patch+json").json()
        assert (changed["description"], changed["properties"]["floor"]) == ("moved", 2)
        assert program.call("DELETE", path).status_code == 200
        assert Station.objects.get(code="gate").closed_at is not None
        assert program.refused("GET", path)[0] == 404

    def test_with_a_code_that_is_taken_are_refused(self, world, program):
        status, body = program.refused("POST", "Things", thing(properties={"code": "outlet"}))
        assert (status, body["field"]) == (409, "properties/code")

    def test_are_made_whole_or_not_at_all(self, world, program):
        wrong = stream(unitOfMeasurement={"name": "metre", "symbol": "m", "definition": ""})
        status, body = program.refused("POST", "Things", thing(Locations=[PLACE], Datastreams=[wrong]))
        assert (status, body["field"]) == (400, "unitOfMeasurement/symbol")
        assert not Station.objects.filter(code="gate").exists()
        assert not program.values("Locations", filter="name eq 'gate'")


class TestDatastreams:
    def test_of_the_same_property_stand_beside_each_other(self, world, program):
        made = program.post("Things", thing(Datastreams=[stream(), stream(name="second")]))
        assert sorted(Series.objects.filter(station_id=made["@iot.id"]).values_list("aggregate", flat=True)) == ["rtd", "rtd.2"]

    def test_of_what_the_town_does_not_know_keep_their_unit(self, world, program):
        light = {"name": "Luminous Flux", "definition": "http://example.org/flux", "description": ""}
        unit = {"name": "Lumen", "symbol": "lm", "definition": "http://example.org/lumen"}
        made = program.post(f"Things({world[1].pk})/Datastreams", stream(ObservedProperty=light, unitOfMeasurement=unit))
        assert made["unitOfMeasurement"] == unit
        assert Series.objects.get(pk=made["@iot.id"]).unit == "lm"

    def test_keep_what_readings_stand_on(self, world, program):
        made = program.post(f"Things({world[1].pk})/Datastreams", stream(ObservedProperty={"name": "x", "definition": "urn:x", "description": ""}))
        path = f"Datastreams({made['@iot.id']})"
        assert program.call("PATCH", path, {"name": "other", "properties": {"a": 1}}).json()["name"] == "other"
        for change in ({"unitOfMeasurement": {"symbol": "kg"}}, {"Thing": {"@iot.id": 10**9}}):
            assert program.refused("PATCH", path, change)[0] == 409
        assert program.refused("PATCH", path, {"observationType": OM + "OM_TruthObservation"})[1]["field"] == "observationType"
        assert program.call("DELETE", path).status_code == 200
        assert program.refused("GET", path)[0] == 404
        assert Series.objects.filter(pk=made["@iot.id"]).exists()


@pytest.fixture
def cod(world, program):
    """Return the number of the Datastream of COD at the outlet, which has a limit of 80 mg/L."""
    return program.values("Datastreams", filter="properties/factor eq 'w01018'")[0]["@iot.id"]


class TestObservations:
    def test_are_readings_like_any_other(self, world, program, cod, now):
        for place, value in enumerate((60.0, 90.0, 95.0)):
            moment = (now - (5 - place) * MINUTE).isoformat()
            program.post(f"Datastreams({cod})/Observations", {"phenomenonTime": moment, "result": value, "resultQuality": "N"})
        episode = Episode.objects.get(series_id=cod)
        assert (episode.peak, episode.case.kind) == (95.0, "alarm")
        sensing.roll_up(by=CLOCK, at=now)
        assert sum(Hour.objects.filter(series_id=cod).values_list("valid", flat=True)) == 3
        assert Entry.objects.filter(kind="ReadingsTaken").count() == 3

    def test_keep_what_they_have_beyond(self, world, program, cod, now):
        sent = {
            "phenomenonTime": f"{(now - 9 * MINUTE).isoformat()}/{(now - 8 * MINUTE).isoformat()}", "result": 12, "resultTime": now.isoformat(),
            "validTime": f"{now.isoformat()}/{(now + MINUTE).isoformat()}", "parameters": {"by": "lab"}, "resultQuality": {"DQ_Result": {"code": "bad"}},
            "FeatureOfInterest": {"name": "bay", "description": "", "encodingType": "application/geo+json",
                                  "feature": {"type": "Point", "coordinates": [120.1, 30.1]}},
            "Datastream": {"@iot.id": cod},
        }  # fmt: skip
        made = program.post("Observations", sent)
        for name in ("parameters", "resultQuality", "result"):
            assert made[name] == sent[name]
        for name in ("phenomenonTime", "validTime"):
            assert list(map(datetime.fromisoformat, made[name].split("/"))) == list(map(datetime.fromisoformat, sent[name].split("/")))
        path = f"Observations('{made['@iot.id']}')"
        assert program.get(f"{path}/FeatureOfInterest")["name"] == "bay"
        assert Reading.objects.get(series_id=cod).flag == "D"
        assert len(program.values("FeaturesOfInterest", filter="name eq 'bay'", expand="Observations")[0]["Observations"]) == 1
        around = f"{(now - 10 * MINUTE).isoformat()}/{now.isoformat()}"
        assert len(program.values("Observations", filter=f"during(phenomenonTime, {around})")) == 1

    def test_are_corrected_by_a_next_version_and_never_lost(self, world, program, cod, now):
        made = program.post(f"Datastreams({cod})/Observations", {"phenomenonTime": now.isoformat(), "result": 12, "parameters": {"by": "lab"}})
        path = f"Observations('{made['@iot.id']}')"
        changed = program.call("PATCH", path, {"result": 13, "resultQuality": "D"}).json()
        assert (changed["@iot.id"], changed["result"], changed["parameters"]) == (made["@iot.id"], 13.0, {"by": "lab"})
        assert list(Reading.objects.filter(series_id=cod).order_by("version").values_list("version", "value", "flag")) == [(0, 12.0, "-"), (1, 13.0, "D")]
        program.post(f"Datastreams({cod})/Observations", {"phenomenonTime": (now - MINUTE).isoformat(), "result": 99})  # the answer is not another one
        assert program.call("PATCH", path, {"result": 13}).json()["@iot.id"] == made["@iot.id"]
        assert program.call("PATCH", path, {"parameters": None}).json().get("parameters") is None
        assert program.refused("PATCH", path, {"phenomenonTime": (now - MINUTE).isoformat()})[1]["field"] == "phenomenonTime"
        status, body = program.refused("DELETE", path)
        assert status == 409
        assert body["message"]
        assert Reading.objects.filter(series_id=cod, measured_at=now).count() == 2

    @pytest.mark.parametrize(("change", "field"), [
        ({"result": "x"}, "result"), ({"result": None}, "result"), ({"result": True}, "result"), ({"result": 1e300}, "result"),
        ({"phenomenonTime": "2026-11-18T12:00:00"}, "phenomenonTime"), ({"phenomenonTime": "1990-01-01T00:00:00Z"}, "phenomenonTime"),
        ({"phenomenonTime": 5}, "phenomenonTime"), ({"nonsense": 1}, "nonsense"), ({"Datastream": {"@iot.id": 999_999}}, "Datastream"),
        ({"Datastream": {"@iot.id": "x"}}, "Datastream"), ({"FeatureOfInterest": {"@iot.id": 999_999}}, "FeatureOfInterest"), ({"parameters": 3}, "parameters"),
    ])  # fmt: skip
    def test_that_cannot_be_used_are_refused_naming_the_field(self, world, program, cod, change, field):
        status, body = program.refused("POST", "Observations", {"result": 1, "Datastream": {"@iot.id": cod}} | change)
        assert (status, body["field"]) == (400, field), body
        assert not Reading.objects.filter(series_id=cod).exists()


class TestDataArrays:
    def test_are_taken_together_with_one_fact(self, world, program, cod, now):
        rows = [[(now - place * MINUTE).isoformat(), place + 0.5] for place in range(50)]
        before = set(Entry.objects.values_list("pk", flat=True))
        links = program.post("CreateObservations", [{"Datastream": {"@iot.id": cod}, "components": ["phenomenonTime", "result"], "dataArray": rows}])
        assert len(links) == 50
        entry = Entry.objects.exclude(pk__in=before).get()  # one act, one entry
        assert entry.kind == "ObservationsTaken"
        told = entry.content.get("fact", entry.content)
        assert (told["readings"], told["datastreams"], len(told["digest"])) == (50, 1, 64)
        assert Program().client.get(links[7]).json()["result"] == 7.5

    def test_say_which_rows_cannot_be_used(self, world, program, cod, now):
        rows = [[now.isoformat(), 1, "D"], ["yesterday", 2, None], [(now - MINUTE).isoformat(), 3, None], [now.isoformat()]]
        group = {"Datastream": {"@iot.id": cod}, "components": ["phenomenonTime", "result", "resultQuality"], "dataArray": rows}
        other = {"Datastream": {"@iot.id": 999_999}, "components": ["result"], "dataArray": [[1]]}
        links = program.post("CreateObservations", [group, other])
        assert [link == "error" for link in links] == [False, True, False, True, True]
        assert list(Reading.objects.filter(series_id=cod).order_by("measured_at").values_list("value", "flag")) == [(3.0, "-"), (1.0, "D")]

    @pytest.mark.parametrize(("content", "field"), [
        ([{"components": ["result"], "dataArray": []}], "Datastream"), ([{"Datastream": {"@iot.id": 1}, "components": ["x"], "dataArray": []}], "components"),
        ([{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime"], "dataArray": []}], "components"), (5, None),
        ([{"Datastream": {"@iot.id": 1}, "components": ["result"], "dataArray": {}}], "dataArray"),
        ([{"Datastream": {"@iot.id": 999_999}, "components": ["result"], "dataArray": [[1]]}], "Datastream"),
    ])  # fmt: skip
    def test_that_are_none_are_refused(self, world, program, content, field):
        status, body = program.refused("POST", "CreateObservations", content)
        assert (status, body.get("field")) == (400, field)


class TestWhoMay:
    def test_nobody_without_a_token_writes(self, world, cod):
        for method, path in (("POST", "Things"), ("POST", "CreateObservations"), ("PATCH", f"Things({world[1].pk})"), ("DELETE", f"Datastreams({cod})")):
            assert Program().refused(method, path, {})[0] == 401
        assert Program("gz_nonsense").refused("GET", "Things")[0] == 401

    def test_a_token_without_the_scope_writes_nothing(self, world, cod):
        reader = Program(token_of(world[0], "officer", "sensing:read"))
        assert reader.refused("POST", f"Datastreams({cod})/Observations", {"result": 1})[0] == 403
        assert reader.refused("POST", "Things", thing())[0] == 403

    def test_a_resident_and_another_firm_send_no_readings_and_the_stations_own_firm_does(self, world, cod, now):
        for who, status in (("resident", 403), ("walker", 403), ("contact", 201)):
            found = Program(token_of(world[0], who)).call("POST", f"Datastreams({cod})/Observations", {"result": 1})
            assert found.status_code == status, who
        array = [{"Datastream": {"@iot.id": cod}, "components": ["phenomenonTime", "result"], "dataArray": [[now.isoformat(), 1]]}]
        assert Program(token_of(world[0], "neighbour")).refused("POST", "CreateObservations", array)[0] == 403

    def test_a_logger_sends_readings_and_describes_nothing(self, world, cod):
        logger = Program(token_of(world[0], "contact", "sensing:write"))
        assert logger.call("POST", f"Datastreams({cod})/Observations", {"result": 1}).status_code == 201
        for method, path, content in (("POST", "Things", thing()), ("PATCH", f"Datastreams({cod})", {"name": "x"}), ("DELETE", f"Things({world[1].pk})", None),
                                      ("POST", "Sensors", stream()["Sensor"])):  # fmt: skip
            status, body = logger.refused(method, path, content)
            assert status == 403
            assert body["message"]
        assert Program(token_of(world[0], "officer", "sensing:write")).call("POST", "Things", thing()).status_code == 201

    def test_what_stands_on_something_stays(self, world, program):
        for path in ("Sensors", "ObservedProperties", "Locations", "FeaturesOfInterest"):
            assert program.refused("DELETE", f"{path}({program.values(path)[0]['@iot.id']})")[0] == 409
        made = program.post("Sensors", stream()["Sensor"])
        assert program.call("DELETE", f"Sensors({made['@iot.id']})").status_code == 200
        assert program.refused("GET", f"Sensors({made['@iot.id']})")[0] == 404


class TestBodies:
    @pytest.mark.parametrize("sent", [b"{", b"", b"[]", b"null", b'{"name": "\\u0000", "description": "", "properties": {}}', b"\xff\xfe", b"[" * 5000])
    def test_that_cannot_be_read_are_refused(self, world, program, sent):
        answer = program.call("POST", "Things", sent)
        assert answer.status_code == 400
        assert orjson.loads(answer.content)["message"]

    def test_that_are_too_large_are_refused(self, world, program):
        assert program.refused("POST", "Things", b" " * 3_000_000)[0] == 413

    def test_with_too_many_entities_are_refused(self, world, program):
        many = [PLACE | {"name": str(place)} for place in range(300)]
        assert program.refused("POST", "Things", thing(Locations=many))[0] == 400
        assert not Station.objects.filter(code="gate").exists()


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample entities are not on this machine")
class TestSamples:
    def test_the_default_entities_are_made_once_their_times_are_within_reach(self, world, program):
        sent = json.loads((SAMPLES / "entitiesDefault.json").read_text(encoding="utf-8"))
        status, body = program.refused("POST", "Things", sent)
        assert (status, body["field"]) == (400, "phenomenonTime")  # of 2015: readings are kept from ten years back
        assert len(program.values("Things")) == 1
        for number, each in enumerate(sent["Datastreams"]):
            for observation in each["Observations"]:
                observation["phenomenonTime"] = observation["phenomenonTime"].replace("2015-03", "2026-03")
            assert number < 2
        made = program.post("Things", sent)
        expand = "Locations,Datastreams($orderby=name;$expand=Sensor,ObservedProperty,Observations($orderby=result))"
        found = program.get(f"Things({made['@iot.id']})", expand=expand)
        assert found["properties"]["reference"] == "firstThing"
        assert found["Locations"][0]["location"]["coordinates"] == [-117.05, 51.05]
        assert [one["unitOfMeasurement"] for one in found["Datastreams"]] == [one["unitOfMeasurement"] for one in sent["Datastreams"]]
        assert [[each["result"] for each in one["Observations"]] for one in found["Datastreams"]] == [[3, 4], [5, 6]]
        assert [one["Sensor"]["metadata"] for one in found["Datastreams"]] == ["Light flux sensor", "Tempreture sensor"]
        assert stations.station_for(seen_by=CLOCK, code=found["properties"]["code"]).kind == "ecology"

    def test_tasking_is_not_offered(self, world, program):
        sent = json.loads((SAMPLES / "entitiesDefaultActuation.json").read_text(encoding="utf-8"))
        assert program.refused("POST", "TaskingCapabilities", sent)[0] == 501
