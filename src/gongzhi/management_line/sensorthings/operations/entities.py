"""Things, Locations, Sensors and the rest: made (with what is sent inside them), changed, withdrawn. Readings go through observing.py."""

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import factors, units
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing import queries as stations
from gongzhi.management_line.sensorthings import arrays, bodies, queries, rules, shapes
from gongzhi.management_line.sensorthings.bodies import Body
from gongzhi.management_line.sensorthings.entities import SETS, ObservationId, Set
from gongzhi.management_line.sensorthings.facts import EntityChanged, EntityCreated, EntityWithdrawn
from gongzhi.management_line.sensorthings.faults import BadValue, CodeTaken, Fixed, InUse, Missing, NoSuch, NotErased, NotFound, NotTaken, TooMuch
from gongzhi.management_line.sensorthings.models import (
    MEASUREMENT,
    OBSERVATION_TYPES,
    Feature,
    Instrument,
    Observed,
    Place,
    Standing,
    Stay,
    StayPlace,
    Stream,
    Thing,
)
from gongzhi.management_line.sensorthings.operations.describing import _describe, _stand
from gongzhi.management_line.sensorthings.operations.observing import _make_feature, _streams, _take

MOST_MADE = 200  # entities in one document, readings not counted
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_STATION = ("code", "kind", "address", "name_en", "public")  # properties of a Thing that are the station's own
_COLUMNS = {
    "name": "name", "description": "description", "properties": "properties", "encodingType": "encoding_type", "location": "location", "feature": "feature",
    "metadata": "metadata", "definition": "definition", "observationType": "observation_type", "observedArea": "observed_area", "time": "at",
}  # fmt: skip
_TABLES: Mapping[str, Any] = {
    "Locations": Place, "HistoricalLocations": Stay, "Datastreams": Stream, "Sensors": Instrument, "ObservedProperties": Observed,
    "FeaturesOfInterest": Feature,
}  # fmt: skip


# ---- acts -----------------------------------------------------------------------------------------------------------
@operation
def create_entity(*, by: Actor, at: datetime, of: str, content: Any, preset: Mapping[str, int] | None = None, raw: bytes = b"") -> Any:
    """Make an entity with all that is sent inside it, in one transaction; returns its number. `preset`: links that the address gives."""
    ensure(rules.may_send if of == "Observations" else rules.may_describe)
    made = _Maker(by, at, raw)
    number = made.make(of, content, dict(preset or {}))
    made.take()
    record(EntityCreated(subject=f"sensorthings.{SETS[of].single.lower()}:{number}", entity=SETS[of].single))
    return number


@operation
def change_entity(*, by: Actor, at: datetime, of: str, number: int, content: Any, whole: bool = False) -> int:
    """Change what is sent of an entity (all of it where `whole`); what readings stand on stays as it is."""
    ensure(rules.may_describe)
    if queries.entity(seen_by=by, at=at, of=of, number=number) is None:
        raise NotFound(name=SETS[of].single)
    body = bodies.read(of, content, part=not whole)
    if of == "Things":
        _change_thing(by, at, number, body)
    else:
        row = _TABLES[of].objects.select_for_update().get(pk=number)
        _change_links(by, at, of, row, body)
        if of == "Datastreams":
            _check_stream(row, body)
        for name, value in body.fields.items():
            if name in _COLUMNS:
                setattr(row, _COLUMNS[name], value if value is not None or name in ("properties", "observedArea", "feature") else "")
        row.save()
        if of == "Locations" and "location" in body.fields:
            for thing in _things_at(row):
                _put(by, at, thing, row.location)
    record(EntityChanged(subject=f"sensorthings.{SETS[of].single.lower()}:{number}", entity=SETS[of].single))
    return number


