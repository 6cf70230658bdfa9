"""Process mining 流程挖掘: what ways cases really took, and where they waited. Pure.

A log is given case by case. Within a case events are put in order of their time; those of one moment stay as they were
given. Arcs, their mean times and variants are those of the directly-follows graph over activities (van der Aalst, Process
Mining, 2nd ed. 2016, 6.2): every pair of neighbouring events counts once.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

MOST_BOTTLENECKS = 10
MOST_HANDOFFS = 50
LEAST_OF_A_BOTTLENECK = 3  # times that an arc was taken before it is called one


class Event(NamedTuple):
    """One event of a case. `at` in seconds since 1970, UTC; `transition` as in the lifecycle extension of XES, "" where none is told."""

    activity: str
    at: float
    resource: str = ""
    transition: str = ""


@dataclass(frozen=True, slots=True)
class Arc:
    """A way from one activity to the next, with the hours between them."""

    source: str
    target: str
    count: int
    cases: int
    median_hours: float
    mean_hours: float
    p90_hours: float
    total_hours: float


@dataclass(frozen=True, slots=True)
class Rework:
    """An activity that was done again in the same case."""

    activity: str
    cases: int  # in which it was done more than once
    repeats: int  # times beyond the first
    of_cases: int  # in which it was done at all


@dataclass(frozen=True, slots=True)
class Handoff:
    """How often work went from one hand to another, from one event to the next."""

    source: str
    target: str
    count: int
    cases: int  # in which it did


@dataclass(frozen=True, slots=True)
class Mined:
    """What a log says about its process."""

    cases: int
    events: int
    variants: tuple[tuple[tuple[str, ...], int], ...]  # most frequent first
    arcs: tuple[Arc, ...]  # most frequent first
    activities: Mapping[str, int]
    activity_cases: Mapping[str, int]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    rework: tuple[Rework, ...]
    handoffs: tuple[Handoff, ...]
    transitions: Mapping[str, int]
    through_median: float | None = None  # hours from first to last event of a case
    through_p90: float | None = None

    @property
    def bottlenecks(self) -> list[Arc]:
        """Return the arcs in which most time was spent altogether, most first; not those taken once or twice."""
        slow = [arc for arc in self.arcs if arc.count >= LEAST_OF_A_BOTTLENECK and arc.total_hours > 0]
        return sorted(slow, key=lambda arc: (-arc.total_hours, arc.source, arc.target))[:MOST_BOTTLENECKS]

    @property
    def waited_hours(self) -> float:
        """Return the hours of all arcs together."""
        return sum(arc.total_hours for arc in self.arcs)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values: hours to a ten-thousandth, most frequent first."""
        whole = self.waited_hours
        return {
            "cases": self.cases,
            "events": self.events,
            "variants": len(self.variants),
            "activities": dict(self.activities),
            "starts": dict(self.starts),
            "ends": dict(self.ends),
            "transitions": dict(self.transitions),
            "through_hours": {
                "median": None if self.through_median is None else _hours(self.through_median),
                "p90": None if self.through_p90 is None else _hours(self.through_p90),
            },
            "arcs": [
                {"from": arc.source, "to": arc.target, "count": arc.count, "cases": arc.cases, "median_hours": _hours(arc.median_hours),
                 "mean_hours": _hours(arc.mean_hours), "p90_hours": _hours(arc.p90_hours)}
                for arc in self.arcs
            ],
            "bottlenecks": [
                {"from": arc.source, "to": arc.target, "count": arc.count, "median_hours": _hours(arc.median_hours),
                 "total_hours": _hours(arc.total_hours), "share": round(arc.total_hours / whole, 4)}
                for arc in self.bottlenecks
            ],
            "rework": [
                {"activity": again.activity, "cases": again.cases, "repeats": again.repeats, "share": round(again.cases / again.of_cases, 4)}
                for again in self.rework
            ],
            "handoffs": {
                "count": sum(handoff.count for handoff in self.handoffs),
                "per_case": round(sum(handoff.count for handoff in self.handoffs) / self.cases, 4) if self.cases else None,
                "pairs": [{"from": handoff.source, "to": handoff.target, "count": handoff.count} for handoff in self.handoffs[:MOST_HANDOFFS]],
            },
            "most_frequent_variants": [{"activities": list(way), "cases": count} for way, count in self.variants[:10]],
        }  # fmt: skip


def _hours(value: float) -> float:
    return round(value, 4)


