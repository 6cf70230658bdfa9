from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


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
