"""Acts on stations, devices, limits; taking readings; following what goes beyond a limit."""

import base64
import hashlib
import uuid
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import operations as cases
from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import episodes, factors, queries, rules
from gongzhi.management_line.sensing.facts import (
    AlarmAnswered,
    AlarmOpened,
    AlarmSettled,
    DeviceRegistered,
    LimitSet,
    PacketRefused,
    ReadingsTaken,
    StationRegistered,
)
from gongzhi.management_line.sensing.models import Batch, Device, DeviceAddress, Episode, LimitRule, RefusedPacket, RegistryVersion, Series, Station


class UnknownKindOfStation(Refused):
    sentence = _("Choose what the station measures.")
    field = "kind"


class DeviceTaken(Refused):
    sentence = _("A device with this MN is registered already.")
    field = "mn"


class BadLimit(Refused):
    sentence = _("A limit needs a station or a kind of station, and counts of at least one.")
    field = "limit"


# ---- the registry ---------------------------------------------------------------------------------------------------
def _changed() -> None:
    """Let gateways read the town's registry again."""
    RegistryVersion.objects.get_or_create(town_id=current_town())
    RegistryVersion.objects.filter(town_id=current_town()).update(version=F("version") + 1)


@operation
def register_station(*, by: Actor, at: datetime, code: str, name: str, kind: str, name_en: str = "", longitude: float | None = None,
                     latitude: float | None = None, address: str = "", organ_id: int | None = None, is_public: bool = True) -> Station:  # fmt: skip
    """Register a station, or correct the one with this code."""
    ensure(rules.may_register)
    if kind not in Station.Kind.values:
        raise UnknownKindOfStation
    area = territory.locate(seen_by=by, longitude=longitude, latitude=latitude) if longitude is not None and latitude is not None else None
    station, _made = Station.objects.update_or_create(
        town_id=current_town(), code=code,
        defaults={"name": name, "name_en": name_en, "kind": kind, "longitude": longitude, "latitude": latitude, "address": address, "area": area,
                  "organ_id": organ_id, "is_public": is_public},
        create_defaults={"name": name, "name_en": name_en, "kind": kind, "longitude": longitude, "latitude": latitude, "address": address, "area": area,
                         "organ_id": organ_id, "is_public": is_public, "opened_at": at},
    )  # fmt: skip
    _changed()
    record(StationRegistered(subject=ref(station), code=code, kind_of_station=kind))
    return station


@operation
def register_device(*, by: Actor, at: datetime, station_id: int, mn: str, password: str, report_seconds: int = 60,
                    series: Mapping[str, str] | None = None, aggregate: str = "rtd") -> Device:  # fmt: skip
    """Register a logger of a station; its password is sealed. `series`: factor → unit of what it reports."""
    ensure(rules.may_register)
    if DeviceAddress.objects.filter(mn=mn).exists():
        raise DeviceTaken
    device = Device.objects.create(
        town_id=current_town(), mn=mn, station_id=station_id, sealed_password=base64.b64encode(sealing.seal(password, "device")).decode(),
        report_seconds=report_seconds, registered_at=at,
    )  # fmt: skip
    DeviceAddress.objects.create(mn=mn, town_id=current_town(), device_id=device.pk)
    for factor, unit in (series or {}).items():
        Series.objects.get_or_create(town_id=current_town(), station_id=station_id, factor=factor, aggregate=aggregate, defaults={"unit": unit, "began_at": at})
    _changed()
    record(DeviceRegistered(subject=ref(device), station_id=station_id, protocol=device.protocol))
    return device


@operation
def rotate_device_password(*, by: Actor, at: datetime, device_id: int, password: str) -> Device:
    """Give a device another password; the old one no longer opens."""
    device = Device.objects.select_for_update().get(pk=device_id)
    ensure(rules.may_register)
    device.sealed_password = base64.b64encode(sealing.seal(password, "device")).decode()
    device.save(update_fields=["sealed_password"])
    _changed()
    record(DeviceRegistered(subject=ref(device), station_id=device.station_id, protocol=device.protocol))
    return device


