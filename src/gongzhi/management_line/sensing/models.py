import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.management_line.sensing import causes, episodes, factors
from gongzhi.management_line.sensing.hj212.packet import blot


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


MOST_SKEW = 60.0  # seconds; HJ 212 has the platform set a device's clock, a minute is what reports by the minute bear


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, actor: Actor) -> "DeviceQuerySet":
        """Return the devices for staff, and for a firm its own; others know stations, not devices."""
        if sees_all(actor):
            return self
        return self.filter(station__organ_id__in=sorted(actor.organ_ids))


class Device(TownOwned):
    """A logger 数采仪 that reports for a station. Its password is sealed; `mn` is its name on the wire."""

    class State(models.TextChoices):
        ACTIVE = "active", "在用"
        MAINTENANCE = "maintenance", "检修"
        RETIRED = "retired", "停用"

    SEALED: ClassVar[dict[str, str]] = {"sealed_password": "device"}

    mn = models.CharField(max_length=40, help_text="MN of HJ 212: 24 hex digits in 2017, 14 characters in 2005")
    protocol = models.CharField(max_length=16, default="hj212")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="devices")
    sealed_password = models.TextField()
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    report_seconds = models.PositiveIntegerField(default=60, help_text="how often it should report; silent after three times that")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    clock_skew = models.FloatField(null=True, blank=True, help_text="seconds by which its clock is ahead of ours, by the QN of its last packet")
    registered_at = models.DateTimeField()

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "mn"], name="one_device_per_mn")]

    def __str__(self) -> str:
        return self.mn

    def is_online(self, at: datetime) -> bool:
        """Return whether it reported within three of its intervals."""
        return self.last_seen_at is not None and (at - self.last_seen_at).total_seconds() <= 3 * self.report_seconds

    @property
    def is_skewed(self) -> bool:
        """Return whether its clock is wrong by more than a minute."""
        return self.clock_skew is not None and abs(self.clock_skew) > MOST_SKEW


class Maintenance(TownOwned):
    """A time in which a device is worked on 检修时段: what it sends then is kept with the mark M and judged by nothing."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="windows")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("begins_at")), name="maintenance_has_length")]
        indexes = [models.Index(fields=["town", "-ends_at"], name="maintenance_newest")]
        verbose_name_plural = "maintenance"

    def __str__(self) -> str:
        return f"{self.device_id} {self.begins_at}"

    def is_running(self, at: datetime) -> bool:
        return self.begins_at <= at < self.ends_at


class Calibration(TownOwned):
    """A device compared with a reference 校准: what it showed, and whether that passed."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="calibrations")
    factor = models.CharField(max_length=40)
    done_on = models.DateField()
    reference = models.FloatField(help_text="value of the reference, in the series' unit")
    found = models.FloatField(help_text="what the device showed before it was set")
    passed = models.BooleanField()
    next_due_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["town", "device", "-done_on"], name="calibration_newest")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.factor} {self.done_on}"

    @property
    def label(self) -> str:
        return factors.label(self.factor)

    @property
    def deviation(self) -> float | None:
        """Return by which part of the reference it was off, None where the reference is nought."""
        return (self.found - self.reference) / self.reference if self.reference else None


class DeviceRequest(HasState, TownOwned):
    """What a device was asked for 反控请求, and its two answers: that it takes the request on (9011), and what came of it (9012)."""

    class Command(models.TextChoices):
        SET_CLOCK = "1012", "校时"
        MINUTES = "2051", "补传分钟数据"
        HOURS = "2061", "补传小时数据"
        DAYS = "2031", "补传日数据"

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        SENT = "sent", "已发"
        ACCEPTED = "accepted", "已受理"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        EXPIRED = "expired", "无回应"

    WORDS: dict[str, Any] = {
        "1012": _("set its clock"), "2051": _("send minute data again"), "2061": _("send hour data again"), "2031": _("send day data again"),
    }  # fmt: skip
    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "waiting": (_("waits for the device"), "", "clock"),
        "sent": (_("sent"), "", "send"),
        "accepted": (_("taken on"), "warn", "clock"),
        "done": (_("done"), "ok", "circle-check"),
        "failed": (_("not done"), "late", "triangle-alert"),
        "expired": (_("no answer"), "late", "triangle-alert"),
    }

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="requests")
    command = models.CharField(max_length=4, choices=Command)
    begins_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    qn = models.CharField(max_length=17, blank=True, help_text="its name on the wire; answers carry it")
    result = models.CharField(max_length=8, blank=True, help_text="QnRtn or ExeRtn as the device gave it")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "device", "-asked_at"], name="request_newest"),
            models.Index(fields=["town", "device"], name="request_open", condition=Q(state__in=["waiting", "sent", "accepted"])),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.command} {self.state}"

    @property
    def word(self) -> Any:
        return self.WORDS[self.command]


