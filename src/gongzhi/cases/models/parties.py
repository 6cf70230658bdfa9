from django.db import models
from django.db.models import Q

from gongzhi.cases.models.case import Case
from gongzhi.kernel.tables import TownOwned


class Party(TownOwned):
    """Someone who raised a case or follows it 当事人. Anonymous parties hold a follow code; only its hash is kept."""

    class Via(models.TextChoices):
        RAISED = "raised", "提出"
        MERGED = "merged", "并入"
        FOLLOWS = "follows", "跟进"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code_hash = models.BinaryField(null=True, blank=True)
    via = models.CharField(max_length=10, choices=Via, default=Via.RAISED)
    first_case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    joined_at = models.DateTimeField()
    asked_to_rate_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "code_hash"], name="party_code"),
            models.Index(fields=["town", "asked_to_rate_at"], name="party_asked", condition=Q(asked_to_rate_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], condition=Q(person__isnull=False), name="one_party_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.via}"


class CoHandling(TownOwned):
    """A unit that joined a case 协办, with its own task, stage and clock. An order to a firm is one of these."""

    class State(models.TextChoices):
        ASKED = "asked", "已请"
        ANSWERED = "answered", "已办"
        CANCELLED = "cancelled", "已撤"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="co_handlings")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    task = models.CharField(max_length=200)
    is_order = models.BooleanField(default=False, help_text="an order to a firm 责令, not a request between units")
    required = models.BooleanField(default=True, help_text="the case waits for it")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["town", "organ", "state"], name="co_handling_organ")]
        constraints = [
            models.UniqueConstraint(fields=["case", "organ"], condition=Q(state="asked"), name="one_running_task_per_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} + {self.organ_id}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.ASKED


class Rating(TownOwned):
    """A rating 好差评: five levels, once per party and case. Staff cannot withdraw it."""

    class Level(models.IntegerChoices):
        VERY_DISSATISFIED = 1, "非常不满意"
        DISSATISFIED = 2, "不满意"
        BASICALLY = 3, "基本满意"
        SATISFIED = 4, "满意"
        VERY_SATISFIED = 5, "非常满意"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="+")
    level = models.SmallIntegerField(choices=Level)
    solved = models.BooleanField(null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="rating_has_five_levels")]
        indexes = [models.Index(fields=["town", "at"], name="rating_at")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.level}"

    @property
    def is_bad(self) -> bool:
        return self.level <= self.Level.DISSATISFIED


class FollowUp(TownOwned):
    """What a bad rating sets going 回访整改: call back, put right, publish the result."""

    class State(models.TextChoices):
        TO_CALL = "to_call", "待回访"
        TO_PUT_RIGHT = "to_put_right", "整改中"
        DONE = "done", "已办结"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_ups")
    rating = models.OneToOneField(Rating, on_delete=models.PROTECT, related_name="+")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=14, choices=State, default=State.TO_CALL)
    opened_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    call_result = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    public_result = models.TextField(blank=True)
    answer = models.TextField(blank=True, help_text="written to whoever rated and cannot be called; they read it where they follow the case")

    class Meta:
        indexes = [models.Index(fields=["town", "organ", "state"], name="follow_up_organ")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"

    @property
    def can_be_called(self) -> bool:
        """Return whether there is a telephone number by which whoever rated can be called back."""
        person = self.rating.party.person
        return person is not None and bool(person.phone_sealed)

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE


class SavedView(TownOwned):
    """A list's filters that a person keeps 视图."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=30)
    query = models.CharField(max_length=400)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "person", "title"], name="one_view_per_title")]

    def __str__(self) -> str:
        return self.title
