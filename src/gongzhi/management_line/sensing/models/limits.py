"""Limits, and the stretches in which something is wrong."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.management_line.sensing import causes, episodes
from gongzhi.management_line.sensing.models.readings import Series
from gongzhi.management_line.sensing.models.stations import Station


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
