from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


class Choice(TownOwned):
    """How a person wants to hear of things besides the product itself 通知方式."""

    class Mail(models.TextChoices):
        NONE = "none", "不发邮件"
        AT_ONCE = "at_once", "即时"
        DAILY = "daily", "每日一封"

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    mail = models.CharField(max_length=8, choices=Mail, default=Mail.NONE)
    address = models.EmailField(blank=True)
    webhook = models.BooleanField(default=False, help_text="through the town's gateway to SMS, WeCom or DingTalk")
    last_digest_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "person"], name="one_choice_per_person")]

    def __str__(self) -> str:
        return self.mail


class Delivery(TownOwned):
    """One notice on its way out by one channel 投递."""

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        WEBHOOK = "webhook", "网关"
        PUSH = "push", "推送"

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        SENT = "sent", "已发"
        FAILED = "failed", "失败"

    notice = models.ForeignKey("notices.Notice", on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["town", "notice", "channel"], name="one_delivery_per_channel")]
        indexes = [models.Index(fields=["town", "state", "-made_at"], name="delivery_state")]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"

    @property
    def is_failed(self) -> bool:
        return self.state == self.State.FAILED


class Device(TownOwned):
    """A browser of a person that is told of notices by Web Push 推送设备."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=80)
    endpoint = models.CharField(max_length=600)
    fingerprint = models.CharField(max_length=64)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "fingerprint"], name="one_device_per_endpoint")]
        indexes = [models.Index(fields=["town", "person"], name="device_person")]

    def __str__(self) -> str:
        return self.title


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> "NoticeQuerySet":
        """Return a person's own notices."""
        if actor.is_clock or actor.kind == "system":
            return self
        return self.filter(person_id=actor.person_id) if actor.person_id else self.none()

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)


class Notice(TownOwned):
    """Something a person should hear 通知. Its title is a msgid with parameters, put into words when it is read."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    params = models.JSONField(default=dict, blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=200, blank=True)
    case_id = models.BigIntegerField(null=True, blank=True)
    dedupe = models.CharField(max_length=80, blank=True, help_text="the same key is given once to a person")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["town", "person", "-made_at", "-id"], name="notice_newest"),
            models.Index(fields=["town", "person"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(fields=["town", "person", "dedupe"], condition=~Q(dedupe=""), name="one_notice_per_key")]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """Return the title in the reader's language."""
        told = gettext(self.title)
        params: dict[str, Any] = self.params or {}
        return told % params if params else told

    @property
    def is_read(self) -> bool:
        return self.read_at is not None
