"""The end of whatever a log-in has open: tokens and live streams. Inside an operation only."""

from datetime import datetime

from gongzhi.foundation.people.models import ApiToken, User
from gongzhi.kernel import live


def end_what_is_open(user: User, at: datetime) -> None:
    """Revoke every token of a log-in and end its open streams: whatever ends its other ways in ends these too. Inside an operation only."""
    ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
    live.end_login(user.pk)
