from typing import ClassVar

from django.db import models

from gongzhi.kernel.tables import TownOwned


class Receipt(TownOwned):
    """That something was done under a key 回执, and what was answered, sealed: answers hold what people told."""

    SEALED: ClassVar[dict[str, str]] = {"answer": "receipt"}

    scope = models.CharField(max_length=80, help_text="whose call: actor reference")
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    subject = models.CharField(max_length=80, help_text="what the act was about")
    made_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "scope", "key"], name="one_receipt_per_key")]
        indexes = [models.Index(fields=["town", "made_at"], name="receipt_made")]

    def __str__(self) -> str:
        return self.key
