"""The unmodified frost-sta-client against the running product."""

import uuid
from datetime import timedelta

import frost_sta_client as frost
import pytest
import requests
from django.utils import timezone
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.model.ext.unitofmeasurement import UnitOfMeasurement
from geojson import Point

from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.models import Reading, Series, Station
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sensorthings.tests.factories import running_web, token_of

MINUTE = timedelta(minutes=1)
OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


@pytest.fixture
def world(committed_db, town):
    now = timezone.now().replace(microsecond=0)
    made, station, device = make_station(now)
    for place in range(120):
        at = now - (130 - place) * MINUTE
        row = ("w01018", "rtd", at, float(place % 70), "N")
        sensing.take_readings(by=system("gateway"), at=at, key=uuid.uuid4(), packets=[TakenPacket(b"x", device.pk, station.pk, at, (row,))])
    with running_web() as address:
        yield made, station, now, address


def service_of(address, token=""):
    return frost.SensorThingsService(address, auth_handler=frost.AuthHandler("", token) if token else None)


def test_an_unmodified_client_reads_writes_corrects_and_takes_back(world):
    made, station, now, address = world

    # ---- reading, as anybody
    public = service_of(address)
    things = public.things().query().filter("properties/kind eq 'waste_water'").expand("Locations,Datastreams").list()
    assert [thing.name for thing in things] == ["东排口"]
    assert len(things.entities[0].datastreams.entities) == 2
    assert things.entities[0].locations.entities[0].location["coordinates"] == [station.longitude, station.latitude]
    found = public.things().find(station.pk)
    assert found.properties["code"] == "outlet"
    cod = next(iter(public.datastreams().query().filter("unitOfMeasurement/symbol eq 'mg/L'").list()))
    assert cod.unit_of_measurement.symbol == "mg/L"
    paged = cod.get_observations().query().top(50).orderby("phenomenonTime", "asc").list()
    values = [observation.result for observation in paged]  # follows the links from page to page
    assert values == [float(place % 70) for place in range(120)]
    last = next(iter(cod.get_observations().query().orderby("phenomenonTime", "desc").top(1).list()))
    assert last.result == 49.0
    assert public.observations().query().filter("result ge 60").count().list().count == 10
    assert public.observations().find(last.id).result == 49.0

    # ---- writing without a token
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        public.create(frost.Observation(phenomenon_time=now.isoformat(), result=1, datastream=cod))
    assert refused.value.response.status_code == 401

    # ---- deep insert
    service = service_of(address, token_of(made))
    sensor = frost.Sensor(name="probe", description="a probe", encoding_type="application/pdf", metadata="https://example.org/probe.pdf")
    observed = frost.ObservedProperty(name="Temperature", definition="http://example.org/temperature", description="of the water")
    unit = UnitOfMeasurement(name="degree Celsius", symbol="°C", definition="http://example.org/degC")
    stream = frost.Datastream(
        name="temperature", description="in the bay", observation_type=OM, unit_of_measurement=unit, sensor=sensor, observed_property=observed
    )
    place = frost.Location(name="bay", description="", encoding_type="application/geo+json", location=Point((120.2, 30.2)))
    thing = frost.Thing(name="buoy", description="in the bay", properties={"code": "buoy", "kind": "surface_water"}, locations=[place], datastreams=[stream])
    service.create(thing)
    assert Station.objects.get(code="buoy").pk == thing.id
    stream = next(iter(service.things().find(thing.id).get_datastreams().query().list()))
    assert Series.objects.get(pk=stream.id).unit == "°C"

    # ---- one observation, corrected, kept
    observation = frost.Observation(phenomenon_time=now.isoformat(), result=15.5, datastream=stream)
    service.create(observation)
    assert service.observations().find(observation.id).result == 15.5
    service.patch(observation, [{"op": "replace", "path": "/result", "value": 16.5}])
    assert list(Reading.objects.filter(series_id=stream.id).order_by("version").values_list("value", flat=True)) == [15.5, 16.5]
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        service.delete(observation)
    assert refused.value.response.status_code == 409

    # ---- a data array
    array = DataArrayValue()
    array.components = {DataArrayValue.Property.PHENOMENON_TIME, DataArrayValue.Property.RESULT}
    array.datastream = stream
    for number in range(1, 31):
        array.add_observation(frost.Observation(phenomenon_time=(now - number * MINUTE).isoformat(), result=float(number)))
    document = DataArrayDocument()
    document.add_data_array_value(array)
    links = service.observations().create(document)
    assert len(links) == 30
    assert Reading.objects.filter(series_id=stream.id).count() == 32
    assert max(one.result for one in stream.get_observations().query().list()) == 30.0

    # ---- changing and closing
    thing = service.things().find(thing.id)
    thing.name = "buoy in the bay"
    service.update(thing)
    assert Station.objects.get(code="buoy").name == "buoy in the bay"
    service.delete(thing)
    assert Station.objects.get(code="buoy").closed_at is not None
    assert [one.name for one in service.things().query().list()] == ["东排口"]
