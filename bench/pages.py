"""The pages people open all day: with what the demo brings, and with a town's years behind them.

Times by the clock are right only on a machine that does nothing else; the CPU time of web and database beside them holds on a busy one too.
"""

import statistics
from collections.abc import Callable
from typing import Any

import httpx
import psycopg

from bench.effort import Meter

# (reader, address): the reader "" is anybody
PAGES = (
    ("", "/"), ("", "/open/"), ("", "/map/"), ("", "/environment/"), ("", "/air-and-water/"), ("", "/stations/"), ("", "/opendata/"),
    ("committee", "/cockpit/"), ("committee", "/"), ("ecology", "/environment/"), ("ecology", "/environment/air/"), ("ecology", "/environment/water/"),
    ("ecology", "/stations/stone-bridge/"), ("ecology", "/stations/air-square/air/"), ("ecology", "/environment/comparison/"),
    ("ecology", "/environment/completeness/?days=31"), ("ecology", "/environment/exceedances/"), ("dispatcher", "/desk/counts/?queue=mine"),
)  # fmt: skip
DAYS = 45
TIMES = 20
Measured = dict[str, tuple[float, dict[str, float]]]

_READINGS = """
INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, batch_id, packet_no, flag)
SELECT s.town_id, s.id, m, m, 20 + (extract(epoch FROM m)::bigint %% 97) / 10.0, -1, 0, 'N' FROM sensing_series s
CROSS JOIN generate_series(
    date_trunc('hour', now()) - make_interval(days => %(days)s) + interval '17 seconds', date_trunc('hour', now()), interval '1 minute'
) m
WHERE s.town_id = 1 AND s.aggregate = 'rtd' ON CONFLICT DO NOTHING
"""
_HOURS = """
INSERT INTO sensing_hour (town_id, series_id, at, count, valid, mean, low, high)
SELECT town_id, series_id, date_trunc('hour', measured_at), count(*), count(*), avg(value), min(value), max(value)
FROM sensing_reading WHERE town_id = 1 AND batch_id = -1 GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING
"""
# the copies of cases have what happened to those they were copied from, and parties who were asked to rate
_STORY = """
INSERT INTO {table} (town_id, {columns})
SELECT c.town_id, {values} FROM cases_case c JOIN cases_case b ON b.town_id = 1 AND b.serial = 1 + c.serial % 200 JOIN {table} s ON s.case_id = b.id
WHERE c.town_id = 1 AND NOT EXISTS (SELECT 1 FROM {table} x WHERE x.case_id = c.id)
"""


def fill(owner: "psycopg.Connection[Any]") -> int:
    """Let the demo's stations have measured each minute for so many days, and the copies of cases have a story; return how many readings there are."""
    owner.execute("SET synchronous_commit = off")
    for month in range(DAYS // 28 + 2):
        owner.execute("SELECT sensing_make_month(now() - make_interval(months => %s))", [month])
    owner.execute(_READINGS, {"days": DAYS})
    owner.execute(_HOURS)
    for table, changed in (
        ("cases_step", {"case_id": "c.id", "submission_key": "NULL", "at": "c.opened_at + (s.at - b.opened_at)"}),
        ("cases_party", {"case_id": "c.id", "asked_to_rate_at": "c.closed_at", "code_hash": "NULL"}),
    ):
        found = owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name NOT IN ('id', 'town_id')", [table]
        ).fetchall()
        columns = [row[0] for row in found]
        owner.execute(
            _STORY.format(
                table=table, columns=", ".join(f'"{name}"' for name in columns), values=", ".join(changed.get(name, f's."{name}"') for name in columns)
            )
        )
    owner.execute("VACUUM ANALYZE")
    (readings,) = owner.execute("SELECT count(*) FROM sensing_reading WHERE town_id = 1").fetchone()  # type: ignore[misc]
    return int(readings)


def measure(readers: dict[str, httpx.Client], median_of: Callable[..., float], meter: Meter) -> Measured:
    """Return the median time of each page and the CPU time it takes of web and database, in milliseconds, by reader and address."""
    found = {}
    for reader, path in PAGES:
        meter.begin()
        middle = median_of(readers[reader], path, times=TIMES)
        used = {part: 1000 * seconds / (TIMES + 5) for part, seconds in meter.read().items() if part != "load"}
        found[f"{reader or 'anybody'} {path}"] = middle, used
    return found


def report(tell: Callable[..., None], small: Measured, large: Measured, **sizes: object) -> None:
    """Print one line for each page, the slowest first, and one for them all."""
    for name, (value, used) in sorted(large.items(), key=lambda pair: -pair[1][0]):
        before, less = small[name]
        cpu = {"cpu_ms": {part: round(ms, 1) for part, ms in used.items()}, "cpu_ms_baseline": {part: round(ms, 1) for part, ms in less.items()}}
        tell(f"page {name}", value, "ms", ratio=value / before, baseline=before, wanted="≤ 100 ms", **cpu)
    middle, before = (statistics.median(value for value, _used in side.values()) for side in (large, small))
    most, total = max(value for value, _used in large.values()), {name: sum(used.values()) for name, (_value, used) in large.items()}
    tell("pages", middle, "ms", ratio=middle / before, baseline=before, wanted="each ≤ 100 ms", slowest=round(most, 1),
         most_cpu_ms=round(max(total.values()), 1), **sizes)  # fmt: skip
