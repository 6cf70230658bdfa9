from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


class Topic(models.TextChoices):
    """What a policy is about, as people sort it 主题."""

    BUSINESS = "business", "企业经营"
    WORK = "work", "就业用工"
    MONEY = "money", "财政税费"
    HOUSING = "housing", "住房建设"
    PLANNING = "planning", "规划用地"
    ENVIRONMENT = "environment", "生态环境"
    TRAFFIC = "traffic", "交通出行"
    EDUCATION = "education", "教育文化"
    HEALTH = "health", "医疗卫生"
    CARE = "care", "社会救助"
    SAFETY = "safety", "安全应急"
    GOVERNMENT = "government", "政务公开"


TOPIC_WORDS: dict[str, Any] = {
    "business": _("Running a business"), "work": _("Work and hiring"), "money": _("Money and taxes"), "housing": _("Housing and building"),
    "planning": _("Planning and land"), "environment": pgettext_lazy("topic", "Environment"), "traffic": _("Traffic"),
    "education": _("Education and culture"), "health": _("Health"), "care": _("Social care"), "safety": _("Safety"), "government": _("Open government"),
}  # fmt: skip

# state on a day → (word, chip, icon)
STATE_WORDS: dict[str, tuple[Any, str, str]] = {
    "draft": (_("Being prepared"), "open", "pencil"),
    "coming": (_("Not yet in force"), "work", "calendar"),
    "in_force": (pgettext_lazy("policy", "In force"), "ok", "circle-check"),
    "ended": (_("No longer in force"), "stop", "ban"),
}


class PolicyQuerySet(models.QuerySet["Policy"]):
    def visible_to(self, actor: Actor) -> "PolicyQuerySet":
        """Return what was released; what is being prepared is for the unit that prepares it and for those who release."""
        if actor.is_clock or actor.kind == "system" or actor.can("may_release_policies"):
            return self
        seen: Any = Q(released_at__isnull=False)
        organ_ids = sorted(duty.organ_id for duty in actor.duties if duty.can("may_prepare_policies"))
        if organ_ids:
            seen |= Q(organ_id__in=organ_ids) | Q(handled_by_id__in=organ_ids)
        return self.filter(seen)


class Policy(TownOwned):
    """A document of the town that holds for people 规范性文件. Released, its letter is never changed; another may replace it."""

    class Ending(models.TextChoices):
        REPEALED = "repealed", "废止"
        REPLACED = "replaced", "被替代"
        EXPIRED = "expired", "到期失效"

    ENDING_WORDS: dict[str, Any] = {"repealed": _("repealed"), "replaced": _("replaced"), "expired": _("ran out")}

    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    number = models.CharField(max_length=60, blank=True, help_text="文号, such as 云溪管〔2026〕18 号")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="who issues it")
    handled_by = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="who answers for it")
    topics = models.JSONField(default=list, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="none: the whole town")
    signed_on = models.DateField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="last day on which it holds")
    evaluate_on = models.DateField(null=True, blank=True, help_text="by when its effect is looked at, before it runs out")
    gist = models.TextField(blank=True, help_text="one or two sentences in plain words")
    affected = models.JSONField(default=list, blank=True, help_text="rows of who is affected: what, how many, a note")
    affected_on = models.DateField(null=True, blank=True)
    reading_by = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True, help_text="when its reading was published last")
    consultation = models.ForeignKey("policies.Consultation", on_delete=models.PROTECT, null=True, blank=True, related_name="policies")
    prepared_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    prepared_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True, help_text="first day on which it holds no more")
    ended_how = models.CharField(max_length=10, choices=Ending, blank=True)
    ended_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced")
    end_reason = models.CharField(max_length=300, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_policy_per_code"),
            models.UniqueConstraint(fields=["town", "number"], condition=~Q(number=""), name="one_policy_per_number"),
            models.CheckConstraint(condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")), name="policy_ends_after_it_begins"),
        ]
        indexes = [
            models.Index(fields=["town", "-released_at", "-id"], name="policy_newest"),
            models.Index(fields=["town", "valid_until"], name="policy_runs_out", condition=Q(ended_on__isnull=True, valid_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def state_on(self, day: date) -> str:
        """Return draft, coming, in_force or ended."""
        if self.released_at is None:
            return "draft"
        if (self.ended_on is not None and self.ended_on <= day) or (self.valid_until is not None and self.valid_until < day):
            return "ended"
        return "coming" if self.valid_from > day else "in_force"

    @property
    def topic_words(self) -> list[Any]:
        return [TOPIC_WORDS[code] for code in self.topics if code in TOPIC_WORDS]

    @property
    def ending_word(self) -> Any:
        return self.ENDING_WORDS.get(self.ended_how, "")

    @property
    def is_released(self) -> bool:
        return self.released_at is not None

    @property
    def url(self) -> str:
        return f"/policies/{self.code}/"


class Clause(TownOwned):
    """A clause of a policy's letter 条文, and beside it what it means in plain words 解读."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="clauses")
    place = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True, help_text="第三条; empty for a heading or a paragraph outside clauses")
    text = models.TextField()
    plain_title = models.CharField(max_length=40, blank=True)
    plain = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "policy", "place"], name="one_clause_per_place")]
        ordering = ["place"]

    def __str__(self) -> str:
        return self.number or self.text[:20]


class Question(TownOwned):
    """What people ask of a policy, answered beside it 大家问的."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=200)
    answer = models.TextField()
    clause = models.CharField(max_length=40, blank=True)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    useful = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["town", "policy", "-useful", "id"], name="question_useful")]

    def __str__(self) -> str:
        return self.text


class Link(TownOwned):
    """What a policy makes or rests on: a service item, a benefit, a criterion, a higher document. Known by kind and code."""

    class Kind(models.TextChoices):
        ITEM = "item", "办事事项"
        BENEFIT = "benefit", "惠民惠企"
        CRITERION = "criterion", "条件"
        BASIS = "basis", "上位依据"

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=120, blank=True)
    clause = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "policy", "kind", "code"], name="one_link_per_thing")]
        indexes = [models.Index(fields=["town", "kind", "code"], name="policy_link")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


class Replacement(TownOwned):
    """A policy that another, when it is released, is to replace."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="replacements")
    old = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "policy", "old"], name="one_replacement_per_policy")]

    def __str__(self) -> str:
        return f"{self.policy_id} > {self.old_id}"


class Paper(TownOwned):
    """A file that belongs to a policy 附件."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="papers")
    attachment = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, actor: Actor) -> "SubscriptionQuerySet":
        """Return the actor's own; all for the clock, which tells of what is new."""
        if actor.is_clock or actor.kind == "system":
            return self
        return self.filter(person_id=actor.person_id) if actor.person_id else self.none()


class Subscription(TownOwned):
    """Somebody who wants to hear of new policies, changes and consultations of a topic or an area 订阅."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=12, choices=Topic, blank=True, help_text="empty: any")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="none: anywhere")
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, null=True, blank=True, related_name="subscriptions", help_text="only what changes of this one")
    since = models.DateTimeField()

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "person", "topic", "area", "policy"], nulls_distinct=False, name="one_subscription_per_wish"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.topic}"

    @property
    def topic_word(self) -> Any:
        return TOPIC_WORDS.get(self.topic, "")
