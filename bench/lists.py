"""Every filter and order of the desk's list, alone and in pairs: which of them grow with the town.

Medians by the clock are of few answers each; what a list costs web and database in CPU time holds on a busy machine too.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import httpx
import psycopg

from bench.effort import Meter

TIMES = 5
QUEUES = ("all", "any", "closed", "overdue", "unlocated", "returned")
Measured = dict[str, tuple[float, float]]  # milliseconds by the clock, milliseconds of CPU


def addresses(owner: "psycopg.Connection[Any]") -> list[str]:
    """Return the addresses of lists: the commonest and the rarest value that cases have of each filter, alone and in pairs, and each queue in each order."""
    filters = [("life", "home"), ("life", "eco"), ("state", "returned"), ("handler", "me"), ("q", "垃圾桶")]
    for name, column in (("category", "category_id"), ("area", "area_id"), ("kind", "kind")):
        found = owner.execute(f"SELECT {column} FROM cases_case WHERE town_id = 1 AND {column} IS NOT NULL AND serial <= 400 GROUP BY 1 ORDER BY count(*), 1")
        values = [row[0] for row in found.fetchall()]
        filters += [(name, value) for value in dict.fromkeys((values[0], values[-1]))]
    (main,) = owner.execute("SELECT parent_id FROM cases_category WHERE town_id = 1 AND parent_id IS NOT NULL LIMIT 1").fetchone()  # type: ignore[misc]
    filters.append(("category", main))
    alone = [f"{name}={value}" for name, value in filters]
    pairs = [f"{one}={first}&{other}={second}" for (one, first), (other, second) in combinations(filters, 2) if one != other]
    ordered = [f"/desk/?queue={queue}&order={order}" for queue in QUEUES for order in ("due", "newest", "touched")]
    return [*ordered, *(f"/desk/?queue=any&{narrowed}" for narrowed in (*alone, *pairs))]


def measure(http: httpx.Client, lists: list[str], median_of: Callable[..., float], meter: Meter) -> Measured:
    """Return what each list takes by the clock and of CPU."""
    found = {}
    for address in lists:
        meter.begin()
        middle = median_of(http, address, TIMES)
        found[address] = middle, 1000 * sum(seconds for part, seconds in meter.read().items() if part != "load") / (TIMES + 5)
    return found


def report(tell: Callable[..., None], small: Measured, large: Measured, slowest: int = 10) -> None:
    """Print the lists that grew most by CPU, and how many of them all stay within the goal."""
    grown = sorted(large, key=lambda address: -large[address][1] / small[address][1])
    for address in grown[:slowest]:
        (value, cpu), (before, less) = large[address], small[address]
        tell(f"list {address}", value, "ms", ratio=value / before, baseline=before, ratio_cpu=round(cpu / less, 3), cpu_ms=round(cpu, 1))
    within = sum(large[address][1] <= 1.3 * small[address][1] for address in large)
    tell("lists", within / len(large), "of all", lists=len(large), within=within, wanted="each ≤ 1.3 by CPU")
