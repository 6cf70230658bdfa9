from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing.rules import sees_devices

SOON = 60  # days: an extension is applied for that long before a permit ends (排污许可管理条例, article 14)


def sees_all(actor: Actor) -> bool:
    """Return whether the actor may see what is not public in the registers."""
    return actor.is_clock or actor.kind == "system" or sees_devices(actor)


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, actor: Actor) -> "SourceQuerySet":
        """Return what this actor may see: staff all, a firm its own, everybody those in use (permits are public by law)."""
        if sees_all(actor):
            return self
        may = Q(closed_on__isnull=True)
        if actor.organ_ids:
            may |= Q(organ_id__in=sorted(actor.organ_ids))
        return self.filter(may)


class Source(TownOwned):
    """A pollution source 污染源: the site of a firm that needs a permit or a registration."""

    class Level(models.TextChoices):
        KEY = "key", "重点管理"
        SIMPLE = "simple", "简化管理"
        REGISTERED = "registered", "登记管理"

    LEVEL_WORDS: dict[str, Any] = {"key": _("Key management"), "simple": _("Simplified management"), "registered": _("Registration only")}

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="the firm that answers for it")
    industry_code = models.CharField(max_length=8, help_text="class of GB/T 4754, such as 1713")
    industry = models.CharField(max_length=80)
    level = models.CharField(max_length=10, choices=Level)
    longitude = models.FloatField()
    latitude = models.FloatField()
    address = models.CharField(max_length=200, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    registered_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_source_per_code")]
        indexes = [models.Index(fields=["town", "organ"], name="source_organ")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name

    @property
    def level_word(self) -> Any:
        return self.LEVEL_WORDS[self.level]


class Outlet(TownOwned):
    """An outlet 排放口 of a source, by its code of HJ 608: DA001 for waste gas, DW001 for waste water."""

    class Medium(models.TextChoices):
        WATER = "water", "废水"
        AIR = "air", "废气"

    MEDIUM_WORDS: dict[str, tuple[Any, str]] = {"water": (_("Waste water"), "droplets"), "air": (_("Waste gas"), "factory")}

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="outlets")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    medium = models.CharField(max_length=5, choices=Medium)
    longitude = models.FloatField()
    latitude = models.FloatField()
    height = models.FloatField(null=True, blank=True, help_text="of a stack, metres above ground")
    receiving_water = models.CharField(max_length=80, blank=True)
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="which station measures it")
    downstream = models.ForeignKey(
        "sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="the first river station below it"
    )
    downstream_hours = models.FloatField(null=True, blank=True, help_text="how long the water takes to that station")
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "source", "code"], name="one_outlet_per_code"),
            models.CheckConstraint(condition=Q(downstream_hours__isnull=True) | Q(downstream_hours__gte=0), name="outlet_hours_are_not_negative"),
        ]
        indexes = [models.Index(fields=["town", "station"], name="outlet_station"), models.Index(fields=["town", "downstream"], name="outlet_downstream")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def medium_word(self) -> Any:
        return self.MEDIUM_WORDS[self.medium][0]

    @property
    def icon(self) -> str:
        return self.MEDIUM_WORDS[self.medium][1]


class PermitQuerySet(models.QuerySet["Permit"]):
    def visible_to(self, actor: Actor) -> "PermitQuerySet":
        """Return the permits of the sources that this actor may see."""
        return self.filter(source__in=Source.objects.visible_to(actor))

    def in_force(self, on: date) -> "PermitQuerySet":
        """Return the permits that hold on the day, the first and the last one included."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on), valid_from__lte=on, valid_to__gte=on)


class Permit(TownOwned):
    """A discharge permit 排污许可证, or the receipt of a registration, of a source."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="permits")
    number = models.CharField(max_length=40)
    issued_by = models.CharField(max_length=80, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(help_text="the last day")
    ended_on = models.DateField(null=True, blank=True, help_text="withdrawn or replaced: the first day on which it no longer holds")
    end_reason = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()

    objects = PermitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "number"], name="one_permit_per_number"),
            models.CheckConstraint(condition=Q(valid_to__gte=models.F("valid_from")), name="permit_has_length"),
        ]
        indexes = [models.Index(fields=["town", "valid_to"], name="permit_ends")]

    def __str__(self) -> str:
        return self.number

    def state_on(self, on: date) -> str:
        """Return ended, coming, expired, soon or valid."""
        if self.ended_on is not None and self.ended_on <= on:
            return "ended"
        if on < self.valid_from:
            return "coming"
        if on > self.valid_to:
            return "expired"
        return "soon" if (self.valid_to - on).days <= SOON else "valid"

    STATE_WORDS: dict[str, tuple[Any, str, str]] = {
        "valid": (_("permit in force"), "ok", "circle-check"),
        "soon": (_("ends soon"), "warn", "clock"),
        "expired": (_("expired"), "late", "triangle-alert"),
        "coming": (_("not yet in force"), "open", "calendar"),
        "ended": (_("withdrawn or replaced"), "stop", "ban"),
    }


class PermitLimit(TownOwned):
    """What a permit allows an outlet of a factor: a concentration, a quantity a year, or both; with the standard it rests on."""

    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="limits")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="limits")
    factor = models.CharField(max_length=40)
    concentration = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True, help_text="lower end of a range (pH)")
    unit = models.CharField(max_length=20, blank=True)
    reference_oxygen = models.FloatField(null=True, blank=True, help_text="%, of flue gases")
    year_amount = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True, help_text="tonnes a year")
    standard = models.CharField(max_length=200, help_text="the standard with its clause")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "permit", "outlet", "factor"], name="one_limit_per_factor"),
            models.CheckConstraint(condition=Q(concentration__isnull=False) | Q(year_amount__isnull=False), name="permit_limit_limits"),
            models.CheckConstraint(condition=Q(year_amount__isnull=True) | Q(year_amount__gt=0), name="permit_amount_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.factor}"

    @property
    def label(self) -> str:
        return factors.label(self.factor)

    @property
    def words(self) -> str:
        """Return the concentration in words: ≤ 80 mg/L, 6 – 9."""
        if self.concentration is None:
            return ""
        if self.low is not None:
            return f"{self.low:g} – {self.concentration:g} {self.unit if self.unit.lower() != 'ph' else ''}".strip()
        return f"≤ {self.concentration:g} {self.unit}".strip()

    @property
    def year_kilograms(self) -> Decimal | None:
        return self.year_amount * 1000 if self.year_amount is not None else None
