"""How long values have stood still, found by the lowest and highest of hours: single readings are read only where an hour does not say it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town

HOUR = timedelta(hours=1)

# of single readings in (after, upto], newest first, beside what is known of newer ones (low, high): how many of them lie within the tolerance,
# the oldest of those, whether one broke the row, and the lowest and highest of those that did not
_ROWS = """
SELECT u.n, coalesce(q.kept, 0), q.oldest, coalesce(q.broken, false), q.low, q.high
FROM unnest(%(ids)s::bigint[], %(after)s::timestamptz[], %(upto)s::timestamptz[], %(low)s::float8[], %(high)s::float8[])
    WITH ORDINALITY AS u(series_id, after, upto, low, high, n)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE within) AS kept, min(measured_at) FILTER (WHERE within) AS oldest, bool_or(NOT within) AS broken,
        min(value) FILTER (WHERE within) AS low, max(value) FILTER (WHERE within) AS high
    FROM (
        SELECT measured_at, value, greatest(max(value) OVER newest, u.high) - least(min(value) OVER newest, u.low) <= %(tolerance)s AS within
        FROM (
            SELECT DISTINCT ON (measured_at) measured_at, value, flag FROM sensing_reading
            WHERE town_id = %(town)s AND series_id = u.series_id AND measured_at > u.after AND measured_at <= u.upto
            ORDER BY measured_at DESC, version DESC
        ) last WHERE flag IN ('N', '-', 'P') AND value > -1e15 AND value < 1e15
        WINDOW newest AS (ORDER BY measured_at DESC ROWS UNBOUNDED PRECEDING)
    ) row
) q
"""

_HOURS = """
SELECT series_id, string_agg(int4send((extract(epoch FROM at - %(first)s::timestamptz) / 3600)::int), ''::bytea ORDER BY at DESC),
    string_agg(int4send(valid), ''::bytea ORDER BY at DESC), string_agg(float8send(low), ''::bytea ORDER BY at DESC),
    string_agg(float8send(high), ''::bytea ORDER BY at DESC)
FROM sensing_hour h WHERE town_id = %(town)s AND series_id = ANY(%(ids)s) AND at >= %(first)s AND at < %(tail)s AND valid > 0
    AND low > -1e15 AND high < 1e15 GROUP BY 1
"""


@dataclass(slots=True)
class _Row:
    """A row of readings that stands still, as far as it is known."""

    count: int = 0
    oldest: datetime | None = None
    low: float | None = None
    high: float | None = None

    def add(self, kept: int, oldest: datetime | None, low: float | None, high: float | None) -> None:
        self.count += kept
        self.oldest = oldest or self.oldest
        self.low = low if self.low is None or (low is not None and low < self.low) else self.low
        self.high = high if self.high is None or (high is not None and high > self.high) else self.high


def still_since(
    *, seen_by: Actor, series_ids: Iterable[int], until: datetime, since: datetime, tolerance: float = 0.0,
) -> dict[int, tuple[int, datetime]]:  # fmt: skip
    """Return for each series how many of its newest valid readings in (since, until] lie within `tolerance` of each other, and since when.

    Four questions whatever their number. The readings of the last hours are looked at one by one; before them, hours whose readings are all counted
    are taken by their lowest and highest, and only the hour that breaks the row is read again.

    Whoever asks: the series given are of stations that they may see.
    """
    ids = sorted(set(series_ids))
    if not ids:
        return {}
    end = until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR  # of the hours that lie in it as a whole
    tails = _tails(ids, first, max(first, end - HOUR))
    rows = {pk: _Row() for pk in ids}
    going = _read(rows, [(pk, (tails[pk] - timedelta(microseconds=1)) if tails[pk] > first else since, until) for pk in ids], tolerance)
    going = [pk for pk in going if tails[pk] > first]
    wanted, whole = [], dict[int, datetime]()
    hours = _hours(going, first, max(tails.values()))
    for pk in going:
        row = rows[pk]
        broken_at = None
        for place, valid, low, high in zip(*hours.get(pk, ((), (), (), ())), strict=True):
            at = first + int(place) * HOUR
            if at >= tails[pk]:
                continue
            lowest = low if row.low is None else min(row.low, low)
            highest = high if row.high is None else max(row.high, high)
            if highest - lowest > tolerance:
                broken_at = at
                break
            row.count, row.low, row.high = row.count + int(valid), float(lowest), float(highest)
            whole[pk] = at
        # the hour that broke it, else the part of an hour with which the span begins
        wanted.append((pk, broken_at - timedelta(microseconds=1), broken_at + HOUR - timedelta(microseconds=1)) if broken_at is not None
                      else (pk, since, first - timedelta(microseconds=1)))  # fmt: skip
    before = {pk: rows[pk].count for pk in going}
    _read(rows, wanted, tolerance)
    unsaid = [pk for pk in whole if rows[pk].count == before[pk]]  # the row begins with the first valid reading of a whole hour
    for pk, oldest in _first_of({pk: whole[pk] for pk in unsaid}).items():
        rows[pk].oldest = oldest
    return {pk: (row.count, row.oldest) for pk, row in rows.items() if row.count and row.oldest is not None}


def _tails(ids: list[int], first: datetime, usual: datetime) -> dict[int, datetime]:
    """Return from when on readings are looked at one by one: before it every hour is counted as it stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT series_id, min(at) FROM sensing_touched WHERE town_id = %s AND series_id = ANY(%s) AND at >= %s GROUP BY 1",
            [current_town(), ids, first],
        )
        touched = dict(cursor.fetchall())
    return {pk: min(usual, touched.get(pk, usual)) for pk in ids}


