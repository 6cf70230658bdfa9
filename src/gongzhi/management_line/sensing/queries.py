"""Questions about stations, devices and readings, each scoped to who asks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count, Q, QuerySet
from numpy.typing import NDArray

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import factors, rolling
from gongzhi.management_line.sensing.causes import LIMIT
from gongzhi.management_line.sensing.columns import micros
from gongzhi.management_line.sensing.models import (
    Calibration,
    Device,
    DeviceAddress,
    DeviceNotice,
    DeviceRequest,
    Episode,
    Latest,
    LimitRule,
    Maintenance,
    RefusedPacket,
    RegistryVersion,
    Series,
    Station,
    Touched,
)


# ---- stations -------------------------------------------------------------------------------------------------------
def stations(*, seen_by: Actor, kind: str = "") -> QuerySet[Station]:
    """Return the stations in use that this actor may see, by kind and code."""
    found = Station.objects.visible_to(seen_by).in_use().select_related("area", "organ")
    return (found.filter(kind=kind) if kind else found).order_by("kind", "code", "pk")


def closed_stations(*, seen_by: Actor) -> QuerySet[Station]:
    """Return the stations that are closed, of those that this actor may see, the last closed first."""
    return Station.objects.visible_to(seen_by).filter(closed_at__isnull=False).select_related("area", "organ").order_by("-closed_at", "-pk")


def stations_since(*, seen_by: Actor, since: datetime, kind: str = "") -> QuerySet[Station]:
    """Return the stations that are in use or were closed after a moment, of those that this actor may see, by kind and code."""
    found = Station.objects.visible_to(seen_by).filter(Q(closed_at__isnull=True) | Q(closed_at__gt=since)).select_related("area", "organ")
    return (found.filter(kind=kind) if kind else found).order_by("kind", "code", "pk")


def known_stations(*, seen_by: Actor) -> QuerySet[Station]:
    """Return the stations that this actor may see, closed ones too, in the order in which they were registered."""
    return Station.objects.visible_to(seen_by).order_by("pk")


def station_kinds(*, seen_by: Actor) -> list[str]:
    """Return the codes of what stations can measure. Whoever asks: words of the product."""
    return list(Station.Kind.values)


def known_series(*, seen_by: Actor) -> QuerySet[Series]:
    """Return what the stations measure or measured that this actor may see, in the order in which it was defined."""
    return Series.objects.filter(station__in=Station.objects.visible_to(seen_by)).order_by("pk")


def station_for(*, seen_by: Actor, code: str) -> Station:
    """Return a station by its code; what one may not see is not found."""
    return Station.objects.visible_to(seen_by).select_related("area", "organ", "flows_to").get(code=code)


def points_of_water(*, seen_by: Actor) -> QuerySet[Station]:
    """Return the stations in use at which water is measured, that this actor may see; water flows on from and to these."""
    return stations(seen_by=seen_by).filter(kind__in=Station.WATER)


def upstream_of(*, seen_by: Actor, station_id: int) -> QuerySet[Station]:
    """Return the stations in use whose water flows on to this one, that this actor may see."""
    return stations(seen_by=seen_by).filter(flows_to_id=station_id)


def downstream_of(*, seen_by: Actor, station: Station) -> Station | None:
    """Return the next point downstream, if there is one that this actor may see."""
    return stations(seen_by=seen_by).filter(pk=station.flows_to_id).first() if station.flows_to_id else None


def devices(*, seen_by: Actor, station_id: int | None = None) -> QuerySet[Device]:
    """Return the devices that this actor may see."""
    found = Device.objects.visible_to(seen_by).exclude(state=Device.State.RETIRED).select_related("station")
    return (found.filter(station_id=station_id) if station_id is not None else found).order_by("station_id", "mn", "pk")


def device_for(*, seen_by: Actor, mn: str) -> Device:
    """Return a device by its MN; what one may not see is not found."""
    return Device.objects.visible_to(seen_by).exclude(state=Device.State.RETIRED).select_related("station").get(mn=mn)


def series_of(*, seen_by: Actor, station_id: int) -> QuerySet[Series]:
    """Return what a station measures, in the order of codes and aggregates. Whoever asks: the station given is one that they may see."""
    return Series.objects.filter(station_id=station_id).order_by("factor", "aggregate", "pk")


def series_at(*, seen_by: Actor, station_ids: Iterable[int]) -> QuerySet[Series]:
    """Return what these stations measure, in the order of stations, codes and aggregates."""
    return Series.objects.filter(station__in=Station.objects.visible_to(seen_by).filter(pk__in=list(station_ids))).order_by("station_id", "factor", "aggregate")


def day_of(*, seen_by: Actor, at: datetime) -> date:
    """Return the day of the town's own calendar on which a moment lies; limits are set by days."""
    return territory.day_of(seen_by=seen_by, at=at)


def limits_of(*, seen_by: Actor, station: Station, at: datetime) -> list[LimitRule]:
    """Return the limits that hold for a station on the day: its own, and those of its kind."""
    rules = LimitRule.objects.valid_on(day_of(seen_by=seen_by, at=at)).filter(Q(station=station) | Q(station__isnull=True, station_kind=station.kind))
    return list(rules.order_by("factor", "pk"))


def limits_ever(*, seen_by: Actor, station: Station) -> QuerySet[LimitRule]:
    """Return a station's own limits and those of its kind, whether they hold, will hold or have ended, the newest first.

    Whoever asks: the station given is one that they may see.
    """
    return LimitRule.objects.filter(Q(station=station) | Q(station__isnull=True, station_kind=station.kind)).order_by("-valid_from", "-pk")


