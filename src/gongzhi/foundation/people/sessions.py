"""Sessions 会话 in the database, each of one town: what somebody wrote in one town's pages is behind that town's wall."""

from typing import Any

from django.contrib.sessions.backends import db

from gongzhi.kernel.towns import current_town


class SessionStore(db.SessionStore):
    """Django's store, over our own table. The settings name this module."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Return the table; imported when it is asked for, since the settings name this module before tables are known."""
        from gongzhi.foundation.people.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row of the present town, unsaved."""
        row: Any = super().create_model_instance(data)
        row.town_id = current_town()
        return row