def _read(rows: dict[int, _Row], spans: list[tuple[int, datetime, datetime]], tolerance: float) -> list[int]:
    """Add what single readings say, (series, after, up to); return the series whose row was not broken there."""
    if not spans:
        return []
    given: dict[str, Any] = {
        "town": current_town(), "tolerance": tolerance, "ids": [pk for pk, _after, _upto in spans], "after": [after for _pk, after, _upto in spans],
        "upto": [upto for _pk, _after, upto in spans], "low": [rows[pk].low for pk, _after, _upto in spans],
        "high": [rows[pk].high for pk, _after, _upto in spans],
    }  # fmt: skip
    going = []
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, given)
        for number, kept, oldest, broken, low, high in cursor.fetchall():
            pk = spans[number - 1][0]
            rows[pk].add(kept, oldest, low, high)
            if not broken:
                going.append(pk)
    return going


def _hours(ids: list[int], first: datetime, tail: datetime) -> dict[int, tuple[Any, Any, Any, Any]]:
    """Return of each series its hours from `first` to before `tail` with valid readings, newest first: (hours after first, valid, low, high)."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"town": current_town(), "ids": ids, "first": first, "tail": tail})
        return {
            pk: (np.frombuffer(places, ">i4"), np.frombuffer(valid, ">i4"), np.frombuffer(low, ">f8").tolist(), np.frombuffer(high, ">f8").tolist())
            for pk, places, valid, low, high in cursor.fetchall()
        }


def _first_of(hours: dict[int, datetime]) -> dict[int, datetime]:
    """Return the first valid reading of these hours, series → begin."""
    if not hours:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.s, q.at FROM unnest(%(ids)s::bigint[], %(at)s::timestamptz[]) AS u(s, at) CROSS JOIN LATERAL (SELECT min(measured_at) AS at FROM ("
            " SELECT DISTINCT ON (measured_at) measured_at, flag FROM sensing_reading WHERE town_id = %(town)s AND series_id = u.s"
            " AND measured_at >= u.at AND measured_at < u.at + interval '1 hour' ORDER BY measured_at, version DESC) last WHERE flag IN ('N', '-', 'P')) q",
            {"town": current_town(), "ids": list(hours), "at": list(hours.values())},
        )
        return {pk: at for pk, at in cursor.fetchall() if at is not None}
