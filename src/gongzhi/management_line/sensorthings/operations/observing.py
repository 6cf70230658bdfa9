"""Observations taken and corrected: as any other readings, with what they have beyond in rows of their own."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record, retell
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.bounds import MOST_VALUE
from gongzhi.management_line.sensing.facts import ReadingsTaken
from gongzhi.management_line.sensorthings import bodies, quality, queries, rules
from gongzhi.management_line.sensorthings.arrays import Column
from gongzhi.management_line.sensorthings.bodies import Body
from gongzhi.management_line.sensorthings.entities import SETS, ObservationId
from gongzhi.management_line.sensorthings.facts import EntityChanged, ObservationsTaken
from gongzhi.management_line.sensorthings.faults import Fixed, NoSuch, NotFound
from gongzhi.management_line.sensorthings.models import Detail, Feature, Stream

DETAILS = ("ends_at", "result_time", "valid_from", "valid_to", "quality", "parameters", "feature_id")


@dataclass(slots=True)
class Taken:
    """What became of arrays: for each, whether it could be used at all."""

    usable: list[bool] = field(default_factory=list)


@operation
def take_arrays(*, by: Actor, at: datetime, columns: Sequence[Column], raw: bytes) -> Taken:
    """Keep the readings of data arrays in one transaction, as one batch; arrays of Datastreams that are not there are left out.

    Raises the fault of the first row or array if nothing at all can be used.
    """
    ensure(rules.may_send)
    streams = _streams(by, {column.series_id for column in columns})
    usable = [column.series_id in streams for column in columns]
    kept = [column for column, fits in zip(columns, usable, strict=True) if fits and column.moments]
    if not kept:
        fault: Refused | None = next((column.fault for column in columns if column.fault is not None), None)
        raise fault or NoSuch(name="Datastream", field="Datastream")
    _take(by, at, kept, streams, raw)
    retell(ReadingsTaken, lambda taken: ObservationsTaken(**asdict(taken), datastreams=len(streams)))
    return Taken(usable)


def _streams(by: Actor, series_ids: set[int]) -> dict[int, Stream]:
    """Return the Datastreams with these numbers that the actor may see."""
    seen = queries.seen_datastreams(seen_by=by, numbers=series_ids)
    return {stream.pk: stream for stream in Stream.objects.filter(pk__in=seen)}


def _take(by: Actor, at: datetime, columns: Sequence[Column], streams: Mapping[int, Stream], raw: bytes) -> None:
    """Hand readings to sensing in the units of their series, and keep what they have beyond. What lies off its bounds is refused there, naming the field."""
    ensure(rules.may_observe, queries.owners(seen_by=by, numbers=[column.series_id for column in columns]))
    series = list(chain.from_iterable([column.series_id] * len(column.moments) for column in columns))
    values: list[float] = []
    marks: list[str] = []
    for column in columns:
        stream = streams[column.series_id]
        if (stream.up, stream.down, stream.shift) == (1, 1, 0):
            values += column.values
        else:
            turned = (np.array(column.values) - stream.shift) * stream.down / stream.up
            if not (np.abs(turned) < MOST_VALUE).all():
                raise sensing.NotMeasurable(field="result")
            values += turned.tolist()
    if any(column.bodies for column in columns):
        for column in columns:
            given = [column.bodies.get(place) for place in column.rows]
            marks += ["-" if body is None else quality.mark_of(body.get("resultQuality")) for body in given]
    moments = list(chain.from_iterable(column.moments for column in columns))
    sensing.take_measurements(by=by, at=at, key=uuid.uuid4(), series_ids=series, moments=moments, values=values, flags=marks, raw=raw)
    details: dict[tuple[int, datetime], dict[str, Any]] = {}
    for column in columns:
        if not column.bodies:
            continue
        for place, moment in zip(column.rows, column.moments, strict=True):
            body = column.bodies.get(place)
            found = {} if body is None else _detail(body)
            if found:
                details[(column.series_id, moment)] = found
    _keep_details(details)


def _detail(body: Body) -> dict[str, Any]:
    """Return what a reading has beyond moment, value and mark, empty where it has nothing."""
    valid = body.get("validTime") or (None, None)
    given = {
        "ends_at": (body.get("phenomenonTime") or (None, None))[1], "result_time": body.get("resultTime"), "valid_from": valid[0], "valid_to": valid[1],
        "quality": None if quality.is_plain(body.get("resultQuality")) else body.get("resultQuality"), "parameters": body.get("parameters"),
        "feature_id": _feature(body.links["FeatureOfInterest"]) if body.links.get("FeatureOfInterest") is not None else None,
    }  # fmt: skip
    return given if any(value is not None for value in given.values()) else {}


def _feature(given: Any) -> int:
    """Return the number of the feature of interest that is named; made where it is given whole."""
    number = bodies.reference("FeaturesOfInterest", given, "FeatureOfInterest")
    if number is None:
        body = bodies.read("FeaturesOfInterest", given)
        return _make_feature(body).pk
    if not Feature.objects.filter(pk=number, withdrawn_at__isnull=True).exists():
        raise NoSuch(name="FeatureOfInterest", field="FeatureOfInterest")
    return number


def _make_feature(body: Body) -> Feature:
    return Feature.objects.create(
        town_id=current_town(), name=body.get("name"), description=body.get("description", ""), encoding_type=body.get("encodingType"),
        feature=body.get("feature"), properties=body.get("properties"),
    )  # fmt: skip


def _keep_details(details: Mapping[tuple[int, datetime], Mapping[str, Any]]) -> None:
    """Put details beside the newest versions of their readings."""
    if not details:
        return
    keys = list(details)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.s, u.m, (SELECT max(r.version) FROM sensing_reading r WHERE r.town_id = %s AND r.series_id = u.s AND r.measured_at = u.m)"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS u(s, m)",
            [current_town(), [key[0] for key in keys], [key[1] for key in keys]],
        )
        newest = {(series_id, moment): version for series_id, moment, version in cursor.fetchall()}
    Detail.objects.bulk_create(
        [Detail(town_id=current_town(), series_id=key[0], measured_at=key[1], version=newest[key], **given) for key, given in details.items()],
        update_conflicts=True, unique_fields=["town", "series", "measured_at", "version"], update_fields=[name.removesuffix("_id") for name in DETAILS],
    )  # fmt: skip


@operation
def correct_observation(*, by: Actor, at: datetime, number: ObservationId, content: Any, whole: bool, raw: bytes) -> ObservationId:
    """Correct a reading: another value or mark is its next version, the old one stays. What stands beside it is changed in place."""
    ensure(rules.may_send)
    body = bodies.read("Observations", content, part=not whole)
    row = queries.entity(seen_by=by, at=at, of="Observations", number=number)
    if row is None:
        raise NotFound(name=SETS["Observations"].single)
    if "phenomenonTime" in body.fields and (body.get("phenomenonTime") or (number.moment,))[0] != number.moment:
        raise Fixed(name="phenomenonTime", field="phenomenonTime")
    if "Datastream" in body.links and bodies.reference("Datastreams", body.links["Datastream"], "Datastream") != number.series_id:
        raise Fixed(name="Datastream", field="Datastream")
    stream = Stream.objects.get(pk=number.series_id)
    merged = Body(_before(row, whole) | body.fields, dict(body.links))
    if "FeatureOfInterest" not in merged.links and row.keys["feature_id"] is not None:
        held = Detail.objects.filter(series_id=number.series_id, measured_at=number.moment).order_by("-version").first()
        if held is not None and held.feature_id is not None:
            merged.links["FeatureOfInterest"] = {"@iot.id": held.feature_id}
    column = Column(number.series_id, 1, [number.moment], [merged.fields["result"]], [0], {0: merged})
    _take(by, at, [column], {stream.pk: stream}, raw)
    if not _detail(merged) and any(_before(row, whole=False).get(name) is not None for name in ("resultTime", "validTime", "parameters", "resultQuality")):
        _keep_details({(number.series_id, number.moment): dict.fromkeys(DETAILS)})
    record(EntityChanged(subject=ref(stream), entity="Observation"))
    return number


def _before(row: Any, whole: bool) -> dict[str, Any]:
    """Return what a reading is now, read as if it were sent."""
    if whole:
        return {}
    return bodies.read("Observations", {name: value for name, value in row.values.items() if value is not None}).fields
