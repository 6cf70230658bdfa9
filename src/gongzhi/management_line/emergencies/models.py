from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.emergencies import plans

LEVEL_WORDS = {1: _("Level I, red"), 2: _("Level II, orange"), 3: _("Level III, yellow"), 4: _("Level IV, blue")}
LEVEL_STATE = {1: "late", 2: "warn", 3: "open", 4: "work"}  # of chips; the word and the shape say it too
HAZARD_WORDS = {
    "rain": _("Heavy rain"), "typhoon": _("Typhoon"), "flood": _("Flood"), "snow": _("Snow and ice"), "heat": _("Heat"), "fire": _("Fire"),
    "landslide": _("Landslide"), "earthquake": _("Earthquake"), "pollution": _("Pollution"), "chemical": _("Chemical accident"),
    "epidemic": _("Epidemic"), "crowd": _("Crowd"), "outage": _("Outage of water, power or gas"), "other": _("Other danger"),
}  # fmt: skip


def sees_boards(actor: Actor) -> bool:
    """Return whether an actor reads plans, boards and what is of a drill."""
    return actor.can("may_see_plans") or actor.kind == "system" or actor.is_clock


def own(words: dict[str, str] | Any) -> str:
    """Return words of a plan in the reader's language, Chinese where it has none."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return str(words.get(language) or words.get("zh") or "") if isinstance(words, dict) else str(words)


class EmergencyPlanQuerySet(models.QuerySet["EmergencyPlan"]):
    def visible_to(self, actor: Actor) -> "EmergencyPlanQuerySet":
        """Return plans to those who work for the town; what residents are told of them stands in alerts and on the page of an emergency."""
        return self if sees_boards(actor) else self.none()


class EmergencyPlan(TownOwned):
    """A version of an emergency plan 应急预案: data that is obeyed once another than its drafter has adopted it."""

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        IN_FORCE = "in_force", "现行"
        ENDED = "ended", "废止"

    code = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120, blank=True)
    definition = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    drafted_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    adopted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = EmergencyPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code", "version"], name="emergency_plan_version"),
            models.UniqueConstraint(fields=["town", "code"], condition=Q(state="in_force"), name="one_emergency_plan_in_force"),
        ]

    STATE_WORDS = {"draft": _("draft, waits for somebody else to adopt it"), "in_force": _("in force"), "ended": _("no longer in force")}

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        return self.title_en if self.title_en and (get_language() or "").startswith("en") else self.title

    @property
    def state_word(self) -> Any:
        return self.STATE_WORDS[self.state]

    @property
    def hazard_word(self) -> Any:
        return HAZARD_WORDS.get(self.definition.get("hazard", ""), "")

    @cached_property
    def plan(self) -> plans.Plan:
        return plans.parse(self.definition)


class EmergencyQuerySet(models.QuerySet["Emergency"]):
    def visible_to(self, actor: Actor) -> "EmergencyQuerySet":
        """Return emergencies. Whoever asks: that a danger is there and what is done about it is for everybody; drills are marked as such."""
        return self

    def current(self) -> "EmergencyQuerySet":
        return self.filter(stood_down_at__isnull=True)


class Emergency(TownOwned):
    """An emergency or a drill 应急响应, one-to-one with its case."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(EmergencyPlan, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    gravest = models.PositiveSmallIntegerField(help_text="the gravest level it reached")
    is_drill = models.BooleanField(default=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    declared_at = models.DateTimeField()
    level_since = models.DateTimeField()
    report_due_at = models.DateTimeField(null=True, blank=True)
    stood_down_at = models.DateTimeField(null=True, blank=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=4, gravest__gte=1, gravest__lte=4), name="emergency_level"),
            models.UniqueConstraint(fields=["town", "plan"], condition=Q(stood_down_at__isnull=True), name="one_emergency_a_plan"),
        ]
        indexes = [
            models.Index(fields=["town", "-declared_at"], name="emergency_newest"),
            models.Index(fields=["town", "report_due_at"], condition=Q(report_due_at__isnull=False), name="emergency_report_due"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"

    @property
    def is_current(self) -> bool:
        return self.stood_down_at is None

    @property
    def level_word(self) -> Any:
        return LEVEL_WORDS[self.level]

    @property
    def chip(self) -> str:
        return LEVEL_STATE[self.level] if self.is_current else "ok"


class EmergencyDutyQuerySet(models.QuerySet["EmergencyDuty"]):
    def visible_to(self, actor: Actor) -> "EmergencyDutyQuerySet":
        """Return tasks to those who work for the town."""
        return self if sees_boards(actor) else self.none()

    def waiting(self) -> "EmergencyDutyQuerySet":
        return self.filter(state__in=("given", "taken"))


class EmergencyDuty(TownOwned):
    """A task of an emergency 应急任务: one unit, so many minutes from the level that gave it."""

    class State(models.TextChoices):
        GIVEN = "given", "待签收"
        TAKEN = "taken", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "无法完成"
        LIFTED = "lifted", "已解除"

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="duties")
    code = models.CharField(max_length=40)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    minutes = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State, default=State.GIVEN)
    given_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)
    done_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submission_key = models.CharField(max_length=80, null=True, blank=True, help_text="the same report sent twice is one")

    objects = EmergencyDutyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["emergency", "code"], name="one_duty_a_code")]
        indexes = [models.Index(fields=["town", "organ"], condition=Q(state__in=("given", "taken")), name="emergency_duty_waiting")]

    STATE_WORDS = {"given": _("not taken up yet"), "taken": _("under way"), "done": _("done"), "failed": _("cannot be done"), "lifted": _("lifted")}
    STATE_CHIP = {"given": "open", "taken": "work", "done": "ok", "failed": "late", "lifted": "stop"}

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        return self.title_en if self.title_en and (get_language() or "").startswith("en") else self.title

    @property
    def is_waiting(self) -> bool:
        return self.state in ("given", "taken")

    @property
    def state_word(self) -> Any:
        return self.STATE_WORDS[self.state]

    @property
    def chip(self) -> str:
        return self.STATE_CHIP[self.state]

    def is_late(self, at: datetime) -> bool:
        """Return whether it is, or was ended, after it was due; exactly then is in time."""
        return (self.ended_at or at) > self.due_at


