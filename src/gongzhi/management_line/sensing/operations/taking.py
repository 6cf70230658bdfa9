"""Readings kept: many packets in one transaction, one fact. What is too late, repeated or corrected is told apart here."""

import hashlib
import logging
import math
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
from django.db import DataError, connection, transaction
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from psycopg.errors import UniqueViolation

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import rows
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import factors, marks, queries, rolling, rules
from gongzhi.management_line.sensing.bounds import LATE, LOUDEST, MOST_VALUE, MOST_VERSIONS, QUIETEST, is_decibel, is_in_reach
from gongzhi.management_line.sensing.columns import BigInts, Columns, Doubles, Ints, Marks, Moments, cursor_of, micros, moment_of
from gongzhi.management_line.sensing.facts import DeviceNoticed, HoursRolledUp, PacketRefused, ReadingsTaken
from gongzhi.management_line.sensing.models import Batch, Claim, Device, DeviceNotice, RefusedPacket, Series, SetAside, Station
from gongzhi.management_line.sensing.operations._claims import _claim
from gongzhi.management_line.sensing.operations.judging import _judge

log = logging.getLogger(__name__)
# writers hold it shared until they commit, the roll-up alone: what it takes off the list of touched hours is all committed
MOST_SET_ASIDE = 1_000  # readings of a batch that are noted one by one
_ROLLING = "hashtext('sensing.rolling'), %s::integer"


class LengthsDiffer(Refused):
    sentence = _("Give as many moments and values as series, and as many marks or none.")
    field = "values"


class UnknownSeries(Refused):
    sentence = _("Not known here: %(ids)s")
    field = "series_ids"


class NotMeasurable(Refused):
    sentence = _("A value must be a finite number.")
    field = "values"


class NotALevel(Refused):
    sentence = _("A sound level lies between %(low)d and %(high)d dB.")
    field = "values"


class OutOfReach(Refused):
    sentence = _("A reading is kept from ten years back to a day ahead.")
    field = "moments"


# ---- what is handed in ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TakenPacket:
    """A packet that was read: its bytes, whose it is, and (factor, aggregate, measured_at, value, flag) rows."""

    raw: bytes
    device_id: int
    station_id: int
    received_at: datetime
    rows: tuple[tuple[str, str, datetime, float, str], ...]


@dataclass(slots=True, eq=False)
class Targets:
    """Where the numbers of alike packets go: (factor, aggregate) of each. `series` is filled in once all of them are known."""

    station_id: int
    names: tuple[tuple[str, str], ...]
    series: NDArray[np.int64] | None = None


@dataclass(slots=True, eq=False)
class Packed:
    """A packet that was read, packed for keeping. Moments are microseconds since 1970; `flags`: one byte for each value.

    `skew`: seconds by which the device's clock was ahead, None where it did not say.
    """

    raw: bytes
    device_id: int
    targets: Targets
    received: int
    moment: int
    values: Sequence[float]
    flags: bytes
    skew: float | None = None


@dataclass(slots=True)
class _Given:
    """A batch on its way: its readings by column, and which device was heard of when."""

    columns: Columns
    from_stations: bool = False  # sent by the stations' own instruments, with nobody between
    seen: dict[int, tuple[int, float | None]] = field(default_factory=dict)
    devices: dict[int, int] = field(default_factory=dict)  # station → device
    device_of_packet: NDArray[np.int64] | None = None
    stations: set[int] = field(default_factory=set)


