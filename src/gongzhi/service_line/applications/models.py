"""Tables of matters: items, their versions, applications, materials, notices."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries as cases
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.service_line.applications import content, patterns, vocabulary


def _words(zh: str, en: str) -> str:
    return en if (get_language() or "").startswith("en") and en else zh


class ItemQuerySet(models.QuerySet["ServiceItem"]):
    def visible_to(self, actor: Actor) -> "ItemQuerySet":
        """Return the items that are adopted; those who make and adopt them see drafts too."""
        if actor.kind in ("system", "clock") or actor.can("may_draft_items", "may_adopt_items", "may_import_items"):
            return self
        return self.filter(current__isnull=False)


class ServiceItem(HasState, TownOwned):
    """A matter 事项 of a department. What it says stands in its versions; the code is text, for lists of other systems have codes of their own."""

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "offered": (_("offered"), "ok", "circle-check"), "draft": (_("draft"), "open", "pencil"), "ended": (_("ended"), "stop", "circle-pause"),
    }  # fmt: skip
    code = models.CharField(max_length=60)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    family = models.CharField(max_length=12)
    current = models.ForeignKey("applications.ItemVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    origin_code = models.CharField(max_length=120, blank=True, help_text="code of the list that it was imported from")
    ended_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_item_per_code")]
        indexes = [models.Index(fields=["town", "organ"], name="item_organ")]

    def __str__(self) -> str:
        return self.current.name if self.current else self.code

    @property
    def state(self) -> str:
        return "ended" if self.ended_at else "offered" if self.current_id else "draft"

    @property
    def is_offered(self) -> bool:
        return self.current_id is not None and self.ended_at is None

    @property
    def family_word(self) -> Any:
        return content.FAMILIES.get(self.family, self.family)


class VersionQuerySet(models.QuerySet["ItemVersion"]):
    def visible_to(self, actor: Actor) -> "VersionQuerySet":
        """Return the versions that were adopted; those who make and adopt them see drafts too."""
        if actor.kind in ("system", "clock") or actor.can("may_draft_items", "may_adopt_items", "may_import_items"):
            return self
        return self.filter(adopted_at__isnull=False)


class ItemVersion(TownOwned):
    """What an item says from a moment on 事项版本: guide, form, materials, limits and procedure together. Never edited once adopted."""

    item = models.ForeignKey(ServiceItem, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    summary = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    power = models.CharField(max_length=16)
    applicants = ArrayField(models.CharField(max_length=8))
    basis = models.CharField(max_length=400)
    conditions = models.TextField(blank=True)
    conditions_en = models.TextField(blank=True)
    words = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    life = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    firm_stage = models.CharField(max_length=8, blank=True)
    result = models.CharField(max_length=80, blank=True)
    fee = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    appeal = models.CharField(max_length=400, blank=True)
    pattern = models.CharField(max_length=12)
    statutory_days = models.PositiveSmallIntegerField()
    promised_days = models.PositiveSmallIntegerField()
    promise = models.TextField(blank=True)
    promise_en = models.TextField(blank=True)
    years = models.PositiveSmallIntegerField(null=True, blank=True)
    form = models.JSONField(default=list)
    materials = models.JSONField(default=list)
    branches = models.JSONField(default=list)
    parts = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    procedure = models.ForeignKey("cases.Procedure", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    adopted_at = models.DateTimeField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "item", "number"], name="one_item_version_per_number"),
            models.CheckConstraint(condition=Q(promised_days__lte=models.F("statutory_days")), name="promised_within_statutory"),
        ]
        indexes = [models.Index(fields=["town", "item", "-number"], name="version_of_item")]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def name(self) -> str:
        return _words(self.title, self.title_en)

    @property
    def summary_words(self) -> str:
        return _words(self.summary, self.summary_en)

    @property
    def condition_lines(self) -> list[str]:
        return [line for line in _words(self.conditions, self.conditions_en).splitlines() if line.strip()]

    @property
    def promise_lines(self) -> list[str]:
        return [line for line in _words(self.promise, self.promise_en).splitlines() if line.strip()]

    @property
    def pattern_word(self) -> Any:
        return patterns.WORDS.get(self.pattern, self.pattern)

    @property
    def power_word(self) -> Any:
        return content.POWERS.get(self.power, self.power)

    @property
    def fields(self) -> tuple[vocabulary.FormField, ...]:
        return vocabulary.known(self.form)

    @property
    def is_for_firms_only(self) -> bool:
        return self.applicants == ["firm"]


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(self, actor: Actor) -> "FilingQuerySet":
        """Return the applications whose case this actor may see."""
        if actor.kind in ("system", "clock"):
            return self
        return self.filter(case__in=cases.cases(seen_by=actor).order_by().values("pk"))


class Filing(TownOwned):
    """An application 办件, one to one with its case: what was filed under which version, and what figures count of it."""

    SEALED: ClassVar[dict[str, str]] = {"values_sealed": "filing-values"}
    WAYS: ClassVar[dict[str, Any]] = {"online": _("filed online"), "window": _("filed at the window")}

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(ServiceItem, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", db_index=False, help_text="the department")
    values_sealed = models.BinaryField(help_text="answers with their sources, as one sealed JSON object")
    applicant_kind = models.CharField(max_length=8)
    way = models.CharField(max_length=8, default="online")
    window_by = models.CharField(max_length=60, blank=True, help_text="who filed it at the window")
    promised = models.BooleanField(default=False, help_text="filed on a promise")
    doubts = ArrayField(models.CharField(max_length=30), default=list, blank=True, help_text="values the town holds that the applicant says are wrong")
    notices = models.PositiveSmallIntegerField(default=0)
    filed_at = models.DateTimeField()
    # what figures count, written when it has come to an end
    due_at = models.DateTimeField(null=True, blank=True, help_text="when the promised limit ended")
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=30, blank=True)
    result_type = models.CharField(max_length=10, blank=True)
    by_clock = models.BooleanField(default=False)
    decided_online = models.BooleanField(default=True)
    days = models.PositiveIntegerField(null=True, blank=True, help_text="whole working days used; lawful stops not counted")
    stopped_days = models.PositiveIntegerField(default=0)
    extended = models.BooleanField(default=False)
    on_promised = models.BooleanField(null=True, blank=True)
    on_statutory = models.BooleanField(null=True, blank=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["town", "filed_at"], name="filing_filed"),
            models.Index(fields=["town", "decided_at"], name="filing_decided", condition=Q(decided_at__isnull=False)),
            models.Index(fields=["town", "item", "filed_at"], name="filing_item"),
            models.Index(fields=["town", "due_at"], name="filing_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["town", "case"], name="filing_open", condition=Q(decided_at__isnull=True, withdrawn_at__isnull=True)),
            models.Index(fields=["town", "withdrawn_at"], name="filing_withdrawn", condition=Q(withdrawn_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.case_id)

    @property
    def way_word(self) -> Any:
        return self.WAYS.get(self.way, self.way)


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, actor: Actor) -> "MaterialQuerySet":
        """Return the papers of the applications whose case this actor may see."""
        return self.filter(filing__in=Filing.objects.visible_to(actor).order_by().values("pk"))


class Material(HasState, TownOwned):
    """A paper of an application 材料: handed in, or taken by the town from its own store (no attachment then)."""

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "given": (_("not looked at yet"), "open", "circle-dot"), "good": (_("will do"), "ok", "circle-check"),
        "asked": (_("to be replaced"), "warn", "rotate-ccw"), "replaced": (_("replaced"), "stop", "x"),
    }  # fmt: skip
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="papers")
    code = models.CharField(max_length=30)
    attachment = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=40, blank=True, help_text="where the town took it from; empty: handed in")
    state = models.CharField(max_length=10, default="given")
    says = models.CharField(max_length=200, blank=True, help_text="what is wrong with it")
    added_at = models.DateTimeField()

    objects = MaterialQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["town", "filing"], name="material_filing"), models.Index(fields=["town", "attachment"], name="material_attachment")]

    def __str__(self) -> str:
        return f"{self.filing_id}: {self.code}"


class Notice(TownOwned):
    """A notice that named what is missing 一次性告知; the second one counts against the department (行政许可法第三十二条)."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    codes = ArrayField(models.CharField(max_length=30), default=list)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "filing", "number"], name="one_notice_per_number")]
        indexes = [models.Index(fields=["town", "at"], name="notice_at")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.number}"
