"""The statutory list: what is there, what is empty, what is late."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.foundation.calendar import queries as calendar
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.service_line.openness.models import Column, Entry

WORDS: dict[str, tuple[Any, str, str]] = {
    "ok": (_("up to date"), "ok", "circle-check"), "waits": (_("something is being prepared"), "work", "clock"),
    "late": (pgettext_lazy("column", "late"), "late", "triangle-alert"), "empty": (_("empty"), "late", "triangle-alert"),
}  # fmt: skip
MOST_AHEAD = 200  # days looked ahead for working days


def due_on(*, seen_by: Actor, made_on: date, days: int) -> date:
    """Return the last of so many working days after a day; the day itself is not counted (民法典 art. 201)."""
    working = calendar.working_time(seen_by=seen_by)
    found, left = made_on, days
    for _step in range(MOST_AHEAD):
        if left == 0:
            break
        found += timedelta(days=1)
        left -= working.is_working(found)
    return found


def working_days_between(*, seen_by: Actor, first: date, last: date) -> int:
    """Return how many working days lie after the first day up to the last."""
    working = calendar.working_time(seen_by=seen_by)
    return sum(working.is_working(first + timedelta(days=n)) for n in range(1, max(0, (last - first).days) + 1))


@dataclass(frozen=True, slots=True)
class Standing:
    """A column as it stands on a day: ok, waits (something was made, its days are not over), late or empty; `since`: the day from which it is late."""

    column: Column
    state: str
    count: int
    newest: date | None
    due: date | None
    late_entries: int

    @property
    def words(self) -> tuple[Any, str, str]:
        return WORDS[self.state]


def _next(column: Column, newest: date) -> date | None:
    """Return by when something new is due under a column that is filled by the calendar."""
    if not column.every:
        return None
    month = newest.month - 1 + column.every
    begin = date(newest.year + month // 12, month % 12 + 1, 1)
    end = date(begin.year + begin.month // 12, begin.month % 12 + 1, 1) - timedelta(days=1)
    return due_on(seen_by=ANYONE, made_on=end, days=column.days)


def standing(*, seen_by: Actor, on: date) -> list[Standing]:
    """Return every column as it stands on a day, in the order of the list; what is empty or late is told to everybody."""
    by_column: dict[int, list[Entry]] = defaultdict(list)
    for entry in Entry.objects.visible_to(seen_by).defer("text").order_by("-made_on", "-pk"):
        by_column[entry.column_id].append(entry)
    found = []
    for column in columns(seen_by=seen_by):
        rows = by_column[column.pk]
        shown = [one for one in rows if one.is_published]
        waiting = sorted(one.due_on for one in rows if not one.is_published)
        newest = shown[0].made_on if shown else None
        coming = _next(column, newest) if newest else None
        due = min((day for day in (waiting[0] if waiting else None, coming) if day is not None), default=None)
        if column.elsewhere:
            state = "ok"
        elif due is not None and due < on:
            state = "late"
        elif not shown:
            state = "waits" if waiting else "empty"
        else:
            state = "waits" if waiting else "ok"
        found.append(Standing(column, state, len(shown), newest, due, sum(1 for one in shown if one.late_days)))
    return found


def columns(*, seen_by: Actor) -> QuerySet[Column]:
    """Return the columns in the order of the list."""
    return Column.objects.visible_to(seen_by).select_related("organ").order_by("place", "pk")


def column_for(*, seen_by: Actor, code: str) -> Column:
    """Return a column; raise Column.DoesNotExist."""
    return Column.objects.visible_to(seen_by).select_related("organ").get(code=code)


def entries(*, seen_by: Actor, column: Column) -> QuerySet[Entry]:
    """Return the entries of a column, the newest first, those too that are not shown yet."""
    return Entry.objects.visible_to(seen_by).filter(column=column).select_related("attachment").order_by("-made_on", "-pk")


def entry_for(*, seen_by: Actor, entry_id: int) -> Entry:
    """Return an entry; raise Entry.DoesNotExist."""
    return Entry.objects.visible_to(seen_by).select_related("column__organ").get(pk=entry_id)
