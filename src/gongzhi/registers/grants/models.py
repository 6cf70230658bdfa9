"""Tables of grants."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words

SET = "set:"


class FieldEntry(TownOwned):
    """What the town says of one field of a register 目录项: the one organ that answers for it, how it is shared. Without it: as shipped, and no organ."""

    register = models.CharField(max_length=12)
    field = models.CharField(max_length=24)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    share = models.PositiveSmallIntegerField(help_text="1 without a request, 2 on request, 3 not given")
    basis = models.CharField(max_length=200, blank=True, help_text="the law by which it is not given")
    period = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "register", "field"], name="one_entry_per_field"),
            models.CheckConstraint(condition=~Q(share=3) | ~Q(basis=""), name="not_given_by_law"),
        ]

    def __str__(self) -> str:
        return f"{self.register}.{self.field}"


class DataSet(TownOwned):
    """Data that an organ holds elsewhere 数据集; rows of it may be told here by schema, and are given by grant only."""

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=120, blank=True, help_text="the system in which it is held")
    share = models.PositiveSmallIntegerField(default=2)
    basis = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=8, default="month")
    fields = models.JSONField(default=list, help_text="[{code, title, sort, required}]; the first is what a row is found by")
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_data_set_per_code"),
            models.CheckConstraint(condition=~Q(share=3) | ~Q(basis=""), name="data_set_not_given_by_law"),
        ]

    def __str__(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") and self.title_en else self.title

    @property
    def register(self) -> str:
        """Return the code under which it is asked for, granted and looked at."""
        return f"{SET}{self.pk}"


class DataRow(TownOwned):
    """A row of a data set as it was told last, sealed and found by the keyed hash of its first field."""

    SEALED: ClassVar[dict[str, str]] = {"values_sealed": "data-row"}

    data_set = models.ForeignKey(DataSet, on_delete=models.PROTECT, related_name="+")
    key_hash = models.BinaryField()
    values_sealed = models.BinaryField()
    source = models.CharField(max_length=120)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "data_set", "key_hash"], name="one_data_row_per_key")]

    def __str__(self) -> str:
        return f"{self.data_set_id}:{self.pk}"


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, actor: Actor) -> "GrantQuerySet":
        """Return all grants: they name units, fields, purposes and days, nobody's value.

        Whoever asks: whose data is given to whom for what is for everybody to read.
        """
        return self

    def in_force(self, day: date) -> "GrantQuerySet":
        """Leave only those that hold on a day, their first and last day included."""
        return self.filter(ended_at__isnull=True, starts_on__lte=day, ends_on__gte=day)


class Grant(HasState, TownOwned):
    """A grant 授权: an organ may see these fields of a register, for this purpose, from the first day to the last."""

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "waiting": (_("not begun"), "open", "clock"),
        "running": (_("in force"), "ok", "circle-check"),
        "expired": (_("run out"), "stop", "circle-pause"),
        "ended": (_("ended"), "stop", "ban"),
    }

    register = models.CharField(max_length=12)
    fields = ArrayField(models.CharField(max_length=24))
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="that may see")
    authority = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="that gave it")
    purpose = models.CharField(max_length=200)
    basis = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="the last day on which it holds")
    case_id = models.BigIntegerField(null=True, blank=True, help_text="of the request that it follows from")
    given_by = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    objects = GrantQuerySet.as_manager()
    on_day: date | None = None  # of the question for which it was read, so that its state can be told

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="grant_ends_after_it_begins")]
        indexes = [
            models.Index(fields=["town", "organ", "-id"], name="grant_organ"), models.Index(fields=["town", "authority", "-id"], name="grant_authority"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.given_at:%Y}-{self.pk:05d}"

    @property
    def state(self) -> str:
        return self.state_on(self.on_day) if self.on_day else ("ended" if self.ended_at else "running")

    def state_on(self, day: date) -> str:
        """Return how it stands on a day."""
        return "ended" if self.ended_at else "waiting" if day < self.starts_on else "expired" if day > self.ends_on else "running"


class Doubt(TownOwned):
    """A value that somebody doubts 存疑: which, since when, in which case, and what came of it. The reasons lie in the case."""

    register = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=24)
    statement_id = models.BigIntegerField(null=True, blank=True, help_text="that told the doubted value")
    told_at = models.DateTimeField(null=True, blank=True, help_text="since when the doubted value stood")
    case_id = models.BigIntegerField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_corrected = models.BooleanField(null=True)
    told = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="units that had been shown the wrong value, and were told")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "register", "subject_id", "field"], condition=Q(ended_at__isnull=True), name="one_doubt_per_value")
        ]
        indexes = [models.Index(fields=["town", "case_id"], name="doubt_case")]

    def __str__(self) -> str:
        return f"{self.register}:{self.subject_id}.{self.field}"