@operation
def withdraw_entity(*, by: Actor, at: datetime, of: str, number: Any) -> None:
    """Take an entity out of this interface: a Thing closes its station, a Datastream is listed no more; readings stay and what they stand on stays."""
    ensure(rules.may_send if of == "Observations" else rules.may_describe)
    if queries.entity(seen_by=by, at=at, of=of, number=number) is None:
        raise NotFound(name=SETS[of].single)
    if of == "Observations":
        raise NotErased
    if of == "Things":
        sensing.close_station(by=by, at=at, station_id=number)
    elif of == "Datastreams":
        Stream.objects.filter(pk=number).update(withdrawn_at=at)
    elif queries.is_in_use(seen_by=by, of=of, number=number):
        raise InUse
    else:
        _TABLES[of].objects.filter(pk=number).update(withdrawn_at=at)
    record(EntityWithdrawn(subject=f"sensorthings.{SETS[of].single.lower()}:{number}", entity=SETS[of].single))


# ---- making ---------------------------------------------------------------------------------------------------------
class _Maker:
    """Makes what one document holds; its readings are gathered and taken together at the end."""

    def __init__(self, by: Actor, at: datetime, raw: bytes) -> None:
        self.by, self.at, self.raw = by, at, raw
        self.made = 0
        self.columns: list[arrays.Column] = []

    def make(self, of: str, content: Any, preset: dict[str, int]) -> Any:
        """Make one entity; returns its number."""
        body = bodies.read(of, content)
        for name in set(body.links) - _LINKS[of]:
            raise NotTaken(field=name, name=f"{SETS[of].single}/{name}")
        if of != "Observations":
            self.made += 1
            if self.made > MOST_MADE:
                raise TooMuch
        return {
            "Things": self._thing, "Locations": self._place, "HistoricalLocations": self._stay, "Datastreams": self._stream, "Sensors": self._instrument,
            "ObservedProperties": self._observed, "Observations": self._observation, "FeaturesOfInterest": self._feature,
        }[of](body, preset)  # fmt: skip

    def take(self) -> None:
        """Take the readings that were gathered."""
        if self.columns:
            streams = _streams(self.by, {column.series_id for column in self.columns})
            _take(self.by, self.at, self.columns, streams, self.raw)

    def link(self, of: str, body: Body, name: str, preset: Mapping[str, int]) -> int:
        """Return the number of the one entity that a link leads to: named by the address, by reference, or sent inside."""
        if name in preset:
            return preset[name]
        if name not in body.links:
            raise Missing(field=name, name=name)
        return self.lead(SETS[SETS[of].links[name].target], body.links[name], name)

    def lead(self, target: Set, given: Any, name: str) -> int:
        number = bodies.reference(target.name, given, name)
        if number is None:
            return int(self.make(target.name, given, {}))
        if queries.entity(seen_by=self.by, at=self.at, of=target.name, number=number) is None:
            raise NoSuch(name=name, field=name)
        return number

    def links(self, of: str, body: Body, name: str) -> list[Any]:
        """Return what a link to many holds, as it was sent."""
        given = body.links.get(name)
        if given is None:
            return []
        if isinstance(given, dict):
            given = [given]
        if not isinstance(given, list):
            raise BadValue(field=name, name=name, expected=_("a list of JSON objects"))
        return given

    # ---- each set
    def _thing(self, body: Body, preset: Mapping[str, int]) -> int:
        own, more = _own(body.get("properties"))
        code = own.get("code") or f"st-{uuid.uuid4().hex[:8]}"
        if _is_station(code):
            raise CodeTaken
        places = [self.lead(SETS["Locations"], given, "Locations") for given in self.links("Things", body, "Locations")]
        places += [preset["Locations"]] if "Locations" in preset else []
        held = list(Place.objects.filter(pk__in=places))
        point = next(filter(None, (shapes.point_of(place.location) for place in held)), None)
        station = sensing.register_station(
            by=self.by, at=self.at, code=code, name=body.get("name"), kind=own.get("kind") or "ecology", name_en=own.get("name_en") or "",
            longitude=point and point[0], latitude=point and point[1], address=own.get("address") or "", is_public=own.get("public", True),
        )  # fmt: skip
        _describe(self.at)
        Thing.objects.filter(pk=station.pk).update(description=body.get("description", ""), properties=more or None)
        if held:
            _forget_places(station.pk)
            _stand(self.at, station.pk, held)
        for given in self.links("Things", body, "HistoricalLocations"):
            self.make("HistoricalLocations", given, {"Thing": station.pk})
        for given in self.links("Things", body, "Datastreams"):
            self.make("Datastreams", given, {"Thing": station.pk})
        return int(station.pk)

    def _place(self, body: Body, preset: Mapping[str, int]) -> int:
        place = Place.objects.create(town_id=current_town(), **_fields(body))
        things = [preset["Things"]] if "Things" in preset else [self.lead(SETS["Things"], given, "Things") for given in self.links("Locations", body, "Things")]
        for thing in things:
            _stand(self.at, thing, [place])
            _put(self.by, self.at, thing, place.location)
        return int(place.pk)

    def _stay(self, body: Body, preset: Mapping[str, int]) -> int:
        thing = self.link("HistoricalLocations", body, "Thing", preset)
        places = [self.lead(SETS["Locations"], given, "Locations") for given in self.links("HistoricalLocations", body, "Locations")]
        if "Locations" in preset:
            places.append(preset["Locations"])
        stay = Stay.objects.create(town_id=current_town(), thing_id=thing, at=body.get("time"))
        StayPlace.objects.bulk_create([StayPlace(town_id=current_town(), stay=stay, place_id=place) for place in dict.fromkeys(places)])
        return int(stay.pk)

    def _stream(self, body: Body, preset: Mapping[str, int]) -> int:
        _check_type(body)
        thing = self.link("Datastreams", body, "Thing", preset)
        instrument = self.link("Datastreams", body, "Sensor", preset)
        observed = Observed.objects.get(pk=self.link("Datastreams", body, "ObservedProperty", preset))
        station = stations.stations(seen_by=self.by).get(pk=thing)
        factor = observed.code or f"op-{observed.pk}"
        unit, turned = _house_unit(body.get("unitOfMeasurement"), factor, station.kind)
        series = sensing.define_series(by=self.by, at=self.at, station_id=thing, factor=factor, aggregate=_free(thing, factor), unit=unit)
        Stream.objects.create(
            series_id=series.pk, town_id=current_town(), instrument_id=instrument, observed=observed, unit=body.get("unitOfMeasurement"),
            **turned, **_fields(body),
        )  # fmt: skip
        for given in self.links("Datastreams", body, "Observations"):
            self.make("Observations", given, {"Datastream": series.pk})
        return int(series.pk)

    def _instrument(self, body: Body, preset: Mapping[str, int]) -> int:
        return int(Instrument.objects.create(town_id=current_town(), **_fields(body)).pk)

    def _observed(self, body: Body, preset: Mapping[str, int]) -> int:
        """Make an ObservedProperty. `code` in its properties is the factor that its series have, so that the town's limits hold for them."""
        code = (body.get("properties") or {}).get("code") or ""
        if code and (not isinstance(code, str) or not _CODE.fullmatch(code)):
            raise BadValue(field="properties/code", name="properties/code", expected=_("a code of letters, digits and hyphens"))
        if code and (known := Observed.objects.filter(code=code).first()):
            Observed.objects.filter(pk=known.pk).update(withdrawn_at=None)
            return int(known.pk)
        return int(Observed.objects.create(town_id=current_town(), code=code, **_fields(body)).pk)

    def _feature(self, body: Body, preset: Mapping[str, int]) -> int:
        return int(_make_feature(body).pk)

    def _observation(self, body: Body, preset: dict[str, int]) -> str:
        series = self.link("Observations", body, "Datastream", preset)
        if "FeatureOfInterest" in preset:
            body.links["FeatureOfInterest"] = {"@iot.id": preset["FeatureOfInterest"]}
        column = arrays.single(series, body, self.at, sum(len(one.moments) for one in self.columns))
        self.columns.append(column)
        return str(ObservationId(series, column.moments[0]))


