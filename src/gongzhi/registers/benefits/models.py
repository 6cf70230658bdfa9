"""Tables of benefits: definitions by version, what is found of whom, who was told, asked and paid."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.registers.benefits import reach
from gongzhi.registers.book import money
from gongzhi.registers.firms import queries as firms
from gongzhi.registers.residents import queries as residents

SUBJECTS = (("firm", _("firms")), ("resident", _("residents")))


class BenefitQuerySet(models.QuerySet["Benefit"]):
    def visible_to(self, actor: Actor) -> "BenefitQuerySet":
        """Return those that were adopted: what the town gives is public. What is being drafted is for those who may."""
        return self if reach.sees_all(actor) else self.filter(versions__adopted_at__isnull=False).distinct()


class Benefit(TownOwned):
    """A benefit 政策待遇 of the town, with its versions."""

    SUBJECT_WORDS: ClassVar[dict[str, Any]] = dict(SUBJECTS)

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    subject = models.CharField(max_length=10, choices=SUBJECTS)

    objects = BenefitQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_benefit_per_code")]

    def __str__(self) -> str:
        return self.title

    @property
    def subject_word(self) -> Any:
        return self.SUBJECT_WORDS[self.subject]


class BenefitVersionQuerySet(models.QuerySet["BenefitVersion"]):
    def visible_to(self, actor: Actor) -> "BenefitVersionQuerySet":
        """Return what was adopted; drafts for those who may see them."""
        return self if reach.sees_all(actor) else self.filter(adopted_at__isnull=False)


class BenefitVersion(TownOwned):
    """A version of a benefit: its definition as data. Adopted, it is never changed."""

    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    tried = models.JSONField(default=dict, blank=True, help_text="counts of the last trial, and the digest of what was tried")
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.CharField(max_length=60, blank=True)

    objects = BenefitVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "benefit", "number"], name="one_benefit_version_per_number"),
            models.UniqueConstraint(fields=["town", "benefit"], condition=Q(adopted_at__isnull=True), name="one_draft_per_benefit"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="benefit_ends_after_it_begins"),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.benefit} v{self.number}"


class OfSomebody(models.QuerySet[Any]):
    """Rows of a firm or a resident, by `subject` and `subject_id`."""

    def visible_to(self, actor: Actor) -> "OfSomebody":
        """Return all to those who pay and check benefits; to others those of the firms they serve and their own."""
        if reach.sees_all(actor):
            return self
        may = Q(pk__in=[])
        if actor.organ_ids:
            may |= Q(subject="firm", subject_id__in=firms.firms(seen_by=actor).filter(organ_id__in=sorted(actor.organ_ids)).order_by().values("pk"))
        own = residents.resident_of_account(seen_by=actor, person_id=actor.person_id) if actor.person_id else None
        if own is not None:
            may |= Q(subject="resident", subject_id=own.pk)
        return self.filter(may)


class Finding(TownOwned):
    """What is found of one firm or resident: the benefits entitled to and nearly, and every reason in bits (packing.py)."""

    subject = models.CharField(max_length=10, choices=SUBJECTS)
    subject_id = models.BigIntegerField()
    size = models.CharField(max_length=8, blank=True, help_text="class of size of a firm")
    on = models.DateField(help_text="the day it was judged on")
    at = models.DateTimeField()
    entitled = ArrayField(models.IntegerField(), default=list, help_text="ids of benefits")
    nearly = ArrayField(models.IntegerField(), default=list, help_text="ids of benefits")
    reasons = models.BinaryField(default=b"")

    objects = OfSomebody.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "subject", "subject_id"], name="one_finding_each")]
        indexes = [
            GinIndex(fields=["entitled"], name="finding_entitled"), GinIndex(fields=["nearly"], name="finding_nearly"),
            models.Index(fields=["town", "on"], name="finding_day"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}"


class Told(TownOwned):
    """Somebody was told of a benefit 告知, once."""

    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="told")
    subject = models.CharField(max_length=10, choices=SUBJECTS)
    subject_id = models.BigIntegerField()
    at = models.DateTimeField()

    objects = OfSomebody.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "benefit", "subject_id"], name="told_once_of_a_benefit")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.subject_id}"


class Ask(TownOwned):
    """A quick request 快申快享 for a benefit in a period: what was confirmed, by whom."""

    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="asks")
    subject = models.CharField(max_length=10, choices=SUBJECTS)
    subject_id = models.BigIntegerField()
    period = models.CharField(max_length=7)
    confirmed = models.JSONField(default=dict)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects = OfSomebody.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "benefit", "subject_id", "period"], name="asked_once_a_period")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.subject_id} {self.period}"


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, actor: Actor) -> "BatchQuerySet":
        """Return all to those who pay and check benefits."""
        return self if reach.sees_all(actor) else self.none()


class Batch(TownOwned):
    """A payment of a benefit to many 批次, approved by one officer in one act, posted to the book."""

    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="batches")
    version = models.ForeignKey(BenefitVersion, on_delete=models.PROTECT, related_name="batches")
    period = models.CharField(max_length=7)
    cents = models.BigIntegerField()
    count = models.PositiveIntegerField()
    posting = models.PositiveIntegerField(help_text="number in the book")
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(cents__gt=0, count__gt=0), name="batch_pays_something")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.period}"

    @property
    def yuan(self) -> Decimal:
        return money.yuan(self.cents)


class Award(HasState, TownOwned):
    """What one firm or resident was paid of a benefit for a period, once; taken back on its ground."""

    STATE_WORDS: ClassVar[dict[str, Words]] = {"paid": (_("paid"), "done", "check"), "back": (_("taken back"), "stop", "undo-2")}

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="awards")
    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="awards")
    subject = models.CharField(max_length=10, choices=SUBJECTS)
    subject_id = models.BigIntegerField()
    size = models.CharField(max_length=8, blank=True)
    period = models.CharField(max_length=7)
    cents = models.BigIntegerField()
    at = models.DateTimeField()
    back_at = models.DateTimeField(null=True, blank=True)
    back_reason = models.CharField(max_length=200, blank=True)
    back_clause = models.CharField(max_length=60, blank=True)

    objects = OfSomebody.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "benefit", "subject_id", "period"], condition=Q(back_at__isnull=True), name="paid_once_a_period"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="award_pays_something"),
        ]
        indexes = [models.Index(fields=["town", "subject", "subject_id"], name="award_subject")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.subject_id} {self.period}"

    @property
    def state(self) -> str:
        return "back" if self.back_at else "paid"

    @property
    def yuan(self) -> Decimal:
        return money.yuan(self.cents)
