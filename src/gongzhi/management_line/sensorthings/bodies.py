"""What may be sent for each set: names, kinds, lengths. Says which field is wrong. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.management_line.sensorthings import moments, shapes
from gongzhi.management_line.sensorthings.entities import SETS, number
from gongzhi.management_line.sensorthings.faults import BadValue, Missing, NotTaken

ID = ("@iot.id", "id")


@dataclass(frozen=True, slots=True)
class Field:
    """A property as it is sent. kind: text, object, any, number, moment, span, unit."""

    kind: str
    required: bool = True
    most: int = 0


_NAME, _WORDS, _TYPE, _MORE = Field("text", most=200), Field("text", required=False, most=20_000), Field("text", most=100), Field("object", required=False)
FIELDS: Mapping[str, Mapping[str, Field]] = {
    "Things": {"name": Field("text", most=80), "description": _WORDS, "properties": _MORE},
    "Locations": {"name": _NAME, "description": _WORDS, "encodingType": _TYPE, "location": Field("any"), "properties": _MORE},
    "HistoricalLocations": {"time": Field("moment")},
    "Datastreams": {
        "name": _NAME, "description": _WORDS, "observationType": _NAME, "unitOfMeasurement": Field("unit"),
        "observedArea": Field("object", required=False), "properties": _MORE,
    },
    "Sensors": {"name": _NAME, "description": _WORDS, "encodingType": _TYPE, "metadata": Field("any"), "properties": _MORE},
    "ObservedProperties": {"name": _NAME, "definition": Field("text", most=500), "description": _WORDS, "properties": _MORE},
    "Observations": {
        "result": Field("number"), "phenomenonTime": Field("span", required=False), "resultTime": Field("moment", required=False),
        "resultQuality": Field("any", required=False), "validTime": Field("span", required=False), "parameters": _MORE,
    },
    "FeaturesOfInterest": {"name": _NAME, "description": _WORDS, "encodingType": _TYPE, "feature": Field("any"), "properties": _MORE},
}  # fmt: skip
_WORKED_OUT = {"Datastreams": ("phenomenonTime", "resultTime")}  # taken without effect: clients send back what they have read


@dataclass(slots=True)
class Body:
    """What was sent: properties by name (moments read), links as they came."""

    fields: dict[str, Any]
    links: dict[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        return self.fields.get(name, default)


def read(of: str, content: Any, *, part: bool = False) -> Body:
    """Return what was sent for a set; `part`: nothing is required. Raise BadValue, Missing, NotTaken."""
    if not isinstance(content, dict):
        raise BadValue(name=SETS[of].single, expected=_("a JSON object"))
    body = Body({}, {})
    for name, value in content.items():
        field = FIELDS[of].get(name)
        if field is not None:
            body.fields[name] = _value(name, field, value)
        elif SETS[of].link(name) is not None:
            body.links[name] = value
        elif name not in ID and "@iot." not in name and name not in _WORKED_OUT.get(of, ()):
            raise NotTaken(field=name, name=name[:60])
    if not part:
        for name, field in FIELDS[of].items():
            if field.required and name not in body.fields:
                raise Missing(field=name, name=name)
    _check_shape(of, body)
    return body


def _value(name: str, field: Field, value: Any) -> Any:
    if field.kind == "any":
        if value is None and field.required:
            raise Missing(field=name, name=name)
        return value
    if value is None and not field.required:
        return "" if field.kind == "text" else None
    if field.kind == "text":
        if not isinstance(value, str) or (not value.strip() and field.most < 20_000):
            raise BadValue(field=name, name=name, expected=_("a text"))
        if len(value) > field.most:
            raise BadValue(field=name, name=name, expected=_("a text of at most %(most)s characters") % {"most": field.most})
        return value
    if field.kind == "object":
        if not isinstance(value, dict):
            raise BadValue(field=name, name=name, expected=_("a JSON object"))
        return value
    if field.kind == "number":
        return result(value, name)
    if field.kind == "unit":
        return _unit(name, value)
    return _time(name, field, value)


def _time(name: str, field: Field, value: Any) -> Any:
    try:
        if not isinstance(value, str):
            raise ValueError(name)
        return moments.read(value) if field.kind == "moment" else moments.read_span(value)
    except (ValueError, OverflowError) as error:
        raise BadValue(field=name, name=name, expected=_("an ISO 8601 time with its offset, such as 2026-11-18T12:00:00+08:00")) from error


def result(value: Any, name: str = "result") -> float:
    """Return a result as a number; other results are not kept here."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise BadValue(field=name, name=name, expected=_("a finite number"))
    return float(value)


def _unit(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) - {"name", "symbol", "definition"}:
        raise BadValue(field=name, name=name, expected=_("an object with name, symbol and definition"))
    for part, most in (("name", 200), ("symbol", 20), ("definition", 500)):
        given = value.get(part)
        if given is not None and (not isinstance(given, str) or len(given) > most):
            raise BadValue(field=f"{name}/{part}", name=f"{name}/{part}", expected=_("a text of at most %(most)s characters") % {"most": most})
    return {part: value.get(part) for part in ("name", "symbol", "definition")}


_SHAPES = {"Locations": "location", "FeaturesOfInterest": "feature"}


def _check_shape(of: str, body: Body) -> None:
    """Refuse what calls itself GeoJSON and is none, or lies off the earth."""
    held = [(name, body.fields[name]) for name in ("observedArea",) if body.fields.get(name) is not None]
    name = _SHAPES.get(of, "")
    if name in body.fields and (body.fields.get("encodingType", "application/geo+json") in shapes.GEOJSON):
        held.append((name, body.fields[name]))
    for name, value in held:
        shape = shapes.from_geojson(value)
        if shape is None or not shapes.is_on_earth(shape):
            raise BadValue(field=name, name=name, expected=_("GeoJSON in longitude and latitude"))


def reference(of: str, value: Any, name: str) -> int | None:
    """Return the number of the entity that a link names, None where the link holds an entity itself."""
    if not isinstance(value, dict):
        raise BadValue(field=name, name=name, expected=_("a JSON object"))
    for key in ID:
        if key in value:
            found = number(SETS[of], value[key])
            if not isinstance(found, int):
                raise BadValue(field=name, name=name, expected=_("the number of an existing %(what)s") % {"what": SETS[of].single})
            return found
    return None
