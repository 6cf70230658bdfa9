"""PostgreSQL backend that tells each connection for which town it works, and keeps statements prepared.

Policies compare `town_id` with the setting `gongzhi.town`. The setting follows the context variable of
`kernel.towns`: it is sent only when it differs from what this connection was last told, so a request costs at most
one extra round trip. A rolled back transaction also rolls the setting back, therefore what the connection knows is
forgotten on every rollback and told again. A connection that goes back to the pool keeps what it was told.

`prepared()` is for the few statements that acts send again and again: read and planned by the server once a connection,
where Django's cursors put the values into the text and have each text read anew.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from gongzhi.kernel.postgres.plain import Statements
from gongzhi.kernel.towns import current_town_or_none

_UNKNOWN: Any = object()


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        self._tell_town()
        return super().create_cursor(name)

    def prepared(self, statement: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement (its values written $1, $2 …) that the connection keeps prepared; return its rows, if it gives any."""
        self.ensure_connection()
        self.validate_no_broken_transaction()
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
        if self.connection is not None and self.connection.info.transaction_status != TransactionStatus.IDLE:
            self._forget_town()  # the pool will roll it back
        super()._close()  # type: ignore[misc]  # as above
