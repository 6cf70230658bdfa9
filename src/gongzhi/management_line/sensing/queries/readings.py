"""Readings themselves: of a period, the newest, how long they have stood still."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town


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
            ) r WHERE flag IN ('N', '-', 'P') AND value > -1e15 AND value < 1e15 GROUP BY 1, 2 ORDER BY 1, 2
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
