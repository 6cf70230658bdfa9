"""A person's notices."""

from django.db.models import QuerySet

from gongzhi.foundation.notices.models import Notice
from gongzhi.kernel.actors import Actor


def notices(*, seen_by: Actor, unread_only: bool = False) -> QuerySet[Notice]:
    """Return the reader's notices, newest first."""
    found = Notice.objects.visible_to(seen_by)
    return (found.unread() if unread_only else found).order_by("-made_at", "-pk")


def unread_count(*, seen_by: Actor) -> int:
    """Return how many notices the reader has not read, counted up to 100."""
    return Notice.objects.visible_to(seen_by).unread().order_by()[:100].count()
