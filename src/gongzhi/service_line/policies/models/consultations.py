from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned

# state on a day → (word, chip, icon)
STATE_WORDS: dict[str, tuple[Any, str, str]] = {
    "open": (_("Opinions are asked for"), "work", "message-square"),
    "answering": (_("Opinions are being answered"), "warn", "clock"),
    "told": (_("Result published"), "ok", "circle-check"),
}


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def visible_to(self, actor: Actor) -> "ConsultationQuerySet":
        """Return all. Whoever asks: a draft is consulted on with everybody, from its first day."""
        return self


class Consultation(TownOwned):
    """A draft on which everybody is asked before it is decided 征求意见."""

    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    why = models.TextField(help_text="why it is drafted, in plain words")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    topics = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField()
    closes_on = models.DateField(help_text="last day for opinions")
    told_at = models.DateTimeField(null=True, blank=True, help_text="when the result was published")
    result = models.TextField(blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_consultation_per_code")]
        indexes = [models.Index(fields=["town", "-opened_at", "-id"], name="consultation_newest")]

    def __str__(self) -> str:
        return self.title

    def state_on(self, day: date) -> str:
        """Return open, answering or told."""
        if self.told_at is not None:
            return "told"
        return "open" if day <= self.closes_on else "answering"

    @property
    def url(self) -> str:
        return f"/consultations/{self.code}/"

    @property
    def is_told(self) -> bool:
        return self.told_at is not None


class Section(TownOwned):
    """A part of a draft, on which one can comment 段落."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="sections")
    place = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "consultation", "place"], name="one_section_per_place")]
        ordering = ["place"]

    def __str__(self) -> str:
        return self.number or self.text[:20]


class Answer(TownOwned):
    """What became of an opinion, or of several alike 采纳情况."""

    class Taken(models.TextChoices):
        YES = "yes", "采纳"
        PARTLY = "partly", "部分采纳"
        NO = "no", "未采纳"

    WORDS: dict[str, tuple[Any, str, str]] = {
        "yes": (pgettext_lazy("opinion", "taken"), "ok", "circle-check"), "partly": (_("partly taken"), "work", "circle-dot"),
        "no": (_("not taken"), "stop", "ban"),
    }  # fmt: skip

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="answers")
    taken = models.CharField(max_length=6, choices=Taken)
    reason = models.TextField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="answer_has_a_reason")]

    def __str__(self) -> str:
        return self.taken

    @property
    def state_words(self) -> tuple[Any, str, str]:
        return self.WORDS[self.taken]


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def visible_to(self, actor: Actor) -> "OpinionQuerySet":
        """Return all. Whoever asks: opinions on a draft are public, without who gave them."""
        return self


class Opinion(TownOwned):
    """What somebody thinks of a draft or of one section of it 意见. Who gave it is nobody's business."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="opinions")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, blank=True, related_name="opinions")
    text = models.TextField()
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField()
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions")

    objects = OpinionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["town", "consultation", "id"], name="opinion_order")]

    def __str__(self) -> str:
        return self.text[:20]
