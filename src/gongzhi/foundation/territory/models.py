from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from gongzhi.kernel.tables import TownOwned


class Town(models.Model):
    """A town 镇 that this installation serves. The one table that every town may read (it names hosts, no people)."""

    code = models.SlugField(unique=True, help_text="first label of its host name, and its name in files")
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    short_name = models.CharField(max_length=12, help_text="stands in case numbers, such as 云溪")
    division_code = models.CharField(max_length=12, blank=True, help_text="statistical division code (GB/T 2260 + 10114)")
    hosts = models.JSONField(default=list, blank=True, help_text="host names that lead to this town")
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    settings = models.JSONField(default=dict, blank=True, help_text="the town's own rules, named in docs/running/town.md")
    is_default = models.BooleanField(default=False, help_text="answers at addresses that name no town")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_town")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local(self, at: datetime) -> datetime:
        """Return the moment in the town's own time."""
        return at.astimezone(self.zone)


class AreaQuerySet(models.QuerySet["Area"]):
    def visible_to(self, actor: Any) -> "AreaQuerySet":
        """Return all. Whoever asks: the town's territory is public."""
        return self

    def valid_at(self, at: datetime) -> "AreaQuerySet":
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)


class Area(TownOwned):
    """A node of the territory 区域: town, subdistrict, community, grid; a park is an area beside them."""

    class Level(models.TextChoices):
        TOWN = "town", "镇"
        SUBDISTRICT = "subdistrict", "街道"
        COMMUNITY = "community", "社区"
        GRID = "grid", "网格"
        PARK = "park", "园区"

    level = models.CharField(max_length=12, choices=Level)
    code = models.CharField(max_length=20, help_text="division code; grids continue it to 15 digits")
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # ltree path of primary keys, such as 3.17.42; kept as text in Python
    path = models.CharField(max_length=200, db_index=True)
    boundary = models.JSONField(null=True, blank=True, help_text="GeoJSON MultiPolygon, WGS-84")
    label_point = models.JSONField(null=True, blank=True, help_text="[lon, lat] inside the boundary, for its label")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["town", "level", "code"], name="area_level")]
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], condition=Q(valid_to__isnull=True), name="one_valid_area_per_code"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_within(self, other_path: str) -> bool:
        """Return whether this area is the other one or lies below it."""
        return self.path == other_path or self.path.startswith(other_path + ".")


class PlaceQuerySet(models.QuerySet["Place"]):
    def visible_to(self, actor: Any) -> "PlaceQuerySet":
        """Return all. Whoever asks: names of places are public."""
        return self


class Place(TownOwned):
    """A place that people name 地名地址: a street, a crossing, a building, a shop. Text of an address is found by it."""

    class Kind(models.TextChoices):
        STREET = "street", "道路"
        CROSSING = "crossing", "路口"
        ESTATE = "estate", "小区"
        BUILDING = "building", "楼宇"
        PUBLIC = "public", "公共设施"
        FIRM = "firm", "企业"
        NATURE = "nature", "山水"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField()
    latitude = models.FloatField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name", "address"], name="one_place_per_name")]
        indexes = [GinIndex(fields=["name", "address"], name="place_words", opclasses=["gin_trgm_ops", "gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name