# ---- acts -----------------------------------------------------------------------------------------------------------
@operation
def take_readings(*, by: Actor, at: datetime, key: uuid.UUID, packets: Sequence[TakenPacket]) -> Batch:
    """Keep the readings of packets that came together and judge them by the limits: one transaction, one fact.

    The same `key` again changes nothing. Repeated readings change nothing, a corrected value is kept as the next version.
    """
    ensure(rules.may_take)
    raws = [packet.raw for packet in packets]
    twin = _twin(key, raws)
    if twin is not None:
        return twin
    names = _series_ids(((packet.station_id, row[0], row[1]) for packet in packets for row in packet.rows), at)[0]
    readings = [(number, packet, row) for number, packet in enumerate(packets) for row in packet.rows]
    columns = Columns(
        series=np.array([names[(packet.station_id, row[0], row[1])] for _number, packet, row in readings], np.int64),
        moments=np.array([micros(row[2]) for _number, _packet, row in readings], np.int64),
        received=np.array([micros(packet.received_at) for _number, packet, _row in readings], np.int64),
        values=np.array([row[3] for _number, _packet, row in readings], np.float64),
        flags=np.array([row[4].encode()[:1] or b"-" for _number, _packet, row in readings], "S1"),
        packet=np.array([number for number, _packet, _row in readings], np.int32),
    )
    given = _Given(
        columns, True, {packet.device_id: (micros(packet.received_at), None) for packet in packets},
        {packet.station_id: packet.device_id for packet in packets},
        np.array([packet.device_id for packet in packets], np.int64), {packet.station_id for packet in packets},
    )  # fmt: skip
    return _keep(by, at, key, raws, given)


@operation
def take_packets(*, by: Actor, at: datetime, key: uuid.UUID, packets: Sequence[Packed]) -> Batch:
    """Keep packets as take_readings does; the way of a gateway that has worked out once where alike packets go."""
    ensure(rules.may_take)
    raws = [packet.raw for packet in packets]
    twin = _twin(key, raws)
    if twin is not None:
        return twin
    targets = {id(packet.targets): packet.targets for packet in packets}
    unknown = [target for target in targets.values() if target.series is None]
    places = {place: target.series for place, target in targets.items() if target.series is not None}
    if unknown:
        names, fresh = _series_ids(((target.station_id, *name) for target in unknown for name in target.names), at)
        for target in unknown:
            wanted = [(target.station_id, *name) for name in target.names]
            places[id(target)] = np.array([names[name] for name in wanted], np.int64)
            if fresh.isdisjoint(wanted):  # a series made just now is gone if this transaction fails
                target.series = places[id(target)]
    counts = [len(packet.values) for packet in packets]
    columns = Columns(
        series=np.concatenate([places[id(packet.targets)] for packet in packets]) if packets else np.empty(0, np.int64),
        moments=np.repeat(np.array([packet.moment for packet in packets], np.int64), counts),
        received=np.repeat(np.array([packet.received for packet in packets], np.int64), counts),
        values=np.fromiter(chain.from_iterable([packet.values for packet in packets]), np.float64, sum(counts)),
        flags=np.frombuffer(b"".join([packet.flags for packet in packets]), "S1"),
        packet=np.repeat(np.arange(len(packets), dtype=np.int32), counts),
    )
    given = _Given(
        columns, True, {packet.device_id: (packet.received, packet.skew) for packet in packets},
        {packet.targets.station_id: packet.device_id for packet in packets}, np.array([packet.device_id for packet in packets], np.int64),
        {target.station_id for target in targets.values()},
    )  # fmt: skip
    return _keep(by, at, key, raws, given)


