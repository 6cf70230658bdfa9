"""Receipts by key."""

from gongzhi.foundation.people import sealing
from gongzhi.foundation.receipts.models import Receipt
from gongzhi.kernel.actors import Actor


def answer_of(*, seen_by: Actor, receipt: Receipt) -> str | None:
    """Return what was answered, or None where it is kept no longer or no key opens it. Whoever asks: the key is the caller's own."""
    try:
        return sealing.unseal_text(receipt.answer, "receipt") if receipt.status is not None else None
    except (sealing.CannotOpen, ValueError):
        return None


def receipt(*, seen_by: Actor, scope: str, key: str) -> Receipt | None:
    """Return what was done under a key, or None. Whoever asks: the key is the caller's own."""
    return Receipt.objects.filter(scope=scope, key=key).first()
