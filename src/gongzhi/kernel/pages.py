"""Keyset pages: lists that stay fast however long they are and do not skip or repeat when something is added.

A cursor holds the ordering values of the row at the edge of a page. It is no secret and gives no right: what a reader
may see is decided by the query that the page is cut from. A cursor that cannot be read is refused (BadCursor).
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Generic, TypeVar

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import moments
from gongzhi.kernel.operation import Refused

T = TypeVar("T")
MOST = 200


class BadCursor(Refused):
    """The place in a list that an address names cannot be read."""

    sentence = _("This place in the list cannot be found; begin at its start.")
    field = "after"


@dataclass(frozen=True, slots=True)
class Order:
    """A unique order: one field that may be empty (empty rows come last), then the primary key."""

    name: str
    descending: bool = False

    def by(self, *, backwards: bool = False) -> list[Any]:
        """Return the arguments of order_by()."""
        down = self.descending != backwards
        first = F(self.name).desc(nulls_first=True) if down else F(self.name).asc(nulls_last=True)
        if self.descending:  # descending orders are of fields that are never empty: the plain form uses their index
            first = F(self.name).desc() if down else F(self.name).asc()
        return [first, F("pk").desc() if down else F("pk").asc()]


@dataclass(slots=True)
class Page(Generic[T]):
    """The rows of one page and the cursors that lead on and back ("" where nothing is)."""

    rows: list[T] = field(default_factory=list)
    after: str = ""
    before: str = ""

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def encode(*values: Any) -> str:
    """Return a cursor of ordering values: moments, numbers, texts or None."""
    plain = [["t", value.isoformat()] if isinstance(value, datetime | date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any]:
    """Return the ordering values of a cursor; raise BadCursor."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != length:
            raise ValueError(cursor)
        return [_moment(value[1]) if isinstance(value, list) else value for value in values]
    except (ValueError, binascii.Error, IndexError, TypeError, UnicodeDecodeError) as error:
        raise BadCursor from error


def _moment(text: str) -> datetime:
    return moments.moment(text) if len(text) > 10 else datetime.combine(moments.day(text), time())


def cut(found: "QuerySet[Any]", order: Order, *, after: str = "", before: str = "", most: int = 50) -> "Page[Any]":
    """Return one page of an unordered query in the order; at most `most` rows, two statements at the worst.

    Raises BadCursor where `after` or `before` cannot be read.
    """
    most = max(1, min(most, MOST))
    backwards = bool(before) and not after
    edge = after or before
    rows = _fetch(found.order_by(*order.by(backwards=backwards)), order, edge, backwards, most + 1)
    has_more = len(rows) > most
    rows = rows[:most]
    if backwards:
        rows.reverse()
    if not rows:
        return Page()
    first, last = (encode(getattr(row, order.name), row.pk) for row in (rows[0], rows[-1]))
    leads_on = has_more if not backwards else True
    leads_back = has_more if backwards else bool(edge)
    return Page(rows, after=last if leads_on else "", before=first if leads_back else "")


def _fetch(found: "QuerySet[Any]", order: Order, edge: str, backwards: bool, most: int) -> list[Any]:
    if not edge:
        return list(found[:most])
    value, pk = decode(edge, 2)
    if not isinstance(pk, int) or isinstance(pk, bool) or not (value is None or isinstance(value, datetime)):
        raise BadCursor
    name, up = order.name, order.descending == backwards
    step = "gt" if up else "lt"
    if value is not None:
        # the first condition is for the index, the second takes out what the page before has shown
        rows = list(found.filter(**{f"{name}__{step}e": value}).exclude(Q(**{name: value}) & ~Q(**{f"pk__{step}": pk}))[:most])
        if up and not order.descending and len(rows) < most:
            rows += found.filter(**{f"{name}__isnull": True})[: most - len(rows)]
        return rows
    empty = list(found.filter(**{f"{name}__isnull": True, f"pk__{step}": pk})[:most])
    if not up and len(empty) < most:
        empty += found.filter(**{f"{name}__isnull": False})[: most - len(empty)]
    return empty
