"""The book for programs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem
from gongzhi.kernel.web import actor_of, admit
from gongzhi.registers.book import operations, queries, rules
from gongzhi.registers.book.models import Posting

router = Router(tags=["book"])


class BookRowOut(Schema):
    """An account with its amount in yuan, above nought on the side on which it grows."""

    code: str
    title: str
    sort: str
    amount: Decimal


class BookBalanceOut(Schema):
    """The balance of a day: assets = liabilities + net assets + surplus."""

    on: date
    rows: list[BookRowOut]
    assets: Decimal
    liabilities: Decimal
    net_assets: Decimal
    surplus: Decimal


class PostingLineIn(Schema):
    """An account's part, in yuan with at most two decimals: debit above nought, credit below."""

    account: str = Field(max_length=40)
    amount: Decimal


class BookPostingIn(Schema):
    """A posting; `act` names what it comes from, and one act is posted once."""

    on: date
    words: str = Field(min_length=1, max_length=200)
    act: str = Field(min_length=1, max_length=80)
    lines: list[PostingLineIn] = Field(max_length=200)


class PostingLineOut(Schema):
    """An account's part, in yuan: debit above nought, credit below."""

    account: str
    amount: Decimal


class BookPostingOut(Schema):
    """A posting as it stands."""

    number: int
    on: date
    words: str
    act: str
    at: datetime
    lines: list[PostingLineOut]


def _posting(one: Posting) -> dict[str, Any]:
    lines = [{"account": line.account.code, "amount": line.debit if line.debit is not None else -(line.credit or 0)} for line in one.lines.all()]
    return {"number": one.number, "on": one.on, "words": one.words, "act": one.act, "at": one.at, "lines": lines}


@router.get("/book/balance", response={200: BookBalanceOut, 403: Problem}, summary="The balance of a day")
def balance(request: HttpRequest, on: date | None = None) -> Any:
    """Return the balance as it stood at the end of a day (today)."""
    actor = actor_of(request)
    admit(rules.may_see_book, actor)
    found = queries.balance(seen_by=actor, on=on or territory.day_of(seen_by=actor, at=timezone.now()))
    kept = [row for part in found.parts.values() for row in part.rows]
    rows = [{"code": row.account.code, "title": row.account.title, "sort": row.account.sort, "amount": row.amount} for row in kept]
    return {
        "on": found.on, "rows": rows, "assets": found.parts["asset"].total, "liabilities": found.parts["liability"].total,
        "net_assets": found.parts["equity"].total, "surplus": found.surplus,
    }  # fmt: skip


@router.get("/book/postings/{int:number}", response={200: BookPostingOut, 403: Problem, 404: Problem}, summary="A posting")
def posting(request: HttpRequest, number: int) -> Any:
    """Return a posting with its lines."""
    actor = actor_of(request)
    admit(rules.may_see_book, actor)
    return _posting(queries.posting_for(seen_by=actor, number=number))


@router.post("/book/postings", response={201: BookPostingOut, 403: Problem, 409: Problem, 422: Problem}, summary="Post")
def post(request: HttpRequest, given: BookPostingIn) -> Any:
    """Post amounts that balance to nought; one that does not, a third decimal and a closed period are refused."""
    actor = actor_of(request)
    admit(rules.may_keep_book, actor)
    lines = [(line.account, line.amount) for line in given.lines]
    made = operations.post(by=actor, at=timezone.now(), on=given.on, words=given.words, lines=lines, act=given.act)
    return Status(201, _posting(queries.posting_for(seen_by=actor, number=made.number)))
