"""A thousand towns on one installation: what each periodic task costs when they are quiet, and when something happened in one of them.

The towns are founded as `./gongzhi found-town` founds them, each with three stations whose devices report by HJ 212, and twenty cases with running clocks.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
TOWNS, CASES, STATIONS = 1000, 20, 3

_FOUND = """
import django; django.setup()
from datetime import timedelta


from django.utils import timezone, translation

from django.db import connection
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.portal import operations
by, at = system("founding"), timezone.now() - timedelta(days=30)
with connection.cursor() as cursor:
    cursor.execute("SET synchronous_commit TO off")
translation.activate("zh-hans")
for number in range({begin}, {end}):
    town, _user, _password = operations.open_town(by=by, at=at, code=f"bench{{number}}", name=f"量镇{{number}}", short_name=f"量{{number}}")
    with in_town(town.pk):
        for station in range({stations}):
            made = sensing.register_station(by=by, at=at, code=f"b{{number}}-{{station}}", name=f"站点 {{station}}", kind="air", longitude=120.1, latitude=30.1)
            sensing.register_device(by=by, at=at, station_id=made.pk, mn=f"B{{number:010d}}{{station:08d}}", password="123456", report_seconds=60,
                                    series={{"a34004": "ug/m³"}})
"""

_CASES = """
INSERT INTO cases_case ({columns}) SELECT {values} FROM (SELECT * FROM cases_case WHERE town_id = 1 AND closed_at IS NULL ORDER BY id LIMIT {cases}) c
    CROSS JOIN (SELECT id FROM territory_town WHERE code LIKE 'bench%') t;
INSERT INTO cases_clock (town_id, case_id, "of", stage, organ_id, started_at, amount, unit, basis, rule, extended_by, extension_basis,
        due_at, warn_at, provisional)
    SELECT c.town_id, c.id, 'case', '', NULL, now(), 5, 'working_days', '', '', 0, '', now() + interval '5 days', now() + interval '4 days', false
    FROM cases_case c JOIN territory_town t ON t.id = c.town_id WHERE t.code LIKE 'bench%';
ANALYZE;
"""

_TURN = """
import django; django.setup()
import importlib, inspect, json, sys, time
from pathlib import Path
import gongzhi
from croniter import croniter
from procrastinate.contrib.django import app
src = Path(gongzhi.__file__).parent
for file in src.glob("**/tasks.py"):
    importlib.import_module(".".join(file.relative_to(src.parent).with_suffix("").parts))
found = {}
for periodic in app.periodic_registry.periodic_tasks.values():
    name = periodic.task.name
    runs = croniter(periodic.cron, time.time())
    first, second = runs.get_next(float), runs.get_next(float)
    took = []
    for _turn in range({turns}):
        began = time.perf_counter()
        try:
            periodic.task.func(timestamp=int(time.time()))
        except Exception as error:
            print(name, type(error).__name__, error, file=sys.stderr)
        took.append(time.perf_counter() - began)
    found[name] = {{"first": took[0], "quiet": min(took[1:]), "period": second - first}}
print(json.dumps(found))
"""


def turns(tell: Callable[..., None], made: Any) -> None:
    """Found the towns, let each periodic task have its turns, tell what a quiet one takes and its share of the period."""
    count = int(os.environ.get("BENCH_TOWNS", TOWNS))
    _python(made, _FOUND.format(begin=0, end=count, stations=STATIONS))
    with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
        asked = "SELECT column_name FROM information_schema.columns WHERE table_name = 'cases_case' AND column_name <> 'id'"
        columns = [row[0] for row in owner.execute(asked)]
        keys = {
            row[0] for row in owner.execute(
                "SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)"
                " WHERE k.conrelid = 'cases_case'::regclass AND k.contype = 'f' AND a.attname <> 'town_id' AND NOT a.attnotnull"
            )
        }  # fmt: skip
        changed = {"town_id": "t.id", "submission_key": "NULL", "closed_at": "NULL"} | dict.fromkeys(keys, "NULL")
        owner.execute("SET session_replication_role = replica")  # categories of the first town stand for the others': no task reads them here
        owner.execute(
            _CASES.format(
                columns=", ".join(f'"{name}"' for name in columns), values=", ".join(changed.get(name, f'c."{name}"') for name in columns), cases=CASES
            )
        )
    found = json.loads(_python(made, _TURN.format(turns=3)).splitlines()[-1])
    quiet = found["ledger.seal"]["quiet"] + found["cases.mark_time"]["quiet"]
    tell("towns_quiet", 1000 * quiet, "ms", wanted="sealing and time marks of 1,000 quiet towns ≤ 300 ms a turn", towns=count,
         seal=round(1000 * found["ledger.seal"]["quiet"], 1), mark_time=round(1000 * found["cases.mark_time"]["quiet"], 1),
         seal_after_founding=round(found["ledger.seal"]["first"], 1))  # fmt: skip
    worst = max(found, key=lambda name: found[name]["quiet"] / found[name]["period"])
    share = found[worst]["quiet"] / found[worst]["period"]
    tell("towns_periodic", 100 * share, "% of its period", wanted="every periodic task within its period", worst=worst, towns=count,
         seconds={name: round(one["quiet"], 3) for name, one in sorted(found.items())})  # fmt: skip


def _python(made: Any, source: str) -> str:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", source], env=made.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    if done.stderr:
        sys.stderr.write(done.stderr[-3000:])
    return done.stdout
