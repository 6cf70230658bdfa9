from datetime import date, datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from gongzhi.kernel.tables import TownOwned


class Life(models.TextChoices):
    """The three lives 三生, by which a town looks at its cases."""

    WORK = "work", "生产"
    HOME = "home", "生活"
    ECO = "eco", "生态"


class Unit(models.TextChoices):
    """In what a limit is counted; working day and calendar day are different things."""

    WORKING_HOURS = "working_hours", "工作时"
    WORKING_DAYS = "working_days", "工作日"
    HOURS = "hours", "小时"
    CALENDAR_DAYS = "calendar_days", "日"


class CategoryQuerySet(models.QuerySet["Category"]):
    def visible_to(self, actor: Any) -> "CategoryQuerySet":
        """Return all. Whoever asks: what the town takes care of is public, restricted matters too: their cases are not."""
        return self

    def valid_on(self, day: date) -> "CategoryQuerySet":
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class Category(TownOwned):
    """A category 分类: life → main class → subclass, component 部件 or occurrence 事件 (city-grid standard)."""

    class Sort(models.TextChoices):
        COMPONENT = "component", "部件"
        OCCURRENCE = "occurrence", "事件"

    class Severity(models.IntegerChoices):
        ORDINARY = 1, "一般"
        RAISED = 2, "较重"
        GRAVE = 3, "重大"
        EMERGENCY = 4, "紧急"

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=300, blank=True)
    description_en = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    life = models.CharField(max_length=8, choices=Life)
    sort = models.CharField(max_length=12, choices=Sort, default=Sort.OCCURRENCE)
    severity = models.SmallIntegerField(choices=Severity, default=Severity.ORDINARY)
    limit_amount = models.PositiveSmallIntegerField(default=5)
    limit_unit = models.CharField(max_length=16, choices=Unit, default=Unit.WORKING_DAYS)
    basis = models.CharField(max_length=200, blank=True, help_text="the rule that sets the limit, with its clause")
    keywords = models.CharField(max_length=300, blank=True, help_text="space separated; found in texts")
    kinds = ArrayField(models.CharField(max_length=30), default=list, blank=True, help_text="kinds of case it is for; empty: all that have categories")
    for_public = models.BooleanField(default=True, help_text="residents may report it")
    restricted = models.BooleanField(default=False, help_text="cases of it are for their parties only")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_category_per_code")]

    def __str__(self) -> str:
        return self.label

    def is_valid_on(self, day: date) -> bool:
        """Return whether the category may be used on the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def fits(self, kind: str) -> bool:
        """Return whether cases of this kind may name the category; one that names no kinds is for all that have categories."""
        return not self.kinds or kind in self.kinds

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    def visible_to(self, actor: Any) -> "ResponsibilityQuerySet":
        """Return all. Whoever asks: who is responsible is public."""
        return self

    def valid_on(self, day: date) -> "ResponsibilityQuerySet":
        return self.filter(validity__contains=day)


class Responsibility(TownOwned):
    """One line of the list 权责清单: category × area → exactly one lead organ at any time (the database holds it)."""

    clause = models.CharField(max_length=40, help_text="how people cite it, such as B-114")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lead = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    co_handlers = models.JSONField(default=list, blank=True, help_text="ids of organs asked to join by default")
    limit_amount = models.PositiveSmallIntegerField(null=True, blank=True, help_text="empty: the category's")
    limit_unit = models.CharField(max_length=16, choices=Unit, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    validity = DateRangeField()

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["town", "category"], name="responsibility_category")]
        constraints = [
            ExclusionConstraint(
                name="one_lead_per_matter",
                expressions=[
                    (F("town_id"), RangeOperators.EQUAL),
                    (F("category_id"), RangeOperators.EQUAL),
                    (Coalesce(F("area_id"), Value(0)), RangeOperators.EQUAL),
                    (F("validity"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause} v{self.version}"

    def is_valid_on(self, day: date) -> bool:
        """Return whether the line holds on the day (an emptied validity holds on none)."""
        if self.validity.isempty:
            return False
        return self.validity.lower <= day and (self.validity.upper is None or day < self.validity.upper)


class AmendmentProposal(TownOwned):
    """What a binding ruling proposes to change in the responsibility list 清单修订建议."""

    class State(models.TextChoices):
        OPEN = "open", "待定"
        ADOPTED = "adopted", "已采纳"
        DECLINED = "declined", "未采纳"

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    present = models.ForeignKey(Responsibility, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_lead = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.category_id} → {self.proposed_lead_id}"


class ProcedureQuerySet(models.QuerySet["Procedure"]):
    def visible_to(self, actor: Any) -> "ProcedureQuerySet":
        """Return all. Whoever asks: how the town works is public."""
        return self

    def in_force(self, kind: str, at: datetime) -> "ProcedureQuerySet":
        return self.filter(kind=kind, variant="", effective_from__lte=at).order_by("-version")


class Procedure(TownOwned):
    """One version of a kind's procedure 办理流程: stages, owners, clocks, ways back. Never edited, only followed."""

    kind = models.CharField(max_length=30)
    variant = models.CharField(max_length=60, blank=True, default="", db_default="",
                               help_text="whose own it is, where cases of a kind go different ways: a matter's code")  # fmt: skip
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    reason = models.CharField(max_length=300)
    effective_from = models.DateTimeField()
    made_at = models.DateTimeField()

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "kind", "variant", "version"], name="one_procedure_per_version")]

    def __str__(self) -> str:
        return f"{self.variant or self.kind} v{self.version}"


