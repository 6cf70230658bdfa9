"""What a message means, as data: topic and payload in, rows out. Pure.

A definition is a dictionary:

    topic      pattern with named levels: `yunxi/{station}/{factor}`, `site/+/{station}/#`
    format     json | number | csv | senml
    each       path of the records in a JSON document, with [*] where a list is walked: `$.data[*]` (default: the document)
    station, factor, aggregate, unit, flag
               where each stands: `{level}` of the topic, `=a fixed text`, or a path. A path with `$` begins at the document, one
               without at the record. For CSV a path is the name of a column; SenML records have n, u, v, t.
    value      path of the number (one value a record), or
    values     [{path, factor, aggregate, unit}] (several values a record)
    time       path of the moment; "" means the moment of receipt
    time_form  auto | s | ms | us | iso | local (yyyymmddhhmmss without an offset, in the town's zone)
    stations, factors, flags, units
               {theirs: ours}
    missing    texts and numbers that mean no value
    name       SenML: how base name and name are read, `urn:dev:{station}:{factor}`
    columns    CSV: names of the columns when the payload has no header; delimiter: one character
    unknown_station, unknown_series: refuse | define; station_kind: kind of a station that is defined so
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from functools import partial
from typing import Any, NamedTuple

import orjson

from gongzhi.kernel import moments, numbers
from gongzhi.kernel.operation import Unreadable
from gongzhi.management_line.feeds.said import Said, why
from gongzhi.management_line.feeds.said import said as _
from gongzhi.management_line.feeds.senml import BadPayload, senml
from gongzhi.management_line.feeds.topics import named, topic_pattern
from gongzhi.management_line.sensing.bounds import is_measurable
from gongzhi.management_line.sensing.columns import micros

FORMATS = ("json", "number", "csv", "senml")
TIME_FORMS = ("auto", "s", "ms", "us", "iso", "local")
POLICIES = ("refuse", "define")
MOST_ROWS = 100_000  # of one message
_SPECS = ("station", "factor", "aggregate", "unit", "flag")
_TABLES = ("stations", "factors", "flags", "units")
_TEXTS = ("topic", "format", "each", *_SPECS, "value", "time", "time_form", "name", "delimiter", "unknown_station", "unknown_series", "station_kind")
_KNOWN = frozenset((*_TEXTS, *_TABLES, "values", "missing", "columns"))
_MARK = re.compile(r"[A-Za-z\-]")


class BadMapping(ValueError):
    """A definition that cannot be used; `faults` names each field with what is wrong."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{name}: {why}" for name, why in self.faults))


class Row(NamedTuple):
    """One value as the sender meant it. `moment`: microseconds since 1970; None: it said none."""

    station: str
    factor: str
    aggregate: str
    unit: str
    value: float
    moment: int | None
    flag: str


@dataclass(slots=True)
class Read:
    """What was found in a message: rows, and why other parts of it cannot be used."""

    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


Getter = Callable[[Any, Any], Any]  # (document, record) → what stands there or None


# ---- paths ----------------------------------------------------------------------------------------------------------
_STEP = re.compile(r"""\.?([^.\[\]'"]+)|\[([0-9]+|\*)\]|\['([^']*)'\]|\["([^"]*)"\]""")


def steps(path: str) -> list[str | int | None]:
    """Return keys, indices and None for [*]; raise ValueError for what is no path."""
    rest, found = path.removeprefix("$"), list[str | int | None]()
    place = 0
    while place < len(rest):
        match = _STEP.match(rest, place)
        if match is None:
            raise ValueError(_("“%(path)s” is no path") % {"path": path})
        key, index, single, double = match.groups()
        if index is not None:
            found.append(None if index == "*" else int(index))
        else:
            found.append(next(part for part in (key, single, double) if part is not None))
        place = match.end()
    if len(found) > 20:
        raise ValueError(_("a path has at most 20 steps"))
    return found


def _walk(value: Any, way: list[Any]) -> Any:
    for step in way:
        if type(step) is int:
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        else:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
    return value


def _getter(path: str) -> Getter:
    way = steps(path)
    if None in way:
        raise ValueError(_("[*] is allowed in “each” only"))
    if path.startswith("$"):
        return lambda document, record: _walk(document, way)
    if len(way) == 1 and type(way[0]) is str:
        key = way[0]
        return lambda document, record: record.get(key) if type(record) is dict else None
    return lambda document, record: _walk(record, way)


