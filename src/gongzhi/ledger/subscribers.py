"""Writes the facts of each act, in its own transaction, before anybody else hears of them."""

import json
import os
from functools import cache
from itertools import chain

from django.db import connection

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Entry, writes_ledger
from gongzhi.kernel.rows import prepared

COLUMNS = "(town_id, at, kind, subject, actor, actor_sort, content, is_public, salt)"
FEW = 8  # facts of an ordinary act: their statements stay prepared
MOST = 5000  # rows of one statement: PostgreSQL takes 65,535 values
WIDTH = COLUMNS.count(",") + 1


def _sort(actor: Actor) -> str:
    """Say what sort of actor it was, without saying who."""
    if actor.kind != "person":
        return actor.kind
    if actor.can("may_use_desk"):
        return "officer"
    return "enterprise" if actor.can("may_speak_for_firm") else "resident"


@writes_ledger
def append(entries: list[Entry]) -> None:
    """Insert all facts of an act at once; no chain, so that writers never wait for each other."""
    rows = [
        (
            entry.town_id, entry.at, entry.fact.kind, entry.fact.subject, entry.by.ref, _sort(entry.by),
            json.dumps(entry.fact.content(), ensure_ascii=False), entry.fact.public, os.urandom(32),
        )
        for entry in entries
    ]  # fmt: skip
    if len(rows) <= FEW:
        prepared(_few(len(rows)), list(chain.from_iterable(rows)))
        return
    with connection.cursor() as cursor:
        for begin in range(0, len(rows), MOST):
            some = rows[begin : begin + MOST]
            row = f"({', '.join(['%s'] * WIDTH)})"
            cursor.execute(f"INSERT INTO ledger_entry {COLUMNS} VALUES {', '.join([row] * len(some))}", list(chain.from_iterable(some)))


@cache
def _few(count: int) -> str:
    rows = ", ".join(f"({', '.join(f'${number * WIDTH + place}' for place in range(1, WIDTH + 1))})" for number in range(count))
    return f"INSERT INTO ledger_entry {COLUMNS} VALUES {rows}"