class EmergencyEntryQuerySet(models.QuerySet["EmergencyEntry"]):
    def visible_to(self, actor: Actor) -> "EmergencyEntryQuerySet":
        """Return the log to those who work for the town."""
        return self if sees_boards(actor) else self.none()


class EmergencyEntry(TownOwned):
    """A line of the log 应急日志: a level, a report, people accounted for, a resource, whatever happened."""

    class Sort(models.TextChoices):
        LEVEL = "level", "级别"
        NOTE = "note", "情况"
        COUNT = "count", "人员清点"
        RESOURCE = "resource", "物资"
        REPORT = "report", "情况报告"

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    sort = models.CharField(max_length=8, choices=Sort)
    text = models.TextField(blank=True)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(max_length=80, blank=True)
    expected = models.PositiveIntegerField(null=True, blank=True)
    arrived = models.PositiveIntegerField(null=True, blank=True)
    submission_key = models.CharField(max_length=80, null=True, blank=True)

    objects = EmergencyEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sort="count") | Q(expected__isnull=False, arrived__isnull=False), name="emergency_count_is_whole"),
            models.UniqueConstraint(fields=["emergency", "submission_key"], name="one_entry_a_key"),
        ]
        indexes = [models.Index(fields=["emergency", "-at"], name="emergency_log")]

    SORT_WORDS = {
        "level": _("Level"), "note": pgettext_lazy("log", "What happened"), "count": _("People counted"), "resource": _("Resources"),
        "report": _("Situation report"),
    }  # fmt: skip
    SORT_ICONS = {"level": "siren", "note": "message-square", "count": "users", "resource": "truck", "report": "file-text"}

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def sort_word(self) -> Any:
        return self.SORT_WORDS[self.sort]

    @property
    def icon(self) -> str:
        return self.SORT_ICONS[self.sort]


class PublicAlertQuerySet(models.QuerySet["PublicAlert"]):
    def visible_to(self, actor: Actor) -> "PublicAlertQuerySet":
        """Return alerts for everybody; those of drills, tests or a closed circle to those who work for the town."""
        return self if sees_boards(actor) else self.filter(status="Actual", scope="Public")

    def in_force(self, at: datetime) -> "PublicAlertQuerySet":
        return self.filter(state="current", expires_at__gt=at)


class PublicAlert(TownOwned):
    """An alert 预警信息 as CAP 1.2 has it: the town's own, or one of a superior that came in."""

    class State(models.TextChoices):
        CURRENT = "current", "有效"
        UPDATED = "updated", "已更新"
        CANCELLED = "cancelled", "已解除"

    identifier = models.CharField(max_length=200)
    sender = models.CharField(max_length=200)
    sender_name = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField()
    status = models.CharField(max_length=10)
    kind = models.CharField(max_length=8, help_text="msgType")
    scope = models.CharField(max_length=12)
    is_own = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.CURRENT)
    event = models.CharField(max_length=120)
    severity = models.CharField(max_length=10)
    urgency = models.CharField(max_length=10)
    headline = models.CharField(max_length=200)
    headline_en = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    instruction = models.TextField(blank=True)
    instruction_en = models.TextField(blank=True)
    areas = ArrayField(models.CharField(max_length=120), default=list)
    expires_at = models.DateTimeField()
    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    content = models.BinaryField(help_text="the message as it stands in XML")
    taken_at = models.DateTimeField()

    objects = PublicAlertQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "sender", "identifier"], name="one_alert_an_identifier")]
        indexes = [models.Index(fields=["town", "-expires_at"], condition=Q(state="current"), name="alert_in_force")]

    RANK_WORDS = {"Extreme": _("red"), "Severe": _("orange"), "Moderate": _("yellow"), "Minor": _("blue"), "Unknown": _("no colour")}
    STATE_WORDS = {"current": _("in force"), "updated": _("replaced by a newer one"), "cancelled": _("lifted")}

    def __str__(self) -> str:
        return self.headline

    @property
    def colour_word(self) -> Any:
        return self.RANK_WORDS.get(self.severity, "")

    @property
    def chip(self) -> str:
        return {"Extreme": "late", "Severe": "warn", "Moderate": "open"}.get(self.severity, "work")

    def _own(self, name: str) -> str:
        english = getattr(self, f"{name}_en") if (get_language() or "").startswith("en") else ""
        return str(english or getattr(self, name))

    @property
    def title(self) -> str:
        return self._own("headline")

    @property
    def words(self) -> str:
        return self._own("description")

    @property
    def advice(self) -> str:
        return self._own("instruction")

    def is_in_force(self, at: datetime) -> bool:
        return self.state == "current" and self.expires_at > at

    @property
    def state_word(self) -> Any:
        return self.STATE_WORDS[self.state]
