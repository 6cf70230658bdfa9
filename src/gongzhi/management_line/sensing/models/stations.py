"""Monitoring points, and who sees what of them."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


def sees_all(actor: Actor) -> bool:
    """Return whether the actor may see what is not public about stations."""
    return actor.is_clock or actor.kind == "system" or actor.can("may_see_devices")


class StationQuerySet(models.QuerySet["Station"]):
    def visible_to(self, actor: Actor) -> "StationQuerySet":
        """Return what this actor may see: staff all, a firm its own, everybody the public ones."""
        if sees_all(actor):
            return self
        may = Q(is_public=True)
        if actor.organ_ids:
            may |= Q(organ_id__in=sorted(actor.organ_ids))
        return self.filter(may)

    def in_use(self) -> "StationQuerySet":
        return self.filter(closed_at__isnull=True)


class Station(TownOwned):
    """A monitoring point 监测站点: where something is measured, and whose it is."""

    class Kind(models.TextChoices):
        SURFACE_WATER = "surface_water", "地表水"
        WASTE_WATER = "waste_water", "废水排口"
        LEVEL = "level", "水位"
        AIR = "air", "环境空气"
        FLUE_GAS = "flue_gas", "废气排口"
        DUST = "dust", "扬尘"
        NOISE = "noise", "噪声"
        SOIL = "soil", "土壤"
        WASTE = "waste", "固体废物"
        ECOLOGY = "ecology", "生态"

    WATER = frozenset({"surface_water", "waste_water", "level"})  # kinds of which something flows on

    # words for people, in the reader's language; icon of the sprite
    WORDS: dict[str, tuple[Any, str]] = {
        "surface_water": (_("Surface water"), "droplets"),
        "waste_water": (_("Waste-water outlet"), "droplets"),
        "level": (_("Water level"), "droplets"),
        "air": (_("Ambient air"), "activity"),
        "flue_gas": (_("Flue-gas outlet"), "activity"),
        "dust": (_("Construction dust"), "activity"),
        "noise": (_("Noise"), "activity"),
        "soil": (_("Soil"), "leaf"),
        "waste": (_("Solid waste"), "trash-2"),
        "ecology": (_("Ecology"), "leaf"),
    }

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    address = models.CharField(max_length=200, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
                              help_text="who answers for it: the firm of an outlet, the station that keeps a river")  # fmt: skip
    is_public = models.BooleanField(default=True)
    flows_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="upstream",
                                 help_text="the next monitoring point downstream")  # fmt: skip
    flow_hours = models.FloatField(null=True, blank=True, help_text="how long the water usually takes to it, in hours")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=200, blank=True)

    objects = StationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_station_per_code"),
            models.CheckConstraint(condition=Q(flow_hours__isnull=True) | Q(flow_hours__gte=0, flows_to__isnull=False), name="flow_time_has_an_end"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name

    @property
    def kind_word(self) -> Any:
        return self.WORDS[self.kind][0]

    @property
    def icon(self) -> str:
        return self.WORDS[self.kind][1]

    @property
    def has_point(self) -> bool:
        return self.longitude is not None and self.latitude is not None

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def until(self, at: datetime) -> datetime:
        """Return up to when something was due from it: this moment, or its closing."""
        return min(at, self.closed_at) if self.closed_at is not None else at

    @property
    def is_water(self) -> bool:
        return self.kind in self.WATER
