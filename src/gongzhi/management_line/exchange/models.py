"""Tables of exchange: what a case of each kind is about, who may send from outside, and which messages came."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned


class DataRequest(TownOwned):
    """What a unit asks another for 共享申请, and what was answered."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    register = models.CharField(max_length=12)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="that asks")
    authority = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="that decides")
    purpose = models.CharField(max_length=200)
    basis = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    asked_by = models.CharField(max_length=60)
    asked_by_person_id = models.BigIntegerField(null=True, blank=True)
    grant_id = models.BigIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="data_request_ends_after_it_begins")]
        indexes = [models.Index(fields=["town", "organ", "-id"], name="data_request_organ")]

    def __str__(self) -> str:
        return f"{self.case_id}"


class RequestedField(TownOwned):
    """One field of a request with its own answer 逐项答复."""

    ANSWER_WORDS: ClassVar[dict[str, Any]] = {"": (_("waits for an answer"), "open", "clock"), "granted": (_("granted"), "ok", "circle-check"),
                                              "refused": (_("not granted"), "stop", "ban")}  # fmt: skip

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="fields")
    field = models.CharField(max_length=24)
    answer = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "request", "field"], name="one_answer_per_field")]

    def __str__(self) -> str:
        return f"{self.request_id}.{self.field}"


class Correction(TownOwned):
    """The value that a case of correction is about 更正: whose it is, which, what is proposed, what was answered."""

    SEALED: ClassVar[dict[str, str]] = {"proposed_sealed": "correction"}

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    register = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=24)
    authority = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    raised_by_person_id = models.BigIntegerField(null=True, blank=True)
    proposed_sealed = models.BinaryField(default=b"", blank=True)
    is_corrected = models.BooleanField(null=True)
    basis = models.CharField(max_length=200, blank=True)
    told = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="units that had been shown the wrong value")
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.register}:{self.subject_id}.{self.field}"


class Sender(TownOwned):
    """A system outside that may send rows of a data set 推送方, and the public key by which its messages are known."""

    data_set = models.ForeignKey("grants.DataSet", on_delete=models.PROTECT, related_name="+")
    key_id = models.CharField(max_length=60)
    title = models.CharField(max_length=80)
    public_key = models.TextField(help_text="PEM, Ed25519 or P-256")
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "key_id"], name="one_sender_per_key")]

    def __str__(self) -> str:
        return self.title


class SentMessage(TownOwned):
    """A signed message that came 推送记录: its nonce is taken once, its account stays."""

    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=100)
    signed_at = models.DateTimeField()
    came_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body")
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    refused = models.JSONField(default=list, help_text="[{row, field, why}]: why rows were not taken, without what stood there")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "sender", "nonce"], name="one_message_per_nonce")]
        indexes = [models.Index(fields=["town", "sender", "-id"], name="sent_message_sender")]

    def __str__(self) -> str:
        return f"{self.sender_id}:{self.pk}"
