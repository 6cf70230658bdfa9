from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.foundation.criteria import units
from gongzhi.kernel.tables import TownOwned


def _drafts(actor: Any) -> bool:
    return bool(actor.kind == "system" or actor.can("may_draft_criteria"))


class ParameterQuerySet(models.QuerySet["Parameter"]):
    def visible_to(self, actor: Any) -> "ParameterQuerySet":
        """Return all. Whoever asks: the values by which a town decides are public."""
        return self


class Parameter(TownOwned):
    """A value by which criteria decide and that changes with time 参数, such as the minimum income."""

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    unit = models.CharField(max_length=20, blank=True)

    objects = ParameterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_parameter_per_code")]

    def __str__(self) -> str:
        return self.title

    @property
    def unit_word(self) -> str:
        return units.word(self.unit)


class ValueQuerySet(models.QuerySet["ParameterValue"]):
    def visible_to(self, actor: Any) -> "ValueQuerySet":
        """Return all. Whoever asks: the values by which a town decides are public."""
        return self


class ParameterValue(TownOwned):
    """The value of a parameter from a day on, with the clause that sets it. No value: it holds no more."""

    parameter = models.ForeignKey(Parameter, on_delete=models.PROTECT, related_name="values")
    value = models.DecimalField(max_digits=17, decimal_places=4, null=True, blank=True)
    valid_from = models.DateField()
    source = models.CharField(max_length=200)
    clause = models.CharField(max_length=60, blank=True)

    objects = ValueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "parameter", "valid_from"], name="one_value_per_day")]

    def __str__(self) -> str:
        return f"{self.parameter}: {self.value} ({self.valid_from})"


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def visible_to(self, actor: Any) -> "CriterionQuerySet":
        """Return those that were adopted: by what a town decides is public. What is being drafted is for those who may."""
        return self if _drafts(actor) else self.filter(Q(versions__adopted_at__isnull=False)).distinct()


class Criterion(TownOwned):
    """A condition of the town 条件, with its versions."""

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    subject = models.CharField(max_length=40, help_text="code of a subject: of whom or what it speaks")

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "criteria"
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_criterion_per_code")]

    def __str__(self) -> str:
        return self.title


class VersionQuerySet(models.QuerySet["CriterionVersion"]):
    def visible_to(self, actor: Any) -> "VersionQuerySet":
        """Return what was adopted; drafts for those who may draft."""
        return self if _drafts(actor) else self.filter(adopted_at__isnull=False)


class CriterionVersion(TownOwned):
    """A version of a criterion: its definition and the clause it comes from. Adopted, it is never changed."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    source = models.CharField(max_length=200)
    clause = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    tried = models.JSONField(default=dict, blank=True, help_text="counts of the last trial, and the digest of what was tried")
    adopted_at = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "criterion", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["town", "criterion"], condition=Q(adopted_at__isnull=True), name="one_draft_per_criterion"),
            models.CheckConstraint(condition=Q(adopted_at__isnull=True) | Q(valid_from__isnull=False), name="adopted_from_a_day"),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.criterion} v{self.number}"
