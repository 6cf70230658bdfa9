"""Finds the log-in behind a session. Row-level security shows each town its own, so a session of one town is nobody in another."""

from typing import Any

from gongzhi.foundation.people.models import User


class TownBackend:
    """Sessions name a log-in by its number; passwords are checked by the operation, not here."""

    def authenticate(self, request: Any, **_given: Any) -> None:
        """Return None: signing in goes through `operations.try_password`."""

    def get_user(self, user_id: int) -> User | None:
        """Return the active log-in of the present town, or None."""
        return User.objects.select_related("person").filter(pk=user_id, is_active=True).first()