# ---- values ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Value:
    """The newest value of a series beside the limit it is judged by."""

    series: Series
    latest: Latest | None
    limit: LimitRule | None = None

    @property
    def label(self) -> str:
        return self.series.label

    @property
    def shown(self) -> str:
        """Return the value as it is worth showing, with its unit."""
        if self.latest is None:
            return "—"
        return f"{self.latest.value:.{factors.decimals(self.series.factor)}f} {self.series.unit}".strip()

    @property
    def is_beyond(self) -> bool:
        if self.latest is None or self.limit is None or self.limit.unit != self.series.unit:
            return False
        return self.limit.is_beyond(self.latest.value)


@dataclass(slots=True)
class StationNow:
    """A station as it stands: its values, whether it reports, whether something runs beyond a limit."""

    station: Station
    values: list[Value] = field(default_factory=list)
    is_online: bool = False
    last_seen_at: datetime | None = None
    flows_to: str | None = None  # code of the next point downstream, where the reader may see it

    @property
    def is_beyond(self) -> bool:
        return any(value.is_beyond for value in self.values)

    @property
    def shown(self) -> list[Value]:
        """Return one value a factor: what is measured now rather than means of hours or days that stand beside it."""
        live = {value.series.factor for value in self.values if value.series.aggregate == "rtd"}
        return [value for value in self.values if value.series.aggregate == "rtd" or value.series.factor not in live]


UNHEARD = timedelta(minutes=30)  # after which a station without a device of its own counts as silent


def overview(*, seen_by: Actor, at: datetime, kind: str = "") -> list[StationNow]:
    """Return every station in use with its newest values and limits: four queries, whatever their number."""
    found = list(stations(seen_by=seen_by, kind=kind))
    return _as_they_stand(seen_by, at, found, dict(stations(seen_by=seen_by).values_list("pk", "code")) if kind else {one.pk: one.code for one in found})


def station_now(*, seen_by: Actor, at: datetime, station: Station) -> StationNow:
    """Return how one station that the actor has been shown stands: in use with its newest values, closed with its last ones."""
    below = dict(stations(seen_by=seen_by).filter(pk=station.flows_to_id).values_list("pk", "code")) if station.flows_to_id else {}
    return _as_they_stand(seen_by, at, [station], below)[0]


def _as_they_stand(seen_by: Actor, at: datetime, those: Iterable[Station], codes: Mapping[int, str]) -> list[StationNow]:
    """Return stations with their newest values and limits; `codes`: of those that water may flow on to."""
    found = {station.pk: StationNow(station) for station in those}
    for now in found.values():
        now.flows_to = codes.get(now.station.flows_to_id or 0)
    rules: dict[tuple[str, str], list[LimitRule]] = defaultdict(list)
    for rule in LimitRule.objects.valid_on(day_of(seen_by=seen_by, at=at)):
        rules[(rule.factor, rule.aggregate)].append(rule)
    for series in Series.objects.filter(station_id__in=found).select_related("latest").order_by("factor", "aggregate"):
        now = found[series.station_id]
        own = [
            rule for rule in rules[(series.factor, series.aggregate)]
            if rule.station_id == series.station_id or (rule.station_id is None and rule.station_kind == now.station.kind)
        ]  # fmt: skip
        now.values.append(Value(series, getattr(series, "latest", None), max(own, key=lambda rule: rule.station_id is not None, default=None)))
    without = set(found)
    for device in Device.objects.filter(station_id__in=found).exclude(state=Device.State.RETIRED):
        now = found[device.station_id]
        without.discard(device.station_id)
        now.is_online = now.is_online or device.is_online(at)
        if device.last_seen_at and (now.last_seen_at is None or device.last_seen_at > now.last_seen_at):
            now.last_seen_at = device.last_seen_at
    for station_id in without:  # its readings come through a feed, a file or a program: they alone tell
        now = found[station_id]
        now.last_seen_at = max((value.latest.received_at for value in now.values if value.latest is not None), default=None)
        now.is_online = not now.station.is_closed and now.last_seen_at is not None and at - now.last_seen_at <= UNHEARD
    return list(found.values())


def latest_json(*, seen_by: Actor) -> str:
    """Return the newest value of every series of the stations in use that this actor may see, as a JSON array: one scan, no object a value."""
    seen = Station.objects.visible_to(seen_by).in_use().values("pk")
    text, given = seen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(json_agg(json_build_array(t.code, s.factor, s.aggregate, s.unit, l.value, l.flag, l.measured_at)), '[]')::text"
            f" FROM sensing_latest l JOIN sensing_series s ON s.id = l.series_id JOIN sensing_station t ON t.id = s.station_id WHERE t.id IN ({text})",
            given,
        )
        return str(cursor.fetchone()[0])


def hourly(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, minutes: int = 60) -> dict[int, list[tuple[datetime, float]]]:
    """Return for each series the means of its valid readings in steps of `minutes`, in order of time; empty steps are left out.

    Corrected readings count with their last version; readings flagged as faulty do not count.

    Whoever asks: the series given are of stations that they may see.
    """
    ids = list(series_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT series_id, date_bin(make_interval(mins => %s), measured_at, %s) AS step, avg(value)
            FROM (
                SELECT DISTINCT ON (series_id, measured_at) series_id, measured_at, value, flag FROM sensing_reading
                WHERE town_id = %s AND series_id = ANY(%s) AND measured_at >= %s AND measured_at <= %s
                ORDER BY series_id, measured_at, version DESC
            ) r WHERE flag IN ('N', '-', 'P') GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [minutes, since, current_town(), ids, since, until],
        )
        found: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
        for series_id, step, value in cursor.fetchall():
            found[series_id].append((step, value))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Point:
    """One reading as it is shown: the last version of what was measured at a moment."""

    measured_at: datetime
    received_at: datetime
    value: float
    flag: str
    version: int


