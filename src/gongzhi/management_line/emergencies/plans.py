"""What an emergency plan 应急预案 says, level by level, and what is wrong with it. Pure.

A plan is data (YAML on its page, JSON in the database):

    hazard: rain                       # one of HAZARDS
    lead: committee                    # code of the organ that commands
    basis: 《浙江省防汛防台抗旱条例》第二十二条
    triggers:                          # what calls for it; any one is enough
      - {alert: [暴雨, Rainstorm], severity: Severe, level: 2, by: itself}   # a CAP alert of at least this severity
      - {alert: [暴雨], severity: Moderate, level: 3}                          # by people, who are told
    levels:
      2:
        text: {zh: 橙色响应, en: Orange response}
        report_every: 2                # hours between situation reports
        tell: {zh: 暴雨橙色预警…, en: …}  # what residents are told
        tasks:
          - {code: duty, unit: enforcement, title: {zh: 全员到岗, en: All on duty}, minutes: 30}
        places:
          - {name: 溪东小学, capacity: 300}

Levels are 1 (red, gravest) to 4 (blue), as in 《国家突发公共事件总体应急预案》. A graver level has the tasks of the lighter ones too:
raising the level gives those that have not been given yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

HAZARDS = ("rain", "typhoon", "flood", "snow", "heat", "fire", "landslide", "earthquake", "pollution", "chemical", "epidemic", "crowd", "outage", "other")
LEVELS = (1, 2, 3, 4)
SEVERITY_RANK = {"Extreme": 1, "Severe": 2, "Moderate": 3, "Minor": 4}  # red, orange, yellow, blue
MOST_TASKS = 500
MOST_MINUTES = 14 * 24 * 60


@dataclass(frozen=True, slots=True)
class Duty:
    """A task of a plan: who, what, within how many minutes of the level."""

    code: str
    unit: str
    title: Mapping[str, str]
    minutes: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where people are brought."""

    name: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Level:
    """What a level means."""

    level: int
    text: Mapping[str, str]
    tasks: tuple[Duty, ...]
    places: tuple[Place, ...]
    report_every: int  # hours; 0: none
    tell: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What calls for a plan: an alert whose event has one of the words, of at least this severity."""

    words: tuple[str, ...]
    severity: str
    level: int
    by_itself: bool

    def fits(self, event: str, severity: str) -> bool:
        """Return whether an alert calls for this; one of unknown severity never does by itself."""
        rank = SEVERITY_RANK.get(severity)
        return rank is not None and rank <= SEVERITY_RANK[self.severity] and any(word.casefold() in event.casefold() for word in self.words)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is obeyed."""

    hazard: str
    lead: str
    basis: str
    triggers: tuple[Trigger, ...]
    levels: Mapping[int, Level]

    def called_for(self, event: str, severity: str) -> Trigger | None:
        """Return the gravest trigger that an alert calls for, or None."""
        return min((one for one in self.triggers if one.fits(event, severity)), key=lambda one: one.level, default=None)

    def duties_at(self, level: int) -> tuple[Duty, ...]:
        """Return the tasks of a level with those of all lighter ones, gravest level first; a code is given once."""
        found: dict[str, Duty] = {}
        for each in sorted(number for number in self.levels if number >= level):
            for duty in self.levels[each].tasks:
                found.setdefault(duty.code, duty)
        return tuple(found.values())

    @property
    def units(self) -> set[str]:
        return {self.lead, *(duty.unit for level in self.levels.values() for duty in level.tasks)}


