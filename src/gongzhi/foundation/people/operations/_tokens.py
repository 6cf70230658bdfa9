"""The end of tokens with the other ways in. Inside an operation only."""

from datetime import datetime

from gongzhi.foundation.people.models import ApiToken, User


def end_tokens(user: User, at: datetime) -> None:
    """Revoke every token of a log-in: whatever ends its other ways in ends these too. Inside an operation only."""
    ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