def readings(*, seen_by: Actor, series_id: int, since: datetime, until: datetime, most: int = 2000) -> list[Point]:
    """Return the readings of a series in a period, oldest first, the last version of each. Whoever asks: the series given is of a station that they may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (measured_at) measured_at, received_at, value, flag::text, version FROM sensing_reading
            WHERE town_id = %s AND series_id = %s AND measured_at >= %s AND measured_at <= %s
            ORDER BY measured_at, version DESC LIMIT %s
            """,
            [current_town(), series_id, since, until, most],
        )
        return [Point(*row) for row in cursor.fetchall()]


def values(*, seen_by: Actor, series_id: int, since: datetime, until: datetime) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Return what `readings` says of a period, however much it is, as (seconds after since, values, flags, a letter each).

    Whoever asks: the series given is of a station that they may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(float8send(extract(epoch FROM measured_at - %(since)s::timestamptz)::float8), ''::bytea ORDER BY measured_at),"
            " string_agg(float8send(value), ''::bytea ORDER BY measured_at), string_agg(flag::text, '' ORDER BY measured_at) FROM ("
            " SELECT DISTINCT ON (measured_at) measured_at, value, flag FROM sensing_reading WHERE town_id = %(town)s AND series_id = %(id)s"
            " AND measured_at >= %(since)s AND measured_at <= %(until)s ORDER BY measured_at, version DESC) q",
            {"town": current_town(), "id": series_id, "since": since, "until": until},
        )
        seconds, numbers, flags = cursor.fetchone()
    return np.frombuffer(seconds or b"", ">f8").astype(float), np.frombuffer(numbers or b"", ">f8").astype(float), flags or ""


@dataclass(frozen=True, slots=True)
class Rollup:
    """An hour or a day of a series: how many readings, how many of them valid, and what those say."""

    at: datetime
    count: int
    valid: int
    mean: float | None
    low: float | None
    high: float | None
    steadiness: float | None = None  # of an hour of directions: length of the mean vector, 1 = never turned


_TOUCHED = "(SELECT series_id, at FROM sensing_touched WHERE town_id = %(town)s AND series_id = ANY(%(ids)s) AND at >= {since} AND at < {until})"
_ROLLED_HOURS = (  # of the series %(ids)s that begin in [%(since)s, %(until)s): as they were rolled up, what has changed since worked out anew
    "SELECT series_id, at, count, valid, mean, low, high, steadiness FROM sensing_hour h WHERE town_id = %(town)s AND series_id = ANY(%(ids)s)"
    " AND at >= %(since)s AND at < %(until)s"
    " AND NOT EXISTS (SELECT FROM sensing_touched t WHERE t.town_id = %(town)s AND t.series_id = h.series_id AND t.at = h.at)"
    " UNION ALL SELECT series_id, at, count, valid, mean, low, high, steadiness FROM ("
    + rolling.HOURS.format(pairs=_TOUCHED.format(since="%(since)s", until="%(until)s"), bounds="") + ") n WHERE count > 0"
)  # fmt: skip


def hour_means(
    *, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime,
) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float64]]]:  # fmt: skip
    """Return for each series its valid means of the hours that begin in [since, until), as (hours after since, means): what rollups says, as two arrays.

    `since` is the begin of an hour. One question whatever their number; a series that has none is left out.

    Whoever asks: the series given are of stations that they may see.
    """
    ids = list(series_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT series_id, string_agg(int4send((extract(epoch FROM at - %(since)s::timestamptz) / 3600)::int), ''::bytea),"
            f" string_agg(float8send(mean), ''::bytea) FROM ({_ROLLED_HOURS}) q WHERE mean IS NOT NULL GROUP BY 1",
            {"town": current_town(), "ids": ids, "since": since, "until": until},
        )
        return {pk: (np.frombuffer(places, ">i4").astype(np.int32), np.frombuffer(means, ">f8").astype(float)) for pk, places, means in cursor.fetchall()}