def _all(value: Any, way: list[Any]) -> list[Any]:
    found = [value]
    for step in way:
        if step is None:
            found = [one for each in found if isinstance(each, list) for one in each]
        else:
            found = [one for one in (_walk(each, [step]) for each in found) if one is not None]
        if len(found) > MOST_ROWS:
            raise BadPayload(_("more than %(n)s records in one message") % {"n": MOST_ROWS})
    return found


# ---- time -----------------------------------------------------------------------------------------------------------
_LOCAL = re.compile(r"[0-9]{8}([0-9]{2}){0,3}([0-9]{3})?")
_LEAST, _MOST = -62_135_596_800, 253_402_300_799  # seconds of the years 1 and 9999


def moment_of(value: Any, form: str, zone: tzinfo) -> int:
    """Return microseconds since 1970 of a time as senders write it; raise ValueError."""
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        raise ValueError(_("no time"))
    if isinstance(value, str):
        text = value.strip()
        if form in ("auto", "local") and (len(text) in (14, 17) or form == "local") and _LOCAL.fullmatch(text):
            digits = text[:14].ljust(14, "0")
            stamp = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), int(digits[8:10]), int(digits[10:12]), int(digits[12:14]), tzinfo=zone)
            return micros(stamp) + (int(text[14:17]) * 1000 if len(text) == 17 else 0)
        if form in ("iso", "local") or not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", text):
            return micros(_stamp(text.replace("/", "-"), zone))
        value = numbers.real(text) if "." in text else numbers.whole(text)
    elif form in ("iso", "local"):
        return moment_of(str(value), "local", zone)
    size = abs(value)
    if form == "ms" or (form == "auto" and 1e11 <= size < 1e14):
        factor = 1_000
    elif form == "us" or (form == "auto" and size >= 1e14):
        factor = 1
    else:
        factor = 1_000_000
    if not _LEAST * 1e6 < value * factor < _MOST * 1e6:  # false for NaN too
        raise ValueError(_("a time beyond the calendar"))
    return round(value * factor)


def _stamp(text: str, zone: tzinfo) -> datetime:
    try:
        return datetime.combine(moments.day(text), time.min, zone) if len(text) == 10 else moments.moment(text, zone)
    except Unreadable:
        raise ValueError(_("“%(text)s” is no time") % {"text": text[:40]}) from None


