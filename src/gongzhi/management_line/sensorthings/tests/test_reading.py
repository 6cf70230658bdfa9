"""What stands in the town, read in the standard's words."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import enter_town
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sensorthings import queries
from gongzhi.management_line.sensorthings.tests.factories import ROOT, Program, token_of
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SETS = ("Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations", "FeaturesOfInterest")


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def world(town, now):
    towns.forget()
    made, station, device = make_station(now)
    for place in range(6):
        at = now - (6 - place) * MINUTE
        rows = (("w01018", "rtd", at, 60.0 + place, "N"), ("w01001", "rtd", at, 7.4, "N"))
        sensing.take_readings(by=system("gateway"), at=at, key=uuid.uuid4(), packets=[TakenPacket(b"x", device.pk, station.pk, at, rows)])
    return made, station, device


class TestTheRoot:
    def test_names_the_sets_and_what_is_kept_of_the_standard(self, town):
        root = Program().get("")
        assert [one["name"] for one in root["value"]] == list(SETS)
        assert all(one["url"].endswith(f"{ROOT}/{one['name']}") for one in root["value"])
        assert "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel" in root["serverSettings"]["conformance"]

    @pytest.mark.parametrize("name", SETS)
    def test_each_set_is_read_by_anybody(self, world, name):
        found = Program().get(name, count="true")
        assert found["@iot.count"] == len(found["value"]) > 0
        for one in found["value"]:
            assert Program().call("GET", one["@iot.selfLink"].partition(f"{ROOT}/")[2]).json()["@iot.id"] == one["@iot.id"]
            for link, address in one.items():
                if link.endswith("@iot.navigationLink"):
                    Program().get(address.partition(f"{ROOT}/")[2])


class TestStations:
    def test_are_things_with_their_place_and_what_they_measure(self, world):
        thing = Program().get("Things", expand="Locations,HistoricalLocations,Datastreams($expand=ObservedProperty,Sensor;$orderby=id)")["value"][0]
        assert thing["name"] == "东排口"
        assert thing["properties"] == {"code": "outlet", "kind": "waste_water"}
        assert thing["Locations"][0]["location"]["coordinates"] == [world[1].longitude, world[1].latitude]
        assert len(thing["HistoricalLocations"]) == 1
        assert {one["ObservedProperty"]["name"] for one in thing["Datastreams"]} == {"化学需氧量", "pH 值"}
        assert {one["unitOfMeasurement"]["symbol"] for one in thing["Datastreams"]} == {"mg/L", "pH"}
        assert thing["Datastreams"][0]["Sensor"]["metadata"] == "/stations/outlet/"

    def test_hidden_ones_are_seen_with_a_token_of_staff_only(self, world, now):
        made, _station, _device = world
        hidden = sensing.register_station(by=MAKER, at=now, code="hidden", name="内部点", kind="air", longitude=120.0, latitude=30.0, is_public=False)
        series = sensing.define_series(by=MAKER, at=now, station_id=hidden.pk, factor="a34004")
        sensing.take_measurements(by=MAKER, at=now, key=uuid.uuid4(), series_ids=[series.pk], moments=[now], values=[12.0])
        inside = Program(token_of(made))
        for path in ("Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "FeaturesOfInterest"):
            seen = {one["@iot.id"] for one in Program().values(path)}
            assert len(inside.values(path)) == len(seen) + 1, path
        for path in (f"Things({hidden.pk})", f"Datastreams({series.pk})", f"Things({hidden.pk})/Locations", f"Datastreams({series.pk})/Observations"):
            assert Program().call("GET", path).status_code == 404
            assert inside.call("GET", path).status_code == 200
        assert Program().values("Observations", filter="result eq 12") == []
        assert len(inside.values("Observations", filter="result eq 12")) == 1

    def test_a_token_for_something_else_sees_what_anybody_sees(self, world, now):
        sensing.register_station(by=MAKER, at=now, code="hidden", name="内部点", kind="air", is_public=False)
        assert len(Program(token_of(world[0], "member", "reports:write")).values("Things")) == 1

    def test_one_that_moves_gets_a_new_place_and_a_line_of_history(self, world, now):
        before = Program().values(f"Things({world[1].pk})/Locations")
        sensing.register_station(by=MAKER, at=now, code="outlet", name="东排口", kind="waste_water", longitude=120.009, latitude=30.009)
        after = Program().values(f"Things({world[1].pk})/Locations")
        assert after[0]["location"]["coordinates"] == [120.009, 30.009]
        lines = Program().values(f"Things({world[1].pk})/HistoricalLocations", expand="Locations", orderby="time")
        assert [line["Locations"][0]["@iot.id"] for line in lines] == [before[0]["@iot.id"], after[0]["@iot.id"]]

    def test_of_another_town_are_not_there(self, world, other_town, now):
        enter_town(other_town.pk)
        sensing.register_station(by=MAKER, at=now, code="far", name="远方", kind="air", longitude=120.0, latitude=30.0)
        enter_town(world[1].town_id)
        assert [one["properties"]["code"] for one in Program().values("Things")] == ["outlet"]


class TestReadings:
    def test_show_the_newest_version(self, world, now):
        number = Program().values("Datastreams", filter="unitOfMeasurement/symbol eq 'mg/L'")[0]["@iot.id"]
        moment = now - 3 * MINUTE
        sensing.take_measurements(by=MAKER, at=now, key=uuid.uuid4(), series_ids=[number], moments=[moment], values=[99.0])
        found = Program().values(f"Datastreams({number})/Observations", orderby="phenomenonTime desc")
        assert [one["result"] for one in found] == [65.0, 64.0, 99.0, 62.0, 61.0, 60.0]
        assert found[0]["resultQuality"] == "N"

    def test_pages_lead_on_until_everything_was_seen_once(self, world):
        for query in ({}, {"orderby": "result desc"}, {"orderby": "phenomenonTime"}, {"orderby": "resultTime,result"}, {"orderby": "Datastream/name desc"}):
            path, seen = f"{ROOT}/Observations", []
            answer = Program().get("Observations", top="5", **query)
            while True:
                seen += [one["@iot.id"] for one in answer["value"]]
                if "@iot.nextLink" not in answer:
                    break
                answer = Program().client.get(answer["@iot.nextLink"]).json()
                assert path in answer.get("@iot.nextLink", path)
            assert len(seen) == len(set(seen)) == 12

    def test_are_counted_skipped_selected(self, world):
        found = Program().get("Observations", count="true", top="2", skip="9", select="result,id", orderby="result desc")
        assert found["@iot.count"] == 12
        assert found["value"] == [{"@iot.id": one["@iot.id"], "result": 7.4} for one in found["value"]]

    def test_come_as_arrays(self, world):
        found = Program().values("Observations", resultFormat="dataArray", orderby="Datastream/id,phenomenonTime")
        assert [one["components"] for one in found] == [["id", "phenomenonTime", "resultTime", "result"]] * 2
        assert sorted(row[3] for one in found for row in one["dataArray"]) == [7.4] * 6 + [60.0, 61.0, 62.0, 63.0, 64.0, 65.0]

    def test_lead_to_their_feature_and_back(self, world):
        one = Program().values("Observations", expand="FeatureOfInterest,Datastream/Thing", top="1")[0]
        assert one["Datastream"]["Thing"]["name"] == one["FeatureOfInterest"]["name"] == "东排口"
        feature = one["FeatureOfInterest"]["@iot.id"]
        assert len(Program().values(f"FeaturesOfInterest({feature})/Observations")) == 12


class TestAddresses:
    def test_lead_to_properties_and_plain_values(self, world):
        thing = f"Things({world[1].pk})"
        assert Program().get(f"{thing}/name") == {"name": "东排口"}
        assert Program().call("GET", f"{thing}/name/$value").content.decode() == "东排口"
        assert Program().get(f"{thing}/properties/code") == {"code": "outlet"}
        assert Program().get(f"{thing}/Datastreams/$ref")["value"][0]["@iot.selfLink"].count("Datastreams(") == 1
        number = Program().values(f"{thing}/Datastreams")[0]["@iot.id"]
        assert Program().get(f"{thing}/Datastreams({number})/Thing/@iot.id") == {"@iot.id": world[1].pk}

    @pytest.mark.parametrize("path", ["Nothings", "Things(999)", "Things(1)/nothing", "Things(x)", "Observations(3)", "Observations('3')", "Things/name",
                                      "Things()", "Observations('1-99999999999999999')",
                                      "Things(99999999999999999999)", "Datastreams(1)/Thing(1)"])  # fmt: skip
    def test_that_lead_nowhere_are_not_found(self, world, path):
        status, body = Program().refused("GET", path)
        assert (status, body["code"]) == (404, 404)
        assert body["message"]

    def test_tasking_is_said_not_to_be_offered(self, world):
        status, body = Program().refused("GET", "TaskingCapabilities")
        assert status == 501
        assert "TaskingCapabilities" in body["message"]


class TestQuestions:
    @pytest.mark.parametrize(("filter", "count"), [
        ("result gt 62 and Datastream/unitOfMeasurement/symbol eq 'mg/L'", 3), ("result gt 61 and result lt 63 or result eq 7.4", 7), ("not result gt 50", 6),
        ("result add 1 eq 61", 1), ("result mod 2 eq 0 and result gt 50", 3), ("round(result) eq 7", 6), ("floor(result div 10) eq 6", 6),
        ("phenomenonTime lt now()", 12), ("year(phenomenonTime) ge 2026", 12), ("resultTime eq null", 12), ("resultQuality eq 'N'", 12),
        ("Datastream/Thing/name eq '东排口'", 12), ("contains(Datastream/ObservedProperty/name, '需氧')", 6),
        ("substringof('需氧', Datastream/ObservedProperty/name)", 6), ("startswith(Datastream/ObservedProperty/name,'pH')", 6),
        ("endswith(tolower(Datastream/ObservedProperty/description),'h')", 6), ("length(Datastream/unitOfMeasurement/symbol) eq 4", 6),
        ("phenomenonTime sub duration'PT3M30S' gt now() sub duration'P1D'", 12), ("FeatureOfInterest/id ne null", 12),
    ])  # fmt: skip
    def test_of_readings(self, world, filter, count):
        assert len(Program().values("Observations", filter=filter)) == count

    @pytest.mark.parametrize(("filter", "count"), [
        ("Datastreams/ObservedProperty/name eq 'pH 值'", 1), ("Datastreams/Observations/result gt 64", 1), ("Datastreams/Observations/result gt 1000", 0),
        ("geo.distance(Locations/location, geography'POINT(120 30)') lt 5", 1), ("geo.distance(Locations/location, geography'POINT(0 30)') lt 5", 0),
        ("st_within(Locations/location, geography'POLYGON((100 10,140 10,140 50,100 50,100 10))')", 1),
        ("geo.intersects(geography'POLYGON((0 10,14 10,14 50,0 50,0 10))', Locations/location)", 0),
        ("properties/kind eq 'waste_water' and properties/nothing eq null", 1),
    ])  # fmt: skip
    def test_of_stations(self, world, filter, count):
        assert len(Program().values("Things", filter=filter)) == count

    @pytest.mark.parametrize(("query", "named"), [
        ({"filter": "result gt"}, "result gt"), ({"filter": "resalt gt 3"}, "resalt"), ({"filter": "result gt 'a'"}, "gt"),
        ({"filter": "isof(result)"}, "isof"),
        ({"orderby": "nothing"}, "nothing"), ({"select": "nothing"}, "nothing"), ({"expand": "Nothing"}, "Nothing"), ({"top": "-1"}, "$top"),
        ({"skiptoken": "abc"}, "$skiptoken"), ({"search": "x"}, "$search"), ({"expand": "Datastream($foo=1)"}, "$foo"), ({"resultFormat": "CSV"}, "CSV"),
        ({"filter": "st_within(FeatureOfInterest/feature, geography'nothing')"}, "nothing"), ({"filter": "result"}, "$filter"),
    ])  # fmt: skip
    def test_that_cannot_be_answered_are_refused_naming_the_part(self, world, query, named):
        status, body = Program().refused("GET", "Observations", **query)
        assert status == 400
        assert named in body["message"]

    def test_beyond_the_databases_numbers_are_refused(self, world):
        assert Program().refused("GET", "Observations", filter="result mul 1e308 mul 1e308 gt 1")[0] == 400


class TestBudget:
    """One budget of time and rows for the whole of an answer, however many questions it takes."""

    def test_of_rows_is_shared_by_nested_expansions(self, world, monkeypatch):
        monkeypatch.setattr(queries, "MOST_ROWS", 6)
        status, body = Program().refused("GET", "Things", expand="Datastreams($expand=Observations,Sensor,ObservedProperty,Thing)")
        assert (status, body["type"]) == (400, "error")
        monkeypatch.setattr(queries, "MOST_ROWS", 20_000)
        assert Program().get("Things", expand="Datastreams($expand=Observations,Sensor,ObservedProperty,Thing)")["value"]

    def test_of_time_runs_out_between_questions(self, world, monkeypatch):
        seconds = iter(range(0, 10_000, 3))  # each look at the clock is three seconds later
        monkeypatch.setattr(queries, "monotonic", lambda: float(next(seconds)))
        assert Program().get("Things")["value"]
        status, body = Program().refused("GET", "Things", expand="Datastreams($expand=Observations($expand=FeatureOfInterest),Sensor)")
        assert (status, body["code"]) == (400, 400)

    def test_leaves_no_limit_behind(self, world):
        Program().get("Things", expand="Datastreams($expand=Observations)")
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone()[0] == "0"
