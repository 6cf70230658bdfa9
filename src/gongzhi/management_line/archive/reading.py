"""The database's side of a move: the rows of a part of a month as they come, while they go, and for a moment back again."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from gongzhi.kernel.towns import current_town
from gongzhi.management_line.archive import files, layout

if TYPE_CHECKING:
    import pyarrow

SPAN = "town_id = %s AND series_id BETWEEN %s AND %s AND measured_at >= %s AND measured_at < %s"
ORDER = "ORDER BY series_id, measured_at, version"
HOUR = timedelta(hours=1)
BACK = -1  # batch of rows that are back for the length of a transaction
HIGHEST = 32_000  # their version: above all that a device's corrections make
MOST_CELLS = 50_000  # series × hours that are read at once

Hour = tuple[int, datetime]


def parts(month: date, most: int) -> list[tuple[int, int]]:
    """Cut a month of the present town into runs of series of about `most` rows; return (first, last) series ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT series_id, count(*) FROM sensing_reading WHERE town_id = %s AND measured_at >= %s AND measured_at < %s GROUP BY 1 ORDER BY 1",
            [current_town(), layout.start_of(month), layout.start_of(layout.next_month(month))],
        )
        counts = cursor.fetchall()
    found: list[tuple[int, int]] = []
    held = 0
    for series_id, count in counts:
        if found and held + count <= most:
            found[-1] = (found[-1][0], series_id)
            held += count
        else:
            found.append((series_id, series_id))
            held = count
    return found


def rows(month: date, first_series: int, last_series: int) -> AbstractContextManager[Iterator[bytes]]:
    """Return a context that gives the rows of a part as binary COPY, in the order of files."""
    return _copied(f"SELECT {files.COLUMNS} FROM sensing_reading WHERE {SPAN} {ORDER}", month, first_series, last_series)


def deleted_rows(month: date, first_series: int, last_series: int) -> AbstractContextManager[Iterator[bytes]]:
    """Return a context that gives the same rows while it deletes them."""
    return _copied(
        f"WITH gone AS (DELETE FROM sensing_reading WHERE {SPAN} RETURNING series_id, measured_at, version, received_at, value, flag, batch_id, packet_no)"
        f" SELECT {files.COLUMNS} FROM gone {ORDER}",
        month, first_series, last_series,
    )  # fmt: skip


@contextmanager
def _copied(sql: str, month: date, first_series: int, last_series: int) -> Iterator[Iterator[bytes]]:
    parameters = _span(month, first_series, last_series)
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT BINARY)", parameters) as copy:
        yield (bytes(block) for block in copy)


def _span(month: date, first_series: int, last_series: int) -> list[Any]:
    return [current_town(), first_series, last_series, layout.start_of(month), layout.start_of(layout.next_month(month))]


# ---- hours that sensing keeps ---------------------------------------------------------------------------------------
def is_touched(month: date, first_series: int, last_series: int) -> bool:
    """Return whether hours of a part wait to be worked out from its rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM sensing_touched WHERE town_id = %s AND series_id BETWEEN %s AND %s AND at >= %s AND at < %s)",
            _span(month, first_series, last_series),
        )
        return bool(cursor.fetchone()[0])


def hours(month: date, first_series: int, last_series: int) -> list[Hour]:
    """Return the hours of which a part has rows, by time and series."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT series_id, date_bin('1 hour', measured_at, 'epoch'::timestamptz) AS at FROM sensing_reading WHERE {SPAN} ORDER BY 2, 1",
            _span(month, first_series, last_series),
        )
        return cursor.fetchall()


def chunks(found: Sequence[Hour]) -> Iterator[list[Hour]]:
    """Cut hours (by time) so that the rectangle of series and hours around each part stays small."""
    held: list[Hour] = []
    series: set[int] = set()
    for hour in found:
        cells = len(series | {hour[0]}) * (1 + (hour[1] - held[0][1]) // HOUR if held else 1)
        if held and cells > MOST_CELLS:
            yield held
            held, series = [], set()
        held.append(hour)
        series.add(hour[0])
    if held:
        yield held


def bring_back(wanted: Sequence[Hour], rows: "pyarrow.Table") -> None:
    """Put the readings of these hours back above all others and have the hours worked out; for one transaction only."""
    import numpy as np
    import pyarrow as pa

    microseconds = rows.column("measured_at").cast(pa.int64()).to_numpy()
    names = {(series_id, round(at.timestamp()) // 3600) for series_id, at in wanted}
    keys = zip(rows.column("series_id").to_pylist(), (microseconds // 3_600_000_000).tolist(), strict=True)
    kept = rows.filter(pa.array(np.fromiter((key in names for key in keys), bool, rows.num_rows)))
    columns = [kept.column(name).to_pylist() for name in ("series_id", "measured_at", "received_at", "value", "flag")]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, flag, batch_id, packet_no, version)"
            ' SELECT %s, s, m, r, v, f::"char", %s, 0, %s'
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::text[]) AS u(s, m, r, v, f)",
            [current_town(), BACK, HIGHEST, *columns],
        )
        cursor.execute(
            "INSERT INTO sensing_touched (town_id, series_id, at)"
            " SELECT %s, s, a FROM unnest(%s::bigint[], %s::timestamptz[]) AS u(s, a) ON CONFLICT DO NOTHING",
            [current_town(), [series_id for series_id, _at in wanted], [at for _series, at in wanted]],
        )


def take_back(wanted: Sequence[Hour]) -> None:
    """Take away what was brought back for these hours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sensing_reading WHERE town_id = %s AND series_id = ANY(%s) AND measured_at >= %s AND measured_at < %s AND batch_id = %s",
            [current_town(), sorted({series_id for series_id, _at in wanted}), min(at for _s, at in wanted), max(at for _s, at in wanted) + HOUR, BACK],
        )