class DeviceNotice(TownOwned):
    """What a device told beside readings 设备通知: that it was started (2081), that it raised an alarm of its own (2071, 2072), anything else."""

    WORDS: dict[str, tuple[Any, str]] = {
        "2081": (_("was started"), "rotate-ccw"), "2071": (_("alarm of the device"), "siren"), "2072": (_("alarm of the device"), "siren"),
    }  # fmt: skip

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="notices")
    command = models.CharField(max_length=4, help_text="CN of HJ 212")
    qn = models.CharField(max_length=17, blank=True)
    told_at = models.DateTimeField(help_text="the moment that the notice is about, by the device's clock; when it came where it names none")
    received_at = models.DateTimeField()
    content = models.CharField(max_length=1000, help_text="CP as it came")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "device", "command", "told_at", "qn"], name="one_notice_however_often_sent")]
        indexes = [models.Index(fields=["town", "device", "-received_at"], name="device_notice_newest")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.command} {self.told_at}"

    @property
    def word(self) -> Any:
        """Return what it is in a few words; the command's number where there are none."""
        return self.WORDS[self.command][0] if self.command in self.WORDS else self.command

    @property
    def icon(self) -> str:
        return self.WORDS.get(self.command, ("", "message-square"))[1]


class DeviceAddress(models.Model):
    """Which town an MN belongs to. Not town-owned: a gateway takes packets of all towns on one port, and must know
    the town before it can work for it. Nothing else stands here, so nothing else is shared between towns."""

    mn = models.CharField(max_length=40, primary_key=True)
    town = models.ForeignKey("territory.Town", on_delete=models.PROTECT, related_name="+")
    device_id = models.BigIntegerField()

    def __str__(self) -> str:
        return self.mn


class RegistryVersion(models.Model):
    """Counts changes of a town's devices, series and limits, so that gateways know when to read them again."""

    town = models.OneToOneField("territory.Town", on_delete=models.PROTECT, primary_key=True, related_name="+")
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.town_id}: {self.version}"


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


