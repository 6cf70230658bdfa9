from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words


class Word(models.TextChoices):
    """On whose word a value stands 谁说的."""

    SOURCE = "source", "来源数据"
    OWN = "own", "本人"
    KIN = "kin", "家人"
    LANDLORD = "landlord", "房东"
    NEIGHBOUR = "neighbour", "邻居"
    SEEN = "seen", "现场所见"
    PAPER = "paper", "证件"


class Statement(TownOwned):
    """Values that were told of one thing at one moment 登记陈述: what, by which source, on which basis, on whose word, by whom. Never changed."""

    SEALED: ClassVar[dict[str, str]] = {"values_sealed": "statement"}

    register = models.CharField(max_length=12)
    subject_id = models.BigIntegerField(help_text="of the thing in its register; no key, for a statement outlives what it is about")
    fields = ArrayField(models.CharField(max_length=24), help_text="which values it holds, to find it by")
    values_sealed = models.BinaryField(help_text="the values, as one sealed JSON object")
    source = models.CharField(max_length=120)
    basis = models.CharField(max_length=200)
    word = models.CharField(max_length=10, choices=Word, default=Word.SOURCE)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    file = models.ForeignKey("record.TakenFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["town", "register", "subject_id", "-id"], name="statement_subject")]

    def __str__(self) -> str:
        return f"{self.register}:{self.subject_id}"


class Look(TownOwned):
    """A look at sealed values 查看记录: whose, which, for what, by whom, through which grant."""

    register = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    fields = ArrayField(models.CharField(max_length=24))
    purpose = models.CharField(max_length=200)
    grant = models.CharField(max_length=60, blank=True, help_text="reference of the grant it was made through; empty: by the register's own right")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["town", "register", "subject_id", "-at"], name="look_subject"),
            models.Index(fields=["town", "grant", "-at"], name="look_grant", condition=~models.Q(grant="")),
        ]

    def __str__(self) -> str:
        return f"{self.register}:{self.subject_id}"

    @property
    def field_words(self) -> str:
        """Return what was shown, in words."""
        from gongzhi.registers.record import fields

        known = {one.code: one.title for one in fields.registers()[self.register].fields} if self.register in fields.registers() else {}
        return pgettext("between the members of a list", ", ").join(str(known.get(code, code)) for code in self.fields)

    @property
    def grant_id(self) -> str:
        """Return the number of the grant through which it was shown, or ""."""
        return self.grant.rsplit(":", 1)[-1]

    @property
    def who(self) -> str:
        """Return who looked, as the person may read it: the unit, never a name or number of an officer."""
        return str(self.organ) if self.organ is not None else str(_("a program of the town") if self.by.startswith("system:") else _("an officer"))


class TakenFileQuerySet(models.QuerySet["TakenFile"]):
    def visible_to(self, actor: Actor) -> "TakenFileQuerySet":
        """Return the files of the registers that this actor keeps."""
        from gongzhi.registers.record.scope import KEEP, keeps_town

        if actor.kind in ("system", "clock"):
            return self
        return self.filter(register__in=[code for code in KEEP if keeps_town(actor, code)])


class TakenFile(HasState, TownOwned):
    """A file that a register takes over 名录导入: what its columns mean, how far it is, and what became of every row."""

    class State(models.TextChoices):
        BROUGHT = "brought", "待导入"
        RUNNING = "running", "导入中"
        DONE = "done", "已完成"
        FAILED = "failed", "已停止"

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "brought": (_("brought"), "open", "file-up"),
        "running": (_("being taken over"), "work", "clock"),
        "done": (_("done"), "done", "circle-check"),
        "failed": (_("stopped"), "late", "triangle-alert"),
    }

    register = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=400, blank=True)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    definition = models.JSONField(default=dict, blank=True)
    as_of = models.DateField(help_text="the day on which it says how things are")
    state = models.CharField(max_length=8, choices=State, default=State.BROUGHT)
    row = models.BigIntegerField(default=0, help_text="the last row that is accounted for")
    rows = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    blank = models.BigIntegerField(default=0)
    error = models.CharField(max_length=400, blank=True)
    by = models.CharField(max_length=60)
    brought_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TakenFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["town", "register", "digest"], name="taken_file_digest"),
            models.Index(fields=["town", "-brought_at"], name="taken_file_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_begun(self) -> bool:
        return self.state != self.State.BROUGHT


class RefusedRow(TownOwned):
    """A row that could not be taken 未导入的行, with the field it is about and why; what stood there is sealed."""

    SEALED: ClassVar[dict[str, str]] = {"text_sealed": "refused-row"}

    file = models.ForeignKey(TakenFile, on_delete=models.PROTECT, related_name="+")
    row = models.BigIntegerField()
    field = models.CharField(max_length=24, blank=True)
    text_sealed = models.BinaryField(default=b"", blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["town", "file", "row"], name="refused_row_file")]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.row}"

    def read(self) -> Any:
        """Return what stood in the field."""
        from gongzhi.foundation.people import sealing

        return sealing.unseal(self.text_sealed, "refused-row")