_LINKS = {
    "Things": {"Locations", "HistoricalLocations", "Datastreams"}, "Locations": {"Things"}, "HistoricalLocations": {"Thing", "Locations"},
    "Datastreams": {"Thing", "Sensor", "ObservedProperty", "Observations"}, "Sensors": set(), "ObservedProperties": set(),
    "Observations": {"Datastream", "FeatureOfInterest"}, "FeaturesOfInterest": set(),
}  # fmt: skip


def _fields(body: Body) -> dict[str, Any]:
    return {_COLUMNS[name]: value for name, value in body.fields.items() if name in _COLUMNS}


def _own(properties: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what of a Thing's properties is the station's own, and what is more than that."""
    given = properties or {}
    own = {name: given[name] for name in _STATION if name in given and given[name] is not None}
    for name, value in own.items():
        if name == "public":
            fits, expected = isinstance(value, bool), _("true or false")
        elif name == "code":
            fits, expected = isinstance(value, str) and _CODE.fullmatch(value) is not None, _("a code of letters, digits and hyphens")
        elif name == "kind":
            fits = value in stations.station_kinds(seen_by=CLOCK)
            expected = _("one of %(kinds)s") % {"kinds": ", ".join(stations.station_kinds(seen_by=CLOCK))}
        else:
            fits, expected = isinstance(value, str) and len(value) <= 120, _("a text of at most %(most)s characters") % {"most": 120}
        if not fits:
            raise BadValue(field=f"properties/{name}", name=f"properties/{name}", expected=expected)
    return own, {name: value for name, value in given.items() if name not in _STATION}


def _is_station(code: str) -> bool:
    try:
        stations.station_for(seen_by=CLOCK, code=code)
    except ObjectDoesNotExist:
        return False
    return True


def _free(station_id: int, factor: str) -> str:
    """Return the aggregate under which a further Datastream of a factor stands at a station: rtd, rtd.2, rtd.3 …"""
    known = set(stations.series_of(seen_by=CLOCK, station_id=station_id).filter(factor=factor).values_list("aggregate", flat=True))
    return next(name for name in ("rtd", *(f"rtd.{number}" for number in range(2, len(known) + 3))) if name not in known)


def _house_unit(given: Mapping[str, Any], factor: str, kind: str) -> tuple[str, dict[str, float]]:
    """Return the unit that a series is kept in, and how values become those of the unit that was given. Raises BadValue.

    A factor of the catalogue is kept in the unit in which the town's limits are set; anything else in the unit that is given.
    """
    symbol = (given.get("symbol") or "").strip()
    usual = factors.usual_unit(factor, kind)
    if not usual or not symbol or units.same(symbol, usual):
        return usual if usual else symbol, {}
    try:
        shift = units.convert(0.0, usual, symbol)
        up, down = units.ratio(usual, symbol)
    except units.CannotConvert as error:
        raise BadValue(field="unitOfMeasurement/symbol", name="unitOfMeasurement/symbol", expected=_("a unit like %(unit)s") % {"unit": usual}) from error
    return usual, {"up": float(up), "down": float(down), "shift": float(shift)}


def _check_type(body: Body) -> None:
    if body.get("observationType", MEASUREMENT) not in OBSERVATION_TYPES:
        raise BadValue(field="observationType", name="observationType", expected=_("OM_Measurement or OM_CountObservation: results are numbers here"))


# ---- changing -------------------------------------------------------------------------------------------------------
def _change_thing(by: Actor, at: datetime, number: int, body: Body) -> None:
    station = stations.stations(seen_by=by).get(pk=number)
    own, more = _own(body.get("properties"))
    if own.get("code", station.code) != station.code:
        raise Fixed(name="properties/code", field="properties/code")
    changes: dict[str, Any] = {"name": body.get("name", station.name)}
    changes |= {name: own[name] for name in ("kind", "address", "name_en") if name in own}
    if "public" in own:
        changes["is_public"] = own["public"]
    if any(getattr(station, name) != value for name, value in changes.items()):
        sensing.register_station(by=by, at=at, **(_station_as_it_is(station) | changes))
    thing = Thing.objects.select_for_update().get(pk=number)
    if "description" in body.fields:
        thing.description = body.get("description")
    if "properties" in body.fields:
        thing.properties = more or None
    thing.save()
    for name in set(body.links) - {"Locations"}:
        raise NotTaken(field=name, name=f"Thing/{name}")
    if "Locations" in body.links:
        maker = _Maker(by, at, b"")
        places = [maker.lead(SETS["Locations"], given, "Locations") for given in maker.links("Things", body, "Locations")]
        held = list(Place.objects.filter(pk__in=places))
        _stand(at, number, held)
        for place in held:
            _put(by, at, number, place.location)


def _change_links(by: Actor, at: datetime, of: str, row: Any, body: Body) -> None:
    """Lead links of an entity elsewhere where that takes nothing from under its readings."""
    maker = _Maker(by, at, b"")
    for name, given in body.links.items():
        if of == "Datastreams" and name == "Sensor":
            row.instrument_id = maker.lead(SETS["Sensors"], given, name)
        elif of == "Datastreams" and name in ("Thing", "ObservedProperty"):
            held = row.observed_id if name == "ObservedProperty" else stations.known_series(seen_by=CLOCK).get(pk=row.pk).station_id
            if bodies.reference(SETS["Datastreams"].links[name].target, given, name) != held:
                raise Fixed(name=name, field=name)
        elif of == "Locations" and name == "Things":
            for thing in [maker.lead(SETS["Things"], one, name) for one in maker.links(of, body, name)]:
                _stand(at, thing, [row])
                _put(by, at, thing, row.location)
        else:
            raise NotTaken(field=name, name=f"{SETS[of].single}/{name}")


def _check_stream(row: Stream, body: Body) -> None:
    _check_type(body)
    if "unitOfMeasurement" not in body.fields:
        return
    before = (row.unit or {}).get("symbol") or stations.known_series(seen_by=CLOCK).get(pk=row.pk).unit
    after = body.get("unitOfMeasurement").get("symbol") or ""
    if before and after != before and not units.same(after, before):
        raise Fixed(name="unitOfMeasurement/symbol", field="unitOfMeasurement/symbol")
    row.unit = body.get("unitOfMeasurement")


def _things_at(place: Place) -> list[int]:
    return list(Standing.objects.filter(place=place).values_list("thing_id", flat=True))


def _forget_places(thing_id: int) -> None:
    """Take away the place that was made for a station just now, where its Thing was sent with places of its own."""
    Stay.objects.filter(thing_id=thing_id).delete()
    Standing.objects.filter(thing_id=thing_id).delete()
    Place.objects.filter(station_id=thing_id).delete()


def _station_as_it_is(station: Any) -> dict[str, Any]:
    return {
        "code": station.code, "name": station.name, "kind": station.kind, "name_en": station.name_en, "longitude": station.longitude,
        "latitude": station.latitude, "address": station.address, "organ_id": station.organ_id, "is_public": station.is_public,
        "flows_to_id": station.flows_to_id, "flow_hours": station.flow_hours,
    }  # fmt: skip


def _put(by: Actor, at: datetime, station_id: int, location: Any) -> None:
    """Let a station stand where its Location is, on the town's own map too, if that is a point."""
    point = shapes.point_of(location)
    station = stations.stations(seen_by=by).get(pk=station_id)
    if point is not None and point != (station.longitude, station.latitude):
        sensing.register_station(by=by, at=at, **(_station_as_it_is(station) | {"longitude": point[0], "latitude": point[1]}))
