"""How the cases of a kind really went: ways, times, hands, and what the adopted procedure says of them.

What everybody reads has a smallest number: ways, arcs, hand-offs and deviations of fewer cases than `cases.LEAST_NUMBER` are
told to nobody but those with a view of the whole town; the numbers of cases stay whole.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries as cases
from gongzhi.evaluation import conformance, mining
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember

AGE = 300.0  # seconds for which a process that was mined is remembered


@dataclass(frozen=True, slots=True)
class Process:
    """What the record of a kind says. `deviations`: (stage, act) with the number of cases; resources are ids of organs."""

    mined: mining.Mined
    over: int  # cases that have ended
    walked: int  # cases that were held against a procedure
    as_adopted: int  # of these, those that went the ways that it names
    deviations: tuple[tuple[tuple[str, str], int], ...]
    withheld: int = 0  # cases whose way is told to nobody, as too few went it

    @property
    def share_as_adopted(self) -> float | None:
        """Return which part went as adopted in 0…1, or None where no case was held against a procedure."""
        return self.as_adopted / self.walked if self.walked else None


def process(*, seen_by: Actor, kind: str, since: datetime, until: datetime, area_path: str = "", organ_id: int | None = None) -> Process:
    """Return how the cases of a kind that came in from `since` on and before `until` went; remembered for some minutes."""
    least = 1 if not cases.least_span(seen_by=seen_by) else cases.LEAST_NUMBER
    sight = "all" if seen_by.is_clock else "town" if seen_by.can("may_see_town_cases") else "open"
    key = f"evaluation.process:{sight}:{kind}:{since.isoformat()}:{until.isoformat()}:{area_path}:{organ_id}"

    def find() -> Process:
        told = cases.histories(seen_by=seen_by, kind=kind, since=since, until=until, area_path=area_path, organ_id=organ_id)
        return _protected(_mined(seen_by, kind, told), least)

    return remember(key, find, age=AGE)


def _mined(seen_by: Actor, kind: str, told: Iterator[cases.History]) -> Process:
    definitions = {found.pk: procedures.of(found) for found in cases.procedure_versions(seen_by=seen_by, kind=kind)}
    miner = mining.Miner()
    over = walked = as_adopted = 0
    away: Counter[tuple[str, str]] = Counter()
    names: dict[int | None, str] = {None: ""}
    for one in told:
        miner.take([
            mining.Event(act, at.timestamp(), names[organ] if organ in names else names.setdefault(organ, str(organ))) for act, at, organ in one.events
        ])  # fmt: skip
        over += one.is_over
        definition = definitions.get(one.procedure_id or 0)
        if definition is not None:
            walked += 1
            found = conformance.deviations(definition, [act for act, _at, _organ in one.events])
            away.update(set(found))
            as_adopted += not found
    return Process(miner.found(), over, walked, as_adopted, tuple(sorted(away.items(), key=lambda pair: (-pair[1], pair[0]))))


def _protected(found: Process, least: int) -> Process:
    """Take out what fewer than `least` cases did."""
    if least <= 1:
        return found
    mined = found.mined
    if mined.cases < least:
        return Process(replace(mining.mine([]), cases=mined.cases), 0, 0, 0, (), mined.cases)
    variants = tuple((way, n) for way, n in mined.variants if n >= least)
    arcs = tuple(arc for arc in mined.arcs if arc.cases >= least)
    shown = {code for code, n in mined.activity_cases.items() if n >= least}
    safe = replace(
        mined, variants=variants, arcs=arcs,
        activities={code: n for code, n in mined.activities.items() if code in shown},
        activity_cases={code: n for code, n in mined.activity_cases.items() if code in shown},
        starts={code: n for code, n in mined.starts.items() if n >= least}, ends={code: n for code, n in mined.ends.items() if n >= least},
        rework=tuple(again for again in mined.rework if again.cases >= least),
        handoffs=tuple(one for one in mined.handoffs if one.cases >= least),
    )  # fmt: skip
    kept = tuple((what, n) for what, n in found.deviations if n >= least)
    return replace(found, mined=safe, deviations=kept, withheld=mined.cases - sum(n for _way, n in variants))


def organ_names(*, seen_by: Actor, found: Process, english: bool = False) -> dict[str, str]:
    """Return the names of the organs among whom the cases of a process went, by the words that its hand-offs use."""
    ids = {int(word) for one in found.mined.handoffs for word in (one.source, one.target) if word}
    known = organs.organs_by_id(seen_by=seen_by, organ_ids=ids)
    return {str(pk): (organ.name_en if english else "") or organ.name for pk, organ in known.items()}
