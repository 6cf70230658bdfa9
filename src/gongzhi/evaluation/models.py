from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned

UNIT_WORDS: dict[str, Any] = {"percent": "%", "days": _("days"), "points": _("points"), "cases": _("cases"), "ratio": ""}


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, actor: Actor) -> "IndicatorQuerySet":
        """Return all. Whoever asks: by what the town measures itself is public."""
        return self

    def in_force(self) -> "IndicatorQuerySet":
        return self.filter(ended_at__isnull=True)


class Indicator(TownOwned):
    """An indicator 指标: what is measured, by which formula, what is aimed at, and who answers for it. Versions replace each other, none is edited."""

    class Side(models.TextChoices):
        HARD = "hard", "硬指标"
        SOFT = "soft", "软指标"

    class Direction(models.TextChoices):
        UP = "up", "越高越好"
        DOWN = "down", "越低越好"
        NONE = "none", "只看不比"

    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80, blank=True)
    definition = models.CharField(max_length=300)
    definition_en = models.CharField(max_length=400, blank=True)
    formula = models.CharField(max_length=200, help_text="over declared figures, such as share(cases.on_time)")
    unit = models.CharField(max_length=10, choices=[(code, str(code)) for code in UNIT_WORDS])
    side = models.CharField(max_length=4, choices=Side)
    counterpart = models.SlugField(max_length=40, blank=True, help_text="of a hard one: the soft indicator that stands beside it")
    direction = models.CharField(max_length=4, choices=Direction)
    target = models.FloatField(null=True, blank=True, help_text="in the unit; percent as 0 to 100")
    owner = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=200, help_text="the document that it comes from")
    least = models.PositiveSmallIntegerField(default=5, help_text="of fewer observations nothing is said")
    rank = models.PositiveSmallIntegerField(default=50)
    in_scorecard = models.BooleanField(default=False)
    adopted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code", "version"], name="one_indicator_per_version"),
            models.UniqueConstraint(fields=["town", "code"], condition=Q(ended_at__isnull=True), name="one_indicator_in_force"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        """Return the title in the reader's language."""
        return (self.title_en if (get_language() or "").startswith("en") else "") or self.title

    @property
    def meaning(self) -> str:
        """Return the definition in the reader's language."""
        return (self.definition_en if (get_language() or "").startswith("en") else "") or self.definition

    @property
    def unit_word(self) -> Any:
        return UNIT_WORDS.get(self.unit, "")

    @property
    def is_hard(self) -> bool:
        return self.side == self.Side.HARD

    @property
    def scale(self) -> float:
        """Return by what a worked-out value is multiplied to be in the unit."""
        return 100.0 if self.unit == "percent" else 1.0


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, actor: Actor) -> "FindingQuerySet":
        """Return all. Whoever asks: findings are made from public cases alone, and say what everybody may count."""
        return self


class Finding(TownOwned):
    """A finding 发现: what goes wrong by the record, found by the product itself once a week. Never edited; a week later it is found again or not."""

    class Sort(models.TextChoices):
        CLOSED_EARLY = "closed_early", "赶在时限前结案"
        REPEAT_PLACE = "repeat_place", "同一处反复"
        BOUNCING = "bouncing", "来回退"
        UNEQUAL_SERVICE = "unequal_service", "有的社区等得更久"
        BOTTLENECK = "bottleneck", "卡在一步"

    week = models.DateField(help_text="its Monday")
    sort = models.CharField(max_length=20, choices=Sort)
    key = models.CharField(max_length=120, help_text="about what: the same matter has the same key every week")
    sureness = models.FloatField()
    figures = models.JSONField()
    slugs = models.JSONField(default=list, help_text="of the cases it rests on")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    found_at = models.DateTimeField()

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "week", "sort", "key"], name="one_finding_per_week")]

    def __str__(self) -> str:
        return f"{self.sort} {self.key}"