@operation
def set_limit(*, by: Actor, at: datetime, title: str, factor: str, limit: float, unit: str, valid_from: date, station_id: int | None = None,
              station_kind: str = "", comparator: str = "above", aggregate: str = "rtd", return_difference: float = 0, count: int = 2,
              duration_seconds: int = 0, clean_count: int = 3, severity: int = 2, category_id: int | None = None, clause: str = "") -> LimitRule:  # fmt: skip
    """Set a limit for one station or for all of a kind, from a day on."""
    ensure(rules.may_register)
    if (station_id is None and not station_kind) or count < 1 or clean_count < 1 or comparator not in LimitRule.Comparator.values:
        raise BadLimit
    rule = LimitRule.objects.create(
        town_id=current_town(), title=title, station_id=station_id, station_kind=station_kind, factor=factor, aggregate=aggregate, comparator=comparator,
        limit=limit, unit=unit, return_difference=return_difference, count=count, duration_seconds=duration_seconds, clean_count=clean_count,
        severity=severity, category_id=category_id, clause=clause, valid_from=valid_from,
    )  # fmt: skip
    _changed()
    record(LimitSet(subject=ref(rule), factor=factor, limit=limit, unit=unit, clause=clause))
    return rule


# ---- taking readings ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TakenPacket:
    """A packet that was read: its bytes, whose it is, and (factor, aggregate, measured_at, value, flag) rows."""

    raw: bytes
    device_id: int
    station_id: int
    received_at: datetime
    rows: tuple[tuple[str, str, datetime, float, str], ...]


Known = dict[tuple[int, str, str], int]  # (station, factor, aggregate) → series
VALID = ("N", "-", "P")


@operation
def take_readings(*, by: Actor, at: datetime, key: uuid.UUID, packets: Sequence[TakenPacket], known: Known | None = None) -> Batch:
    """Keep the readings of packets that came together and judge them by the limits: one transaction, one fact.

    The same `key` again changes nothing. Repeated readings change nothing, a corrected value is kept as the next
    version. `known` is the caller's memory of series ids; new ones are added to it.
    """
    ensure(rules.may_take)
    twin = Batch.objects.filter(key=key).first()
    digest = hashlib.sha256(b"".join(packet.raw + b"\r\n" for packet in packets))
    if twin is not None:
        record(ReadingsTaken(subject=ref(twin), packets=twin.packets, readings=twin.readings, digest=digest.hexdigest()))
        return twin
    known = known if known is not None else {}
    batch = Batch.objects.create(
        town_id=current_town(), key=key, taken_at=at, packets=len(packets), readings=sum(len(packet.rows) for packet in packets),
        digest=digest.digest(), raw=zlib.compress(b"".join(packet.raw + b"\r\n" for packet in packets), 1),
    )  # fmt: skip
    _learn_series(packets, known, at)
    town_id = current_town()
    rows = [
        (town_id, known[(packet.station_id, factor, aggregate)], measured_at, packet.received_at, value, flag, batch.pk, number)
        for number, packet in enumerate(packets) for factor, aggregate, measured_at, value, flag in packet.rows
    ]  # fmt: skip
    if rows:
        batch.repeated, batch.corrected = _store(rows)
        if batch.repeated or batch.corrected:
            batch.save(update_fields=["repeated", "corrected"])
    seen = {packet.device_id: packet.received_at for packet in packets}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sensing_device d SET last_seen_at = v.at FROM (SELECT unnest(%s::bigint[]) id, unnest(%s::timestamptz[]) AS at) v"
            " WHERE d.id = v.id AND (d.last_seen_at IS NULL OR d.last_seen_at < v.at - interval '2 seconds')",
            [list(seen), list(seen.values())],
        )
    _judge(by, at, rows, {packet.device_id: packet.station_id for packet in packets})
    stations = sorted({packet.station_id for packet in packets})
    for begin in range(0, len(stations), 100):
        part = stations[begin : begin + 100]
        announce([*(f"station:{station}" for station in part), "town"], "reading", stations=part)
    record(ReadingsTaken(subject=ref(batch), packets=batch.packets, readings=batch.readings, digest=digest.hexdigest()))
    return batch


