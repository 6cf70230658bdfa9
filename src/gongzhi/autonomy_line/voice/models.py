"""Conversations on a question: short statements, what people say to them, and the map that comes of it."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned

MOST_TEXT = 140


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, actor: Actor) -> "ConversationQuerySet":
        """Return all. Whoever asks: a question is put to everybody."""
        return self


class Conversation(TownOwned):
    """A question on which residents say what they think, statement by statement 议题."""

    code = models.SlugField(max_length=60)
    question = models.CharField(max_length=120)
    why = models.TextField(help_text="what it is for, and what happens with the answer")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="who asks")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True, blank=True, help_text="when somebody last said something to a statement")
    mapped_at = models.DateTimeField(null=True, blank=True, help_text="up to which moment the map holds what was said")
    picture = models.JSONField(default=dict, blank=True, help_text="the map: groups, common ground, what divides; no single person")
    shown = models.PositiveSmallIntegerField(default=0, help_text="how many groups the map shows")
    rival = models.PositiveSmallIntegerField(default=0, help_text="another number that fits better now")
    wins = models.PositiveSmallIntegerField(default=0, help_text="how many maps running it has fitted better")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_conversation_per_code"),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("opened_at")), name="conversation_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["town", "-opened_at", "-id"], name="conversation_newest")]

    def __str__(self) -> str:
        return self.question

    @property
    def url(self) -> str:
        return f"/voice/{self.code}/"

    def is_open_at(self, at: datetime) -> bool:
        """Return whether one may still say something: the closing moment itself is too late."""
        return self.opened_at <= at < self.closes_at


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, actor: Actor) -> "StatementQuerySet":
        """Return what stands in conversations, one's own, and for moderators all."""
        if actor.kind == "system" or actor.kind == "clock" or actor.can("may_lead_conversations"):
            return self
        shown = Q(state=Statement.State.SHOWN)
        return self.filter(shown | Q(person_id=actor.person_id)) if actor.person_id else self.filter(shown)


class Statement(TownOwned):
    """One short sentence to which people agree or not 观点. Who wrote it is nobody's business."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审"
        SHOWN = "shown", "展示"
        OUT = "out", "未展示"

    WORDS: dict[str, tuple[Any, str, str]] = {
        "waiting": (_("waits to be read"), "warn", "clock"), "shown": (_("shown"), "ok", "circle-check"), "out": (_("not shown"), "stop", "ban"),
    }  # fmt: skip

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="statements")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=MOST_TEXT)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    judged_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why it is not shown; whoever wrote it reads it")

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "conversation", "number"], name="one_statement_per_number"),
            models.CheckConstraint(condition=~Q(state="out") | ~Q(reason=""), name="statement_left_out_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> tuple[Any, str, str]:
        return self.WORDS[self.state]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_out(self) -> bool:
        return self.state == self.State.OUT


class VoiceQuerySet(models.QuerySet["Voice"]):
    def visible_to(self, actor: Actor) -> "VoiceQuerySet":
        """Return one's own only: what somebody said to statements is for nobody else, in no office either."""
        return self.filter(person_id=actor.person_id) if actor.person_id else self.none()


class Voice(TownOwned):
    """What one person said to the statements of a conversation 表态: number of the statement → 1 agree, -1 disagree, 0 pass."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="voices")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
                               help_text="none: brought from a sheet that was filled in at a station")  # fmt: skip
    said = models.JSONField(default=dict)
    latest = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the statement spoken to last")
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)
    group = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "conversation", "person"], name="one_voice_per_person")]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {len(self.said)}"
