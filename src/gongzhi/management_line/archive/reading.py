"""The database's side of a move: the rows of a part of a month as they come, and while they go."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

from django.db import connection

from gongzhi.kernel.towns import current_town
from gongzhi.management_line.archive import files, layout

SPAN = "town_id = %s AND series_id BETWEEN %s AND %s AND measured_at >= %s AND measured_at < %s"
ORDER = "ORDER BY series_id, measured_at, version"


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
    parameters: list[Any] = [current_town(), first_series, last_series, layout.start_of(month), layout.start_of(layout.next_month(month))]
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT BINARY)", parameters) as copy:
        yield (bytes(block) for block in copy)
