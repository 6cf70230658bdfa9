"""PostgreSQL backend that tells each connection for which town it works.

Policies compare `town_id` with the setting `gongzhi.town`. The setting follows the context variable of
`kernel.towns`: it is sent only when it differs from what this connection was last told, so a request costs at most
one extra round trip. A rolled back transaction also rolls the setting back, therefore what the connection knows is
forgotten on every rollback and told again.
"""

from typing import Any

from django.db.backends.postgresql import base

from gongzhi.kernel.towns import current_town_or_none

_UNKNOWN = object()


class DatabaseWrapper(base.DatabaseWrapper):
    _told: Any = _UNKNOWN

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._told = _UNKNOWN
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        town_id = current_town_or_none()
        if town_id is not self._told and town_id != self._told:
            with self.connection.cursor() as plain:
                plain.execute("SELECT set_config('gongzhi.town', %s, false)", ["" if town_id is None else str(town_id)])
            self._told = town_id
        return super().create_cursor(name)

    def _rollback(self) -> None:
        self._told = _UNKNOWN
        super()._rollback()  # type: ignore[misc]  # its base has it; the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        self._told = _UNKNOWN

    def _close(self) -> None:
        self._told = _UNKNOWN
        super()._close()  # type: ignore[misc]  # as above