def rollups(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, step: str = "hour") -> dict[int, list[Rollup]]:
    """Return the hours (`step` hour) or the days of the town's calendar (day) that begin in [since, until), in order of time.

    What has changed since the last roll-up is worked out here, so the answer is that of the readings at this moment.
    """
    ids = list(series_ids)
    if not ids:
        return {}
    town = territory.town(seen_by=seen_by)
    given: dict[str, Any] = {"town": current_town(), "ids": ids, "since": since, "until": until, "zone": str(town.zone)}
    if step == "hour":
        question = f"{_ROLLED_HOURS} ORDER BY 1, 2"
    elif step == "day":
        given |= {"first": town.local(since).date(), "end": town.local(until).date()}
        if town.local(since) > datetime.combine(given["first"], datetime.min.time(), town.local(since).tzinfo):
            given["first"] += timedelta(days=1)  # a day that had begun before
        if town.local(until) > datetime.combine(given["end"], datetime.min.time(), town.local(until).tzinfo):
            given["end"] += timedelta(days=1)
        begin, end = '(%(first)s::timestamp AT TIME ZONE %(zone)s)', '(%(end)s::timestamp AT TIME ZONE %(zone)s)'
        wanted = _TOUCHED.format(since=begin, until=end)
        fresh_days = f'(SELECT DISTINCT series_id, (at AT TIME ZONE %(zone)s)::date AS "on" FROM {wanted} w)'
        question = (
            f"WITH days AS MATERIALIZED {fresh_days}, fresh AS MATERIALIZED (" + rolling.HOURS.format(pairs=wanted, bounds="") + "),"
            " hours AS MATERIALIZED (SELECT %(town)s::bigint AS town_id, h.series_id, h.at, h.count, h.valid, h.mean, h.low, h.high, h.steadiness"
            " FROM days d JOIN sensing_hour h ON h.town_id = %(town)s AND h.series_id = d.series_id AND h.at >= (d.\"on\"::timestamp AT TIME ZONE %(zone)s)"
            " AND h.at < ((d.\"on\" + 1)::timestamp AT TIME ZONE %(zone)s)"
            " WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.series_id = h.series_id AND f.at = h.at)"
            " UNION ALL SELECT %(town)s, f.* FROM fresh f)"
            ' SELECT series_id, ("on"::timestamp AT TIME ZONE %(zone)s) AS at, count, valid, mean, low, high FROM sensing_day s WHERE town_id = %(town)s'
            ' AND series_id = ANY(%(ids)s) AND "on" >= %(first)s AND "on" < %(end)s'
            ' AND NOT EXISTS (SELECT FROM days d WHERE d.series_id = s.series_id AND d."on" = s."on")'
            ' UNION ALL SELECT series_id, ("on"::timestamp AT TIME ZONE %(zone)s), count, valid, mean, low, high FROM ('
            + rolling.DAYS.format(days="days", hours="hours") + ") n WHERE count > 0 ORDER BY 1, 2"
        )  # fmt: skip
    else:
        raise ValueError("step is hour or day")
    found: dict[int, list[Rollup]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        for series_id, *row in cursor.fetchall():
            found[series_id].append(Rollup(*row))
    return dict(found)


# the hours of the series %(ids)s on the town's days from %(since)s to before %(until)s as they are at this moment; a list of CTEs ending with `hours`
_HOURS_NOW = (
    "fresh AS MATERIALIZED ("
    + rolling.HOURS.format(
        pairs="(SELECT series_id, at FROM sensing_touched WHERE town_id = %(town)s AND series_id = ANY(%(ids)s)"
        " AND at >= (%(since)s::timestamp AT TIME ZONE %(zone)s) AND at < (%(until)s::timestamp AT TIME ZONE %(zone)s))",
        bounds="",
    )
    + "), hours AS (SELECT h.series_id, h.at, h.count, h.valid, h.mean FROM sensing_hour h WHERE h.town_id = %(town)s AND h.series_id = ANY(%(ids)s)"
    " AND h.at >= (%(since)s::timestamp AT TIME ZONE %(zone)s) AND h.at < (%(until)s::timestamp AT TIME ZONE %(zone)s)"
    " AND NOT EXISTS (SELECT FROM fresh f WHERE f.series_id = h.series_id AND f.at = h.at)"
    " UNION ALL SELECT series_id, at, count, valid, mean FROM fresh WHERE count > 0)"
)


@dataclass(frozen=True, slots=True)
class DayCount:
    """What came of a series on a day: no hour counts more than was due in it. `good_hours` have enough valid readings, `faulty` some that are not."""

    series_id: int
    on: date
    count: int
    valid: int
    good_hours: int
    faulty: tuple[datetime, ...]


def counts_by_day(*, seen_by: Actor, series: Mapping[int, tuple[int, int]], since: date, until: date) -> list[DayCount]:
    """Return for the days [since, until) of the town's calendar what came of each series; series: id → (due an hour, least valid of a good hour)."""
    if not series:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH " + _HOURS_NOW + ", asked AS (SELECT * FROM unnest(%(ids)s::bigint[], %(due)s::int[], %(least)s::int[]) AS u(series_id, due, least))"
            " SELECT series_id, (at AT TIME ZONE %(zone)s)::date, sum(least(hours.count, asked.due))::int, sum(least(hours.valid, asked.due))::int,"
            " count(*) FILTER (WHERE hours.valid >= asked.least),"
            " coalesce(array_agg(at) FILTER (WHERE valid < count), '{}') FROM hours JOIN asked USING (series_id) GROUP BY 1, 2",
            {"town": current_town(), "ids": list(series), "due": [due for due, _least in series.values()], "least": [least for _due, least in series.values()],
             "since": since, "until": until, "zone": str(territory.town(seen_by=seen_by).zone)},
        )  # fmt: skip
        return [DayCount(series_id, on, count, valid, good, tuple(faulty)) for series_id, on, count, valid, good, faulty in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class DayOfHours:
    """A day's valid hours of one name: their number, their plain mean, and the hours themselves, (hour of the day, mean)."""

    name: str
    on: date
    hours: tuple[int, ...]
    means: tuple[float, ...]

    @property
    def count(self) -> int:
        return len(self.means)

    @property
    def mean(self) -> float | None:
        return sum(self.means) / len(self.means) if self.means else None


def days_of_hours(*, seen_by: Actor, series: Mapping[int, tuple[str, int]], since: date, until: date) -> list[DayOfHours]:
    """Return for the days [since, until) of the town's calendar the hours that are valid, by the name that is given to each series.

    series: id → (name, least number of valid readings of an hour). Of several series with one name the first that has the hour counts.
    """
    if not series:
        return []
    zone = str(territory.town(seen_by=seen_by).zone)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH " + _HOURS_NOW + ","
            " named AS (SELECT * FROM unnest(%(ids)s::bigint[], %(names)s::text[], %(least)s::int[]) WITH ORDINALITY AS u(series_id, name, least, place)),"
            " chosen AS (SELECT DISTINCT ON (n.name, h.at) n.name, h.at AT TIME ZONE %(zone)s AS local, h.mean FROM hours h JOIN named n USING (series_id)"
            "   WHERE h.mean IS NOT NULL AND h.valid >= n.least ORDER BY n.name, h.at, n.place)"
            " SELECT name, local::date, array_agg(extract(hour FROM local)::int ORDER BY local), array_agg(mean ORDER BY local) FROM chosen"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            {"town": current_town(), "ids": list(series), "names": [name for name, _least in series.values()],
             "least": [least for _name, least in series.values()], "since": since, "until": until, "zone": zone},
        )  # fmt: skip
        return [DayOfHours(name, on, tuple(hours), tuple(means)) for name, on, hours, means in cursor.fetchall()]


