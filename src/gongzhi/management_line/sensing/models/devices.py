"""Loggers: their work, calibrations, requests and notices, and where gateways find them."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing.models.stations import Station, sees_all

FAR = datetime(2200, 1, 1, tzinfo=UTC)  # no work on a device is planned for after this; a moment beyond the calendar cannot even be read
LEAST_REFERENCE = 1e-9
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


class Proposed(HasState, models.Model):
    """What the unit that is supervised says of its own devices and readings 申报: it counts once an officer of the town has confirmed it.

    What officers enter themselves stands confirmed from the beginning.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DECLINED = "declined", "不予确认"

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "proposed": (_("waits for confirmation"), "warn", "clock"),
        "confirmed": (_("confirmed"), "ok", "circle-check"),
        "declined": (_("not confirmed"), "late", "triangle-alert"),
    }

    state = models.CharField(max_length=10, choices=State, default=State.CONFIRMED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    answer = models.CharField(max_length=200, blank=True, help_text="why it was not confirmed, for whoever proposed it")

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state == self.State.PROPOSED

    @property
    def counts(self) -> bool:
        return self.state == self.State.CONFIRMED


class Maintenance(Proposed, TownOwned):
    """A time in which a device is worked on 检修时段: what it sends then is kept with the mark M and judged by nothing, once it is confirmed.

    It never begins before it was planned, nor before it was confirmed, and is no longer than the town allows.
    """

    MATTER = "work"

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="windows")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("begins_at")), name="maintenance_has_length"),
            models.CheckConstraint(condition=Q(ends_at__lt=FAR), name="maintenance_has_an_end"),
        ]
        indexes = [models.Index(fields=["town", "-ends_at"], name="maintenance_newest")]
        verbose_name_plural = "maintenance"

    def __str__(self) -> str:
        return f"{self.device_id} {self.begins_at}"

    def is_running(self, at: datetime) -> bool:
        return self.begins_at <= at < self.ends_at


class Calibration(Proposed, TownOwned):
    """A device compared with a reference 校准: what it showed, and whether that passed."""

    MATTER = "calibration"

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
        """Return by which part of the reference it was off, None where the reference is nought or next to it."""
        return (self.found - self.reference) / self.reference if abs(self.reference) > LEAST_REFERENCE else None


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
        "2081": (_("was started"), "rotate-ccw"), "2071": (_("alarm of the device"), "siren"), "9021": (_("logged on"), "log-in"),
        "2072": (_("alarm of the device"), "siren"),
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
