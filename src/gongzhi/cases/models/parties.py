from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.cases.models.case import Case
from gongzhi.kernel.tables import TownOwned

ROLE_WORDS: dict[str, Any] = {
    "raiser": _("raised it"), "applicant": _("applicant"), "co_applicant": _("co-applicant"), "agent": _("agent"), "respondent": _("respondent"),
    "beneficiary": _("beneficiary"), "mediator": _("mediator"), "organ": _("unit that takes part"), "follower": _("follows it"),
}  # fmt: skip


class Party(TownOwned):
    """Somebody who has a part in a case 当事人: raised it, applies, acts for another, answers, gains, follows.

    Anonymous parties hold a follow code; only its hash is kept. An agent's part rests on an authority with dates.
    """

    class Via(models.TextChoices):
        RAISED = "raised", "提出"
        MERGED = "merged", "并入"
        FOLLOWS = "follows", "跟进"
        NAMED = "named", "列名"

    class Role(models.TextChoices):
        RAISER = "raiser", "提出人"
        APPLICANT = "applicant", "申请人"
        CO_APPLICANT = "co_applicant", "共同申请人"
        AGENT = "agent", "代理人"
        RESPONDENT = "respondent", "对方当事人"
        BENEFICIARY = "beneficiary", "受益人"
        MEDIATOR = "mediator", "调解员"
        ORGAN = "organ", "参与单位"
        FOLLOWER = "follower", "跟进人"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code_hash = models.BinaryField(null=True, blank=True)
    via = models.CharField(max_length=10, choices=Via, default=Via.RAISED)
    role = models.CharField(max_length=14, choices=Role, default=Role.RAISER)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="a firm or unit that has this part")
    acts_for = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="whom an agent acts for")
    authority = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True, help_text="last day of an agent's authority")
    ended_at = models.DateTimeField(null=True, blank=True)
    first_case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    joined_at = models.DateTimeField()
    asked_to_rate_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "code_hash"], name="party_code"),
            models.Index(fields=["town", "person"], name="party_person", condition=Q(person__isnull=False)),
            models.Index(fields=["town", "organ"], name="party_organ", condition=Q(organ__isnull=False)),
            models.Index(fields=["town", "asked_to_rate_at"], name="party_asked", condition=Q(asked_to_rate_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], condition=Q(person__isnull=False, ended_at__isnull=True), name="one_party_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"

    @property
    def role_word(self) -> Any:
        return ROLE_WORDS.get(self.role, self.role)

    def holds_on(self, day: date) -> bool:
        """Return whether this part may be acted in on the day."""
        if self.ended_at is not None:
            return False
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)


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
