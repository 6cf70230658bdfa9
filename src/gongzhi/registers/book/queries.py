"""The book as its readers may see it: balances of any day, what moved an account, the statement of a year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from gongzhi.kernel.actors import Actor
from gongzhi.registers.book import money
from gongzhi.registers.book.models import SORTS, Account, Closing, Line, Posting


@dataclass(frozen=True, slots=True)
class Row:
    """An account with its amount, above nought on the side on which it grows."""

    account: Account
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """The accounts of one sort, with their sum."""

    sort: str
    title: Any
    rows: list[Row]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of a day: parts by sort, and what income leaves over expenses. Assets = liabilities + net assets + surplus."""

    on: date
    parts: dict[str, Part]

    @property
    def surplus(self) -> Decimal:
        return self.parts["income"].total - self.parts["expense"].total

    @property
    def funded(self) -> Decimal:
        return self.parts["liability"].total + self.parts["equity"].total + self.surplus

    @property
    def is_even(self) -> bool:
        return self.parts["asset"].total == self.funded


@dataclass(frozen=True, slots=True)
class Moved:
    """An account over a year: what it held before, what was debited and credited, what it holds after (debit above nought)."""

    account: Account
    before: Decimal
    debit: Decimal
    credit: Decimal
    after: Decimal


def accounts(*, seen_by: Actor) -> QuerySet[Account]:
    """Return the accounts in the order of their codes."""
    return Account.objects.visible_to(seen_by).order_by("code", "pk")  # type: ignore[return-value]


def account_for(*, seen_by: Actor, code: str) -> Account:
    """Return the account with this code; raise Account.DoesNotExist."""
    return Account.objects.visible_to(seen_by).get(code=code)  # type: ignore[no-any-return]


def _sums(seen_by: Actor, **narrow: Any) -> dict[int, int]:
    """Return the sum of each account in cents: one look into its own part of the index for each."""
    below = Line.objects.visible_to(seen_by).filter(town=OuterRef("town"), account=OuterRef("pk"), **narrow).order_by()
    total = below.values("account").annotate(total=Sum("cents")).values("total")
    rows = Account.objects.visible_to(seen_by).annotate(total=Coalesce(Subquery(total), 0)).values_list("pk", "total")
    return {pk: int(found) for pk, found in rows}


def balance(*, seen_by: Actor, on: date) -> Balance:
    """Return the balance as it stood at the end of a day."""
    sums = _sums(seen_by, on__lte=on)
    parts = {}
    known = list(accounts(seen_by=seen_by))
    for sort, title in SORTS:
        rows = [Row(one, money.yuan(sums.get(one.pk, 0) * (1 if one.is_debit else -1))) for one in known if one.sort == sort]
        parts[sort] = Part(sort, title, rows, sum((row.amount for row in rows), Decimal("0.00")))
    return Balance(on, parts)


def postings(*, seen_by: Actor) -> QuerySet[Posting]:
    """Return the postings with their lines, newest first."""
    return Posting.objects.visible_to(seen_by).prefetch_related("lines__account").order_by("-on", "-number")  # type: ignore[return-value]


def posting_for(*, seen_by: Actor, number: int) -> Posting:
    """Return a posting by its number; raise Posting.DoesNotExist."""
    return Posting.objects.visible_to(seen_by).prefetch_related("lines__account").get(number=number)  # type: ignore[no-any-return]


def lines_of(*, seen_by: Actor, account: Account) -> QuerySet[Line]:
    """Return what moved an account, newest first."""
    return Line.objects.visible_to(seen_by).filter(account=account).select_related("posting").order_by("-on", "-posting__number")  # type: ignore[return-value]


def closed_until(*, seen_by: Actor) -> date | None:
    """Return the last day of the closed periods, or None."""
    return Closing.objects.visible_to(seen_by).aggregate(last=Max("until"))["last"]


def year_of(*, seen_by: Actor, year: int) -> list[Moved]:
    """Return each account over a year: before, debit, credit, after."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    before = _sums(seen_by, on__lt=first)
    debit, credit = _sums(seen_by, on__gte=first, on__lte=last, cents__gt=0), _sums(seen_by, on__gte=first, on__lte=last, cents__lt=0)
    found = []
    for one in accounts(seen_by=seen_by):
        begin, up, down = before.get(one.pk, 0), debit.get(one.pk, 0), credit.get(one.pk, 0)
        if begin or up or down:
            found.append(Moved(one, money.yuan(begin), money.yuan(up), money.yuan(-down), money.yuan(begin + up + down)))
    return found


def years(*, seen_by: Actor, today: date) -> list[int]:
    """Return the years of which the book has postings, and this one, newest first."""
    first = Posting.objects.visible_to(seen_by).order_by("on").values_list("on", flat=True).first()
    return list(range(today.year, (first.year if first else today.year) - 1, -1))


def export_rows(*, seen_by: Actor, year: int) -> Iterator[tuple[Any, ...]]:
    """Yield the lines of a year's postings for the auditor, in the order of postings: number, day, account, title, debit, credit, words, act, hand, moment."""
    rows = Line.objects.visible_to(seen_by).filter(on__gte=date(year, 1, 1), on__lt=date(year, 12, 31) + timedelta(days=1))
    for line in rows.select_related("posting", "account").order_by("posting__number", "pk").iterator(chunk_size=2_000):
        one = line.posting
        head = (one.number, one.on.isoformat(), line.account.code, line.account.title, line.debit or "", line.credit or "")
        yield *head, one.words, one.act, one.by, one.at.isoformat()