@operation
def take_measurements(*, by: Actor, at: datetime, key: uuid.UUID, series_ids: Sequence[int] | NDArray[np.int64],
                      moments: Sequence[datetime] | NDArray[np.int64], values: Sequence[float] | NDArray[np.float64],
                      flags: Sequence[str] | NDArray[np.bytes_] = (), raw: bytes = b"", from_stations: bool = False) -> Batch:  # fmt: skip
    """Keep readings of known series that came by another way than HJ 212; otherwise as take_readings does.

    `moments` may be microseconds since 1970 in an array; `flags`: a data mark of HJ 212 for each (an array of "S1" is taken as it is),
    or none at all; `raw`: the bytes they came in, kept for the town's term; `from_stations`: they come from the stations' own instruments
    with nobody of the town between, as a feed's do. Somebody of a supervised unit sends readings of its stations only.
    """
    ensure(rules.may_take)
    twin = _twin(key, [raw])
    if twin is not None:
        return twin
    count = len(series_ids)
    if len(moments) != count or len(values) != count or len(flags) not in (0, count):
        raise LengthsDiffer
    series = series_ids if isinstance(series_ids, np.ndarray) else np.fromiter(series_ids, np.int64, count)
    measured = moments if isinstance(moments, np.ndarray) else np.fromiter(map(micros, moments), np.int64, count)
    numbers = values if isinstance(values, np.ndarray) else np.fromiter((math.nan if value is None else value for value in values), np.float64, count)
    if isinstance(flags, np.ndarray):
        letters = np.where(flags == b"", b"-", flags).astype("S1")
    else:
        letters = np.array([flag.encode("ascii", "replace")[:1] or b"-" for flag in flags], "S1") if flags else np.full(count, b"-", "S1")
    if not (np.abs(numbers) < MOST_VALUE).all():
        raise NotMeasurable
    if count and not all(is_in_reach(int(moment), micros(at)) for moment in (measured.min(), measured.max())):
        raise OutOfReach
    ids = np.unique(series)
    found = list(Series.objects.filter(pk__in=ids.tolist()).values_list("pk", "station_id", "unit", "station__organ_id"))
    station_of = {pk: station_id for pk, station_id, _unit, _organ in found}
    if len(station_of) != len(ids):
        missing = sorted(set(ids.tolist()) - station_of.keys())
        raise UnknownSeries(ids=", ".join(map(str, missing[:20])))
    ensure(rules.may_measure, {organ_id for _pk, _station, _unit, organ_id in found})
    levels = [pk for pk, _station, unit, _organ in found if is_decibel(unit)]
    if levels and by.kind == "person":
        of_levels = numbers[np.isin(series, levels)]
        if not ((of_levels >= QUIETEST) & (of_levels <= LOUDEST)).all():
            raise NotALevel(low=QUIETEST, high=LOUDEST)
    columns = Columns(series, measured, np.full(count, micros(at), np.int64), numbers, letters, np.zeros(count, np.int32))
    stations = set(station_of.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sensing_device SET last_seen_at = %s WHERE station_id = ANY(%s) AND protocol <> 'hj212' AND state <> 'retired'"
            " AND (last_seen_at IS NULL OR last_seen_at < %s::timestamptz - interval '2 seconds') RETURNING station_id, id",
            [at, sorted(stations), at],
        )
        devices = dict(cursor.fetchall())
    return _keep(by, at, key, [raw], _Given(columns, from_stations, devices=devices, stations=stations))


@operation
def keep_refused(*, by: Actor, at: datetime, peer: str, mn: str, verdict: str, reason: str, raw: bytes, device_id: int | None = None) -> RefusedPacket:
    """Keep a packet that cannot be used, with the reason, for whoever connects the device."""
    ensure(rules.may_take)
    kept = RefusedPacket.objects.create(
        town_id=current_town(), received_at=at, peer=peer[:60], mn=mn[:40], device_id=device_id, verdict=verdict, reason=reason[:300], raw=raw[:12_000]
    )
    record(PacketRefused(subject=ref(kept), verdict=verdict))
    return kept


@operation
def keep_notice(*, by: Actor, at: datetime, device_id: int, command: str, told_at: datetime, content: str, qn: str = "") -> DeviceNotice:
    """Keep what a device told beside readings (a start, an alarm of its own); the same once more changes nothing."""
    ensure(rules.may_take)
    notice, _made = DeviceNotice.objects.get_or_create(
        town_id=current_town(), device_id=device_id, command=command[:4], told_at=told_at, qn=qn[:17],
        defaults={"received_at": at, "content": content[:1000]},
    )  # fmt: skip
    Device.objects.filter(pk=device_id).update(last_seen_at=at)
    record(DeviceNoticed(subject=ref(notice), command=notice.command))
    return notice


@operation
def drop_raw(*, by: Actor, at: datetime, before: datetime) -> int:
    """Throw the bytes of old batches away after the town's term; their digests stay. Returns how many."""
    ensure(rules.may_settle)
    count = Batch.objects.filter(taken_at__lt=before, raw__isnull=False).update(raw=None)
    record(ReadingsTaken(subject=f"territory.town:{current_town()}", packets=0, readings=0, digest="", public=False))
    return count


