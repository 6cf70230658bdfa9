from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers import codes
from gongzhi.foundation.papers.holders import Holder
from gongzhi.foundation.papers.scopes import scopes
from gongzhi.foundation.papers.sorts import sort_of
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import Words


class SigningKey(TownOwned):
    """A key of the town with its certificate 签名密钥: its own root, and keys under it by which papers are signed. The private half is sealed."""

    SEALED: ClassVar[dict[str, str]] = {"private_sealed": "papers-key"}

    class Role(models.TextChoices):
        ROOT = "root", "根"
        PAPERS = "papers", "文书"

    role = models.CharField(max_length=8, choices=Role)
    private_sealed = models.BinaryField()
    certificate = models.BinaryField(help_text="X.509, DER")
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town"], condition=Q(role="root"), name="one_root_of_papers")]

    def __str__(self) -> str:
        return f"{self.role} {self.made_at:%Y}"


class Series(TownOwned):
    """The last number given to a sort of paper in a year 编号."""

    sort = models.SlugField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["town", "sort", "year"], name="one_series_a_year")]

    def __str__(self) -> str:
        return f"{self.sort} {self.year}: {self.last}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, actor: Actor) -> "PaperQuerySet":
        """Return one's own, those that one's organ issued, and what modules open (`scopes.register_scope`)."""
        if actor.kind in ("system", "clock"):
            return self
        may = Q(pk__in=[])
        if actor.person_id is not None:
            may |= Q(holder_sort="person", holder_key=str(actor.person_id))
        if actor.organ_ids:
            organs = sorted(actor.organ_ids)
            may |= Q(holder_sort="organ", holder_key__in=[str(pk) for pk in organs])
            may |= Q(organ_id__in=[duty.organ_id for duty in actor.duties if duty.can("may_withdraw_papers")])
        for scope in scopes:
            may |= scope(actor)
        return self.filter(may)


class Paper(TownOwned):
    """A paper that the town gave out 文书."""

    SEALED: ClassVar[dict[str, str]] = {"holder_sealed": "paper-holder"}

    class State(models.TextChoices):
        VALID = "valid", "有效"
        SUSPENDED = "suspended", "暂停"
        REVOKED = "revoked", "撤销"
        REPLACED = "replaced", "已换发"

    sort = models.SlugField(max_length=40)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    code = models.CharField(max_length=16, help_text="check code, as printed and in the QR code")
    case_id = models.BigIntegerField(null=True, blank=True, help_text="the case it came from; no key, since cases stand above")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="which issued it; empty: the town")
    holder_sort = models.CharField(max_length=8)
    holder_key = models.CharField(max_length=40, blank=True, help_text="number of a person or organ, code of a firm")
    holder_sealed = models.BinaryField(help_text="the holder's name as it stands on the paper")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="its last day; empty: without end")
    state = models.CharField(max_length=10, choices=State, default=State.VALID)
    reason = models.CharField(max_length=300, blank=True, help_text="why it is suspended, revoked or replaced: whoever checks it reads this")
    changed_at = models.DateTimeField(null=True, blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=60, help_text="actor reference, as in the ledger")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    attachment = models.OneToOneField("attachments.Attachment", on_delete=models.PROTECT, related_name="+")

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "sort", "year", "serial"], name="one_paper_per_number"),
            models.UniqueConstraint(fields=["town", "code"], name="one_paper_per_code"),
            models.UniqueConstraint(fields=["town", "sha256"], name="one_paper_per_file"),
            models.CheckConstraint(condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")), name="paper_ends_after_its_start"),
        ]
        indexes = [
            models.Index(fields=["town", "holder_sort", "holder_key", "-issued_at"], name="paper_of_holder"),
            models.Index(fields=["town", "case_id"], name="paper_of_case"),
            models.Index(fields=["town", "organ", "-issued_at"], name="paper_of_organ"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def holder(self) -> Holder:
        return Holder(sort=self.holder_sort, key=self.holder_key, name=self.holder_name)  # type: ignore[arg-type]

    @property
    def holder_name(self) -> str:
        return sealing.unseal(self.holder_sealed, "paper-holder")

    @property
    def holder_masked(self) -> str:
        """Return the holder's name as strangers read it: firms and organs by name, people masked."""
        return self.holder_name if self.holder_sort in ("firm", "organ") else sealing.masked_name(self.holder_name)

    @property
    def code_written(self) -> str:
        return codes.written(self.code)

    @property
    def sort_word(self) -> Any:
        known = sort_of(self.sort)
        return known.title if known else self.sort

    @property
    def check_url(self) -> str:
        return f"/check/{self.code_written}/"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.VALID, self.State.SUSPENDED)

    def standing(self, on: date) -> "Standing":
        """Return whether the paper holds on a day, and the words for it."""
        if self.state != self.State.VALID:
            return STANDINGS[self.state]
        if on < self.valid_from:
            return STANDINGS["early"]
        if self.valid_until is not None and on > self.valid_until:
            return STANDINGS["expired"]
        return STANDINGS["valid"]


class Standing:
    """How a paper stands on a day: a code for programs, a word, a chip and an icon for people."""

    def __init__(self, code: str, words: Words, sentence: Any) -> None:
        self.code = code
        self.word, self.chip, self.icon = words
        self.sentence = sentence

    @property
    def holds(self) -> bool:
        return self.code == "valid"


STANDINGS = {
    "valid": Standing("valid", (_("Valid paper"), "ok", "circle-check"), _("This paper is ours, and it holds.")),
    "early": Standing("early", (_("Not yet valid"), "warn", "clock"), _("This paper is ours, but it does not hold yet: its first day is still to come.")),
    "expired": Standing("expired", (_("Expired"), "late", "triangle-alert"), _("This paper is ours, but it holds no more: its last day has passed.")),
    "suspended": Standing("suspended", (_("Suspended"), "stop", "circle-pause"), _("This paper is ours, but it does not hold at present: it is suspended.")),
    "revoked": Standing("revoked", (_("Revoked"), "late", "circle-x"), _("This paper was ours, but it was revoked and holds no more.")),
    "replaced": Standing("replaced", (_("Replaced"), "late", "circle-x"), _("This paper was ours, but a newer one took its place and it holds no more.")),
}
