from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.sensing import factors


class WarningRuleQuerySet(models.QuerySet["WarningRule"]):
    def valid_on(self, day: date) -> "WarningRuleQuerySet":
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class WarningRule(TownOwned):
    """A rule of early warning 预警规则: what is watched, where, and from when on. Which of its numbers count depends on its cause."""

    class Cause(models.TextChoices):
        RATE = "rate", "变化过快"
        SILENCE = "silence", "设备失联"
        FROZEN = "frozen", "数值冻结"
        NEIGHBOURS = "neighbours", "邻站不一致"
        FORECAST = "forecast", "预测将超限"

    class Direction(models.TextChoices):
        UP = "up", "上升"
        DOWN = "down", "下降"
        EITHER = "either", "升降"

    HOURLY = frozenset({"neighbours", "forecast"})  # judged when an hour has ended, the others every five minutes

    title = models.CharField(max_length=60)
    cause = models.CharField(max_length=12, choices=Cause)
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    station_kind = models.CharField(max_length=16, blank=True, help_text="all stations of a kind; with no station either: the whole town")
    factor = models.CharField(max_length=40, blank=True, help_text="none for silence, which is of devices")
    aggregate = models.CharField(max_length=24, default="rtd")
    threshold = models.FloatField(null=True, blank=True, help_text="rate: change an hour in the unit of the series; silence, frozen: minutes; neighbours: usual"
                                                                   " scatters; forecast: a limit of its own, none: the limit in force")  # fmt: skip
    window_minutes = models.PositiveIntegerField(default=60, help_text="rate: over how long the change is taken")
    direction = models.CharField(max_length=6, choices=Direction, default=Direction.EITHER)
    repeats = models.PositiveSmallIntegerField(default=12, help_text="frozen: equal values in a row; silence: missed reports")
    tolerance = models.FloatField(default=0, help_text="frozen: within which values count as equal; neighbours: a difference that is always borne")
    radius_km = models.FloatField(default=5, help_text="neighbours: how far apart at most")
    horizon_hours = models.PositiveSmallIntegerField(default=12, help_text="forecast: how far ahead, 1 to 24 hours")
    count = models.PositiveSmallIntegerField(default=1, help_text="judgements in a row that begin an episode")
    clean_count = models.PositiveSmallIntegerField(default=3, help_text="clean judgements in a row that end it")
    severity = models.SmallIntegerField(default=2, help_text="of the case: 1 ordinary to 4 emergency")
    category = models.ForeignKey("cases.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clause = models.CharField(max_length=200, help_text="clause or reason")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=80)

    objects = WarningRuleQuerySet.as_manager()
    fault = models.CharField(max_length=300, blank=True, help_text="what stood in the way when it was judged last")
    faulty_at = models.DateTimeField(null=True, blank=True)


    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cause="silence") | ~Q(factor=""), name="warning_has_a_factor"),
            models.CheckConstraint(condition=Q(cause="forecast") | Q(threshold__gt=0), name="warning_has_a_threshold"),
            models.CheckConstraint(
                condition=Q(count__gte=1, clean_count__gte=1, repeats__gte=1, window_minutes__gte=1, tolerance__gte=0, radius_km__gt=0,
                            horizon_hours__gte=1, horizon_hours__lte=24, severity__gte=1, severity__lte=4), name="warning_counts",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["town", "cause"], name="warning_by_cause")]

    def __str__(self) -> str:
        return self.title

    CAUSE_WORDS: dict[str, tuple[Any, str, Any]] = {
        "rate": (_("Quick change"), "trending-up", _("A value rises or falls faster than it should.")),
        "silence": (_("Silent device"), "wifi-off", _("A device has not reported for too long, and nobody works on it.")),
        "frozen": (_("Frozen value"), "circle-pause", _("A value that should vary has stood still.")),
        "neighbours": (_("Neighbours disagree"), "scale", _("Two stations of one air or one water differ more than they usually do.")),
        "forecast": (_("Limit will be passed"), "chart-column", _("The forecast passes a limit before the value does.")),
    }

    @property
    def cause_word(self) -> Any:
        return self.CAUSE_WORDS[self.cause][0]

    @property
    def icon(self) -> str:
        return self.CAUSE_WORDS[self.cause][1]

    @property
    def factor_label(self) -> str:
        return factors.label(self.factor) if self.factor else ""

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)

    @property
    def words(self) -> str:
        """Return the rule's numbers in words."""
        given = {
            "n": self.repeats, "hours": self.horizon_hours, "minutes": self.window_minutes, "threshold": f"{self.threshold:g}" if self.threshold else "",
            "tolerance": f"{self.tolerance:g}", "km": f"{self.radius_km:g}",
        }  # fmt: skip
        if self.cause == self.Cause.RATE:
            words = {
                "up": _("rises by more than %(threshold)s an hour, over %(minutes)d minutes"),
                "down": _("falls by more than %(threshold)s an hour, over %(minutes)d minutes"),
                "either": _("changes by more than %(threshold)s an hour, over %(minutes)d minutes"),
            }[self.direction]
        else:
            words = {
                "silence": _("silent for more than %(threshold)s minutes and %(n)d missed reports"),
                "frozen": _("%(n)d equal values in a row, for more than %(threshold)s minutes"),
                "neighbours": _("more than %(threshold)s times the usual scatter, at most %(km)s km apart or one below the other"),
                "forecast": _("foreseen beyond %(threshold)s within %(hours)d hours") if self.threshold else _(
                    "foreseen beyond the limit in force within %(hours)d hours"),
            }[self.cause]  # fmt: skip
        return str(words) % given


class ForecastModel(TownOwned):
    """A fitted forecast 预测模型 of a series, with what its backtest measured; the newest of a series counts, some older ones are kept to compare."""

    series = models.ForeignKey("sensing.Series", on_delete=models.PROTECT, related_name="+")
    trained_at = models.DateTimeField()
    begins_at = models.DateTimeField(help_text="of the first hour that it was tested or fitted on")
    ends_at = models.DateTimeField()
    hours = models.PositiveIntegerField(help_text="with a valid mean")
    limit = models.FloatField(null=True, blank=True, help_text="the limit that its warnings were tested with")
    below = models.BooleanField(default=False)
    horizon_hours = models.PositiveSmallIntegerField()
    fitted = models.JSONField(null=True, help_text="none where too little was measured to fit")
    score = models.JSONField(null=True, help_text="none where too little was measured to test")
    is_better = models.BooleanField(default=False, help_text="than both baselines, in its own backtest; only then it warns")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "series", "trained_at"], name="one_model_at_a_time")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.trained_at}"
