from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


class ColumnQuerySet(models.QuerySet["Column"]):
    def visible_to(self, actor: Actor) -> "ColumnQuerySet":
        """Return all. Whoever asks: what the town owes to show, and whether it is there, is everybody's to see."""
        return self


class Column(TownOwned):
    """A column of the statutory list 公开目录: what must be shown, by whom, and how soon (政府信息公开条例 arts 19 to 21, 26)."""

    class Every(models.IntegerChoices):
        CHANGE = 0, "有变动时"
        MONTH = 1, "每月"
        QUARTER = 3, "每季度"
        YEAR = 12, "每年"

    EVERY_WORDS: dict[int, Any] = {0: _("when something changes"), 1: _("every month"), 3: _("every quarter"), 12: _("every year")}

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    basis = models.CharField(max_length=200)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="who owes it")
    days = models.PositiveSmallIntegerField(default=20, help_text="working days from making or change to publishing")
    every = models.PositiveSmallIntegerField(choices=Every, default=Every.CHANGE, help_text="months after which something new is due")
    place = models.PositiveSmallIntegerField(default=0)
    elsewhere = models.CharField(max_length=200, blank=True, help_text="address of the page of the town that keeps it up to date, such as /policies/")
    set_at = models.DateTimeField()

    objects = ColumnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_column_per_code"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=20), name="column_days_within_the_law"),
        ]
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def every_word(self) -> Any:
        return self.EVERY_WORDS[self.every]

    @property
    def url(self) -> str:
        return f"/disclosure/{self.code}/"


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, actor: Actor) -> "EntryQuerySet":
        """Return all. Whoever asks: that something was made and is not yet shown is itself everybody's to see; its text comes with publishing."""
        return self


class Entry(TownOwned):
    """Something that was made or changed and is to be shown under a column 公开条目."""

    column = models.ForeignKey(Column, on_delete=models.PROTECT, related_name="entries")
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    attachment = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_on = models.DateField(help_text="when it was made or changed")
    due_on = models.DateField(help_text="by when it must be shown")
    told_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    late_days = models.PositiveSmallIntegerField(default=0, help_text="working days after its due day on which it was published")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["town", "column", "-made_on", "-id"], name="entry_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.published_at is not None
