"""The eight sets of the standard's sensing part: what each has, how they hang together, and the SQL that each stands for.

The SQL of a set is a plain subselect, which PostgreSQL takes apart again: what is not asked of it is not worked out. `seen` is a relation
with the numbers of the stations that the reader may see; every set hangs on it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gongzhi.management_line.sensorthings import moments
from gongzhi.management_line.sensorthings.faults import UnknownName


@dataclass(frozen=True, slots=True)
class Property:
    """A property. kind: number, text, time, span (of "name" and "name_end"), json or geo (GeoJSON). `optional`: left out where it is null."""

    kind: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another set. `key`: the column of this set that `on` compares; `on`: SQL with {c} (row of the target) and {k} (that column)."""

    target: str
    key: str
    on: str
    inverse: str
    is_many: bool = False


@dataclass(frozen=True, slots=True)
class Set:
    """An entity set. `keys`: columns by which a row is known and ordered; `carried`: columns that links start from."""

    name: str
    single: str
    properties: Mapping[str, Property]
    links: Mapping[str, Link]
    source: str
    keys: tuple[str, ...] = ("id",)
    carried: tuple[str, ...] = ()

    def view(self, town: int, *, unused: bool, newest: str = "probed", readings: str = "sensing_reading") -> str:
        """Return the SQL of the set. `unused`: with what no visible station uses; `newest`: how the newest versions of readings are found (NEWEST);
        `readings`: where Observations are taken from."""
        found = NEWEST[newest].format(town=int(town))
        return "(" + self.source.format(town=int(town), unused="true" if unused else "false", newest=found, readings=readings) + ")"

    def link(self, name: str) -> Link | None:
        return self.links.get(name)


# ---- rows -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ObservationId:
    """An Observation is known by its series and moment: Observations('45-1763438400000000')."""

    series_id: int
    moment: datetime

    def __str__(self) -> str:
        return f"{self.series_id}-{moments.micros(self.moment)}"


_OBSERVATION = re.compile(r"([0-9]{1,18})-(-?[0-9]{1,17})")


def observation_id(text: str) -> ObservationId:
    """Return what an Observation is known by; raise ValueError."""
    found = _OBSERVATION.fullmatch(text)
    if found is None or not text.isascii():
        raise ValueError(text)
    try:
        return ObservationId(int(found[1]), moments.of_micros(int(found[2])))
    except OverflowError as error:
        raise ValueError(text) from error


def number(of: Set, given: Any) -> int | ObservationId | None:
    """Return the number of an entity as it is written in JSON, None for what can be none."""
    if of.name == "Observations":
        try:
            return observation_id(given) if isinstance(given, str) else None
        except ValueError:
            return None
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 18:
        given = int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 2**62 else None


@dataclass(slots=True)
class Row:
    """An entity as it was read: `values` are its properties as JSON has them, `keys` the columns that links start from."""

    of: Set
    keys: dict[str, Any]
    values: dict[str, Any]
    expanded: dict[str, Any] = field(default_factory=dict)  # link → Part, or Row or None where it leads to one

    @property
    def id(self) -> Any:
        if self.of.name == "Observations":
            return str(ObservationId(self.keys["datastream_id"], self.keys["measured_at"]))
        return self.keys["id"]

    @property
    def name(self) -> str:
        """Return its address below the root."""
        found = self.id
        return f"{self.of.name}('{found}')" if isinstance(found, str) else f"{self.of.name}({found})"


@dataclass(slots=True)
class Part:
    """Rows of a set: those of this page, how many there are in all (if asked), what leads to the next page."""

    rows: list[Row]
    count: int | None = None
    following: str = ""
    last: str = ""  # what leads on from the last row, whether there is more or not
    has_more: bool = False


# ---- the sets -------------------------------------------------------------------------------------------------------
_POINT = "CASE WHEN s.longitude IS NOT NULL THEN jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(s.longitude, s.latitude)) END"
_DESCRIBED = {"name": Property("text"), "description": Property("text")}
_MORE = {"properties": Property("json", optional=True)}
_USED = (
    "EXISTS (SELECT FROM sensorthings_stream d JOIN sensing_series x ON x.id = d.series_id"
    " WHERE d.withdrawn_at IS NULL AND x.station_id IN (SELECT id FROM seen) AND "
)

# Which version of a reading is the newest: asked for each row, which is best for a page (of what is left of it: naming e, which has the same
# version where it has one, lets cheaper conditions come first); by a join, which is best for all of them;
# "first" stands for the newest where only their number matters, for every reading has one first version.
NEWEST: Mapping[str, str] = {
    "probed": "coalesce(e.version, r.version) = (SELECT k.version FROM sensing_reading k WHERE k.town_id = {town} AND k.series_id = r.series_id"
    " AND k.measured_at = r.measured_at ORDER BY k.version DESC LIMIT 1)",
    "joined": "NOT EXISTS (SELECT FROM sensing_reading k WHERE k.town_id = {town} AND k.series_id = r.series_id"
    " AND k.measured_at = r.measured_at AND k.version > r.version)",
    "first": "r.version = 0",
    "alone": "true",  # readings of the archive come in their newest version only
}

