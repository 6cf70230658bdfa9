from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.sensing.rules import sees_devices


def sees_all(actor: Actor) -> bool:
    """Return whether the actor may see every ledger of the town."""
    return actor.is_clock or actor.kind == "system" or sees_devices(actor)


class WasteQuerySet(models.QuerySet["Waste"]):
    def visible_to(self, actor: Actor) -> "WasteQuerySet":
        """Return the ledgers for staff, and for a firm its own."""
        return self if sees_all(actor) else self.filter(organ_id__in=sorted(actor.organ_ids))


class Waste(TownOwned):
    """One waste of one firm 固体废物, whose ledger 台账 is kept in tonnes. Hazardous waste 危险废物 has a code of the national list."""

    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    code = models.CharField(max_length=20, help_text="HW49 900-041-49 of the national list; for general solid waste the code as the firm files it")
    is_hazardous = models.BooleanField()
    store = models.CharField(max_length=120, blank=True, help_text="where it is stored")
    tolerance = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal("0.005"), help_text="tonnes by which weighing may differ")
    opened_on = models.DateField()
    opening = models.DecimalField(max_digits=14, decimal_places=4, help_text="tonnes in stock when the ledger began")
    approved_until = models.DateField(null=True, blank=True, help_text="an approval to store longer than a year ends on this day")
    closed_on = models.DateField(null=True, blank=True)

    objects = WasteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "organ", "code", "name"], name="one_ledger_per_waste"),
            models.CheckConstraint(condition=Q(tolerance__gte=0, opening__gte=0), name="waste_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Booking(TownOwned):
    """A line of a waste's ledger 台账记录. Lines are never changed: a wrong one is struck, with a reason, and stays."""

    class Kind(models.TextChoices):
        PRODUCED = "produced", "产生"
        RECEIVED = "received", "接收"
        MOVED = "moved", "转移"
        USED = "used", "利用"
        DISPOSED = "disposed", "处置"

    WORDS: dict[str, tuple[Any, str]] = {
        "produced": (_("produced"), "plus"),
        "received": (_("received from others"), "arrow-down"),
        "moved": (_("moved to others"), "truck"),
        "used": (_("used on site"), "refresh-cw"),
        "disposed": (_("disposed of on site"), "flame"),
    }
    INTO = frozenset({"produced", "received"})

    waste = models.ForeignKey(Waste, on_delete=models.PROTECT, related_name="bookings")
    kind = models.CharField(max_length=8, choices=Kind)
    on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=4, help_text="tonnes")
    manifest = models.CharField(max_length=40, blank=True, help_text="转移联单编号")
    carrier = models.CharField(max_length=80, blank=True)
    partner = models.CharField(max_length=80, blank=True, help_text="who received it, or from whom it came")
    note = models.CharField(max_length=200, blank=True)
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=80)
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.CharField(max_length=80, blank=True)
    strike_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="booking_is_positive"),
            models.UniqueConstraint(
                fields=["town", "manifest"], condition=Q(kind="moved", struck_at__isnull=True) & ~Q(manifest=""), name="one_move_per_manifest"
            ),
        ]
        indexes = [models.Index(fields=["town", "waste", "-on", "-id"], name="booking_newest")]

    def __str__(self) -> str:
        return f"{self.waste_id} {self.on} {self.kind} {self.amount}"

    @property
    def is_struck(self) -> bool:
        return self.struck_at is not None

    @property
    def signed(self) -> Decimal:
        """Return tonnes that came in (above nought) or went out (below)."""
        return self.amount if self.kind in self.INTO else -self.amount

    @property
    def word(self) -> Any:
        return self.WORDS[self.kind][0]

    @property
    def icon(self) -> str:
        return self.WORDS[self.kind][1]


class Count(TownOwned):
    """A weighed stock 盘点: what was there, and by how much the book differed. It closes the ledger up to its day."""

    waste = models.ForeignKey(Waste, on_delete=models.PROTECT, related_name="counts")
    on = models.DateField()
    weighed = models.DecimalField(max_digits=14, decimal_places=4)
    difference = models.DecimalField(max_digits=14, decimal_places=4, help_text="book less weighed, tonnes: missing if above nought")
    is_flagged = models.BooleanField(default=False, help_text="beyond the tolerance")
    explanation = models.CharField(max_length=400, blank=True)
    counted_at = models.DateTimeField()
    counted_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "waste", "on"], name="one_count_a_day"),
            models.CheckConstraint(condition=Q(weighed__gte=0), name="count_is_not_negative"),
            models.CheckConstraint(condition=Q(is_flagged=False) | ~Q(explanation=""), name="flagged_count_is_explained"),
        ]
        indexes = [models.Index(fields=["town", "waste", "-on"], name="count_newest")]

    def __str__(self) -> str:
        return f"{self.waste_id} {self.on}: {self.weighed}"


class PlotQuerySet(models.QuerySet["Plot"]):
    def visible_to(self, actor: Actor) -> "PlotQuerySet":
        """Return the plots for staff, and for a firm its own."""
        return self if sees_all(actor) else self.filter(organ_id__in=sorted(actor.organ_ids))


class Plot(TownOwned):
    """A piece of ground whose soil is watched 土壤地块. Its use says by which values it is judged."""

    class Use(models.TextChoices):
        PADDY = "paddy", "水田"
        FARM = "farm", "其他农用地"
        HOMES = "homes", "第一类建设用地"
        INDUSTRY = "industry", "第二类建设用地"

    USE_WORDS: dict[str, Any] = {
        "paddy": _("Farm land, paddy"),
        "farm": _("Farm land, other"),
        "homes": _("Building land, class 1"),
        "industry": _("Building land, class 2"),
    }

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    use = models.CharField(max_length=8, choices=Use)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="who uses the ground")
    hectares = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    longitude = models.FloatField()
    latitude = models.FloatField()
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    registered_at = models.DateTimeField()

    objects = PlotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_plot_per_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def use_word(self) -> Any:
        return self.USE_WORDS[self.use]

    @property
    def is_farm(self) -> bool:
        return self.use in (self.Use.PADDY, self.Use.FARM)


class Sample(TownOwned):
    """A soil sample 土样 of a plot. Which edition of the norm judges it is decided by the day on which it was taken."""

    plot = models.ForeignKey(Plot, on_delete=models.PROTECT, related_name="samples")
    number = models.CharField(max_length=40)
    taken_on = models.DateField()
    depth = models.CharField(max_length=20, blank=True, help_text="cm, such as 0–20")
    ph = models.FloatField(null=True, blank=True)
    laboratory = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "number"], name="one_sample_per_number")]
        indexes = [models.Index(fields=["town", "plot", "-taken_on"], name="sample_newest")]

    def __str__(self) -> str:
        return self.number


class SampleValue(TownOwned):
    """What a sample holds of an item, mg/kg."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="values")
    item = models.CharField(max_length=12)
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "sample", "item"], name="one_value_per_item")]

    def __str__(self) -> str:
        return f"{self.item} {self.value}"
