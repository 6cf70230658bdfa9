"""How PostgreSQL finds the rows of lists: each filter, queue and order, alone and in pairs, in a town where nearly all cases are closed."""

from itertools import combinations
from typing import Any

import psycopg
import pytest
from django.conf import settings

from gongzhi.cases import queries
from gongzhi.cases.models import Case
from gongzhi.cases.queries import lists
from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import forget

ROWS = 20_000
ORDERS = tuple(lists.ORDERS)
# a town's years: 98 of 100 closed reports of residents, half of them about one thing in one grid
SKEWED: dict[str, str] = {
    "serial": "100 + g", "number": "'N' || g", "submission_key": "NULL",
    "search": "to_tsvector('simple', CASE WHEN g %% 500 = 0 THEN 'manhole' ELSE 'bin' END)",
    "state": "CASE WHEN g %% 50 > 0 THEN 'closed' ELSE (ARRAY['opened', 'assigned', 'in_hand', 'answered', 'returned', 'suspended', 'merged', 'rejected'])"
             "[1 + g / 50 %% 8] END",
    "category_id": "CASE WHEN g %% 200 = 7 THEN %(rare)s WHEN g %% 2 = 0 THEN %(half)s ELSE %(other)s END",
    "area_id": "CASE WHEN g %% 300 = 9 THEN %(far)s ELSE %(near)s END", "area_path": "CASE WHEN g %% 300 = 9 THEN %(far_path)s ELSE %(near_path)s END",
    "kind": "CASE WHEN g %% 400 = 3 THEN 'need' ELSE 'report' END", "origin": "CASE WHEN g %% 100 = 11 THEN 'hotline' ELSE 'resident' END",
    "life": "(ARRAY['home', 'work', 'eco'])[1 + g %% 3]", "handler_id": "CASE WHEN g %% 150 = 4 THEN %(officer)s END",
    "lead_id": "CASE WHEN g %% 250 = 5 THEN %(enforcement)s ELSE %(utilities)s END",
    "holder_id": "CASE WHEN g %% 50 = 0 THEN CASE WHEN g %% 3 = 0 THEN %(utilities)s ELSE %(centre)s END END",
    "opened_at": "c.opened_at - g * interval '1 hour'", "touched_at": "c.opened_at - (g * 7919 %% 9000) * interval '1 hour'",
    "closed_at": "CASE WHEN g %% 50 > 0 THEN c.opened_at END", "unlocated": "g %% 700 = 0", "overdue_at": "CASE WHEN g %% 90 = 0 THEN c.opened_at END",
    "next_due_at": "CASE WHEN g %% 50 = 0 AND g / 50 %% 8 <> 5 THEN c.opened_at + (g %% 97) * interval '1 hour' END",
}  # fmt: skip


@pytest.fixture
def years(committed_db, town, noon):
    """A town whose table of cases is skewed, and that PostgreSQL has looked at."""
    made = make_town_with_list(noon)
    first = made.open()
    given = {
        "rare": made.categories["smell"].pk, "half": made.categories["bin"].pk, "other": made.categories["parking"].pk,
        "near": first.area_id, "near_path": first.area_path, "far": made.areas["east"].pk, "far_path": made.areas["east"].path,
        "officer": made.people["officer"].pk, "case": first.pk, "rows": ROWS, **{name: made.organs[name].pk for name in ("utilities", "enforcement", "centre")},
    }  # fmt: skip
    columns = [field.column for field in Case._meta.concrete_fields if not field.primary_key]
    values = ", ".join(SKEWED.get(name, f'c."{name}"') for name in columns)
    with psycopg.connect(**settings.OWNER_CONNINFO, autocommit=True) as owner:
        owner.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {values} FROM cases_case c, generate_series(1, %(rows)s) g WHERE c.id = %(case)s", given
        )
        owner.execute("VACUUM ANALYZE cases_case")
    forget()
    return made


def _filters(made: Any) -> list[dict[str, Any]]:
    return [
        {"category_id": made.categories["bin"].parent_id}, {"category_id": made.categories["bin"].pk}, {"category_id": made.categories["smell"].pk},
        {"area_path": made.areas["west"].path}, {"area_path": made.areas["east"].path}, {"state": "open"}, {"state": "final"}, {"state": "closed"},
        {"state": "returned"}, {"state": "merged"}, {"kind": "report"}, {"kind": "need"}, {"life": "eco"}, {"handler_id": made.people["officer"].pk},
        {"origin": "resident"}, {"origin": "hotline"}, {"text": "manhole"}, {"text": "bin"}, {"text": "1847"},
    ]  # fmt: skip


def _with_pairs(alone: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{}, *alone, *(one | other for one, other in combinations(alone, 2) if not set(one) & set(other))]


def _reads_all(found: Any, order: str) -> str:
    """Return the plan of a page where it goes through the table of cases, else nothing."""
    plan: str = found.order_by(*lists.ORDERS[order].by())[:51].explain()
    return plan if "Seq Scan on cases_case" in plan else ""


def _told(wrong: dict[str, str]) -> str:
    return f"{len(wrong)} read the whole table: {', '.join(wrong)}\n\n{next(iter(wrong.values()), '')}"


class TestPlans:
    def test_no_list_reads_the_whole_table(self, years):
        made, wrong = years, {}
        alone = [
            *_filters(made), {"overdue": True}, {"overdue": False}, {"unlocated": True}, {"organ_id": made.organs["enforcement"].pk},
            {"organ_id": made.organs["utilities"].pk}, {"raised_by_id": made.people["resident"].pk}, {"opened_from": made.at},
        ]  # fmt: skip
        readers: list[Actor] = [made.by("dispatcher"), made.by("officer"), made.by("resident")]
        for actor in readers:
            for filters in _with_pairs(alone) if actor is readers[0] else [{}, *alone]:
                for order in ORDERS:
                    found = queries.cases(seen_by=actor, **filters).select_related(None).order_by()
                    if plan := _reads_all(found, order):
                        wrong[f"{filters} by {order}"] = plan
        assert not wrong, _told(wrong)

    @pytest.mark.parametrize("who", ["dispatcher", "officer", "walker"])
    def test_no_queue_of_the_desk_reads_the_whole_table(self, years, who):
        made, wrong = years, {}
        actor = made.by(who)
        for queue in lists.QUEUES:
            for part in ("", *lists.DUE_PARTS):
                for filters in [{}, *_filters(made)] if not part else [{}]:
                    for order in ORDERS:
                        found = queries.desk_list(seen_by=actor, queue=queue, at=made.at, part=part, **filters)
                        if plan := _reads_all(found, order):
                            wrong[f"{queue} {part} {filters} by {order}"] = plan
        assert not wrong, _told(wrong)
