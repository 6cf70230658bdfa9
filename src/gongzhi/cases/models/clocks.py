from django.db import models
from django.db.models import Q

from gongzhi.cases.models.case import Case
from gongzhi.cases.models.catalogue import Unit
from gongzhi.kernel.tables import TownOwned


class Clock(TownOwned):
    """A clock 时限 that runs, or ran, on a case: the case's own, a stage's, a task's, a follow-up's, or one at whose end something happens by itself."""

    class Of(models.TextChoices):
        CASE = "case", "事项"
        STAGE = "stage", "环节"
        JOIN = "join", "任务"
        FOLLOW_UP = "follow_up", "回访整改"
        TIMED = "timed", "到期自动办理"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    of = models.CharField(max_length=10, choices=Of)
    stage = models.CharField(max_length=30, blank=True)
    task = models.ForeignKey("cases.Task", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    then = models.CharField(max_length=30, blank=True, help_text="of a timed outcome: what the clock does when it has run out")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=16, choices=Unit)
    basis = models.CharField(max_length=200, blank=True)
    rule = models.CharField(max_length=80, blank=True, help_text="rule and version that set it, such as B-114 v3")
    extended_by = models.PositiveSmallIntegerField(default=0)
    extension_basis = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    provisional = models.BooleanField(default=False, help_text="counts days of a year whose holidays are not announced yet")

    class Meta:
        indexes = [
            models.Index(fields=["town", "case"], name="clock_case"),
            models.Index(fields=["town", "due_at"], name="clock_due", condition=Q(ended_at__isnull=True, overdue_at__isnull=True)),
            models.Index(fields=["town", "warn_at"], name="clock_warn", condition=Q(ended_at__isnull=True, warned_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.of} {self.due_at}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


class Stop(TownOwned):
    """A lawful stop 停表, with its basis: of all clocks of a case, of its own clock by a stage, or of one task's clock."""

    class Ground(models.TextChoices):
        CORRECTION = "correction", "等申请人补正"
        PUBLIC_NOTICE = "public_notice", "公示"
        EXPERT_REVIEW = "expert_review", "专家评审"
        HEARING = "hearing", "听证"
        INSPECTION = "inspection", "检验检测"
        THIRD_PARTY = "third_party", "征求第三方意见"
        FORCE_MAJEURE = "force_majeure", "不可抗力"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stops")
    task = models.ForeignKey("cases.Task", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="only this task's clock stands")
    stage = models.CharField(max_length=30, blank=True, help_text="the stage in which the case's own clock stands; the stage's own clock runs")
    ground = models.CharField(max_length=16, choices=Ground)
    basis = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True, task__isnull=True), name="one_running_stop_per_case"),
            models.UniqueConstraint(fields=["task"], condition=Q(ended_at__isnull=True, task__isnull=False), name="one_running_stop_per_task"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ground}"

    def holds(self, clock: Clock) -> bool:
        """Return whether this stop is one of that clock: a task's stop holds its own, a stage's the case's, one by hand all that the case has."""
        if self.task_id is not None:
            return clock.task_id == self.task_id
        if self.stage:
            return clock.of == Clock.Of.CASE
        return clock.of in (Clock.Of.CASE, Clock.Of.STAGE, Clock.Of.JOIN)
