from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.cases.models.case import Case
from gongzhi.cases.models.parties import Party
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned

ASK_WORDS: dict[str, Any] = {
    "work": _("Work"), "opinion": _("Opinion"), "check": _("Check"), "payment": _("Payment"), "review": _("Review"), "order": _("Order"),
    "document": _("Paper"),
}  # fmt: skip

VERDICT_WORDS: dict[str, Any] = {"agreed": _("Agreed"), "conditional": _("Agreed on conditions"), "refused": _("Not agreed")}


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> "TaskQuerySet":
        """Return the tasks of the cases that this actor may see."""
        if actor.is_clock or actor.kind == "system":
            return self
        return self.filter(case__in=Case.objects.visible_to(actor).order_by().values("pk"))

    def waiting(self) -> "TaskQuerySet":
        """Return those whose unit or party still has to do something."""
        return self.filter(state__in=Task.WAITING)


class Task(TownOwned):
    """A task of a case 任务: what one unit or party is asked for, with its own clock.

    Opened by a stage of the procedure, or by hand 协办. An order to a firm 责令 is one of these.
    """

    class State(models.TextChoices):
        ASKED = "asked", "待办"
        STOPPED = "stopped", "停表"
        ANSWERED = "answered", "已办"
        RETURNED = "returned", "已退"
        CANCELLED = "cancelled", "已撤"

    class Verdict(models.TextChoices):
        AGREED = "agreed", "同意"
        CONDITIONAL = "conditional", "附条件同意"
        REFUSED = "refused", "不同意"

    WAITING = (State.ASKED, State.STOPPED)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+")
    stage = models.CharField(max_length=30, blank=True, help_text="the stage that opened it; empty for one that somebody asked for")
    code = models.CharField(max_length=30, blank=True)
    asks = models.CharField(max_length=10, default="work", help_text="work, opinion, check, payment, review, order, document")
    title = models.CharField(max_length=200)
    required = models.BooleanField(default=True, help_text="the case waits for it")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    result = models.TextField(blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["town", "organ", "state"], name="task_organ"),
            models.Index(fields=["town", "party"], name="task_party", condition=Q(party__isnull=False, state__in=["asked", "stopped"])),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "organ"], condition=Q(state__in=["asked", "stopped"], code=""), name="one_running_task_per_unit"),
            models.UniqueConstraint(
                fields=["case", "stage", "code"], condition=Q(state__in=["asked", "stopped"]) & ~Q(code=""), name="one_running_task_per_stage"
            ),
            models.CheckConstraint(condition=Q(organ__isnull=False) | Q(party__isnull=False), name="task_is_somebodys"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} + {self.organ_id or self.party_id}"

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING

    @property
    def is_stopped(self) -> bool:
        return self.state == self.State.STOPPED

    @property
    def is_order(self) -> bool:
        return self.asks == "order"

    @property
    def asks_word(self) -> Any:
        return ASK_WORDS.get(self.asks, self.asks)

    @property
    def verdict_word(self) -> Any:
        return VERDICT_WORDS.get(self.verdict, "")
