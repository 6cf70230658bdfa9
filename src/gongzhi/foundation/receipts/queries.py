"""Receipts by key."""

from gongzhi.foundation.receipts.models import Receipt
from gongzhi.kernel.actors import Actor


def receipt(*, seen_by: Actor, scope: str, key: str) -> Receipt | None:
    """Return what was done under a key, or None. Whoever asks: the key is the caller's own."""
    return Receipt.objects.filter(scope=scope, key=key).first()
