"""Values as plain text for prepared statements.

psycopg sends a number in the narrowest type that holds it, so one statement would be prepared once for small ids and again
for large ones. Sent as text without a type, PostgreSQL takes every value for what its place in the statement wants.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection, DataError, RawCursor
from psycopg.adapt import Dumper


class _Plain(Dumper):
    oid = 0

    def dump(self, obj: Any) -> bytes:
        return str(obj).encode()


class _Truth(_Plain):
    def dump(self, obj: bool) -> bytes:
        return b"t" if obj else b"f"


class _Moment(_Plain):
    def dump(self, obj: datetime) -> bytes:
        if obj.tzinfo is None:
            raise DataError("a moment needs its time zone")
        return str(obj).encode()


class _List(_Plain):
    def dump(self, obj: Iterable[Any]) -> bytes:
        return b"{" + b",".join(map(_element, obj)) + b"}"


def _element(value: Any) -> bytes:
    if value is None:
        return b"NULL"
    if type(value) is int:
        return b"%d" % value
    text = str(value)
    if "\0" in text:
        raise DataError("a text cannot hold NUL (0x00)")
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


_DUMPERS: tuple[tuple[type, type[Dumper]], ...] = (
    (int, _Plain), (float, _Plain), (Decimal, _Plain), (UUID, _Plain), (date, _Plain), (bool, _Truth), (datetime, _Moment),
    (list, _List), (tuple, _List),
)  # fmt: skip


def plain_cursor(connection: "Connection[Any]") -> "RawCursor[Any]":
    """Return a cursor that sends values so, in places written $1, $2 …; texts, bytes and JSON go as psycopg sends them."""
    cursor = RawCursor(connection)
    for kind, dumper in _DUMPERS:
        cursor.adapters.register_dumper(kind, dumper)
    return cursor