def marks(*, seen_by: Actor, hours: Iterable[tuple[int, datetime]]) -> dict[tuple[int, datetime], dict[str, int]]:
    """Return for each of these hours, (series, begin), how many readings carry which mark that makes them invalid (D, M, C ...).

    Only of readings that the database still has; those of the archive are not looked at.

    Whoever asks: the series given are of stations that they may see.
    """
    wanted = list(hours)
    if not wanted:
        return {}
    found: dict[tuple[int, datetime], dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.series_id, p.at, r.flag, r.n FROM unnest(%s::bigint[], %s::timestamptz[]) AS p(series_id, at) CROSS JOIN LATERAL ("
            " SELECT flag::text, count(*) AS n FROM (SELECT DISTINCT ON (measured_at) flag FROM sensing_reading WHERE town_id = %s"
            " AND series_id = p.series_id AND measured_at >= p.at AND measured_at < p.at + interval '1 hour' ORDER BY measured_at, version DESC) last"
            " WHERE flag NOT IN ('N', '-', 'P') GROUP BY 1) r",
            [[series_id for series_id, _at in wanted], [at for _series, at in wanted], current_town()],
        )
        for series_id, at, flag, count in cursor.fetchall():
            found[(series_id, at)][flag] = count
    return dict(found)


def windows_between(*, seen_by: Actor, station_ids: Iterable[int], since: datetime, until: datetime) -> dict[int, list[Maintenance]]:
    """Return by station the times in a period in which its devices were worked on; to everybody who may see the station."""
    found: dict[int, list[Maintenance]] = defaultdict(list)
    seen = Station.objects.visible_to(seen_by).filter(pk__in=list(station_ids))
    wanted = Maintenance.objects.filter(device__station__in=seen, begins_at__lt=until, ends_at__gt=since).select_related("device")
    for window in wanted.order_by("begins_at", "pk"):
        found[window.device.station_id].append(window)
    return dict(found)


def intervals(*, seen_by: Actor, station_ids: Iterable[int]) -> dict[int, int]:
    """Return by station how often it should report, in seconds.

    That is the interval of its most frequent device (of a closed station, of those it had); where it has none (feeds of MQTT, files,
    SensorThings) nobody has said it, so it is the middle gap between the newest readings of its most frequent series. A station with neither is left out.

    Whoever asks: the stations given are those that they may see.
    """
    found: dict[int, int] = {}
    wanted = list(station_ids)
    known = Device.objects.filter(station_id__in=wanted).exclude(state=Device.State.RETIRED, station__closed_at__isnull=True)
    for station_id, seconds in known.values_list("station_id", "report_seconds"):
        found[station_id] = min(seconds, found.get(station_id, seconds))
    if rest := [station_id for station_id in wanted if station_id not in found]:
        with connection.cursor() as cursor:
            cursor.execute(_USUAL_GAPS, {"town": current_town(), "stations": rest, "most": GAPS})
            found |= {station_id: max(1, round(seconds)) for station_id, seconds in cursor.fetchall() if seconds is not None}
    return found


GAPS = 60  # newest readings by whose gaps a station without a device is known
_USUAL_GAPS = """
SELECT s.station_id, min(g.gap) FROM sensing_series s CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.gap)) AS gap FROM (
        SELECT r.measured_at - lag(r.measured_at) OVER (ORDER BY r.measured_at) AS gap FROM (
            SELECT DISTINCT measured_at FROM (
                SELECT measured_at FROM sensing_reading WHERE town_id = %(town)s AND series_id = s.id ORDER BY measured_at DESC LIMIT %(most)s
            ) newest
        ) r
    ) d WHERE d.gap > interval '0'
) g WHERE s.station_id = ANY(%(stations)s) AND s.aggregate IN ('rtd', 'state') GROUP BY 1
"""


def reach(*, seen_by: Actor, station_ids: Iterable[int]) -> dict[int, tuple[date, date]]:
    """Return by station the first and the last day, in the town's calendar, of which something was rolled up; stations without are left out.

    Whoever asks: the stations given are those that they may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT s.station_id, min(f."on"), max(l."on") FROM sensing_series s'
            ' CROSS JOIN LATERAL (SELECT "on" FROM sensing_day WHERE town_id = %(town)s AND series_id = s.id ORDER BY "on" LIMIT 1) f'
            ' CROSS JOIN LATERAL (SELECT "on" FROM sensing_day WHERE town_id = %(town)s AND series_id = s.id ORDER BY "on" DESC LIMIT 1) l'
            " WHERE s.station_id = ANY(%(stations)s) GROUP BY 1",
            {"town": current_town(), "stations": list(station_ids)},
        )
        return {station_id: (first, last) for station_id, first, last in cursor.fetchall()}


def is_touched(*, seen_by: Actor) -> bool:
    """Return whether readings have come or changed since the last roll-up. Whoever asks: yes or no, for the task that rolls up."""
    return Touched.objects.exists()


# ---- devices: maintenance, calibration, requests, health ------------------------------------------------------------
def maintenance_windows(*, seen_by: Actor, at: datetime) -> dict[int, list[tuple[int, int]]]:
    """Return by device the times in which it is worked on, (begin, end) in microseconds since 1970; of the last forty days and to come."""

    def find() -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for window in Maintenance.objects.filter(ends_at__gt=at - timedelta(days=40)):
            found[window.device_id].append((micros(window.begins_at), micros(window.ends_at)))
        for device_id in Device.objects.filter(state=Device.State.MAINTENANCE).values_list("pk", flat=True):
            found[device_id].append((micros(at - timedelta(days=1)), micros(at + timedelta(days=1))))
        return dict(found)

    return remember(f"sensing.windows:{registry_version(seen_by=seen_by)}", find, age=30)


def in_maintenance(*, seen_by: Actor, at: datetime) -> set[int]:
    """Return the devices that are worked on at a moment."""
    moment = micros(at)
    return {device for device, windows in maintenance_windows(seen_by=seen_by, at=at).items() if any(begin <= moment < end for begin, end in windows)}


def maintenance_of(*, seen_by: Actor, device_id: int) -> QuerySet[Maintenance]:
    """Return a device's maintenance windows, newest first, to those who may see the device."""
    return Maintenance.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-begins_at", "-pk")


def calibrations_of(*, seen_by: Actor, device_id: int) -> QuerySet[Calibration]:
    """Return a device's calibrations, newest first, to those who may see the device."""
    return Calibration.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-done_on", "-pk")


def requests_of(*, seen_by: Actor, device_id: int) -> QuerySet[DeviceRequest]:
    """Return what a device was asked for, newest first, to those who may see the device."""
    return DeviceRequest.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-asked_at", "-pk")


def waiting_requests(*, seen_by: Actor, device_ids: Iterable[int]) -> list[DeviceRequest]:
    """Return what waits to be sent to these devices, oldest first. Whoever asks: the gateway."""
    return list(DeviceRequest.objects.filter(device_id__in=list(device_ids), state=DeviceRequest.State.WAITING).order_by("asked_at", "pk"))


def request_under_way(*, seen_by: Actor, device_id: int, qn: str) -> DeviceRequest | None:
    """Return the request that went to a device under this QN and has not ended, or None. Whoever asks: the gateway."""
    return DeviceRequest.objects.filter(device_id=device_id, qn=qn, state__in=(DeviceRequest.State.SENT, DeviceRequest.State.ACCEPTED)).first()


@dataclass(slots=True)
class DeviceHealth:
    """How a device does: whether it reports, how complete its last day was, whether its clock, calibration and packets are right."""

    device: Device
    is_online: bool
    is_maintained: bool
    share: float | None  # of the readings of the last 24 hours that are valid, None where nothing came
    refused: int  # packets in the last 24 hours
    calibration_due_on: date | None
    open_requests: int

    def is_calibration_late(self, on: date) -> bool:
        return self.calibration_due_on is not None and self.calibration_due_on < on

    @property
    def is_well(self) -> bool:
        return self.is_online and not self.device.is_skewed and not self.refused and (self.share is None or self.share >= 0.75)


def health(*, seen_by: Actor, at: datetime, device_id: int | None = None) -> list[DeviceHealth]:
    """Return how each device does that this actor may see (or the one), those with trouble first: five queries, whatever their number."""
    known = devices(seen_by=seen_by)
    found = list(known if device_id is None else known.filter(pk=device_id))
    ids = [device.pk for device in found]
    maintained = in_maintenance(seen_by=seen_by, at=at)
    since = at - timedelta(hours=24)
    by_station: dict[int, list[int]] = defaultdict(list)
    for pk, station_id in Series.objects.filter(station_id__in={device.station_id for device in found}).values_list("pk", "station_id"):
        by_station[station_id].append(pk)
    rolled = rollups(seen_by=seen_by, series_ids=[pk for part in by_station.values() for pk in part], since=since, until=at)
    refused = dict(
        RefusedPacket.objects.filter(device_id__in=ids, received_at__gt=since).values_list("device_id").annotate(n=Count("pk")).values_list("device_id", "n")
    )
    due = dict(
        Calibration.objects.filter(device_id__in=ids).order_by("device_id", "factor", "-done_on").distinct("device_id", "factor")
        .values_list("device_id", "next_due_on")
    )  # fmt: skip
    asked = dict(
        DeviceRequest.objects.filter(device_id__in=ids, state__in=["waiting", "sent", "accepted"]).values_list("device_id").annotate(n=Count("pk"))
        .values_list("device_id", "n")
    )  # fmt: skip
    result = []
    for device in found:
        hours = [hour for pk in by_station[device.station_id] for hour in rolled.get(pk, ())]
        total = sum(hour.count for hour in hours)
        result.append(
            DeviceHealth(device, device.is_online(at), device.pk in maintained, sum(hour.valid for hour in hours) / total if total else None,
                         refused.get(device.pk, 0), due.get(device.pk), asked.get(device.pk, 0))
        )  # fmt: skip
    return sorted(result, key=lambda one: (one.is_well, one.device.station.code, one.device.mn))


# ---- episodes and what could not be used ----------------------------------------------------------------------------
def episodes(*, seen_by: Actor, station_id: int | None = None, open_only: bool = False, because_of: Collection[str] | None = (LIMIT,)) -> QuerySet[Episode]:
    """Return the stretches at stations this actor may see, newest first: those beyond a limit, or those of the causes named (None: of every cause)."""
    found = Episode.objects.filter(station__in=Station.objects.visible_to(seen_by)).select_related("rule", "series", "series__station", "station", "case")
    if because_of is not None:
        found = found.filter(cause__in=because_of)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    if open_only:
        found = found.exclude(state=Episode.State.SETTLED)
    return found.order_by("-began_at", "-pk")


def episodes_of_case(*, seen_by: Actor, case_id: int) -> list[Episode]:
    """Return the stretches that a case is about, oldest first: a warning, and the limit that was passed after it, are one matter.

    Whoever asks: the case given is one that they may see.
    """
    return list(Episode.objects.filter(case_id=case_id).select_related("rule", "series", "station", "station__organ").order_by("opened_at", "pk"))


def open_warnings(*, seen_by: Actor, warning_id: int) -> list[Episode]:
    """Return the unsettled stretches that a rule of another module has begun. Whoever asks: the task that looks for warnings."""
    return list(Episode.objects.filter(warning_id=warning_id).exclude(state=Episode.State.SETTLED).select_related("series", "station"))


def series_measuring(*, seen_by: Actor, factor: str, aggregate: str = "rtd", station_id: int | None = None, station_kind: str = "") -> QuerySet[Series]:
    """Return the series of one factor at stations in use that this actor may see, in the order of station and id; of one station or kind where named."""
    found = Series.objects.filter(factor=factor, aggregate=aggregate, station__in=stations(seen_by=seen_by, kind=station_kind))
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return found.select_related("station").order_by("station_id", "pk")


def kinds_of_station(*, seen_by: Actor) -> list[tuple[str, Any]]:
    """Return every kind of station with its words. Whoever asks: words of the product."""
    return [(kind, words[0]) for kind, words in Station.WORDS.items()]


def aggregate_words(*, seen_by: Actor, aggregate: str) -> str:
    """Return an aggregate in words: mean of an hour. Whoever asks: words of the product."""
    return Series(aggregate=aggregate).aggregate_word


def names_measured(*, seen_by: Actor) -> list[tuple[str, str, str]]:
    """Return (factor, aggregate, unit) of what stations that this actor may see measure; of two units of one name, one."""
    found = Series.objects.filter(station__in=stations(seen_by=seen_by)).exclude(aggregate="state").values_list("factor", "aggregate", "unit").distinct()
    return [(*name, unit) for name, unit in sorted({(factor, aggregate): unit for factor, aggregate, unit in found}.items())]


def series_by_id(*, seen_by: Actor, series_ids: Iterable[int]) -> dict[int, Series]:
    """Return series with their stations, of those that this actor may see."""
    found = Series.objects.filter(pk__in=list(series_ids), station__in=Station.objects.visible_to(seen_by))
    return {series.pk: series for series in found.select_related("station", "station__organ")}


def newest(*, seen_by: Actor, series_ids: Iterable[int], until: datetime, most: int, since: datetime) -> dict[int, list[tuple[datetime, float]]]:
    """Return for each series its newest valid readings in (since, until], at most `most`, newest first, each in its last version.

    One question whatever their number; it reads no more than these rows and those that were marked as faulty between them.

    Whoever asks: the series given are of stations that they may see.
    """
    ids = list(series_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.series_id, r.measured_at, r.value FROM unnest(%s::bigint[]) AS u(series_id) CROSS JOIN LATERAL (
                SELECT measured_at, value FROM (
                    SELECT DISTINCT ON (measured_at) measured_at, value, flag FROM sensing_reading
                    WHERE town_id = %s AND series_id = u.series_id AND measured_at > %s AND measured_at <= %s ORDER BY measured_at DESC, version DESC
                ) last WHERE flag IN ('N', '-', 'P') ORDER BY measured_at DESC LIMIT %s
            ) r
            """,
            [ids, current_town(), since, until, most],
        )
        found: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
        for series_id, moment, value in cursor.fetchall():
            found[series_id].append((moment, value))
    return dict(found)


def still_since(
    *, seen_by: Actor, series_ids: Iterable[int], until: datetime, since: datetime, tolerance: float = 0.0,
) -> dict[int, tuple[int, datetime]]:  # fmt: skip
    """Return for each series how many of its newest valid readings in (since, until] lie within `tolerance` of each other, and since when.

    One question whatever their number; each series is read back to the first reading that breaks the row, and nothing of it leaves the database.

    Whoever asks: the series given are of stations that they may see.
    """
    ids = list(series_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.series_id, coalesce(broken.place - 1, whole.count), coalesce(broken.before, whole.first) FROM unnest(%(ids)s::bigint[]) AS u(series_id)
            LEFT JOIN LATERAL (
                SELECT place, before FROM (
                    SELECT row_number() OVER newest AS place, lag(measured_at) OVER newest AS before, max(value) OVER newest - min(value) OVER newest AS spread
                    FROM (
                        SELECT DISTINCT ON (measured_at) measured_at, value, flag FROM sensing_reading
                        WHERE town_id = %(town)s AND series_id = u.series_id AND measured_at > %(since)s AND measured_at <= %(until)s
                        ORDER BY measured_at DESC, version DESC
                    ) last WHERE flag IN ('N', '-', 'P')
                    WINDOW newest AS (ORDER BY measured_at DESC ROWS UNBOUNDED PRECEDING)
                ) row WHERE spread > %(tolerance)s ORDER BY place LIMIT 1
            ) broken ON true
            LEFT JOIN LATERAL (
                SELECT count(*) AS count, min(measured_at) AS first FROM (
                    SELECT DISTINCT ON (measured_at) measured_at, flag FROM sensing_reading
                    WHERE broken.place IS NULL AND town_id = %(town)s AND series_id = u.series_id AND measured_at > %(since)s AND measured_at <= %(until)s
                    ORDER BY measured_at DESC, version DESC
                ) last WHERE flag IN ('N', '-', 'P')
            ) whole ON true
            WHERE broken.place IS NOT NULL OR whole.count > 0
            """,
            {"town": current_town(), "ids": ids, "since": since, "until": until, "tolerance": tolerance},
        )
        return {series_id: (count, first) for series_id, count, first in cursor.fetchall()}


def newest_values(*, seen_by: Actor, station_ids: Iterable[int]) -> dict[int, list[Value]]:
    """Return the newest value of each series of these stations, of those that this actor may see, by station."""
    found: dict[int, list[Value]] = defaultdict(list)
    seen = stations(seen_by=seen_by).filter(pk__in=list(station_ids)).order_by()
    for series in Series.objects.filter(station__in=seen).select_related("latest").order_by("factor", "aggregate"):
        found[series.station_id].append(Value(series, getattr(series, "latest", None)))
    return dict(found)


def series_of_factors(*, seen_by: Actor, factors: Iterable[str], aggregate: str = "rtd") -> QuerySet[Series]:
    """Return the series of these factors at stations in use that this actor may see, with their stations."""
    return (
        Series.objects.filter(station__in=stations(seen_by=seen_by).order_by(), factor__in=list(factors), aggregate=aggregate)
        .select_related("station").order_by("station__code", "factor", "pk")
    )  # fmt: skip


def loads_by_day(*, seen_by: Actor, pairs: Iterable[tuple[int, int]], since: datetime, until: datetime) -> dict[tuple[int, int], list[tuple[date, int, float]]]:
    """Return for each pair of series (a concentration, a flow) the days of the town's calendar with the number of hours in which both have a
    valid mean and the sum of those means' products. Hours count once they are rolled up."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    town = territory.town(seen_by=seen_by)
    found: dict[tuple[int, int], list[tuple[date, int, float]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.a, p.b, (x.at AT TIME ZONE %(zone)s)::date AS day, count(*), sum(x.mean * y.mean)
            FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS p(a, b)
            JOIN sensing_hour x ON x.town_id = %(town)s AND x.series_id = p.a AND x.at >= %(since)s AND x.at < %(until)s AND x.mean IS NOT NULL
            JOIN sensing_hour y ON y.town_id = %(town)s AND y.series_id = p.b AND y.at = x.at AND y.mean IS NOT NULL
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            {"town": current_town(), "zone": str(town.zone), "a": [a for a, _b in wanted], "b": [b for _a, b in wanted], "since": since, "until": until},
        )
        for a, b, day, hours, total in cursor.fetchall():
            found[(a, b)].append((day, hours, total))
    return dict(found)


def episode_for(*, seen_by: Actor, episode_id: int) -> Episode:
    """Return a stretch beyond a limit; what one may not see is not found."""
    return episodes(seen_by=seen_by).get(pk=episode_id)


def refused_packets(*, seen_by: Actor, station_id: int | None = None) -> QuerySet[RefusedPacket]:
    """Return what came in and could not be used, newest first; for those who see devices."""
    seen = Device.objects.visible_to(seen_by)
    found = RefusedPacket.objects.filter(Q(device__in=seen))
    if station_id is not None:
        found = found.filter(device__station_id=station_id)
    return found.order_by("-received_at", "-pk")


def notices_of(*, seen_by: Actor, device_id: int) -> QuerySet[DeviceNotice]:
    """Return what a device told beside readings, newest first."""
    return DeviceNotice.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-received_at", "-pk")


def newest_beyond(*, seen_by: Actor, candidates: Sequence[StationNow]) -> StationNow | None:
    """Return the station to watch: one beyond a limit first, then one that has a limit at all. Whoever asks: the stations given are those that they may see."""
    ranked = sorted(
        (now for now in candidates if any(value.latest for value in now.values)),
        key=lambda now: (not now.is_beyond, not any(value.limit for value in now.values), now.station.code),
    )
    return ranked[0] if ranked else None


DAY = timedelta(hours=24)


# ---- what the gateway knows -----------------------------------------------------------------------------------------
def limits_by_series(*, seen_by: Actor, on: date) -> dict[int, list[LimitRule]]:
    """Return the limits that hold on a day by series id; only where the units are the same."""

    def find() -> dict[int, list[LimitRule]]:
        found: dict[int, list[LimitRule]] = defaultdict(list)
        rules = list(LimitRule.objects.valid_on(on))
        for series in Series.objects.select_related("station").filter(factor__in={rule.factor for rule in rules}):
            for rule in rules:
                own = rule.station_id == series.station_id or (rule.station_id is None and rule.station_kind == series.station.kind)
                if own and (rule.factor, rule.aggregate, rule.unit) == (series.factor, series.aggregate, series.unit):
                    found[series.pk].append(rule)
        return dict(found)

    return remember(f"sensing.limits:{registry_version(seen_by=seen_by)}:{on}", find, age=30)


def registry_version(*, seen_by: Actor) -> int:
    """Return how often the town's registry has changed. Whoever asks: a count, for what is remembered."""
    return remember("sensing.version", lambda: RegistryVersion.objects.filter(town_id=current_town()).values_list("version", flat=True).first() or 0, age=1)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What a gateway must know of a device to take its packets."""

    device_id: int
    station_id: int
    password: str


def registry_versions(*, seen_by: Actor) -> dict[int, int]:
    """Return for each town how often its registry has changed; asked outside any town. Whoever asks: counts, for the gateway."""
    return dict(RegistryVersion.objects.values_list("town_id", "version"))


def town_of_device(*, seen_by: Actor, mn: str) -> int | None:
    """Return the town that a device belongs to, or None; asked outside any town. Whoever asks: the gateway."""
    return DeviceAddress.objects.filter(mn=mn).values_list("town_id", flat=True).first()


def known_device(*, seen_by: Actor, mn: str) -> KnownDevice | None:
    """Return what a gateway must know of a device of the present town, or None. Whoever asks: the gateway."""
    device = Device.objects.filter(mn=mn).exclude(state=Device.State.RETIRED).first()
    if device is None:
        return None
    password = sealing.unseal_text(device.sealed_password, "device")
    return KnownDevice(device.pk, device.station_id, password)
