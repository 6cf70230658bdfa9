"""Readings by column: numpy arrays in, PostgreSQL's binary arrays out.

Moments are microseconds since 1970-01-01 UTC as int64, flags one byte each. A batch of some thousand readings goes to the
database as a handful of parameters: no Python object is made for a single reading.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Cursor, pq
from psycopg.adapt import Dumper

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POSTGRES_EPOCH = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970
HOUR = 3_600_000_000


def micros(moment: datetime) -> int:
    """Return an aware moment in microseconds since 1970."""
    lasted = moment - EPOCH
    return (lasted.days * 86_400 + lasted.seconds) * 1_000_000 + lasted.microseconds


def moment_of(value: int) -> datetime:
    """Return the moment (UTC) of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=int(value))


@dataclass(slots=True)
class Columns:
    """Readings side by side; all arrays have one length. `packet`: the place of each reading's packet in its batch."""

    series: NDArray[np.int64]
    moments: NDArray[np.int64]
    received: NDArray[np.int64]
    values: NDArray[np.float64]
    flags: NDArray[np.bytes_]
    packet: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.series)

    def take(self, which: NDArray[Any]) -> "Columns":
        """Return the readings at these places (indices or a mask)."""
        return Columns(self.series[which], self.moments[which], self.received[which], self.values[which], self.flags[which], self.packet[which])

    def in_order(self) -> "Columns":
        """Return them by series, moment and packet."""
        return self.take(np.lexsort((self.packet, self.moments, self.series)))

    def hours(self) -> NDArray[np.int64]:
        """Return the pairs (series, begin of the hour) that these readings fall in, shape (n, 2); each once where they are in order."""
        begins = self.moments // HOUR * HOUR
        fresh = np.ones(len(self), bool)
        fresh[1:] = (self.series[1:] != self.series[:-1]) | (begins[1:] != begins[:-1])
        return np.stack((self.series[fresh], begins[fresh]), axis=1)

    def months(self) -> list[datetime]:
        """Return the first moments of the months (UTC) that these readings fall in."""
        found = np.unique(self.moments.astype("datetime64[us]").astype("datetime64[M]")).astype("datetime64[us]").astype(np.int64)
        return [moment_of(value) for value in found]


# ---- parameters -----------------------------------------------------------------------------------------------------
class _Array:
    """An array parameter as PostgreSQL's binary protocol has it."""

    __slots__ = ("data",)
    element: int
    stored: str
    width: int

    def __init__(self, values: NDArray[Any]) -> None:
        count = len(values)
        body = np.empty(count, dtype=[("length", ">i4"), ("value", self.stored)])
        body["length"] = self.width
        body["value"] = values
        self.data = np.array([1, 0, self.element, count, 1], dtype=">i4").tobytes() + body.tobytes()


class BigInts(_Array):
    element, stored, width = 20, ">i8", 8


class Ints(_Array):
    element, stored, width = 23, ">i4", 4


class Doubles(_Array):
    element, stored, width = 701, ">f8", 8


class Marks(_Array):
    """One-byte texts, PostgreSQL's "char"."""

    element, stored, width = 18, "S1", 1


class Moments(_Array):
    element, stored, width = 1184, ">i8", 8

    def __init__(self, values: NDArray[np.int64]) -> None:
        super().__init__(values - _POSTGRES_EPOCH)


class _Dumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return bytes(obj.data)


_DUMPERS = tuple(
    (kind, type(f"{kind.__name__}Dumper", (_Dumper,), {"oid": oid}))
    for kind, oid in ((BigInts, 1016), (Ints, 1007), (Doubles, 1022), (Marks, 1002), (Moments, 1185))
)


def cursor_of(connection: Any) -> "Cursor[Any]":
    """Return a cursor that takes these arrays, on the connection that Django has open (errors are psycopg's own)."""
    connection.ensure_connection()
    cursor: Cursor[Any] = Cursor(connection.connection)
    for kind, dumper in _DUMPERS:
        cursor.adapters.register_dumper(kind, dumper)
    return cursor