# ---- mappings -------------------------------------------------------------------------------------------------------
class Compiled:
    """A definition made ready; `match` a topic, then `read` a payload."""

    def __init__(self, definition: Mapping[str, Any], zone: tzinfo) -> None:
        self.zone = zone
        _check(definition)
        given = definition
        self.topic = str(given["topic"])
        self.pattern = topic_pattern(self.topic)
        self.form = given.get("format", "json")
        self.time_form = given.get("time_form") or "auto"
        self.tables = {name: {str(key): str(value) for key, value in (given.get(name) or {}).items()} for name in _TABLES}
        self.missing = {str(one).strip().lower() for one in given.get("missing", ("", "na", "nan", "null", "-"))}
        self.missing_numbers = {float(one) for one in self.missing if numbers.is_number(one)}
        self.unknown_station = given.get("unknown_station") or "refuse"
        self.unknown_series = given.get("unknown_series") or "refuse"
        self.station_kind = given.get("station_kind") or ""
        self.columns = list(given.get("columns") or ())
        self.delimiter = given.get("delimiter") or ","
        self.each = steps(given["each"]) if given.get("each") else []
        senml = self.form == "senml"
        self.name = re.compile(named(given.get("name") or "{station}:{factor}", set(), r"[^/]+?"), re.DOTALL) if senml else None
        self.specs = {name: given.get(name) or {"aggregate": "=rtd", "station": "{station}", "factor": "{factor}"}.get(name, "") for name in _SPECS}
        if senml:
            self.specs["unit"] = self.specs["unit"] or "u"
        self.getters = {name: _getter(spec) for name, spec in self.specs.items() if spec and spec[0] not in "{="}
        self.time = _getter(given["time"]) if given.get("time") else _getter("t") if senml else None
        self.is_dated = self.time is not None
        self.value = _getter(given.get("value") or ("v" if senml else "value"))
        self.values = [
            (_getter(one["path"]), one["path"], one.get("factor", ""), one.get("aggregate") or "", one.get("unit", "")) for one in given.get("values") or ()
        ]
        self._moments: dict[Any, int] = {}

    def match(self, topic: str) -> dict[str, str] | None:
        """Return the named levels of a topic, None when it does not fit."""
        found = self.pattern.fullmatch(topic)
        return None if found is None else found.groupdict()

    def read(self, names: Mapping[str, str], payload: bytes) -> Read:
        """Return what a message says; raise BadPayload when nothing of it can be used."""
        document, records = self._records(payload)
        if len(records) > MOST_ROWS:
            raise BadPayload(_("more than %(n)s records in one message") % {"n": MOST_ROWS})
        read = Read()
        fixed = {
            name: spec[1:] if spec[:1] == "=" else names.get(spec[1:-1], "") if spec else ""
            for name, spec in self.specs.items() if name not in self.getters
        }  # fmt: skip
        for number, record in enumerate(records):
            try:
                self._take(document, record, names, fixed, read)
            except (ValueError, OverflowError) as error:
                fault = why(error)
                lead = f"{number + 1}: " if len(records) > 1 else ""
                read.faults.append(fault.after(lead) if isinstance(fault, Said) else lead + fault)
        if not read.rows and not read.faults and not records:
            raise BadPayload(_("no records in it"))
        return read

    def _take(self, document: Any, record: Any, names: Mapping[str, str], fixed: Mapping[str, str], read: Read) -> None:
        here = dict(fixed)
        if self.name is not None:
            match = self.name.fullmatch(str(record.get("n", "")))
            if match is None:
                raise ValueError(_("the name “%(name)s” does not fit") % {"name": str(record.get("n", ""))[:80]})
            for key, value in match.groupdict().items():
                if not here.get(key):
                    here[key] = value
        for name, get in self.getters.items():
            value = get(document, record)
            here[name] = "" if value is None or isinstance(value, (list, dict)) else str(value).strip()
        tables = self.tables
        station, factor, unit, flag = here["station"], here["factor"], here["unit"], here["flag"]
        station = tables["stations"].get(station, station)
        unit = tables["units"].get(unit, unit)
        flag = tables["flags"].get(flag, flag)
        if not station:
            raise ValueError(_("no station"))
        if flag and not (len(flag) == 1 and _MARK.match(flag)):
            raise ValueError(_("the mark “%(flag)s” is not known") % {"flag": flag[:20]})
        flag = flag.upper() or "-"
        moment = self._moment(self.time(document, record)) if self.time is not None else None
        if self.values:
            found = len(read.rows)
            for get, path, own, aggregate, own_unit in self.values:
                raw = get(document, record)
                if raw is None:
                    continue
                try:
                    value = self._number(raw)
                except ValueError as error:
                    read.faults.append(f"{path}: {error}")
                    continue
                if value is not None:
                    read.rows.append(Row(station, own or factor, aggregate or here["aggregate"] or "rtd", own_unit or unit, value, moment, flag))
            if len(read.rows) == found and not read.faults and all(get(document, record) is None for get, *_rest in self.values):
                raise ValueError(_("none of the mapped values is in it"))
            return
        if not factor:
            raise ValueError(_("no factor"))
        raw = self.value(document, record)
        if raw is None:
            raise ValueError(_("no value"))
        value = self._number(raw)
        if value is not None:
            read.rows.append(Row(station, tables["factors"].get(factor, factor), here["aggregate"] or "rtd", unit, value, moment, flag))

    def _number(self, raw: Any) -> float | None:
        """Return the number, None for a mark of no value; raise ValueError."""
        kind = type(raw)
        if kind is str:
            text = raw.strip()
            if text.lower() in self.missing:
                return None
            try:
                value = numbers.real(text)
            except numbers.BadNumber:
                raise ValueError(_("“%(text)s” is no number") % {"text": text[:40]}) from None
        elif kind is float or kind is int:
            value = float(raw)
        else:
            raise ValueError(_("no number"))
        if value in self.missing_numbers:
            return None
        if not is_measurable(value):
            raise ValueError(_("a number that cannot be measured"))
        return value

    def _moment(self, raw: Any) -> int:
        kind = type(raw)
        if kind is not str and kind is not int and kind is not float:
            raise ValueError(_("no time"))
        known = self._moments.get(raw)
        if known is None:
            try:
                known = moment_of(raw, self.time_form, self.zone)
            except (ValueError, OverflowError):
                raise ValueError(_("“%(text)s” is no time") % {"text": str(raw)[:40]}) from None
            if len(self._moments) > 5_000:
                self._moments.clear()
            self._moments[raw] = known
        return known

    def _records(self, payload: bytes) -> tuple[Any, list[Any]]:
        if self.form == "number":
            try:
                return None, [{"value": payload.decode("ascii").strip()}]
            except UnicodeDecodeError:
                raise BadPayload(_("the payload is no number")) from None
        if self.form == "csv":
            return None, self._lines(payload)
        try:
            document = orjson.loads(payload)
        except orjson.JSONDecodeError as error:
            raise BadPayload(_("the payload is no JSON: %(why)s") % {"why": error}) from None
        if self.form == "senml":
            return document, senml(document)
        return document, _all(document, self.each) if self.each else [document]

    def _lines(self, payload: bytes) -> list[dict[str, str]]:
        try:
            text = payload.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = payload.decode("gb18030", "replace")
        try:
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=self.delimiter) if row]
        except csv.Error as error:
            raise BadPayload(_("the payload is no CSV: %(why)s") % {"why": error}) from None
        columns = self.columns or [cell.strip() for cell in (rows.pop(0) if rows else ())]
        return [dict(zip(columns, row, strict=False)) for row in rows]


