"""A town whose people can ask."""

from datetime import datetime
from typing import Any

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.kernel.actors import CLOCK


def make_open_town(at: datetime) -> Any:
    """Return a made town that has adopted both procedures of openness."""
    made = make_town_with_list(at)
    for code in ("enquiry", "disclosure"):
        definition = procedures.read(kinds.kind_of(code).procedure.read_text(encoding="utf-8"))
        cases.adopt_procedure(by=MAKER, at=at, kind=code, definition=definition, reason="试")
    return made


def mark(at: datetime) -> None:
    """Let the clock do everything that is due by this moment."""
    for _round in range(9):
        due = queries.clocks_to_mark(seen_by=CLOCK, at=at)
        if not due:
            return
        cases.mark_overdue(by=CLOCK, at=at, clock_ids=due)