@operation
def roll_up(*, by: Actor, at: datetime, most: int = 500) -> int:
    """Work out up to `most` hours that have changed, and their days; returns how many hours. Readers see the same before and after."""
    ensure(rules.may_settle)
    zone = str(territory.town(seen_by=CLOCK).zone)
    given: dict[str, Any] = {"town": current_town(), "most": most}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({_ROLLING})", [current_town() % 2**31])
        cursor.execute(
            "DELETE FROM sensing_touched t USING (SELECT series_id, at FROM sensing_touched WHERE town_id = %(town)s ORDER BY series_id, at LIMIT %(most)s) p"
            " WHERE t.town_id = %(town)s AND t.series_id = p.series_id AND t.at = p.at RETURNING t.series_id, t.at",
            given,
        )
        pairs = cursor.fetchall()
        todo = [pairs] if pairs else []
        while todo:
            part = todo.pop()
            try:
                with transaction.atomic():
                    _roll(cursor, part, zone, at)
            except DataError as error:  # no stored value is known that does this; should one be found, its hour stands aside and the others go on
                if len(part) > 1:
                    todo += [part[: len(part) // 2], part[len(part) // 2 :]]
                    continue
                _hour_aside(part[0], at, error)
    record(HoursRolledUp(subject=f"territory.town:{current_town()}", hours=len(pairs)))
    return len(pairs)


def _hour_aside(pair: tuple[int, datetime], at: datetime, error: Exception) -> None:
    """Note an hour that cannot be added up."""
    log.error("hour %s of series %s is set aside: %s", pair[1], pair[0], error)
    SetAside.objects.update_or_create(
        town_id=current_town(), series_id=pair[0], at=pair[1], reason=SetAside.Reason.HOUR,
        defaults={"found_at": at, "detail": str(error).splitlines()[0][:200] if str(error) else type(error).__name__},
    )  # fmt: skip


# readings of these hours that count in nothing although their mark is good, noted for whoever looks after the town
_NOTE_ASIDE = (
    "INSERT INTO sensing_setaside (town_id, series_id, at, value, reason, detail, found_at)"
    " SELECT %(town)s, r.series_id, r.measured_at, left(r.value::text, 40), CASE WHEN r.value > -1e15 AND r.value < 1e15 THEN 'level' ELSE 'number' END, '',"
    " %(at)s FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS p(series_id, at)"
    " JOIN sensing_series s ON s.town_id = %(town)s AND s.id = p.series_id"
    " JOIN sensing_reading r ON r.town_id = %(town)s AND r.series_id = p.series_id AND r.measured_at >= p.at AND r.measured_at < p.at + interval '1 hour'"
    f" AND r.measured_at >= %(low)s AND r.measured_at < %(high)s WHERE r.flag IN ('N', '-', 'P') AND NOT {rolling.COUNTS} ON CONFLICT DO NOTHING"
)


def _roll(cursor: Any, pairs: Sequence[tuple[int, datetime]], zone: str, at: datetime) -> None:
    """Work out these hours, (series, begin), and their days."""
    given: dict[str, Any] = {"town": current_town(), "zone": zone, "at": at, "ids": [pair[0] for pair in pairs], "moments": [pair[1] for pair in pairs]}
    given |= {"low": min(given["moments"]), "high": max(given["moments"]) + timedelta(hours=1)}
    hours = rolling.HOURS.format(
        pairs="(SELECT unnest(%(ids)s::bigint[]) AS series_id, unnest(%(moments)s::timestamptz[]) AS at)",
        bounds=" AND measured_at >= %(low)s AND measured_at < %(high)s",
    )
    cursor.execute(
        "INSERT INTO sensing_hour (town_id, series_id, at, count, valid, mean, low, high, steadiness) SELECT %(town)s, h.* FROM (" + hours + ") h"
        " ON CONFLICT (town_id, series_id, at) DO UPDATE SET count = excluded.count, valid = excluded.valid, mean = excluded.mean,"
        " low = excluded.low, high = excluded.high, steadiness = excluded.steadiness RETURNING count - valid",
        given,
    )
    if any(row[0] for row in cursor.fetchall()):
        cursor.execute(_NOTE_ASIDE, given)
    days = rolling.DAYS.format(
        days='(SELECT DISTINCT u.series_id, (u.at AT TIME ZONE %(zone)s)::date AS "on" FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[])'
        " AS u(series_id, at))",
        hours="sensing_hour",
    )
    cursor.execute(
        'INSERT INTO sensing_day (town_id, series_id, "on", count, valid, hours, mean, low, high) SELECT %(town)s, d.* FROM (' + days + ") d"
        ' ON CONFLICT (town_id, series_id, "on") DO UPDATE SET count = excluded.count, valid = excluded.valid, hours = excluded.hours,'
        " mean = excluded.mean, low = excluded.low, high = excluded.high",
        given,
    )


# ---- keeping --------------------------------------------------------------------------------------------------------
def _digest(raws: Sequence[bytes]) -> bytes:
    """Return the packets one after the other, each with CR LF, as digests and kept bytes have them."""
    return b"".join(chain.from_iterable(zip(raws, [b"\r\n"] * len(raws), strict=True)))


def _twin(key: uuid.UUID, raws: Sequence[bytes]) -> Batch | None:
    """Return the batch that this key has been kept as, with its fact said once more, or None."""
    twin = Batch.objects.filter(key=key).first()
    if twin is not None:
        record(ReadingsTaken(subject=ref(twin), packets=twin.packets, readings=twin.readings, digest=hashlib.sha256(_digest(raws)).hexdigest()))
    return twin


def _keep(by: Actor, at: datetime, key: uuid.UUID, raws: Sequence[bytes], given: _Given) -> Batch:
    whole = _digest(raws)
    digest = hashlib.sha256(whole)
    columns = given.columns
    batch = Batch(
        town_id=current_town(), key=key, taken_at=at, packets=len(raws), readings=len(columns), digest=digest.digest(), raw=zlib.compress(whole, 1)
    )
    rows.insert(batch)
    if len(columns):
        columns = _measurable(columns, at)
        columns, worked_on = _in_maintenance(columns, given.device_of_packet, at)
        party = _Party.of(by, given)
        columns = _without_claims(by, at, columns, worked_on, party).in_order()
    if len(columns):
        columns, batch.repeated, batch.corrected = _store(by, at, columns, batch.pk, party)
        if batch.repeated or batch.corrected:
            batch.save(update_fields=["repeated", "corrected"])
    if given.seen:
        heard = [value[0] for value in given.seen.values()]
        skews = [value[1] for value in given.seen.values()]
        with cursor_of(connection) as cursor:
            cursor.execute(
                "UPDATE sensing_device d SET last_seen_at = v.at, clock_skew = coalesce(v.skew, d.clock_skew)"
                " FROM (SELECT unnest(%s) id, unnest(%s) AS at, unnest(%s::float8[]) AS skew) v"
                " WHERE d.id = v.id AND (d.last_seen_at IS NULL OR d.last_seen_at < v.at - interval '2 seconds')",
                [BigInts(np.array(list(given.seen), np.int64)), Moments(np.array(heard, np.int64)), skews],
            )
    if len(columns):
        _judge(by, at, columns, given.devices)
    stations = sorted(given.stations)
    for begin in range(0, len(stations), 100):
        part = stations[begin : begin + 100]
        announce([*(f"station:{station}" for station in part), "town"], "reading", stations=part)
    record(ReadingsTaken(subject=ref(batch), packets=batch.packets, readings=batch.readings, digest=digest.hexdigest()))
    return batch


@dataclass(slots=True)
class _Party:
    """Whose word a batch is, where it is the word of supervised units: the series of theirs in it, found when they are needed."""

    stations: tuple[int, ...]
    by_hand: bool  # a person or program of the unit, not its logger
    _series: dict[int, int] | None = None

    @classmethod
    def of(cls, by: Actor, given: _Given) -> "_Party | None":
        """Return the units whose word these readings are, None where they are the town's own or an officer's."""
        supervised = queries.supervised_stations(seen_by=CLOCK)
        by_hand = by.kind == "person"
        theirs = [
            station for station in given.stations
            if station in supervised and (by.serves_in(supervised[station]) if by_hand else given.from_stations or by.kind == "device")
        ]  # fmt: skip
        return cls(tuple(sorted(theirs)), by_hand) if theirs else None

    @property
    def series(self) -> dict[int, int]:
        """Return series → station."""
        if self._series is None:
            self._series = dict(Series.objects.filter(station_id__in=self.stations).values_list("pk", "station_id"))
        return self._series

    def has(self, columns: Columns) -> NDArray[np.bool_]:
        """Return which readings are of these units."""
        return np.isin(columns.series, np.fromiter(self.series, np.int64, len(self.series)))


_VALID = tuple(mark.encode() for mark in sorted(marks.VALID))
_BY_HAND = tuple(mark.encode() for mark in sorted(marks.SET_BY_HAND))


def _without_claims(by: Actor, at: datetime, columns: Columns, worked_on: NDArray[np.bool_], party: _Party | None) -> Columns:
    """Return what counts of readings: a unit's own mark that would take a value out of judgement, and what it sends of long ago, are kept as claims.

    The value itself counts, unmarked, until an officer has confirmed the mark. Work on a device that was confirmed needs no more.
    """
    if party is None:
        return columns
    odd = (~np.isin(columns.flags, _VALID) if party.by_hand else np.isin(columns.flags, _BY_HAND)) & ~worked_on
    late = columns.moments < micros(at - LATE)
    if not odd.any() and not late.any():
        return columns
    theirs = party.has(columns)
    late &= theirs
    odd &= theirs & ~late
    _claim(by, at, columns.take(late), Claim.Sort.LATE, party.series)
    _claim(by, at, columns.take(odd), Claim.Sort.MARK, party.series)
    columns.flags = np.where(odd, b"-", columns.flags).astype("S1")
    return columns.take(~late) if late.any() else columns


def _measurable(columns: Columns, at: datetime) -> Columns:
    """Return the readings that something can have measured; the others are set aside with the reason, and stop nothing."""
    good = np.abs(columns.values) < MOST_VALUE
    levelled = (columns.values < QUIETEST) | (columns.values > LOUDEST)
    if levelled.any():
        levelled &= good & np.isin(columns.series, np.fromiter(queries.level_series(seen_by=CLOCK), np.int64))
    if good.all() and not levelled.any():
        return columns
    for which, reason in ((~good, SetAside.Reason.NUMBER), (levelled, SetAside.Reason.LEVEL)):
        _set_aside(columns.take(which), reason, at)
    return columns.take(good & ~levelled)


def _set_aside(rows_: Columns, reason: str, at: datetime) -> None:
    """Note readings that count in nothing, a thousand of a batch at most."""
    SetAside.objects.bulk_create(
        [
            SetAside(town_id=current_town(), series_id=int(series), at=moment_of(moment), value=f"{value:g}", reason=reason, found_at=at)
            for series, moment, value in zip(rows_.series[:MOST_SET_ASIDE], rows_.moments[:MOST_SET_ASIDE], rows_.values[:MOST_SET_ASIDE], strict=True)
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _keep_confirmed(by: Actor, at: datetime, claim: Claim, columns: Columns) -> None:
    """Let what a unit claimed count: as the next version of what it corrects, judged as any reading."""
    now = micros(at)
    columns = columns.take(np.array([is_in_reach(int(moment), now) for moment in columns.moments], bool))
    batch = Batch(town_id=current_town(), key=uuid.uuid5(uuid.NAMESPACE_URL, f"claim:{current_town()}:{claim.pk}"), taken_at=at, packets=0,
                  readings=len(columns), digest=hashlib.sha256(b"").digest(), raw=zlib.compress(b""))  # fmt: skip
    rows.insert(batch)
    if len(columns):
        columns, batch.repeated, batch.corrected = _store(by, at, columns.in_order(), batch.pk, None)
        batch.save(update_fields=["repeated", "corrected"])
        _judge(by, at, columns, {})
    announce([f"station:{claim.station_id}", "town"], "reading", stations=[claim.station_id])
    record(ReadingsTaken(subject=ref(batch), packets=0, readings=batch.readings, digest=hashlib.sha256(b"").hexdigest()))


def _in_maintenance(columns: Columns, device_of_packet: NDArray[np.int64] | None, at: datetime) -> tuple[Columns, NDArray[np.bool_]]:
    """Give readings that a device sent while it was worked on the mark M; what was marked otherwise keeps its mark. Returns which those are, too."""
    worked_on = np.zeros(len(columns), bool)
    if device_of_packet is None:
        return columns, worked_on
    windows = queries.maintenance_windows(seen_by=ANYONE, at=at)
    for device_id in np.unique(device_of_packet).tolist() if windows else ():
        for begins, ends in windows.get(device_id, ()):
            hit = (device_of_packet[columns.packet] == device_id) & (columns.moments >= begins) & (columns.moments < ends)
            worked_on |= hit
            hit = hit & np.isin(columns.flags, (b"N", b"-"))
            if hit.any():
                columns.flags = np.where(hit, b"M", columns.flags).astype("S1")
    return columns, worked_on


_INSERT = (
    "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no)"
    " SELECT %(town)s, s, m, r, v, f, %(batch)s, p FROM unnest(%(series)s, %(moments)s, %(received)s, %(values)s, %(flags)s, %(packet)s) AS u(s, m, r, v, f, p)"
)
_CORRECT = (
    "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no, version)"
    " SELECT %(town)s, s, m, u.r, v, f, %(batch)s, p, k.version + 1"
    " FROM unnest(%(series)s, %(moments)s, %(received)s, %(values)s, %(flags)s, %(packet)s) AS u(s, m, r, v, f, p)"
    " JOIN LATERAL (SELECT version, value, flag FROM sensing_reading k WHERE k.town_id = %(town)s AND k.series_id = s AND k.measured_at = m"
    "   ORDER BY version DESC LIMIT 1) k ON (k.value IS DISTINCT FROM v OR k.flag IS DISTINCT FROM f) AND k.version < %(most)s"
    " ON CONFLICT DO NOTHING"
)
# places of readings that are not what counts, nor what counted once
_DIFFERENT = (
    "SELECT u.n - 1 FROM unnest(%(series)s, %(moments)s, %(values)s, %(flags)s) WITH ORDINALITY AS u(s, m, v, f, n)"
    " WHERE EXISTS (SELECT FROM sensing_reading k WHERE k.town_id = %(town)s AND k.series_id = s AND k.measured_at = m)"
    " AND NOT EXISTS (SELECT FROM sensing_reading k WHERE k.town_id = %(town)s AND k.series_id = s AND k.measured_at = m AND k.value = v AND k.flag = f)"
)
_WORN_OUT = (
    "SELECT u.n - 1 FROM unnest(%(series)s, %(moments)s, %(values)s, %(flags)s) WITH ORDINALITY AS u(s, m, v, f, n) JOIN LATERAL ("
    " SELECT version, value, flag FROM sensing_reading k WHERE k.town_id = %(town)s AND k.series_id = s AND k.measured_at = m"
    " ORDER BY version DESC LIMIT 1) k ON k.version >= %(most)s AND (k.value IS DISTINCT FROM v OR k.flag IS DISTINCT FROM f)"
)
_LATEST = (
    "INSERT INTO sensing_latest (town_id, series_id, measured_at, received_at, value, flag)"
    " SELECT %(town)s, s, m, r, v, f::text FROM unnest(%(series)s, %(moments)s, %(received)s, %(values)s, %(flags)s) AS u(s, m, r, v, f)"
    " ON CONFLICT (series_id) DO UPDATE SET measured_at = excluded.measured_at, received_at = excluded.received_at, value = excluded.value,"
    " flag = excluded.flag WHERE excluded.measured_at >= sensing_latest.measured_at"
)


def _given(columns: Columns, batch_id: int = 0) -> dict[str, Any]:
    return {
        "town": current_town(), "batch": batch_id, "series": BigInts(columns.series), "moments": Moments(columns.moments),
        "received": Moments(columns.received), "values": Doubles(columns.values), "flags": Marks(columns.flags), "packet": Ints(columns.packet),
        "most": MOST_VERSIONS,
    }  # fmt: skip


def _store(by: Actor, at: datetime, columns: Columns, batch_id: int, party: _Party | None) -> tuple[Columns, int, int]:
    """Put readings (in order) where they belong; return those that count and how many were (repeated, corrected).

    What a supervised unit sends otherwise than before is kept as its claim: the first value stays, and stays in judgement.
    """
    same = (columns.series[1:] == columns.series[:-1]) & (columns.moments[1:] == columns.moments[:-1])
    first = np.concatenate(([True], ~same))
    last = np.concatenate((~same, [True]))
    once = columns if first.all() else columns.take(first)
    with cursor_of(connection) as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({_ROLLING})", [current_town() % 2**31])
        for month in columns.months():
            cursor.execute("SELECT sensing_make_month(%s)", [month])
        given = _given(once, batch_id)
        cursor.execute("SAVEPOINT sensing_store")
        try:
            cursor.execute(_INSERT, given)
        except UniqueViolation:
            # repeats are rare: only where there are some is every row asked about
            cursor.execute("ROLLBACK TO SAVEPOINT sensing_store")
            cursor.execute(_INSERT + " ON CONFLICT DO NOTHING", given)
        repeated = len(columns) - cursor.rowcount
        corrected = 0
        claimed = 0
        if repeated:
            final = columns.take(last)
            cursor.execute(_WORN_OUT, _given(final, batch_id))
            worn = [row[0] for row in cursor.fetchall()]
            theirs = party.has(final) if party is not None else np.zeros(len(final), bool)
            if party is not None and theirs.any():
                own = final.take(theirs)
                cursor.execute(_DIFFERENT, _given(own, batch_id))
                places = np.array(sorted(row[0] for row in cursor.fetchall()), np.int64)
                _claim(by, at, own.take(places), Claim.Sort.CORRECTION, party.series)
                claimed = len(places)
            if worn:
                _set_aside(final.take(np.array(worn, np.int64)), SetAside.Reason.VERSIONS, at)
            final = final.take(~theirs)
            if len(final):
                cursor.execute(_CORRECT, _given(final, batch_id))
                corrected = cursor.rowcount
            if party is not None:  # of theirs, what was sent first is what counts, if it is this batch's at all
                first_of_theirs = first & party.has(columns)
                columns = columns.take(first_of_theirs | ~party.has(columns))
                if claimed:
                    columns = _as_it_counts(cursor, columns, party)
        cursor.execute("RELEASE SAVEPOINT sensing_store")
        if not len(columns):
            return columns, repeated - corrected - claimed, corrected
        newest = np.concatenate((columns.series[1:] != columns.series[:-1], [True]))
        cursor.execute(_LATEST, _given(columns.take(newest)))
        hours = columns.hours()
        cursor.execute(
            "INSERT INTO sensing_touched (town_id, series_id, at) SELECT %s, s, a FROM unnest(%s, %s) AS u(s, a) ON CONFLICT DO NOTHING",
            [current_town(), BigInts(hours[:, 0]), Moments(hours[:, 1])],
        )
    return columns, repeated - corrected - claimed, corrected


def _as_it_counts(cursor: Any, columns: Columns, party: _Party) -> Columns:
    """Return readings without those of supervised units that differ from what counts."""
    theirs = np.flatnonzero(party.has(columns))
    cursor.execute(_DIFFERENT, _given(columns.take(theirs)))
    places = theirs[np.array([row[0] for row in cursor.fetchall()], np.int64)] if len(theirs) else theirs
    keep = np.ones(len(columns), bool)
    keep[places] = False
    return columns.take(keep)


Name = tuple[int, str, str]  # (station, factor, aggregate)


def _series_ids(names: Iterable[Name], at: datetime) -> tuple[Mapping[Name, int], set[Name]]:
    """Return the series of these names, and the names of those made just now, with the usual unit of their factor."""
    wanted = set(names)
    if not wanted:
        return {}, set()
    stations = {station for station, _factor, _aggregate in wanted}

    def known() -> dict[Name, int]:
        return {(series.station_id, series.factor, series.aggregate): series.pk for series in Series.objects.filter(station_id__in=stations)}

    found = known()
    fresh = wanted - found.keys()
    if fresh:
        kinds = dict(Station.objects.filter(pk__in=stations).values_list("pk", "kind"))
        Series.objects.bulk_create(
            [
                Series(town_id=current_town(), station_id=station, factor=factor, aggregate=aggregate, unit=factors.usual_unit(factor, kinds.get(station, "")),
                       began_at=at)
                for station, factor, aggregate in sorted(fresh)
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        found = known()
    return found, fresh