SETS: Mapping[str, Set] = {
    one.name: one
    for one in (
        Set(
            "Things", "Thing", _DESCRIBED | _MORE,
            {
                "Locations": Link("Locations", "id", "{c}.id IN (SELECT place_id FROM sensorthings_standing WHERE thing_id = {k})", "Things", True),
                "HistoricalLocations": Link("HistoricalLocations", "id", "{c}.thing_id = {k}", "Thing", True),
                "Datastreams": Link("Datastreams", "id", "{c}.thing_id = {k}", "Thing", True),
            },
            "SELECT s.id, s.name::text AS name, coalesce(nullif(t.description, ''), nullif(s.address, ''), s.name)::text AS description,"
            " jsonb_strip_nulls(jsonb_build_object('code', s.code, 'kind', s.kind, 'name_en', nullif(s.name_en, ''), 'address', nullif(s.address, '')))"
            " || coalesce(t.properties, '{{}}') AS properties"
            " FROM sensing_station s JOIN sensorthings_thing t ON t.station_id = s.id"
            " WHERE s.town_id = {town} AND s.id IN (SELECT id FROM seen)",
        ),
        Set(
            "Locations", "Location", _DESCRIBED | {"encodingType": Property("text"), "location": Property("geo")} | _MORE,
            {
                "Things": Link("Things", "id", "{c}.id IN (SELECT thing_id FROM sensorthings_standing WHERE place_id = {k})", "Locations", True),
                "HistoricalLocations": Link(
                    "HistoricalLocations", "id", "{c}.id IN (SELECT stay_id FROM sensorthings_stayplace WHERE place_id = {k})", "Locations", True),
            },
            "SELECT p.id, p.name::text AS name, p.description, p.encoding_type::text AS \"encodingType\", p.location, p.properties FROM sensorthings_place p"
            " WHERE p.town_id = {town} AND p.withdrawn_at IS NULL AND ({unused}"
            " OR EXISTS (SELECT FROM sensorthings_standing n WHERE n.place_id = p.id AND n.thing_id IN (SELECT id FROM seen))"
            " OR EXISTS (SELECT FROM sensorthings_stayplace n JOIN sensorthings_stay h ON h.id = n.stay_id"
            " WHERE n.place_id = p.id AND h.withdrawn_at IS NULL AND h.thing_id IN (SELECT id FROM seen)))",
        ),
        Set(
            "HistoricalLocations", "HistoricalLocation", {"time": Property("time")},
            {
                "Thing": Link("Things", "thing_id", "{c}.id = {k}", "HistoricalLocations"),
                "Locations": Link(
                    "Locations", "id", "{c}.id IN (SELECT place_id FROM sensorthings_stayplace WHERE stay_id = {k})", "HistoricalLocations", True),
            },
            "SELECT h.id, h.at AS time, h.thing_id FROM sensorthings_stay h"
            " WHERE h.town_id = {town} AND h.withdrawn_at IS NULL AND h.thing_id IN (SELECT id FROM seen)",
            carried=("thing_id",),
        ),
        Set(
            "Datastreams", "Datastream",
            _DESCRIBED | {
                "observationType": Property("text"), "unitOfMeasurement": Property("json"), "observedArea": Property("geo", optional=True),
                "phenomenonTime": Property("span", optional=True),
            } | _MORE,
            {
                "Thing": Link("Things", "thing_id", "{c}.id = {k}", "Datastreams"),
                "Sensor": Link("Sensors", "sensor_id", "{c}.id = {k}", "Datastreams"),
                "ObservedProperty": Link("ObservedProperties", "observed_id", "{c}.id = {k}", "Datastreams"),
                "Observations": Link("Observations", "id", "{c}.datastream_id = {k}", "Datastream", True),
            },
            "SELECT x.id, x.station_id AS thing_id, d.instrument_id AS sensor_id, d.observed_id,"
            " coalesce(nullif(d.name, ''), s.name || ' ' || o.name || CASE x.aggregate WHEN 'rtd' THEN '' ELSE ' ' || x.aggregate END)::text AS name,"
            " coalesce(nullif(d.description, ''), nullif(o.description, ''), o.name)::text AS description, d.observation_type::text AS \"observationType\","
            " coalesce(d.unit, jsonb_build_object('name', nullif(x.unit, ''), 'symbol', nullif(x.unit, ''), 'definition', null)) AS \"unitOfMeasurement\","
            f" coalesce(d.observed_area, {_POINT}) AS \"observedArea\","
            " CASE WHEN l.series_id IS NOT NULL THEN (SELECT min(r.measured_at) FROM sensing_reading r WHERE r.town_id = {town} AND r.series_id = x.id) END"
            " AS \"phenomenonTime\", l.measured_at AS \"phenomenonTime_end\","
            " jsonb_build_object('factor', x.factor, 'aggregate', x.aggregate) || coalesce(d.properties, '{{}}') AS properties"
            " FROM sensing_series x JOIN sensorthings_stream d ON d.series_id = x.id JOIN sensing_station s ON s.id = x.station_id"
            " JOIN sensorthings_observed o ON o.id = d.observed_id LEFT JOIN sensing_latest l ON l.series_id = x.id"
            " WHERE x.town_id = {town} AND d.withdrawn_at IS NULL AND x.station_id IN (SELECT id FROM seen)",
            carried=("thing_id", "sensor_id", "observed_id"),
        ),
        Set(
            "Sensors", "Sensor", _DESCRIBED | {"encodingType": Property("text"), "metadata": Property("json")} | _MORE,
            {"Datastreams": Link("Datastreams", "id", "{c}.sensor_id = {k}", "Sensor", True)},
            "SELECT i.id, i.name::text AS name, i.description, i.encoding_type::text AS \"encodingType\", i.metadata, i.properties"
            " FROM sensorthings_instrument i"
            " WHERE i.town_id = {town} AND i.withdrawn_at IS NULL AND ({unused} OR " + _USED + "d.instrument_id = i.id))",
        ),
        Set(
            "ObservedProperties", "ObservedProperty", {"name": Property("text"), "definition": Property("text"), "description": Property("text")} | _MORE,
            {"Datastreams": Link("Datastreams", "id", "{c}.observed_id = {k}", "ObservedProperty", True)},
            "SELECT o.id, o.name::text AS name, o.definition::text AS definition, o.description, o.properties FROM sensorthings_observed o"
            " WHERE o.town_id = {town} AND o.withdrawn_at IS NULL AND ({unused} OR " + _USED + "d.observed_id = o.id))",
        ),
        Set(
            "Observations", "Observation",
            {
                "phenomenonTime": Property("span"), "resultTime": Property("time"), "result": Property("number"),
                "resultQuality": Property("json", optional=True),
                "validTime": Property("span", optional=True), "parameters": Property("json", optional=True),
            },
            {
                "Datastream": Link("Datastreams", "datastream_id", "{c}.id = {k}", "Observations"),
                "FeatureOfInterest": Link("FeaturesOfInterest", "feature_id", "{c}.id = {k}", "Observations"),
            },
            "SELECT r.series_id AS datastream_id, r.measured_at, coalesce(e.feature_id, t.feature_id) AS feature_id,"
            " r.series_id || '-' || ((extract(epoch FROM r.measured_at) * 1000000)::bigint) AS id,"
            " r.measured_at AS \"phenomenonTime\", e.ends_at AS \"phenomenonTime_end\", e.result_time AS \"resultTime\","
            " r.value * d.up / d.down + d.shift AS result,"
            " coalesce(e.quality, CASE WHEN r.flag <> '-' THEN to_jsonb(r.flag::text) END) AS \"resultQuality\","
            " e.valid_from AS \"validTime\", e.valid_to AS \"validTime_end\", e.parameters"
            " FROM {readings} r JOIN sensing_series x ON x.id = r.series_id JOIN sensorthings_stream d ON d.series_id = r.series_id"
            " JOIN sensorthings_thing t ON t.station_id = x.station_id"
            " LEFT JOIN sensorthings_detail e ON e.town_id = {town} AND e.series_id = r.series_id AND e.measured_at = r.measured_at AND e.version = r.version"
            " WHERE r.town_id = {town} AND d.withdrawn_at IS NULL AND x.station_id IN (SELECT id FROM seen)"
            " AND {newest}",
            keys=("datastream_id", "measured_at"), carried=("datastream_id", "measured_at", "feature_id"),
        ),
        Set(
            "FeaturesOfInterest", "FeatureOfInterest", _DESCRIBED | {"encodingType": Property("text"), "feature": Property("geo")} | _MORE,
            {
                "Observations": Link(
                    "Observations", "id",
                    "{c}.feature_id = {k} AND {c}.datastream_id IN (SELECT x.id FROM sensing_series x JOIN sensorthings_thing t ON t.station_id = x.station_id"
                    " WHERE t.feature_id = {k} UNION SELECT e.series_id FROM sensorthings_detail e WHERE e.feature_id = {k})",
                    "FeatureOfInterest", True),
            },
            "SELECT f.id, f.name::text AS name, f.description, f.encoding_type::text AS \"encodingType\","
            f" coalesce(f.feature, {_POINT}) AS feature, f.properties"
            " FROM sensorthings_feature f LEFT JOIN sensing_station s ON s.id = f.station_id"
            " WHERE f.town_id = {town} AND f.withdrawn_at IS NULL AND ({unused} OR f.station_id IN (SELECT id FROM seen)"
            " OR EXISTS (SELECT FROM sensorthings_thing t WHERE t.feature_id = f.id AND t.station_id IN (SELECT id FROM seen))"
            " OR EXISTS (SELECT FROM sensorthings_detail e JOIN sensing_series x ON x.id = e.series_id"
            " WHERE e.feature_id = f.id AND x.station_id IN (SELECT id FROM seen)))",
        ),
    )
}  # fmt: skip


def set_named(name: str) -> Set:
    """Return a set by its name; raise UnknownName."""
    found = SETS.get(name)
    if found is None:
        raise UnknownName(owner="SensorThings", name=name[:60])
    return found
