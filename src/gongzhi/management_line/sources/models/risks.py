from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.sources.models.outlets import sees_all

SOON = 60  # days before a plan's revision is due


class RiskSourceQuerySet(models.QuerySet["RiskSource"]):
    def visible_to(self, actor: Actor) -> "RiskSourceQuerySet":
        """Return risk sources for staff, and for a firm its own: what is stored where is not for everybody."""
        return self if sees_all(actor) else self.filter(organ_id__in=sorted(actor.organ_ids))


class RiskSource(TownOwned):
    """An environmental risk source 环境风险源: a place where so much of something is kept that its escape would harm."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    longitude = models.FloatField()
    latitude = models.FloatField()
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    contact_post = models.CharField(max_length=80, blank=True, help_text="the firm's post on duty, never a person's name")
    note = models.CharField(max_length=400, blank=True)
    registered_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)

    objects = RiskSourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_risk_source_per_code")]

    def __str__(self) -> str:
        return self.name


class Substance(TownOwned):
    """A substance at a risk source 风险物质: how much at most is there, and from which quantity on it counts (as entered, with its basis)."""

    risk = models.ForeignKey(RiskSource, on_delete=models.PROTECT, related_name="substances")
    name = models.CharField(max_length=80)
    cas = models.CharField(max_length=12, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=4, help_text="tonnes, the most that is there at a time")
    threshold = models.DecimalField(max_digits=12, decimal_places=4, help_text="tonnes")
    basis = models.CharField(max_length=120, help_text="where the threshold is taken from")
    is_current = models.BooleanField(default=True)
    listed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0, threshold__gt=0), name="substance_quantities"),
            models.UniqueConstraint(fields=["town", "risk", "name"], condition=Q(is_current=True), name="one_substance_at_a_time"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ratio(self) -> Decimal:
        """Return quantity over threshold."""
        return self.quantity / self.threshold


class Plan(TownOwned):
    """An emergency plan 突发环境事件应急预案 as it was filed, with the day by which it is to be revised."""

    risk = models.ForeignKey(RiskSource, on_delete=models.PROTECT, related_name="plans")
    title = models.CharField(max_length=120)
    number = models.CharField(max_length=60, help_text="备案编号")
    filed_on = models.DateField()
    revision_due_on = models.DateField()
    paper = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(revision_due_on__gt=models.F("filed_on")), name="plan_is_revised_later")]
        indexes = [models.Index(fields=["town", "risk", "-filed_on"], name="plan_newest"), models.Index(fields=["town", "paper"], name="plan_paper")]

    STATE_WORDS: dict[str, tuple[Any, str, str]] = {
        "valid": (_("on file"), "ok", "circle-check"),
        "soon": (_("revision due soon"), "warn", "clock"),
        "late": (_("revision overdue"), "late", "triangle-alert"),
        "none": (_("no plan on file"), "late", "triangle-alert"),
    }

    def __str__(self) -> str:
        return self.title

    def state_on(self, on: date) -> str:
        """Return late, soon or valid."""
        if on > self.revision_due_on:
            return "late"
        return "soon" if (self.revision_due_on - on).days <= SOON else "valid"


class Drill(TownOwned):
    """A drill 应急演练 of a plan: when, of what, and what it showed."""

    risk = models.ForeignKey(RiskSource, on_delete=models.PROTECT, related_name="drills")
    held_on = models.DateField()
    scenario = models.CharField(max_length=200)
    finding = models.CharField(max_length=400, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["town", "risk", "-held_on"], name="drill_newest")]

    def __str__(self) -> str:
        return f"{self.risk_id} {self.held_on}"


class SensitivePlaceQuerySet(models.QuerySet["SensitivePlace"]):
    def visible_to(self, actor: Actor) -> "SensitivePlaceQuerySet":
        """Return sensitive places for staff and for firms, whose plans must know them."""
        return self if sees_all(actor) or actor.can("may_speak_for_firm") else self.none()


class SensitivePlace(TownOwned):
    """A place to be protected 环境敏感目标: a school, a hospital, a water intake, a village."""

    class Kind(models.TextChoices):
        SCHOOL = "school", "学校"
        HOSPITAL = "hospital", "医院"
        INTAKE = "intake", "取水口"
        VILLAGE = "village", "居民点"
        RESERVE = "reserve", "生态保护地"

    WORDS: dict[str, tuple[Any, str]] = {
        "school": (_("School"), "book-open-check"),
        "hospital": (_("Hospital or clinic"), "plus"),
        "intake": (_("Water intake"), "droplets"),
        "village": (_("Homes"), "house"),
        "reserve": (_("Protected nature"), "leaf"),
    }

    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8, choices=Kind)
    population = models.PositiveIntegerField(null=True, blank=True)
    longitude = models.FloatField()
    latitude = models.FloatField()
    registered_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)

    objects = SensitivePlaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="one_sensitive_place_per_name")]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name

    @property
    def kind_word(self) -> Any:
        return self.WORDS[self.kind][0]
