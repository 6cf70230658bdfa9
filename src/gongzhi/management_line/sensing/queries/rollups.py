"""Hours and days, as they were rolled up and as they are at this moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import rolling
from gongzhi.management_line.sensing.models import Touched


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
            SELECT p.a, p.b, (x.at AT TIME ZONE %(zone)s)::date AS day, count(*),
                sum(CASE WHEN abs(x.mean) < 1e-150 OR abs(y.mean) < 1e-150 THEN 0 ELSE x.mean * y.mean END)
            FROM unnest(%(a)s::bigint[], %(b)s::bigint[]) AS p(a, b)
            JOIN sensing_hour x ON x.town_id = %(town)s AND x.series_id = p.a AND x.at >= %(since)s AND x.at < %(until)s AND x.mean > -1e15 AND x.mean < 1e15
            JOIN sensing_hour y ON y.town_id = %(town)s AND y.series_id = p.b AND y.at = x.at AND y.mean > -1e15 AND y.mean < 1e15
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            {"town": current_town(), "zone": str(town.zone), "a": [a for a, _b in wanted], "b": [b for _a, b in wanted], "since": since, "until": until},
        )
        for a, b, day, hours, total in cursor.fetchall():
            found[(a, b)].append((day, hours, total))
    return dict(found)
