"""Tables of the book. Nothing here is ever changed: triggers refuse it, and a constraint trigger wants each posting to balance when the act commits."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.registers.book import money, reach

SORTS = (("asset", _("Assets")), ("liability", _("Liabilities")), ("equity", _("Net assets")), ("income", _("Income")), ("expense", _("Expenses")))


class BookQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "BookQuerySet":
        """Return everything to those who keep or check the book."""
        return self if reach.sees_book(actor) else self.none()


class Account(TownOwned):
    """An account 科目 of the book; its code orders the chart of accounts."""

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    sort = models.CharField(max_length=10, choices=SORTS)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True, help_text="from this day on nothing is posted to it")

    objects = BookQuerySet.as_manager()
    SORT_WORDS: ClassVar[dict[str, Any]] = dict(SORTS)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_account_per_code")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_debit(self) -> bool:
        """Return whether it grows on the debit side."""
        return self.sort in ("asset", "expense")

    @property
    def sort_word(self) -> Any:
        return self.SORT_WORDS[self.sort]


class Posting(TownOwned):
    """A posting 分录: one act's amounts, which together are nought. `act` is the act it comes from; one act is posted once."""

    number = models.PositiveIntegerField(help_text="of the town, without gaps")
    on = models.DateField(help_text="the day it counts for")
    words = models.CharField(max_length=200)
    act = models.CharField(max_length=80)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")

    objects = BookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "number"], name="one_posting_per_number"),
            models.UniqueConstraint(fields=["town", "act"], name="one_posting_per_act"),
        ]
        indexes = [models.Index(fields=["town", "on"], name="posting_day")]

    def __str__(self) -> str:
        return f"{self.number}"


class Line(TownOwned):
    """One account's part of a posting, in cents: debit above nought, credit below. The day stands here too, for sums of a day."""

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    on = models.DateField()
    cents = models.BigIntegerField()

    objects = BookQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(cents=0), name="book_line_moves_something")]
        indexes = [models.Index(fields=["town", "account", "on"], include=["cents"], name="book_line_account_day")]

    def __str__(self) -> str:
        return f"{self.posting_id} {self.account_id} {self.cents}"

    @property
    def debit(self) -> Decimal | None:
        return money.yuan(self.cents) if self.cents > 0 else None

    @property
    def credit(self) -> Decimal | None:
        return money.yuan(-self.cents) if self.cents < 0 else None


class Closing(TownOwned):
    """A period closed 结账: nothing is posted for a day up to this one any more."""

    until = models.DateField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects = BookQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "until"], name="one_closing_per_day")]

    def __str__(self) -> str:
        return f"{self.until}"
