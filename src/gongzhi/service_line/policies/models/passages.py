from django.db import models

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


class PassageQuerySet(models.QuerySet["Passage"]):
    def visible_to(self, actor: Actor) -> "PassageQuerySet":
        """Return all. Whoever asks: a passage is kept only of what everybody may read."""
        return self


class Passage(TownOwned):
    """A text that may answer a question 可答段落: a clause with its reading, a question on a policy, an answered enquiry."""

    class Kind(models.TextChoices):
        CLAUSE = "clause", "条文解读"
        QUESTION = "question", "政策问答"
        ENQUIRY = "enquiry", "已答咨询"

    about = models.CharField(max_length=80, help_text="what it is a passage of, such as policies.clause:12")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    text = models.TextField()
    source = models.CharField(max_length=200, blank=True, help_text="whose it is: a policy's title and clause, a unit")
    url = models.CharField(max_length=200)
    length = models.PositiveIntegerField(help_text="how many words it has")
    until = models.DateField(null=True, blank=True, help_text="first day from which it answers no more")
    kept_at = models.DateTimeField()

    objects = PassageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "about"], name="one_passage_per_thing")]

    def __str__(self) -> str:
        return self.title


class PassageWord(TownOwned):
    """How often a passage has a word: what BM25 adds up."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=40)
    times = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "word", "passage"], name="one_count_per_word")]

    def __str__(self) -> str:
        return self.word
