from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.kernel.actors import Actor


class Kept(models.Model):
    """A row of one town's log. No foreign key, not even to the town: the ledger outlives what it tells of."""

    town_id = models.BigIntegerField()

    class Meta:
        abstract = True


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, actor: Actor) -> "EntryQuerySet":
        """Return public entries for everybody; auditors and the clock see that private ones stand there too."""
        if actor.is_clock or actor.kind == "system" or actor.can("may_read_whole_ledger"):
            return self
        return self.filter(is_public=True)


class Entry(Kept):
    """One fact 台账条目. Written once in the act's own transaction, never changed (a trigger refuses it)."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    actor = models.CharField(max_length=60)
    actor_sort = models.CharField(max_length=40, help_text="what the public reads: resident, officer, clock")
    content = models.JSONField()
    is_public = models.BooleanField()
    salt = models.BinaryField()
    txid = models.BigIntegerField(help_text="of the transaction; what lies below the oldest running one may be sealed")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["town_id", "txid", "id"], name="entry_order"),
            models.Index(fields=["town_id", "subject", "id"], name="entry_subject"),
            models.Index(fields=["town_id", "kind", "id"], name="entry_kind", condition=Q(is_public=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Leaf(Kept):
    """An entry's place in the tree, and its hash."""

    index = models.BigIntegerField()
    entry_id = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        verbose_name_plural = "leaves"
        constraints = [
            models.UniqueConstraint(fields=["town_id", "index"], name="one_leaf_per_index"),
            models.UniqueConstraint(fields=["town_id", "entry_id"], name="one_leaf_per_entry"),
        ]

    def __str__(self) -> str:
        return str(self.index)


class Tile(Kept):
    """256 hashes of one level, complete, and their root. Partial tiles are read from what lies below."""

    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    data = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town_id", "level", "number"], name="one_tile_per_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Checkpoint(Kept):
    """The signed head of the log after a sealing 总章."""

    size = models.BigIntegerField()
    root = models.BinaryField()
    at = models.DateTimeField()
    note = models.TextField()
    vkey = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town_id", "size"], name="one_checkpoint_per_size")]

    def __str__(self) -> str:
        return f"{self.size}"

    @property
    def root_hex(self) -> str:
        return bytes(self.root).hex()

    def details(self) -> dict[str, Any]:
        """Return what a proof says of it."""
        return {"size": self.size, "root": self.root_hex, "at": self.at.isoformat(), "note": self.note, "vkey": self.vkey}
