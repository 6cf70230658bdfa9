from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sources.models.outlets import Outlet, sees_all


class ReturnQuerySet(models.QuerySet["Return"]):
    def visible_to(self, actor: Actor) -> "ReturnQuerySet":
        """Return the returns for staff, and for a firm its own."""
        return self if sees_all(actor) else self.filter(organ_id__in=sorted(actor.organ_ids))

    def newest_versions(self) -> "ReturnQuerySet":
        """Leave out what a later filing of the same period has replaced."""
        return self.filter(is_current=True)


class Return(HasState, TownOwned):
    """A firm's return 企业报表 for a month or a quarter. A filing that was sent back is answered by another one; both stay."""

    class Period(models.TextChoices):
        MONTH = "month", "月报"
        QUARTER = "quarter", "季报"

    class State(models.TextChoices):
        FILED = "filed", "待核"
        ACCEPTED = "accepted", "已核"
        RETURNED = "returned", "退回"

    PERIOD_WORDS: dict[str, Any] = {"month": _("monthly"), "quarter": _("quarterly")}
    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "filed": (_("to be checked"), "open", "clock"),
        "accepted": (_("checked and accepted"), "ok", "circle-check"),
        "returned": (_("sent back to the firm"), "warn", "undo-2"),
    }

    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=7, choices=Period)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="the last day")
    output_value = models.DecimalField(max_digits=14, decimal_places=2, help_text="10,000 yuan")
    energy = models.DecimalField(max_digits=14, decimal_places=3, help_text="tonnes of standard coal")
    water = models.DecimalField(max_digits=14, decimal_places=2, help_text="m³ of fresh water")
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.FILED)
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=80)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.CharField(max_length=80, blank=True)
    remark = models.CharField(max_length=400, blank=True, help_text="of whoever checked it")
    is_current = models.BooleanField(default=True, help_text="not replaced by a later filing")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReturnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "organ", "period", "starts_on"], condition=Q(is_current=True), name="one_return_per_period"),
            models.CheckConstraint(condition=Q(output_value__gte=0, energy__gte=0, water__gte=0), name="return_is_not_negative"),
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("starts_on")), name="return_has_length"),
        ]
        indexes = [models.Index(fields=["town", "organ", "-starts_on"], name="return_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Return the period as it is filed: 2026-10, 2026 Q3."""
        if self.period == self.Period.MONTH:
            return f"{self.starts_on:%Y-%m}"
        return f"{self.starts_on.year} Q{(self.starts_on.month + 2) // 3}"

    @property
    def period_word(self) -> Any:
        return self.PERIOD_WORDS[self.period]

    @property
    def is_filed(self) -> bool:
        return self.state == self.State.FILED

    @property
    def is_accepted(self) -> bool:
        return self.state == self.State.ACCEPTED

    @property
    def is_returned(self) -> bool:
        return self.state == self.State.RETURNED


class ReturnedAmount(TownOwned):
    """What a return says that an outlet gave off of a factor in the period."""

    filed = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="amounts")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="+")
    factor = models.CharField(max_length=40)
    kilograms = models.DecimalField(max_digits=16, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "filed", "outlet", "factor"], name="one_amount_per_factor"),
            models.CheckConstraint(condition=Q(kilograms__gte=0), name="amount_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.factor}"

    @property
    def label(self) -> str:
        return factors.label(self.factor)


class ThresholdQuerySet(models.QuerySet["Threshold"]):
    def valid_on(self, day: date) -> "ThresholdQuerySet":
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class Threshold(TownOwned):
    """From where on a firm counts as high in something 三高 (高污染 高耗能 高耗水): the town's own figure, with its basis and its days."""

    ENERGY, WATER = "energy", "water"

    measure = models.CharField(max_length=40, help_text="energy, water, or the code of a factor that is given off")
    limit = models.DecimalField(max_digits=14, decimal_places=5, help_text="per 10,000 yuan of output: tce, m³, or kg")
    basis = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="the last day")

    objects = ThresholdQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "measure", "valid_from"], name="one_threshold_per_day"),
            models.CheckConstraint(condition=Q(limit__gt=Decimal(0)), name="threshold_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.limit}"

    @property
    def unit(self) -> str:
        return str(measure_unit(self.measure))

    @property
    def label(self) -> Any:
        return measure_label(self.measure)


def measure_label(measure: str) -> Any:
    """Return what is measured in the reader's language."""
    return {"energy": _("Energy"), "water": _("Water use")}.get(measure) or factors.label(measure)


def measure_unit(measure: str) -> Any:
    """Return the unit of its intensity in the reader's language."""
    return {"energy": _("tce/10k yuan"), "water": _("m³/10k yuan")}.get(measure) or _("kg/10k yuan")
