"""PostgreSQL backend that tells each connection for which town it works, and keeps statements prepared.

Policies compare `town_id` with the setting `gongzhi.town`. The setting follows the context variable of
`kernel.towns`: it is sent only when it differs from what this connection was last told, so a request costs at most
one extra round trip. A rolled back transaction also rolls the setting back, therefore what the connection knows is
forgotten on every rollback and told again. A connection that goes back to the pool keeps what it was told.

`prepared()` is for the few statements that acts send again and again: read and planned by the server once a connection,
where Django's cursors put the values into the text and have each text read anew.
"""

import select
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError
from psycopg.pq import TransactionStatus

from gongzhi.kernel import budget
from gongzhi.kernel.postgres.plain import Statements
from gongzhi.kernel.towns import current_town_or_none

_UNKNOWN: Any = object()


def _has_word(connection: Any) -> bool:
    """Return whether the server has said something unasked, if only that it closed."""
    try:
        return bool(select.select([connection.fileno()], [], [], 0)[0]) if connection.fileno() < 1024 else _polled(connection.fileno())
    except (OSError, ValueError, OperationalError):
        return True


def _polled(number: int) -> bool:
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that lives: one of the pool whose server has gone is put aside for a fresh one.

        A server that ends closes its side, which can be seen without asking it anything; a round trip a request is saved.
        """
        while True:
            connection = super().get_new_connection(conn_params)
            if not self.pool or not _has_word(connection):
                return connection
            try:
                self.pool.check_connection(connection)  # perhaps only a notice
            except OperationalError:
                connection.close()
                self.pool.putconn(connection)
            else:
                return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if (work := budget.present()) is not None:
            work.uses(self.connection)
        self._tell_town()
        return super().create_cursor(name)

    def prepared(self, statement: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement (its values written $1, $2 …) that the connection keeps prepared; return its rows, if it gives any."""
        self.ensure_connection()
        self.validate_no_broken_transaction()
        if (work := budget.present()) is not None:
            work.uses(self.connection)
        self._tell_town()
        statements: Statements | None = getattr(self.connection, "gongzhi_statements", None)
        if statements is None:
            statements = self.connection.gongzhi_statements = Statements(self.connection)
        with self.wrap_database_errors:
            return statements.run(statement, given)

    def _tell_town(self) -> None:
        town_id = current_town_or_none()
        if getattr(self.connection, "gongzhi_town", _UNKNOWN) != town_id:
            with self.connection.cursor() as plain:
                plain.execute("SELECT set_config('gongzhi.town', %s, false)", ["" if town_id is None else str(town_id)])
            self.connection.gongzhi_town = town_id

    def _forget_town(self) -> None:
        if self.connection is not None:
            self.connection.gongzhi_town = _UNKNOWN

    def _rollback(self) -> None:
        self._forget_town()
        super()._rollback()  # type: ignore[misc]  # its base has it; the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        self._forget_town()

    def _close(self) -> None:
        if (work := budget.present()) is not None:
            work.leaves()
        if self.connection is not None and self.connection.info.transaction_status != TransactionStatus.IDLE:
            self._forget_town()  # the pool will roll it back
        super()._close()  # type: ignore[misc]  # as above