class Faulty(ValueError):
    """A definition that cannot be obeyed; `faults` are (place, what is wrong)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{place}: {fault}" for place, fault in faults))


def parse(given: Any) -> Plan:
    """Return the plan; raises Faulty with every fault at once."""
    faults: list[tuple[str, str]] = []
    if not isinstance(given, Mapping):
        raise Faulty([("", "must be a list of names and values")])
    for name in given.keys() - {"hazard", "lead", "basis", "triggers", "levels"}:
        faults.append((str(name), "is not known"))
    hazard = str(given.get("hazard", ""))
    if hazard not in HAZARDS:
        faults.append(("hazard", f"must be one of {', '.join(HAZARDS)}"))
    lead, basis = _word(given, "lead", "lead", faults), _word(given, "basis", "basis", faults)
    levels = _levels(given.get("levels"), faults)
    triggers = _triggers(given.get("triggers", []), levels, faults)
    if faults:
        raise Faulty(faults)
    return Plan(hazard=hazard, lead=lead, basis=basis, triggers=triggers, levels=levels)


def _word(given: Mapping[str, Any], name: str, where: str, faults: list[tuple[str, str]]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        faults.append((where, "must be said"))
        return ""
    return value.strip()


def _words(given: Any, where: str, faults: list[tuple[str, str]], *, needed: bool = True) -> dict[str, str]:
    if isinstance(given, str) and given.strip():
        return {"zh": given.strip()}
    if isinstance(given, Mapping) and isinstance(given.get("zh"), str) and given["zh"].strip():
        return {str(language): str(text) for language, text in given.items()}
    if needed or given not in (None, {}):
        faults.append((where, "must be said in Chinese (zh)"))
    return {}


def _whole(given: Any, where: str, faults: list[tuple[str, str]], least: int, most: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        faults.append((where, f"must be a whole number from {least} to {most}"))
        return least
    return given


def _levels(given: Any, faults: list[tuple[str, str]]) -> dict[int, Level]:
    if not isinstance(given, Mapping) or not given:
        faults.append(("levels", "at least one level must be said"))
        return {}
    found: dict[int, Level] = {}
    units: dict[str, tuple[str, int]] = {}
    count = 0
    for key, told in given.items():
        where = f"levels.{key}"
        level = int(key) if str(key).isascii() and str(key).isdigit() and int(key) in LEVELS else 0
        if not level:
            faults.append((where, "a level is 1 (red), 2, 3 or 4 (blue)"))
            continue
        if not isinstance(told, Mapping):
            faults.append((where, "must say text and tasks"))
            continue
        for name in told.keys() - {"text", "tasks", "places", "report_every", "tell"}:
            faults.append((f"{where}.{name}", "is not known"))
        duties = _duties(told.get("tasks", []), where, faults)
        for duty in duties:
            if duty.code in units and units[duty.code][0] != duty.unit:
                faults.append((f"{where}.tasks.{duty.code}", f"has the code of a task of level {units[duty.code][1]} for another unit"))
            units.setdefault(duty.code, (duty.unit, level))
        count += len(duties)
        found[level] = Level(
            level=level, text=_words(told.get("text"), f"{where}.text", faults), tasks=duties, places=_places(told.get("places", []), where, faults),
            report_every=_whole(told.get("report_every", 0), f"{where}.report_every", faults, 0, 72),
            tell=_words(told.get("tell"), f"{where}.tell", faults, needed=False),
        )  # fmt: skip
    if count > MOST_TASKS:
        faults.append(("levels", f"at most {MOST_TASKS} tasks"))
    if found and not count:
        faults.append(("levels", "a plan without a task asks nothing of anybody"))
    return dict(sorted(found.items()))


def _listed(given: Any, where: str, faults: list[tuple[str, str]]) -> list[Mapping[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping):
        faults.append((where, "must be a list"))
        return []
    rows = list(given)
    for n, row in enumerate(rows):
        if not isinstance(row, Mapping):
            faults.append((f"{where}[{n + 1}]", "must be names and values"))
    return [row for row in rows if isinstance(row, Mapping)]


def _duties(given: Any, where: str, faults: list[tuple[str, str]]) -> tuple[Duty, ...]:
    found: dict[str, Duty] = {}
    for n, row in enumerate(_listed(given, f"{where}.tasks", faults), start=1):
        here = f"{where}.tasks[{n}]"
        for name in row.keys() - {"code", "unit", "title", "minutes"}:
            faults.append((f"{here}.{name}", "is not known"))
        code = _word(row, "code", f"{here}.code", faults)
        if code in found:
            faults.append((f"{here}.code", f"“{code}” stands twice"))
        found[code] = Duty(
            code=code[:40], unit=_word(row, "unit", f"{here}.unit", faults), title=_words(row.get("title"), f"{here}.title", faults),
            minutes=_whole(row.get("minutes"), f"{here}.minutes", faults, 1, MOST_MINUTES),
        )  # fmt: skip
    return tuple(found.values())


def _places(given: Any, where: str, faults: list[tuple[str, str]]) -> tuple[Place, ...]:
    return tuple(
        Place(name=_word(row, "name", f"{where}.places[{n}].name", faults)[:80],
              capacity=_whole(row.get("capacity"), f"{where}.places[{n}].capacity", faults, 1, 1_000_000))
        for n, row in enumerate(_listed(given, f"{where}.places", faults), start=1)
    )  # fmt: skip


def _triggers(given: Any, levels: Mapping[int, Level], faults: list[tuple[str, str]]) -> tuple[Trigger, ...]:
    found = []
    for n, row in enumerate(_listed(given, "triggers", faults), start=1):
        here = f"triggers[{n}]"
        for name in row.keys() - {"alert", "severity", "level", "by"}:
            faults.append((f"{here}.{name}", "is not known"))
        said = row.get("alert")
        words = tuple(str(word) for word in said if str(word).strip()) if isinstance(said, list | tuple) else ()
        if not words:
            faults.append((f"{here}.alert", "must be a list of words that the alert's event may have"))
        severity = str(row.get("severity", ""))
        if severity not in SEVERITY_RANK:
            faults.append((f"{here}.severity", f"must be one of {', '.join(SEVERITY_RANK)}"))
            severity = "Minor"
        level = row.get("level")
        if level not in levels:
            faults.append((f"{here}.level", "is no level of this plan"))
        by = row.get("by", "people")
        if by not in ("people", "itself"):
            faults.append((f"{here}.by", "must be people or itself"))
        found.append(Trigger(words=words, severity=severity, level=level if isinstance(level, int) else 4, by_itself=by == "itself"))
    return tuple(found)
