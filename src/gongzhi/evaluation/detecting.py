"""What goes wrong by the record: each sort of finding as a test over closed cases. Pure.

A finding compares one group with all others and is made only where chance alone would show as much at most once in forty times
(one-sided, z of two proportions or of Mann and Whitney, 1947); how sure it is stands beside it. Groups below `LEAST` are let alone.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Protocol, TypeVar

LEAST = 8  # cases of a group of which something may be found
SURE = 0.975
LAST_PART = 0.9  # of a clock: what is closed beyond it was closed just before the end
MOST_EVIDENCE = 100

K = TypeVar("K", bound=Hashable)


class Closed(Protocol):
    """What is asked of a closed case (cases.queries.Outcome)."""

    @property
    def slug(self) -> str: ...
    @property
    def lead_id(self) -> int | None: ...
    @property
    def category_id(self) -> int | None: ...
    @property
    def area_path(self) -> str: ...
    @property
    def opened_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def was_late(self) -> bool | None: ...
    @property
    def came_back(self) -> bool | None: ...
    @property
    def returns(self) -> int: ...
    @property
    def days(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: which sort, about what (`key`), the figures it rests on, the cases, how sure (0.975…1), and the unit that owns it."""

    sort: str
    key: str
    sureness: float
    figures: dict[str, Any]
    slugs: list[str] = field(default_factory=list)
    organ_id: int | None = None


def _below(z: float) -> float:
    """Return the part of the normal distribution below z."""
    return (1 + math.erf(z / math.sqrt(2))) / 2


def more_often(hits: int, n: int, others: int, of: int) -> float:
    """Return how sure it is that hits ÷ n is higher than others ÷ of (pooled two-proportion test with continuity correction); 0 where nothing can be said."""
    if not n or not of:
        return 0.0
    pooled = (hits + others) / (n + of)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / of))
    apart = hits / n - others / of - (1 / n + 1 / of) / 2
    return _below(apart / spread) if spread and apart > 0 else 0.0