def _check(given: Mapping[str, Any]) -> None:
    """Raise BadMapping with every fault there is."""
    faults: list[tuple[str, str]] = []
    if not isinstance(given, Mapping):
        raise BadMapping([("definition", _("must be a table of fields"))])
    faults += [(str(name), _("is not known")) for name in given if name not in _KNOWN]
    for name in _TEXTS:
        if given.get(name) is not None and not isinstance(given[name], str):
            faults.append((name, _("must be a text")))
    if faults:
        raise BadMapping(faults)

    def tried(name: str, act: Callable[[], Any]) -> None:
        try:
            act()
        except (ValueError, re.error) as error:
            faults.append((name, str(error)))

    names: set[str] = set()
    if not given.get("topic"):
        faults.append(("topic", _("is missing")))
    else:
        tried("topic", lambda: names.update(topic_pattern(given["topic"]).groupindex))
    for name, allowed in (("format", FORMATS), ("time_form", TIME_FORMS), ("unknown_station", POLICIES), ("unknown_series", POLICIES)):
        if given.get(name) and given[name] not in allowed:
            faults.append((name, _("must be one of %(allowed)s") % {"allowed": ", ".join(allowed)}))
    senml = given.get("format") == "senml"
    if senml and given.get("name"):
        tried("name", lambda: named(given["name"], set(), ".+?"))
    for name in _SPECS:
        spec = given.get(name) or ""
        if spec.startswith("{"):
            if not spec.endswith("}") or (spec[1:-1] not in names and not senml):
                faults.append((name, _("the topic has no level “%(level)s”") % {"level": spec.strip("{}")}))
        elif spec and not spec.startswith("="):
            tried(name, partial(_getter, spec))
    if not given.get("station") and "station" not in names and not senml:
        faults.append(("station", _("neither the topic nor the payload names it")))
    values = given.get("values")
    if values:
        if not isinstance(values, list) or not all(
            isinstance(one, Mapping) and one.get("path") and all(isinstance(part, str) for part in one.values()) for one in values
        ):
            faults.append(("values", _("must be a list of path, factor, aggregate and unit")))
        else:
            for one in values:
                tried("values", partial(_getter, one["path"]))
                if not one.get("factor") and not given.get("factor") and "factor" not in names:
                    faults.append(("values", _("“%(path)s” has no factor") % {"path": one["path"]}))
    elif not given.get("factor") and "factor" not in names and not senml:
        faults.append(("factor", _("neither the topic nor the payload names it")))
    for name in ("value", "time"):
        if given.get(name):
            tried(name, partial(_getter, given[name]))
    if given.get("each"):
        tried("each", lambda: steps(given["each"]))
    for name in _TABLES:
        if given.get(name) and not isinstance(given[name], Mapping):
            faults.append((name, _("must be a table of names")))
    for name in ("missing", "columns"):
        if given.get(name) is not None and not isinstance(given[name], (list, tuple)):
            faults.append((name, _("must be a list")))
    if given.get("delimiter") and len(given["delimiter"]) != 1:
        faults.append(("delimiter", _("must be one character")))
    if given.get("unknown_station") == "define" and not given.get("station_kind"):
        faults.append(("station_kind", _("is needed to define stations")))
    if faults:
        raise BadMapping(faults)
