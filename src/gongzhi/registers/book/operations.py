"""Acts on the book: accounts, postings, reversals, closed periods."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record, retell
from gongzhi.kernel.towns import current_town
from gongzhi.registers.book import money, rules
from gongzhi.registers.book.facts import AccountClosed, AccountOpened, PeriodClosed, Posted
from gongzhi.registers.book.models import SORTS, Account, Closing, Line, Posting


class BadCode(Refused):
    sentence = _("A code of an account has small letters, digits and hyphens, at most 40.")
    field = "code"


class CodeTaken(Refused):
    sentence = _("Another account has this code already.")
    field = "code"


class NoTitle(Refused):
    sentence = _("Give it a name.")
    field = "title"


class NoSuchSort(Refused):
    sentence = _("Choose whether it is assets, liabilities, net assets, income or expenses.")
    field = "sort"


class NoSuchAccount(Refused):
    sentence = _("There is no account %(code)s in which anything can be posted on this day.")
    field = "account"


class NotBalanced(Refused):
    sentence = _("Debit and credit differ by %(yuan)s yuan; a posting balances to nought.")
    field = "amount"


class TooFewLines(Refused):
    sentence = _("A posting moves an amount between at least two accounts, each named once; none of them by nought.")
    field = "amount"


class PeriodIsClosed(Refused):
    sentence = _("The period up to %(day)s is closed; nothing is posted for a day in it.")
    field = "on"


class InTheFuture(Refused):
    sentence = _("This day lies in the future.")
    field = "on"


class PostedAlready(Refused):
    sentence = _("This act is posted already, as number %(number)s.")


class NoWords(Refused):
    sentence = _("Say in a few words what it is for.")
    field = "words"


class ReversedAlready(Refused):
    sentence = _("This posting is reversed already, or is itself a reversal.")


class Backwards(Refused):
    sentence = _("A period is closed up to a day that is over and lies after the last closing.")
    field = "until"


def _lock() -> None:
    """Let one act at a time post or close: numbers have no gaps, and a closing sees every posting of its period."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('book', %s))", [current_town()])


def _today(by: Actor, at: datetime) -> date:
    return territory.day_of(seen_by=by, at=at)


@operation
def open_account(*, by: Actor, at: datetime, code: str, title: str, sort: str, opened_on: date | None = None) -> Account:
    """Open an account of the book from a day on (today)."""
    ensure(rules.may_keep_book)
    if not (0 < len(code) <= 40 and code.isascii() and code == code.lower() and code.replace("-", "").isalnum()):
        raise BadCode
    if not title.strip():
        raise NoTitle
    if sort not in dict(SORTS):
        raise NoSuchSort
    _lock()
    if Account.objects.filter(town_id=current_town(), code=code).exists():
        raise CodeTaken
    made: Account = Account.objects.create(town_id=current_town(), code=code, title=title.strip()[:80], sort=sort, opened_on=opened_on or _today(by, at))
    record(AccountOpened(subject=ref(made), code=code, sort=sort))
    return made


@operation
def close_account(*, by: Actor, at: datetime, code: str, closed_on: date) -> Account:
    """Take an account out of use from a day on; what was posted to it stays."""
    ensure(rules.may_keep_book)
    _lock()
    account: Account = Account.objects.select_for_update().get(code=code)
    last = Line.objects.filter(account=account).aggregate(last=Max("on"))["last"]
    if closed_on < account.opened_on or (last is not None and closed_on <= last):
        raise Backwards(field="closed_on")
    account.closed_on = closed_on
    account.save(update_fields=["closed_on"])
    record(AccountClosed(subject=ref(account), code=code, closed_on=closed_on))
    return account


@operation
def post(*, by: Actor, at: datetime, on: date, words: str, lines: Sequence[tuple[str, Any]], act: str, reverses: Posting | None = None) -> Posting:
    """Post an act's amounts: (code of an account, yuan; debit above nought, credit below). `act` names what it comes from and is posted once.

    Raises NotBalanced, money.BadAmount (a third decimal), PeriodIsClosed, NoSuchAccount, PostedAlready.
    """
    ensure(rules.may_post)
    if not words.strip():
        raise NoWords
    parts = [(code, money.cents(amount)) for code, amount in lines]
    if len(parts) < 2 or len({code for code, _cents in parts}) != len(parts) or any(cents == 0 for _code, cents in parts):
        raise TooFewLines
    if (difference := sum(cents for _code, cents in parts)) != 0:
        raise NotBalanced(yuan=money.yuan(abs(difference)))
    if on > _today(by, at):
        raise InTheFuture
    _lock()
    if (known := Posting.objects.filter(act=act).values_list("number", flat=True).first()) is not None:
        raise PostedAlready(number=known)
    closed = Closing.objects.aggregate(last=Max("until"))["last"]
    if closed is not None and on <= closed:
        raise PeriodIsClosed(day=closed.isoformat())
    accounts = {one.code: one for one in Account.objects.filter(code__in=[code for code, _cents in parts])}
    for code, _cents in parts:
        one = accounts.get(code)
        if one is None or on < one.opened_on or (one.closed_on is not None and on >= one.closed_on):
            raise NoSuchAccount(code=code[:40])
    number = (Posting.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    made: Posting = Posting.objects.create(
        town_id=current_town(), number=number, on=on, words=words.strip()[:200], act=act, by=by.ref, at=at, reverses=reverses
    )
    Line.objects.bulk_create([Line(town_id=current_town(), posting=made, account=accounts[code], on=on, cents=cents) for code, cents in parts])
    record(Posted(subject=ref(made), number=number, on=on, act=act, lines=tuple(parts)))
    return made


@operation
def reverse(*, by: Actor, at: datetime, number: int, on: date, words: str, act: str = "") -> Posting:
    """Undo a posting by one of the opposite amounts; both stay."""
    ensure(rules.may_post)
    _lock()
    known = Posting.objects.get(number=number)
    if known.reverses_id is not None or Posting.objects.filter(reverses=known).exists():
        raise ReversedAlready
    if on < known.on:
        raise Backwards(field="on")
    lines = [(line.account.code, -money.yuan(line.cents)) for line in known.lines.select_related("account")]
    made = post(by=by, at=at, on=on, words=words, lines=lines, act=act or f"book.posting:{known.pk}:reversed", reverses=known)
    retell(Posted, lambda fact: replace(fact, reverses=number))
    return made


@operation
def close_period(*, by: Actor, at: datetime, until: date) -> Closing:
    """Close the book up to a day; nothing is posted for a day in it any more."""
    ensure(rules.may_keep_book)
    _lock()
    last = Closing.objects.aggregate(last=Max("until"))["last"]
    if until >= _today(by, at) or (last is not None and until <= last):
        raise Backwards
    made: Closing = Closing.objects.create(town_id=current_town(), until=until, by=by.ref, at=at)
    record(PeriodClosed(subject=ref(made), until=until))
    return made