class LimitRuleQuerySet(models.QuerySet["LimitRule"]):
    def valid_on(self, day: date) -> "LimitRuleQuerySet":
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class LimitRule(TownOwned):
    """A limit 限值: for one station, or for all of a kind. Inclusive: a value at the limit keeps it."""

    class Comparator(models.TextChoices):
        ABOVE = "above", "高于"
        BELOW = "below", "低于"

    title = models.CharField(max_length=60)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, blank=True, related_name="limits")
    station_kind = models.CharField(max_length=16, choices=Station.Kind, blank=True)
    factor = models.CharField(max_length=40)
    aggregate = models.CharField(max_length=24, default="rtd")
    comparator = models.CharField(max_length=6, choices=Comparator, default=Comparator.ABOVE)
    limit = models.FloatField()
    unit = models.CharField(max_length=20, help_text="compared only with series in the same unit")
    return_difference = models.FloatField(default=0, help_text="a value is clean again only when it is this far inside the limit")
    count = models.PositiveSmallIntegerField(default=2, help_text="readings in a row beyond the limit that begin an episode")
    duration_seconds = models.PositiveIntegerField(default=0, help_text="and for at least this long")
    clean_count = models.PositiveSmallIntegerField(default=3, help_text="clean readings in a row that end it")
    severity = models.SmallIntegerField(default=2, help_text="of the case: 1 ordinary to 4 emergency")
    category = models.ForeignKey("cases.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clause = models.CharField(max_length=200, blank=True, help_text="the standard that sets it, with its clause")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = LimitRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(station__isnull=False) | ~Q(station_kind=""), name="limit_has_a_scope"),
            models.CheckConstraint(condition=Q(count__gte=1, clean_count__gte=1, return_difference__gte=0), name="limit_counts"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_beyond(self, value: float) -> bool:
        """Return whether a value in the limit's unit is beyond it."""
        return episodes.is_beyond(self.comparator, self.limit, value)

    @property
    def words(self) -> str:
        """Return the limit in words: > 40 mg/L."""
        return f"{'>' if self.comparator == self.Comparator.ABOVE else '<'} {self.limit:g} {self.unit}".strip()


class Episode(HasState, TownOwned):
    """A stretch in which something is wrong 超限过程, 预警过程, from the first sign of it until its case is settled. One case each.

    Its cause is a limit that is passed (`rule`), or what another module watches for: that module's rule is named by
    `warning_id`, and `said` keeps what it found, with what the rule was then. Peak and first value are in `unit`.
    """

    class State(models.TextChoices):
        OVER = "over", "超限"
        CLEAN = "clean", "已复常"
        SETTLED = "settled", "已销"

    cause = models.CharField(max_length=16, default=causes.LIMIT)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="episodes")
    rule = models.ForeignKey(LimitRule, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    warning_id = models.BigIntegerField(null=True, blank=True, help_text="the rule of the module that watches for this cause; it stands above, so no key")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="episodes",
                               help_text="none where the device itself is silent")  # fmt: skip
    said = models.JSONField(default=dict, blank=True, help_text="what was found, for the words and the small table")
    row = models.JSONField(default=list, blank=True, help_text="what was judged lately: [moment, value], newest first")
    device_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OVER)
    began_at = models.DateTimeField(help_text="of the first reading beyond the limit")
    opened_at = models.DateTimeField(help_text="when the rule fired")
    first_value = models.FloatField()
    peak = models.FloatField()
    peak_at = models.DateTimeField()
    clean_at = models.DateTimeField(null=True, blank=True, help_text="of the first clean reading of the row that ended it")
    relapses = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="the unit reported; readings after it prove or disprove")
    settled_at = models.DateTimeField(null=True, blank=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    fault = models.CharField(max_length=300, blank=True, help_text="why its case could not be opened yet")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "rule", "series"], condition=~Q(state="settled"), name="one_episode_at_a_time"),
            models.UniqueConstraint(fields=["town", "warning_id", "station", "series", "device_id"], nulls_distinct=False,
                                    condition=~Q(state="settled") & Q(rule__isnull=True), name="one_warning_at_a_time"),
            models.CheckConstraint(condition=Q(rule__isnull=False, series__isnull=False, cause="limit") | Q(rule__isnull=True, warning_id__isnull=False),
                                   name="episode_has_a_cause"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["town", "-began_at"], name="episode_newest"),
            models.Index(fields=["town", "case"], name="episode_case"),
            models.Index(fields=["town", "warning_id"], name="episode_warning", condition=Q(warning_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.station_id} {self.began_at}"

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "over": (_("Beyond the limit"), "late", "triangle-alert"),
        "clean": (_("Back within the limit"), "warn", "clock"),
        "settled": (_("Cleared"), "ok", "circle-check"),
    }

    @property
    def state_words(self) -> Any:
        """Return how it stands; what is no limit has words of its own."""
        word, chip, icon = self.STATE_WORDS[self.state]
        return (word if self.rule_id else {"over": _("Goes on"), "clean": _("Over for now")}.get(self.state, word), chip, icon)

    @property
    def what(self) -> causes.Cause:
        return causes.cause_of(self.cause)

    @property
    def label(self) -> str:
        """Return what it is about: the factor, or the cause where it is about no factor."""
        return self.series.label if self.series else str(self.what.title)

    @property
    def factor(self) -> str:
        return self.series.factor if self.series else ""

    @property
    def limit(self) -> float:
        """Return what its peak is measured against."""
        return self.rule.limit if self.rule else float(self.said.get("limit", 0))

    @property
    def unit(self) -> str:
        """Return the unit of its peak."""
        return self.series.unit if self.rule_id and self.series else str(self.said.get("unit", ""))

    @property
    def rule_title(self) -> str:
        return self.rule.title if self.rule else str(self.said.get("rule", ""))

    @property
    def rule_words(self) -> str:
        """Return in words what is too much: > 40 mg/L."""
        return self.rule.words if self.rule else f"{'<' if self.said.get('below') else '>'} {self.said.get('limit', 0):g} {self.unit}".strip()

    @property
    def clause(self) -> str:
        return self.rule.clause if self.rule else str(self.said.get("clause", ""))

    @property
    def clean_count(self) -> int:
        return self.rule.clean_count if self.rule else int(self.said.get("clean_count", 1))

    @property
    def why(self) -> str:
        """Return in a sentence why it began."""
        return self.what.say(self.said if self.rule is None else {"rule": self.rule.title, "words": self.rule.words})

    @property
    def table(self) -> list[tuple[datetime, list[Any]]]:
        """Return the rows of its small table: the moment, and the other columns."""
        return [(datetime.fromisoformat(row[0]), row[1:]) for row in self.said.get("table", ())]

    @property
    def is_over(self) -> bool:
        return self.state == self.State.OVER

    @property
    def is_settled(self) -> bool:
        return self.state == self.State.SETTLED
