import hashlib
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned

KEPT_FOR = timedelta(days=30)


def session_mark(session: str) -> str:
    """Return under what a session's drafts stand: a hash, for whoever reads the table must not be able to take the session over."""
    return hashlib.sha256(f"draft:{session}".encode()).hexdigest() if session else ""


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, actor: Actor, session: str = "") -> "DraftQuerySet":
        """Return the drafts of this person; of whoever is not signed in, those of their session."""
        if actor.person_id is not None:
            return self.filter(person_id=actor.person_id)
        return self.filter(person__isnull=True, session=session_mark(session)) if session else self.none()


class Draft(TownOwned):
    """What somebody is filling in 草稿: values sealed, papers by id."""

    SEALED: ClassVar[dict[str, str]] = {"values_sealed": "draft"}

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    session = models.CharField(max_length=64, blank=True, help_text="hash of the session of whoever is not signed in")
    purpose = models.CharField(max_length=100)
    values_sealed = models.BinaryField(help_text="the values, as one sealed JSON object")
    attachment_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="rises with each keeping: two devices notice each other")
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "person", "purpose"], condition=Q(person__isnull=False), name="one_draft_per_person"),
            models.UniqueConstraint(fields=["town", "session", "purpose"], condition=Q(person__isnull=True), name="one_draft_per_session"),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(session=""), name="draft_has_an_owner"),
        ]
        indexes = [models.Index(fields=["town", "touched_at"], name="draft_touched")]

    def __str__(self) -> str:
        return self.purpose

    @property
    def ends_at(self) -> datetime:
        return self.touched_at + KEPT_FOR
