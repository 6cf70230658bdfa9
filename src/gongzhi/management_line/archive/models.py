from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words


class ArchivedFileQuerySet(models.QuerySet["ArchivedFile"]):
    def in_force(self) -> "ArchivedFileQuerySet":
        """Return the files that are read: their rows are no longer in the database."""
        return self.filter(state=ArchivedFile.State.DROPPED)

    def in_hand(self) -> "ArchivedFileQuerySet":
        """Return the files whose rows are still in the database: a run was cut off."""
        return self.exclude(state=ArchivedFile.State.DROPPED)


class ArchivedFile(HasState, TownOwned):
    """A Parquet file of readings 归档文件 and how far its move has come."""

    class State(models.TextChoices):
        WRITTEN = "written", "已写出"
        VERIFIED = "verified", "已核对"
        DROPPED = "dropped", "已移出"

    # words, chip of the design system, icon
    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "written": (_("Written"), "open", "file-down"),
        "verified": (_("Checked against the database"), "work", "clipboard-check"),
        "dropped": (_("Moved out"), "done", "archive"),
    }

    month = models.DateField(help_text="first day of the month (UTC) of its readings")
    path = models.CharField(max_length=120, help_text="below the town's folder in the archive")
    generation = models.PositiveSmallIntegerField(default=0, help_text="0 for the month's first move; what came late has the next")
    rows = models.BigIntegerField()
    series = models.PositiveIntegerField()
    revised = models.BigIntegerField(default=0, help_text="rows that may stand before another row of the same moment")
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    rows_digest = models.CharField(max_length=64, help_text="SHA-256 of the rows as the database sends them, in order")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_series = models.BigIntegerField()
    last_series = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WRITTEN)
    written_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when its bytes were last hashed again")
    damage = models.CharField(max_length=200, blank=True, help_text="what the last check found; empty: whole")

    objects = ArchivedFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "path"], name="one_file_per_path"),
            models.CheckConstraint(condition=Q(rows__gt=0, bytes__gt=0), name="archived_file_is_not_empty"),
        ]
        indexes = [models.Index(fields=["town", "month"], name="archived_month")]

    def __str__(self) -> str:
        return self.path

    @property
    def is_moved_out(self) -> bool:
        return self.state == self.State.DROPPED

    @property
    def is_damaged(self) -> bool:
        return bool(self.damage)

    @property
    def rows_shown(self) -> str:
        return f"{self.rows:,}"