def quantile(ascending: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies, between neighbours in proportion (type 7 of Hyndman and Fan, 1996)."""
    place = (len(ascending) - 1) * share
    below = int(place)
    if below + 1 >= len(ascending):
        return ascending[below]
    return ascending[below] + (ascending[below + 1] - ascending[below]) * (place - below)


class Miner:
    """Takes a log case by case and says at the end what it found. Holds eight bytes an event and each variant once."""

    def __init__(self) -> None:
        self.cases = 0
        self.events = 0
        self._variants: Counter[tuple[str, ...]] = Counter()
        self._waits: dict[tuple[str, str], array[float]] = defaultdict(lambda: array("d"))
        self._arc_cases: Counter[tuple[str, str]] = Counter()
        self._activities: Counter[str] = Counter()
        self._repeats: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._handoffs: Counter[tuple[str, str]] = Counter()
        self._handoff_cases: Counter[tuple[str, str]] = Counter()
        self._transitions: Counter[str] = Counter()
        self._through: array[float] = array("d")

    def take(self, events: Sequence[Event]) -> None:
        """Take one case. One without events is none."""
        if not events:
            return
        ordered = sorted(events, key=_at)
        self.cases += 1
        self.events += len(ordered)
        way = tuple([event.activity for event in ordered])
        self._variants[way] += 1
        self._through.append((ordered[-1].at - ordered[0].at) / 3600)
        before = ordered[0]
        arcs, hands = set(), set()
        for event in ordered[1:]:
            arc = (before.activity, event.activity)
            self._waits[arc].append((event.at - before.at) / 3600)
            arcs.add(arc)
            if before.resource and event.resource and before.resource != event.resource:
                pair = (before.resource, event.resource)
                self._handoffs[pair] += 1
                hands.add(pair)
            before = event
        self._arc_cases.update(arcs)
        self._handoff_cases.update(hands)
        self._activities.update(way)
        self._transitions.update([event.transition for event in ordered if event.transition])
        self._count_repeats(ordered)

    def _count_repeats(self, ordered: Sequence[Event]) -> None:
        """Count what was done again: an activity that starts and completes once was done once."""
        times: Counter[tuple[str, str]] = Counter([(event.activity, event.transition) for event in ordered])
        done: dict[str, int] = {}
        for (activity, _transition), n in times.items():
            if n > done.get(activity, 0):
                done[activity] = n
        for activity, n in done.items():
            kept = self._repeats[activity]
            kept[2] += 1
            if n > 1:
                kept[0] += 1
                kept[1] += n - 1

    def found(self) -> Mined:
        """Return what the cases taken so far say."""
        arcs = []
        for (source, target), waits in self._waits.items():
            ascending = sorted(waits)
            total = sum(ascending)
            arcs.append(Arc(
                source, target, len(ascending), self._arc_cases[source, target], median(ascending), total / len(ascending), quantile(ascending, 0.9), total
            ))  # fmt: skip
        ways, through = self._variants.items(), sorted(self._through)
        hands = [Handoff(*pair, count, self._handoff_cases[pair]) for pair, count in self._handoffs.items()]
        return Mined(
            cases=self.cases, events=self.events,
            variants=tuple(sorted(ways, key=lambda pair: (-pair[1], pair[0]))),
            arcs=tuple(sorted(arcs, key=lambda arc: (-arc.count, arc.source, arc.target))),
            activities=_ranked(self._activities),
            activity_cases={activity: of_cases for activity, (_cases, _repeats, of_cases) in self._repeats.items()},
            starts=_ranked(_ends(ways, 0)), ends=_ranked(_ends(ways, -1)),
            rework=tuple(sorted(
                (Rework(activity, cases, repeats, of_cases) for activity, (cases, repeats, of_cases) in self._repeats.items() if cases),
                key=lambda again: (-again.repeats, again.activity),
            )),
            handoffs=tuple(sorted(hands, key=lambda one: (-one.count, one.source, one.target))),
            transitions=_ranked(self._transitions),
            through_median=median(through) if through else None, through_p90=quantile(through, 0.9) if through else None,
        )  # fmt: skip


def _at(event: Event) -> float:
    return event.at


def _ends(ways: Iterable[tuple[tuple[str, ...], int]], place: int) -> Counter[str]:
    counted: Counter[str] = Counter()
    for way, count in ways:
        counted[way[place]] += count
    return counted


def _ranked(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def mine(log: Iterable[Sequence[Event]]) -> Mined:
    """Return what a log says, given as the events of each case."""
    miner = Miner()
    for events in log:
        miner.take(events)
    return miner.found()
