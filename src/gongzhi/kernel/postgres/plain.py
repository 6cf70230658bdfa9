"""Prepared statements with their values as plain text.

psycopg sends a number in the narrowest type that holds it, so one statement would be prepared once for small ids and again
for large ones. Sent as text without a type, PostgreSQL takes every value for what its place in the statement wants.

Statements are prepared and run through psycopg's libpq, without a cursor: half of the time of a short statement on the
client's side was the cursor's.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from psycopg import Connection, DataError, OperationalError, RawCursor
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult


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


_numbers = count(1)
MOST_STATEMENTS = 400  # of one connection; the oldest goes when there are more


class Statements:
    """The statements of one connection that stay prepared; their values stand in places written $1, $2 …

    Numbers, moments, truths and lists go as here; texts, bytes and JSON as psycopg sends them.
    """

    def __init__(self, connection: "Connection[Any]") -> None:
        self._connection = connection
        adapters = RawCursor(connection)
        for kind, dumper in _DUMPERS:
            adapters.adapters.register_dumper(kind, dumper)
        self._values = Transformer(adapters)
        self._names: dict[str, bytes] = {}

    def run(self, statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; return its rows, none for one that gives none. Raises what psycopg's cursors raise."""
        connection, values = self._connection, self._values
        server = connection.pgconn
        params: Any = values.dump_sequence(given, [PyFormat.AUTO] * len(given))
        formats = values.formats
        with connection.lock:
            if server.transaction_status == TransactionStatus.IDLE and not connection.autocommit:
                self._checked(server.exec_(b"BEGIN"))
            name = self._names.get(statement)
            if name is None:
                name = self._prepare(statement, values.types)
            result = self._checked(server.exec_prepared(name, params, formats))
        if result.status != ExecStatus.TUPLES_OK:
            return []
        values.set_pgresult(result)
        return values.load_rows(0, result.ntuples, tuple)

    def _prepare(self, statement: str, types: "tuple[int, ...] | None") -> bytes:
        server = self._connection.pgconn
        if len(self._names) >= MOST_STATEMENTS:
            oldest = next(iter(self._names))
            self._checked(server.exec_(b"DEALLOCATE " + self._names.pop(oldest)))
        name = b"gongzhi_%d" % next(_numbers)
        self._checked(server.prepare(name, statement.encode(), types))
        self._names[statement] = name
        return name

    def _checked(self, result: "PGresult") -> "PGresult":
        if result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            return result
        if self._connection.pgconn.status == ConnStatus.BAD:  # such an error carries no code that says what it is
            raise OperationalError(result.error_message.decode(errors="replace").strip() or "the connection to the database is lost")
        raise error_from_result(result, encoding=self._connection.info.encoding)