def longer(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return how sure it is that ours are longer than the others (Mann and Whitney, normal approximation); 0 where nothing can be said."""
    n, m = len(ours), len(others)
    if not n or not m:
        return 0.0
    marked = sorted([(value, True) for value in ours] + [(value, False) for value in others])
    ranks, begin = 0.0, 0
    while begin < len(marked):
        end = begin
        while end < len(marked) and marked[end][0] == marked[begin][0]:
            end += 1
        ranks += sum(mine for _value, mine in marked[begin:end]) * (begin + 1 + end) / 2
        begin = end
    u = ranks - n * (n + 1) / 2
    return _below((u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12))


def _grouped(rows: Iterable[Closed], key: Callable[[Closed], K | None]) -> dict[K, list[Closed]]:
    found: dict[K, list[Closed]] = defaultdict(list)
    for row in rows:
        of = key(row)
        if of is not None:
            found[of].append(row)
    return found


def _owner(rows: Sequence[Closed]) -> int | None:
    """Return the unit that led most of these cases."""
    led = [row.lead_id for row in rows if row.lead_id is not None]
    return max(sorted(set(led)), key=led.count, default=None)


def closed_early(rows: Sequence[Closed]) -> list[Found]:
    """Find units whose cases that were closed in the last tenth of their clock come back more often than all others: the clock is met, the need is not."""
    known = [row for row in rows if row.came_back is not None and row.due_at is not None and row.was_late is False]

    def is_last(row: Closed) -> bool:
        whole = (row.due_at - row.opened_at).total_seconds() if row.due_at else 0.0
        return whole > 0 and (row.closed_at - row.opened_at).total_seconds() >= LAST_PART * whole

    last = [row for row in known if is_last(row)]
    found = []
    for organ_id, theirs in _grouped(last, lambda row: row.lead_id).items():
        others = [row for row in known if not (row.lead_id == organ_id and is_last(row))]
        back = [row for row in theirs if row.came_back]
        sure = more_often(len(back), len(theirs), sum(bool(row.came_back) for row in others), len(others))
        if len(theirs) >= LEAST and sure >= SURE:
            figures = {"organ": organ_id, "n": len(theirs), "back": len(back), "others": len(others), "others_back": sum(bool(row.came_back) for row in others)}
            found.append(Found("closed_early", f"organ:{organ_id}", sure, figures, [row.slug for row in back][:MOST_EVIDENCE], organ_id))
    return found


def repeat_places(rows: Sequence[Closed]) -> list[Found]:
    """Find matters that come back at a place (a category in a grid) more often than all others."""
    known = [row for row in rows if row.came_back is not None]
    back_in_all = sum(bool(row.came_back) for row in known)
    found = []
    for (category_id, area_path), theirs in _grouped(
        known, lambda row: (row.category_id, row.area_path) if row.category_id is not None and row.area_path else None
    ).items():
        back = [row for row in theirs if row.came_back]
        sure = more_often(len(back), len(theirs), back_in_all - len(back), len(known) - len(theirs))
        if len(theirs) >= LEAST and sure >= SURE:
            figures = {"category": category_id, "area": int(area_path.rpartition(".")[2]), "n": len(theirs), "back": len(back)}
            found.append(
                Found("repeat_place", f"category:{category_id}:{area_path}", sure, figures, [row.slug for row in back][:MOST_EVIDENCE], _owner(theirs))
            )
    return found


def bouncing(rows: Sequence[Closed]) -> list[Found]:
    """Find categories whose cases are sent back between units more often than all others."""
    sent_in_all = sum(row.returns > 0 for row in rows)
    found = []
    for category_id, theirs in _grouped(rows, lambda row: row.category_id).items():
        sent = [row for row in theirs if row.returns]
        sure = more_often(len(sent), len(theirs), sent_in_all - len(sent), len(rows) - len(theirs))
        if len(theirs) >= LEAST and sure >= SURE:
            figures = {"category": category_id, "n": len(theirs), "sent": len(sent), "times": sum(row.returns for row in theirs)}
            found.append(Found("bouncing", f"category:{category_id}", sure, figures, [row.slug for row in sent][:MOST_EVIDENCE], _owner(sent)))
    return found


def unequal_service(rows: Sequence[Closed], community_of: Callable[[str], int | None]) -> list[Found]:
    """Find communities whose people wait longer than all others."""
    by_community = _grouped(rows, lambda row: community_of(row.area_path))
    found = []
    for community, theirs in by_community.items():
        others = [row.days for other, rest in by_community.items() if other != community for row in rest]
        ours = [row.days for row in theirs]
        if len(ours) >= LEAST and len(others) >= LEAST and (sure := longer(ours, others)) >= SURE:
            slowest = sorted(theirs, key=lambda row: -row.days)
            figures = {"area": community, "n": len(ours), "days": round(median(ours), 2), "others_days": round(median(others), 2)}
            found.append(Found("unequal_service", f"area:{community}", sure, figures, [row.slug for row in slowest][:MOST_EVIDENCE], _owner(theirs)))
    return found


def bottleneck(kind: str, histories: Iterable[Any]) -> list[Found]:
    """Find the step of a kind in which most cases spend more than half of their time."""
    halves: dict[tuple[str, str], list[Any]] = defaultdict(list)
    hours: dict[tuple[str, str], list[float]] = defaultdict(list)
    n = 0
    for one in histories:
        if not one.is_over or len(one.events) < 3:
            continue
        spent: dict[tuple[str, str], float] = defaultdict(float)
        for (act, at, _organ), (next_act, next_at, _next) in zip(one.events, one.events[1:], strict=False):
            spent[act, next_act] += (next_at - at).total_seconds() / 3600
        whole = sum(spent.values())
        if whole <= 0:
            continue
        n += 1
        for arc, took in spent.items():
            hours[arc].append(took)
            if took > whole / 2:
                halves[arc].append(one)
    found = []
    for arc, theirs in halves.items():
        sure = _below((len(theirs) / n - 0.5 - 0.5 / n) / math.sqrt(0.25 / n))
        if n >= 2 * LEAST and sure >= SURE:
            figures = {"kind": kind, "from": arc[0], "to": arc[1], "n": n, "half": len(theirs), "hours": round(median(hours[arc]), 2)}
            found.append(Found("bottleneck", f"{kind}:{arc[0]}:{arc[1]}", sure, figures, [one.slug for one in theirs][-MOST_EVIDENCE:], _owner(theirs)))
    return found
