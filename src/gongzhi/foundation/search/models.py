from typing import Any

from django.db import models

from gongzhi.kernel.tables import TownOwned


class SearchText(TownOwned):
    """A thing that is found 可检索内容: how many words its text has. What it says is kept by its module."""

    kind = models.CharField(max_length=20)
    item = models.BigIntegerField()
    length = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "kind", "item"], include=["length"], name="one_search_text")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.item}"


class Posting(TownOwned):
    """That a word stands in a thing's text, and how often 词条."""

    kind = models.CharField(max_length=20)
    word = models.CharField(max_length=24)
    item = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "kind", "word", "item"], include=["count"], name="one_posting")]
        indexes = [models.Index(fields=["town", "kind", "item"], name="posting_of_item")]

    def __str__(self) -> str:
        return f"{self.word} {self.kind}:{self.item}"


class Waiting(TownOwned):
    """A thing whose words are to be read anew 待索引. Appended by acts, taken away by the index: nobody waits for anybody."""

    kind = models.CharField(max_length=20)
    item = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["town", "id"], name="search_waits")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.item}"


class SynonymQuerySet(models.QuerySet["TownSynonym"]):
    def visible_to(self, actor: Any) -> "SynonymQuerySet":
        """Return all. Whoever asks: which words a town takes for which is no secret."""
        return self


class TownSynonym(TownOwned):
    """Phrases that people of this town say, and what they mean 近义说法."""

    say = models.JSONField()
    means = models.JSONField()
    place = models.PositiveIntegerField(help_text="order in the town's list")

    objects = SynonymQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "place"], name="one_synonym_per_place")]
        ordering = ["place"]

    def __str__(self) -> str:
        return "、".join(self.say)