def _learn_series(packets: Sequence[TakenPacket], known: Known, at: datetime) -> None:
    """Find the series of every row; make those that are new, with the usual unit of their factor."""
    wanted = {(packet.station_id, row[0], row[1]) for packet in packets for row in packet.rows}
    missing = wanted - known.keys()
    if not missing:
        return
    stations = {station for station, _factor, _aggregate in missing}
    for series in Series.objects.filter(station_id__in=stations):
        known[(series.station_id, series.factor, series.aggregate)] = series.pk
    fresh = sorted(missing - known.keys())
    if fresh:
        kinds = dict(Station.objects.filter(pk__in=stations).values_list("pk", "kind"))
        Series.objects.bulk_create(
            [
                Series(town_id=current_town(), station_id=station, factor=factor, aggregate=aggregate, unit=factors.usual_unit(factor, kinds.get(station, "")),
                       began_at=at)
                for station, factor, aggregate in fresh
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        for series in Series.objects.filter(station_id__in=stations):
            known[(series.station_id, series.factor, series.aggregate)] = series.pk


def _store(rows: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    """Put rows (town, series, measured, received, value, flag, batch, packet) into the readings; return (repeated, corrected)."""
    with connection.cursor() as cursor:
        moments = {row[2].astimezone(UTC) for row in rows}
        for year, month in {(moment.year, moment.month) for moment in moments}:
            cursor.execute("SELECT sensing_make_month(%s)", [datetime(year, month, 1, tzinfo=UTC)])
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS sensing_incoming (town_id bigint, series_id bigint, measured_at timestamptz, received_at timestamptz,"
            ' value double precision, flag "char", batch_id bigint, packet_no integer) ON COMMIT DELETE ROWS'
        )
        with cursor.cursor.copy(
            "COPY sensing_incoming (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no)"
            " SELECT DISTINCT ON (series_id, measured_at) town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no"
            " FROM sensing_incoming ORDER BY series_id, measured_at, packet_no ON CONFLICT DO NOTHING"
        )
        repeated = len(rows) - cursor.rowcount
        corrected = _correct(cursor) if repeated else 0
        cursor.execute(
            "INSERT INTO sensing_latest (town_id, series_id, measured_at, received_at, value, flag)"
            " SELECT DISTINCT ON (series_id) town_id, series_id, measured_at, received_at, value, flag FROM sensing_incoming"
            " ORDER BY series_id, measured_at DESC, packet_no DESC"
            " ON CONFLICT (series_id) DO UPDATE SET measured_at = excluded.measured_at, received_at = excluded.received_at, value = excluded.value,"
            " flag = excluded.flag WHERE excluded.measured_at >= sensing_latest.measured_at"
        )
        cursor.execute("DELETE FROM sensing_incoming")
    return repeated - corrected, corrected


def _correct(cursor: Any) -> int:
    """Keep values that differ from what was kept for the same moment as the next version; return how many."""
    cursor.execute(
        "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no, version)"
        " SELECT i.town_id, i.series_id, i.measured_at, i.received_at, i.value, i.flag, i.batch_id, i.packet_no, r.version + 1"
        " FROM (SELECT DISTINCT ON (series_id, measured_at) * FROM sensing_incoming ORDER BY series_id, measured_at, packet_no DESC) i"
        " JOIN LATERAL (SELECT version, value, flag FROM sensing_reading r WHERE r.town_id = i.town_id AND r.series_id = i.series_id"
        "   AND r.measured_at = i.measured_at ORDER BY version DESC LIMIT 1) r ON r.value IS DISTINCT FROM i.value OR r.flag IS DISTINCT FROM i.flag"
        " ON CONFLICT DO NOTHING"
    )
    return int(cursor.rowcount)


@operation
def keep_refused(*, by: Actor, at: datetime, peer: str, mn: str, verdict: str, reason: str, raw: bytes, device_id: int | None = None) -> RefusedPacket:
    """Keep a packet that cannot be used, with the reason, for whoever connects the device."""
    ensure(rules.may_take)
    kept = RefusedPacket.objects.create(
        town_id=current_town(), received_at=at, peer=peer[:60], mn=mn[:40], device_id=device_id, verdict=verdict, reason=reason[:300], raw=raw[:12_000]
    )
    record(PacketRefused(subject=ref(kept), verdict=verdict))
    return kept


# ---- beyond a limit -------------------------------------------------------------------------------------------------
def _plain(rule: LimitRule) -> episodes.Rule:
    return episodes.Rule(
        comparator=rule.comparator, limit=rule.limit, return_difference=rule.return_difference, count=rule.count,
        duration=timedelta(seconds=rule.duration_seconds), clean_count=rule.clean_count, severity=rule.severity,
    )  # fmt: skip


def _judge(by: Actor, at: datetime, rows: Sequence[tuple[Any, ...]], stations: Mapping[int, int]) -> None:
    """Judge new readings: nothing is asked of the database for series that have no limit or keep it."""
    values: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    for _town, series_id, measured_at, _received, value, flag, _batch, _packet in rows:
        if flag in VALID:
            values[series_id].append((measured_at, value))
    if not values:
        return
    limits = queries.limits_by_series(seen_by=CLOCK, on=queries.day_of(seen_by=CLOCK, at=at))
    watched = [(series_id, rule) for series_id in values for rule in limits.get(series_id, ())]
    if not watched:
        return
    running = {
        (episode.series_id, episode.rule_id): episode
        for episode in Episode.objects.select_for_update(of=("self",)).filter(series_id__in=[series_id for series_id, _rule in watched])
        .exclude(state=Episode.State.SETTLED).select_related("case", "rule", "series", "series__station")
    }  # fmt: skip
    device_of = {station: device for device, station in stations.items()}
    for series_id, rule in watched:
        plain = _plain(rule)
        fresh = sorted(values[series_id])
        episode = running.get((series_id, rule.pk))
        if episode is None:
            if not any(plain.is_beyond(value) for _at, value in fresh):
                continue
            newest = _newest(plain, series_id, rule.count + 40, at, reach=fresh[0][0])
            newest = _after_the_last(newest, series_id, rule)
            place = episodes.first_beginning(plain, newest, {moment for moment, _value in fresh})
            if place is None:
                continue
            newest = newest[place:]
            begun = episodes.begins(plain, newest)
            assert begun is not None
            episode = _open(at, rule, plain, series_id, begun, newest, device_of)
            fresh = [point for point in fresh if point[0] > newest[0][0]]
            if not fresh:
                continue
        _follow(by, at, episode, plain, fresh)


def _newest(plain: episodes.Rule, series_id: int, most: int, around: datetime, *, reach: datetime | None = None) -> list[tuple[datetime, float]]:
    """Return the newest valid readings of a series up to a moment (a day of clock skew allowed), newest first, each in its last version.

    At least `most` where there are so many, and as many as the rule's duration needs, before `reach` too; of two days at most.
    """
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT DISTINCT ON (measured_at) measured_at, value, flag::text FROM sensing_reading"
                " WHERE town_id = %s AND series_id = %s AND measured_at > %s AND measured_at <= %s ORDER BY measured_at DESC, version DESC LIMIT %s",
                [current_town(), series_id, around - timedelta(days=2), around + timedelta(days=1), most],
            )
            found = cursor.fetchall()
            if len(found) < most or found[-1][0] < min(found[0][0], reach or found[0][0]) - plain.duration:
                return [(moment, value) for moment, value, flag in found if flag in VALID]
            most *= 4


def _after_the_last(newest: list[tuple[datetime, float]], series_id: int, rule: LimitRule) -> list[tuple[datetime, float]]:
    """Return the readings after the last settled stretch: what a device sends once more begins none again."""
    last = Episode.objects.filter(series_id=series_id, rule=rule, state=Episode.State.SETTLED).order_by("-began_at", "-pk").first()
    ended = last and (last.clean_at or last.settled_at)
    return [point for point in newest if point[0] > ended] if ended else newest


def _open(at: datetime, rule: LimitRule, plain: episodes.Rule, series_id: int, begun: datetime, newest: list[tuple[datetime, float]],
          device_of: Mapping[int, int]) -> Episode:  # fmt: skip
    series = Series.objects.select_related("station", "station__area").get(pk=series_id)
    station = series.station
    run = [point for point in newest if point[0] >= begun]
    peak_at, peak = run[0]
    for moment, value in run:
        if plain.worse(value, peak) != peak:
            peak_at, peak = moment, value
    episode = Episode.objects.create(
        town_id=current_town(), rule=rule, series=series, device_id=device_of.get(station.pk), began_at=begun, opened_at=at, first_value=run[-1][1],
        peak=peak, peak_at=peak_at,
    )  # fmt: skip
    actor = Actor(kind="device", device_id=episode.device_id)
    shown = f"{peak:.{factors.decimals(series.factor)}f} {series.unit}".strip()
    title = _now("%(station)s: %(factor)s beyond the limit, %(value)s (%(limit)s)") % {
        "station": station.name, "factor": factors.label(series.factor), "value": shown, "limit": rule.words,
    }  # fmt: skip
    text = _now("Since %(since)s. Rule: %(rule)s. %(clause)s") % {
        "since": f"{territory.town(seen_by=ANYONE).local(begun):%Y-%m-%d %H:%M}", "rule": rule.title, "clause": rule.clause,
    }  # fmt: skip
    try:
        case = cases.open_case(
            by=actor, at=at, kind="alarm", title=title[:120], text=text.strip(), category_id=rule.category_id, longitude=station.longitude,
            latitude=station.latitude, address=station.address or station.name, origin="device", device_id=episode.device_id,
            submission_key=f"episode:{episode.pk}", severity=episodes.severity(plain, peak),
        )  # fmt: skip
        episode.case_id = case.pk
    except Refused as refused:  # the reading is kept all the same; the station's page says why there is no case
        episode.fault = str(refused)[:300]
    episode.save(update_fields=["case", "fault"])
    record(AlarmOpened(subject=ref(episode), case_id=episode.case_id, factor=series.factor))
    announce(["town", f"station:{station.pk}", "staff"], "alarm", station=station.code, episode=episode.pk, case=episode.case_id)
    return episode


def _follow(by: Actor, at: datetime, episode: Episode, plain: episodes.Rule, fresh: Sequence[tuple[datetime, float]]) -> None:
    """Let an open stretch grow, end, begin again, or be proved clean after the unit has reported."""
    before = episode.peak
    for moment, value in fresh:
        if plain.is_beyond(value) and plain.worse(value, episode.peak) != episode.peak:
            episode.peak, episode.peak_at = value, moment
    grew = episodes.severity(plain, episode.peak)
    if episode.peak != before and episode.case is not None and episode.case.is_open and grew > episode.case.severity:
        cases.raise_severity(by=Actor(kind="device", device_id=episode.device_id), at=at, case_id=episode.case.pk, severity=grew, reason=f"{episode.peak:g}")
    newest = _newest(plain, episode.series_id, max(plain.count, plain.clean_count) + 5, at)
    beyond = episodes.begins(plain, newest) is not None
    clean_since = episodes.is_over(plain, newest)
    if episode.is_over and clean_since is not None:
        episode.state, episode.clean_at = Episode.State.CLEAN, clean_since
    elif not episode.is_over and beyond:
        episode.state, episode.clean_at, episode.relapses = Episode.State.OVER, None, episode.relapses + 1
    episode.save()
    _prove(at, episode, plain, newest, beyond=beyond)


def _prove(at: datetime, episode: Episode, plain: episodes.Rule, newest: Sequence[tuple[datetime, float]], *, beyond: bool) -> None:
    """Verify an answered alarm by what was measured after the answer."""
    case = episode.case
    if case is None or episode.answered_at is None or case.state != "answered":
        return
    gateway = Actor(kind="system", system="sensing")
    after = [point for point in newest if point[0] > episode.answered_at]
    if episodes.is_over(plain, after, after=episode.answered_at) is not None:
        values = "、".join(f"{value:.{factors.decimals(episode.series.factor)}f}" for _at, value in reversed(after[: plain.clean_count]))
        text = _now("%(count)d clean readings in a row after the report: %(values)s %(unit)s") % {
            "count": plain.clean_count, "values": values, "unit": episode.series.unit,
        }  # fmt: skip
        cases.verify_case(by=gateway, at=at, case_id=case.pk, passed=True, text=text, on_site=False, by_reading=True)
    elif beyond and len(after) >= plain.count and episodes.begins(plain, after) is not None:
        episode.answered_at = None
        episode.save(update_fields=["answered_at"])
        cases.verify_case(by=gateway, at=at, case_id=case.pk, passed=False, text=_now("Readings after the report are still beyond the limit."), on_site=False,
                          by_reading=True)  # fmt: skip


@operation
def note_answer(*, by: Actor, at: datetime, case_id: int) -> int:
    """Remember when the unit reported on an alarm; readings after it prove or disprove. Returns how many stretches it was about."""
    ensure(rules.may_settle)
    count = Episode.objects.filter(case_id=case_id).exclude(state=Episode.State.SETTLED).update(answered_at=at)
    record(AlarmAnswered(subject=f"cases.case:{case_id}", case_id=case_id))
    return count


@operation
def settle_alarm(*, by: Actor, at: datetime, case_id: int) -> int:
    """Settle the stretches whose case has come to its end; a new one begins with new readings beyond the limit."""
    ensure(rules.may_settle)
    count = Episode.objects.filter(case_id=case_id).exclude(state=Episode.State.SETTLED).update(state=Episode.State.SETTLED, settled_at=at)
    record(AlarmSettled(subject=f"cases.case:{case_id}", case_id=case_id))
    return count


@operation
def prove_alarms(*, by: Actor, at: datetime) -> int:
    """Look again at answered alarms: their clean readings may have come before the answer was known here. Returns how many."""
    ensure(rules.may_settle)
    answered = (
        Episode.objects.select_for_update(of=("self",)).filter(answered_at__isnull=False, case__state="answered").exclude(state=Episode.State.SETTLED)
        .select_related("case", "rule", "series", "series__station").order_by("pk")
    )  # fmt: skip
    count = 0
    for episode in answered:
        plain = _plain(episode.rule)
        newest = _newest(plain, episode.series_id, max(plain.count, plain.clean_count) + 5, at)
        _prove(at, episode, plain, newest, beyond=episodes.begins(plain, newest) is not None)
        count += 1
    record(AlarmSettled(subject=f"territory.town:{current_town()}", case_id=None, public=False))
    return count


@operation
def drop_raw(*, by: Actor, at: datetime, before: datetime) -> int:
    """Throw the bytes of old batches away after the town's term; their digests stay. Returns how many."""
    ensure(rules.may_settle)
    count = Batch.objects.filter(taken_at__lt=before, raw__isnull=False).update(raw=None)
    record(ReadingsTaken(subject=f"territory.town:{current_town()}", packets=0, readings=0, digest="", public=False))
    return count

