"""Data arrays: many readings by column. The ordinary ones, all moments and numbers, go without an object a reading. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.kernel.operation import Refused
from gongzhi.management_line.sensorthings import bodies, moments
from gongzhi.management_line.sensorthings.bodies import Body
from gongzhi.management_line.sensorthings.faults import BadValue, Missing, TooMuch

MOST_READINGS = 200_000
COMPONENTS = {*bodies.FIELDS["Observations"], "FeatureOfInterest/id", "FeatureOfInterest/@iot.id", "id", "@iot.id"}
_BEYOND = ("resultTime", "resultQuality", "validTime", "parameters")
_REACH, _AHEAD = timedelta(days=3650), timedelta(days=1)
_STEP = timedelta(microseconds=1)


@dataclass(slots=True)
class Column:
    """Readings of one Datastream. `rows`: which row of the array each is; `bodies`: what readings have beyond, where they have it."""

    series_id: int
    size: int
    moments: list[datetime] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    rows: Sequence[int] = ()
    bodies: dict[int, Body] = field(default_factory=dict)
    fault: Refused | None = None


def read(document: Any, at: datetime) -> list[Column]:
    """Return the arrays of a document; rows that cannot be used are missing from `rows`. Raise BadValue, Missing, TooMuch.

    Readings without a time get the present moment, each its own.
    """
    if isinstance(document, dict):
        document = [document]
    if not isinstance(document, list):
        raise BadValue(name="CreateObservations", expected=_("a list of objects with Datastream, components and dataArray"))
    count, found = 0, []
    for group in document:
        if not isinstance(group, dict):
            raise BadValue(name="CreateObservations", expected=_("a list of objects with Datastream, components and dataArray"))
        for name in ("Datastream", "components", "dataArray"):
            if name not in group:
                raise Missing(field=name, name=name)
        series_id = bodies.reference("Datastreams", group["Datastream"], "Datastream")
        names, rows = group["components"], group["dataArray"]
        if series_id is None:
            raise Missing(field="Datastream", name="Datastream/@iot.id")
        if not isinstance(names, list) or not all(isinstance(name, str) and name in COMPONENTS for name in names) or len(set(names)) != len(names):
            raise BadValue(field="components", name="components", expected=_("a list of names of an Observation's properties"))
        if "result" not in names:
            raise Missing(field="components", name="result")
        if not isinstance(rows, list):
            raise BadValue(field="dataArray", name="dataArray", expected=_("a list of lists"))
        if count + len(rows) > MOST_READINGS:
            raise TooMuch
        found.append(_plain(series_id, names, rows, at) or _careful(series_id, names, rows, at, count))
        count += len(rows)
    return found


def _plain(series_id: int, names: Sequence[str], rows: list[Any], at: datetime) -> Column | None:
    """Return the readings of an array that has moments and numbers only, or None if it has anything else."""
    if len(names) != 2 or set(names) != {"phenomenonTime", "result"} or not rows:
        return None
    when = names.index("phenomenonTime")
    try:
        firsts, seconds = zip(*rows, strict=True)  # fails unless each row has two
        written, values = (firsts, seconds) if when == 0 else (seconds, firsts)
        read = list(map(datetime.fromisoformat, written))
        if not {*map(type, values)} <= {int, float} or not (min(values) > -1e15 and max(values) < 1e15) or not all(value == value for value in values):
            return None
        if any(len(text) < 16 for text in written) or not at - _REACH < min(read) <= max(read) < at + _AHEAD:  # naive ones do not compare
            return None
    except (TypeError, ValueError):
        return None
    return Column(series_id, len(rows), read, list(values), range(len(rows)))


def _careful(series_id: int, names: Sequence[str], rows: list[Any], at: datetime, before: int) -> Column:
    made = Column(series_id, len(rows))
    kept: list[int] = []
    for place, row in enumerate(rows):
        try:
            if not isinstance(row, list) or len(row) != len(names):
                raise BadValue(field="dataArray", name="dataArray", expected=_("as many values in each row as there are components"))
            body = bodies.read("Observations", _content(dict(zip(names, row, strict=True))))
            one = single(series_id, body, at, before + place)
        except Refused as fault:
            made.fault = made.fault or fault
            continue
        kept.append(place)
        made.moments += one.moments
        made.values += one.values
        if one.bodies:
            made.bodies[place] = body
    made.rows = kept
    return made


def single(series_id: int, body: Body, at: datetime, before: int) -> Column:
    """Return one reading as a column; raise BadValue for a time that is out of reach. One without a time gets the present moment, each its own."""
    begin, end = body.get("phenomenonTime") or (at + _STEP * before, None)
    if not at - _REACH < begin < at + _AHEAD:
        raise BadValue(field="phenomenonTime", name="phenomenonTime", expected=_("a time from ten years back to a day ahead"))
    made = Column(series_id, 1, [begin], [body.fields["result"]], [0])
    if end is not None or body.links or any(body.get(name) is not None for name in _BEYOND):
        made.bodies[0] = body
    return made


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    content = {name: value for name, value in row.items() if not name.startswith("FeatureOfInterest/") and name not in bodies.ID}
    for name in ("FeatureOfInterest/id", "FeatureOfInterest/@iot.id"):
        if row.get(name) is not None:
            content["FeatureOfInterest"] = {"@iot.id": row[name]}
    return content


def names(column: Column) -> list[str | None]:
    """Return what each row of an array is called as an Observation, None for those that cannot be used."""
    found: list[str | None] = [None] * column.size
    epoch, step = moments.EPOCH.astimezone(UTC), _STEP
    for place, moment in zip(column.rows, column.moments, strict=True):
        found[place] = f"{column.series_id}-{(moment - epoch) // step}"
    return found
