"""What is measured: series, readings, hours and days of them, batches, and packets that could not be used."""

import uuid
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing.hj212.packet import blot
from gongzhi.management_line.sensing.models.devices import Device
from gongzhi.management_line.sensing.models.stations import Station


class Series(TownOwned):
    """What one station measures of one factor, as one aggregate 序列. The unit is its own: codes do not fix units."""

    AGGREGATE_WORDS: dict[str, Any] = {
        "rtd": _("real time"), "minute": _("minute"), "hour": _("hour"), "day": _("day"), "state": _("state"),
        "min": _("lowest"), "avg": _("mean"), "max": _("highest"), "cou": _("total"),
        "zsrtd": _("converted"), "zsmin": _("converted lowest"), "zsavg": _("converted mean"), "zsmax": _("converted highest"),
    }  # fmt: skip

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="series")
    factor = models.CharField(max_length=40)
    aggregate = models.CharField(max_length=24, help_text="period.statistic, such as rtd, hour.avg, minute.max")
    unit = models.CharField(max_length=20, blank=True, help_text="as the device sends it; empty: not known, and then not compared with standards")
    began_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "station", "factor", "aggregate"], name="one_series_per_factor")]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return f"{self.factor} {self.aggregate}"

    @property
    def label(self) -> str:
        """Return the factor's name in the reader's language, its code when the catalogue has no name."""
        return factors.label(self.factor)

    @property
    def aggregate_word(self) -> str:
        words = (str(self.AGGREGATE_WORDS.get(part, part)) for part in self.aggregate.split("."))
        return (" " if (get_language() or "").startswith("en") else "").join(words)


class Latest(TownOwned):
    """The newest reading of a series, kept beside the readings so that a town's overview costs one small scan."""

    series = models.OneToOneField(Series, on_delete=models.PROTECT, primary_key=True, related_name="latest")
    measured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField()
    flag = models.CharField(max_length=1)

    def __str__(self) -> str:
        return f"{self.series_id}: {self.value}"


class Reading(TownOwned):
    """One value of a series 读数. Partitioned by month of `measured_at`; its table is made in 0002_readings.

    A repeated packet changes nothing; a corrected value comes as the next version, the old one stays.
    """

    pk = models.CompositePrimaryKey("town", "series", "measured_at", "version")
    town = models.ForeignKey("territory.Town", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, related_name="readings")
    measured_at = models.DateTimeField()
    version = models.SmallIntegerField(default=0)
    received_at = models.DateTimeField()
    value = models.FloatField()
    flag = models.CharField(max_length=1, help_text="data mark of HJ 212 (N normal, D fault, ...); - when none was sent")
    batch_id = models.BigIntegerField()
    packet_no = models.IntegerField(help_text="the packet's place in its batch")

    class Meta:
        managed = False
        db_table = "sensing_reading"

    def __str__(self) -> str:
        return f"{self.series_id} {self.measured_at}: {self.value}"


class Hour(TownOwned):
    """An hour of a series 小时汇总, over the last versions of its readings. `mean` is over the valid ones, as their unit
    demands: by energy for decibels, on the circle for directions."""

    pk = models.CompositePrimaryKey("town", "series", "at")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    at = models.DateTimeField(help_text="begin of the hour")
    count = models.IntegerField()
    valid = models.IntegerField()
    mean = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    steadiness = models.FloatField(null=True, help_text="of directions: length of the mean vector, 1 = never turned")

    def __str__(self) -> str:
        return f"{self.series_id} {self.at}: {self.mean}"


class Day(TownOwned):
    """A day of a series in the town's own time 日汇总, from its hours."""

    pk = models.CompositePrimaryKey("town", "series", "on")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    on = models.DateField()
    count = models.IntegerField()
    valid = models.IntegerField()
    hours = models.SmallIntegerField(help_text="hours with a valid mean")
    mean = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.series_id} {self.on}: {self.mean}"


class Touched(TownOwned):
    """Hours whose readings have changed since they were last rolled up."""

    pk = models.CompositePrimaryKey("town", "series", "at")
    series = models.ForeignKey(Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "touched"

    def __str__(self) -> str:
        return f"{self.series_id} {self.at}"


class Batch(TownOwned):
    """Packets that were taken together 批: one transaction, one fact. Their bytes are kept packed for the set term."""

    key = models.UUIDField(default=uuid.uuid4, help_text="made by the gateway before its first try: a second try changes nothing")
    taken_at = models.DateTimeField()
    packets = models.IntegerField()
    readings = models.IntegerField()
    repeated = models.IntegerField(default=0)
    corrected = models.IntegerField(default=0)
    digest = models.BinaryField(help_text="SHA-256 of the packets, in order, each with CR LF")
    raw = models.BinaryField(null=True, help_text="the packets, zlib; empty after the term")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "key"], name="one_batch_per_key")]
        indexes = [models.Index(fields=["town", "taken_at"], name="batch_taken")]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.taken_at}: {self.packets}"


class SetAside(TownOwned):
    """A value, or an hour, that the arithmetic of a town leaves out 搁置数据, with the reason, so that one of them stops none of the others."""

    class Reason(models.TextChoices):
        NUMBER = "number", "不是可测的数"
        LEVEL = "level", "不是声级"
        VERSIONS = "versions", "更正次数过多"
        HOUR = "hour", "这一小时无法汇总"

    WORDS: dict[str, Any] = {
        "number": _("nothing can measure such a number"), "level": _("no sound level is as low or as high"),
        "versions": _("corrected too often"), "hour": _("this hour cannot be added up"),
    }  # fmt: skip

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="when it was measured; of an hour, its begin")
    value = models.CharField(max_length=40, blank=True, help_text="as it stood")
    reason = models.CharField(max_length=10, choices=Reason)
    detail = models.CharField(max_length=200, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "series", "at", "reason"], name="set_aside_once")]
        indexes = [models.Index(fields=["town", "-found_at", "-id"], name="set_aside_newest")]
        verbose_name_plural = "set aside"

    def __str__(self) -> str:
        return f"{self.series_id} {self.at}: {self.reason}"

    @property
    def word(self) -> Any:
        return self.WORDS[self.reason]


class RefusedPacket(TownOwned):
    """What came in and could not be used 拒收报文, with the reason in words, for whoever connects the device."""

    received_at = models.DateTimeField()
    peer = models.CharField(max_length=60)
    mn = models.CharField(max_length=40, blank=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)
    raw = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["town", "-received_at", "-id"], name="refused_newest")]

    def __str__(self) -> str:
        return f"{self.mn} {self.verdict}"

    @property
    def text(self) -> str:
        """Return the bytes for reading, the password blotted out."""
        return blot(bytes(self.raw)).decode("utf-8", "backslashreplace")
