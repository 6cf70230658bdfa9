"""Tables of the firms' register. What a firm is is public in law; who speaks for it and what it reports is for who keeps the register, and for itself."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.registers.firms import values
from gongzhi.registers.record import scope


class FirmQuerySet(models.QuerySet["Firm"]):
    def visible_to(self, actor: Actor) -> "FirmQuerySet":
        """Return the firms of the areas that the actor keeps, and those that the actor serves."""
        reach = scope.sees(actor, "firms")
        if reach is None:
            return self
        may = Q(organ_id__in=sorted(actor.organ_ids)) if actor.organ_ids else Q(pk__in=[])
        for path in reach:
            for area in ("area__path", "park__path"):
                may |= Q(**{area: path}) | Q(**{f"{area}__startswith": path + "."})
        return self.filter(may)


class Firm(HasState, TownOwned):
    """A firm 企业, one with its organ. Present values stand here, every value ever told in record.Statement."""

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "here": (_("in business here"), "ok", "circle-check"),
        "left": (_("left the town"), "stop", "log-out"),
        "closed": (_("closed down"), "stop", "circle-pause"),
    }
    SIZE_WORDS: ClassVar[dict[str, Any]] = dict(values.SIZES)

    code = models.CharField(max_length=18, blank=True, help_text="unified social credit code; empty while it is not known")
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    name_key = models.CharField(max_length=120)
    industry = models.CharField(max_length=4, blank=True, help_text="class of GB/T 4754, two to four digits")
    size = models.CharField(max_length=8, blank=True, choices=values.SIZES)
    park = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="the grid of its premises")
    legal_representative = models.CharField(max_length=80, blank=True)
    organ = models.OneToOneField("organs.Organ", on_delete=models.PROTECT, related_name="+")
    registered_on = models.DateField(null=True, blank=True)
    moved_in_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True, help_text="the first day on which it is here no longer")
    closed_on = models.DateField(null=True, blank=True)
    entered_at = models.DateTimeField()

    objects = FirmQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], condition=~Q(code=""), name="one_firm_per_code")]
        indexes = [models.Index(fields=["town", "name_key"], name="firm_name"), models.Index(fields=["town", "industry"], name="firm_industry")]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name

    @property
    def state(self) -> str:
        return "closed" if self.closed_on else "left" if self.left_on else "here"

    @property
    def size_word(self) -> Any:
        return self.SIZE_WORDS.get(self.size, "")

    @property
    def industry_words(self) -> str:
        return values.industry_words(self.industry)


class FirmContact(TownOwned):
    """Somebody who speaks for a firm 企业联系人, as what, from when until when."""

    SEALED: ClassVar[dict[str, str]] = {"name_sealed": "firm-contact-name", "phone_sealed": "firm-contact-phone"}
    ROLE_WORDS: ClassVar[dict[str, Any]] = dict(values.ROLES)

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(max_length=12, choices=values.ROLES)
    name_sealed = models.BinaryField()
    phone_sealed = models.BinaryField(default=b"", blank=True)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["town", "firm"], name="firm_contact_firm")]
        constraints = [models.UniqueConstraint(fields=["town", "firm", "role"], condition=Q(ends_on__isnull=True), name="one_firm_contact_per_role")]

    def __str__(self) -> str:
        return f"{self.firm_id} {self.role}"

    @property
    def role_word(self) -> Any:
        return self.ROLE_WORDS[self.role]


class FirmFigure(TownOwned):
    """An amount that a firm or an office tells for a period 企业指标. A correction is another row; the one before stays."""

    class Period(models.TextChoices):
        MONTH = "month", "月"
        QUARTER = "quarter", "季"
        YEAR = "year", "年"

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="figures")
    measure = models.CharField(max_length=12)
    period = models.CharField(max_length=7, choices=Period)
    starts_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    source = models.CharField(max_length=120)
    basis = models.CharField(max_length=200)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "firm", "measure", "period", "starts_on"], condition=Q(is_current=True), name="one_figure_per_period"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="firm_figure_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.firm_id} {self.measure} {self.starts_on}"

    @property
    def measure_word(self) -> Any:
        return values.MEASURES[self.measure][0]

    @property
    def unit(self) -> Any:
        return values.MEASURES[self.measure][1]

    @property
    def period_words(self) -> str:
        """Return the period as it is filed: 2026, 2026 Q3, 2026-10."""
        if self.period == "year":
            return f"{self.starts_on:%Y}"
        return f"{self.starts_on:%Y} Q{(self.starts_on.month + 2) // 3}" if self.period == "quarter" else f"{self.starts_on:%Y-%m}"
