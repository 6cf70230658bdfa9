"""A kind's procedure 办理流程 as data: read it, parse it, walk it. Pure. What would not be obeyed is found by `procedure_check`.

Definition (YAML or the same as JSON):

    title: {zh: 办事, en: Application}
    start: receive
    dispatch: list            # list: the responsibility list names the lead at once; hand: the dispatcher does
    limit: {amount: 20, unit: working_days}     # of a case where neither list, category nor dossier gives one
    basis: 行政许可法第四十二条
    clock_starts: examine     # the case's own clock begins with this stage; with opening where nothing is said
    results:                  # what may come out of it besides the acts of the engine, and how figures count it
      grant: {title: {zh: 准予许可, en: Granted}, type: positive, by: lead, text: required, clause: optional}
      ask: {title: {zh: 要求补正, en: Correction asked for}}          # no type: a way on, not a result
    stages:
      examine:
        title: {zh: 审查, en: Examination}
        state: in_hand
        owner: lead           # lead | dispatcher | committee | station | raiser | party:<role> | clock | organ:<code>
        limit: case           # case: the case's own clock; or {amount: 2, unit: working_hours}; or none
        basis: ...
        stops: {ground: hearing, basis: 行政许可法第四十五条}             # the case's clock does not run in this stage
        restarts: true        # the case's clock begins anew when this stage is entered (a corrected application, by some laws)
        tasks:                # each stands on its unit's desk with its own clock
          - {code: fire, unit: "organ:fire", asks: opinion, title: {zh: 消防意见}, limit: {amount: 5, unit: working_days}, when: {area: {at_least: 300}}}
        join: all             # all required tasks | any | a number of tasks; then the outcome `joined` is followed, if there is one
        after: [{amount: 7, unit: calendar_days, then: close}, {at: due, then: deemed}]   # what the clock does by itself
        needs: {grant: [decision]}      # papers without which an outcome is not taken
        outcomes: {grant: deliver, refuse: end, joined: decide}
    extension: {times: 1, at_most_percent: 100}
    follow_up: {call: {amount: 1, unit: working_days}, put_right: {amount: 15, unit: working_days}}
    reopen_days: 15
    reopen_to: dispatch

An outcome is an act of the engine (lifecycle.Act values), a result that the definition names, or `joined`, and leads to a
stage or to `end`. Entering a stage sets state, holder, clocks, tasks and what the clock will do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from gongzhi.cases.lifecycle import Act, State

END = "end"
JOINED = "joined"
UNITS = frozenset({"working_hours", "working_days", "hours", "calendar_days"})
OWNERS = frozenset({"lead", "dispatcher", "committee", "station", "raiser", "clock", "nobody"})
ROLES = frozenset({"applicant", "co_applicant", "agent", "respondent", "beneficiary", "mediator", "organ"})
RESULT_TYPES = frozenset({"positive", "partly", "negative", "neutral", ""})  # "": a way on, not a result
ASKS = frozenset({"work", "opinion", "check", "payment", "review", "order", "document"})
GROUNDS = frozenset({"correction", "public_notice", "expert_review", "hearing", "inspection", "third_party", "force_majeure"})
DUE = "due"
_ACTS = {act.value for act in Act}
_STATES = {state.value for state in State}

Limit = tuple[int, str]


class BadProcedure(ValueError):
    """The definition cannot be used; `faults` names each place and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class TaskRule:
    """A task that entering a stage opens: which unit, what is asked, for how long, and whether the stage waits for it."""

    code: str
    title: dict[str, str]
    unit: str  # lead | dispatcher | committee | station | organ:<code> | list:<category code> | party:<role>
    asks: str
    limit: Limit | None
    required: bool
    when: dict[str, Any]

    def words(self, language: str) -> str:
        """Return the title in the language, or in Chinese."""
        return in_language(self.title, language)


@dataclass(frozen=True, slots=True)
class Timed:
    """What the clock does by itself: after so long in the stage (`limit`), or when the case's own clock has run out (None)."""

    limit: Limit | None
    then: str


@dataclass(frozen=True, slots=True)
class Result:
    """What may come out of a case of this kind, and how figures count it (`type`: positive, partly, negative, neutral; "" is a way on)."""

    code: str
    title: dict[str, str]
    type: str
    by: str  # owner: whoever has the stage; else a stage owner word, such as party:applicant
    text: str  # required | optional
    clause: str  # required | optional

    def words(self, language: str) -> str:
        """Return the title in the language, or in Chinese."""
        return in_language(self.title, language)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: who has it, for how long, what it asks of whom, and where each outcome leads."""

    code: str
    title: dict[str, str]
    state: str
    owner: str
    limit: Limit | str | None  # (amount, unit), "case" or None
    basis: str
    outcomes: dict[str, str]
    tasks: tuple[TaskRule, ...] = ()
    join: str | int = "all"
    after: tuple[Timed, ...] = ()
    stops: tuple[str, str] | None = None  # ground, basis
    restarts: bool = False
    needs: dict[str, list[str]] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """Return the title in the language, or in Chinese."""
        return in_language(self.title, language)

    @property
    def party_role(self) -> str:
        """Return the role of the party that has this stage, or ""."""
        return "raiser" if self.owner == "raiser" else self.owner.removeprefix("party:") if self.owner.startswith("party:") else ""


@dataclass(frozen=True, slots=True)
class ProcedureDefinition:
    """A parsed definition."""

    title: dict[str, str]
    start: str
    dispatch: str
    stages: dict[str, Stage]
    extension_times: int
    extension_at_most_percent: int
    call_limit: Limit
    put_right_limit: Limit
    reopen_days: int
    limit: Limit | None = None
    basis: str = ""
    clock_starts: str = ""
    results: dict[str, Result] = field(default_factory=dict)
    reopen_to: str = ""

    def stage(self, code: str) -> Stage:
        """Return a stage; raise KeyError."""
        return self.stages[code]

    def after(self, code: str, outcome: str) -> str | None:
        """Return the stage to which the outcome leads, END, or None when the stage has no such outcome."""
        stage = self.stages.get(code)
        return stage.outcomes.get(outcome) if stage else None

    def stage_for_state(self, state: str) -> Stage | None:
        """Return the first stage whose cases are in this state."""
        return next((stage for stage in self.stages.values() if stage.state == state), None)

    def results_of(self, code: str) -> list[Result]:
        """Return the named results that may be taken in this stage, in the definition's order."""
        stage = self.stages.get(code)
        return [result for name, result in self.results.items() if stage is not None and name in stage.outcomes]


def in_language(title: Mapping[str, str], language: str) -> str:
    """Return a title in the language, or in Chinese."""
    return title.get("en" if language.startswith("en") else "zh") or title["zh"]


def read(text: str) -> dict[str, Any]:
    """Return the raw definition from YAML; raise BadProcedure when it is not a mapping."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadProcedure([f"not readable as YAML: {error}"]) from error
    if not isinstance(raw, dict):
        raise BadProcedure(["the definition must be a mapping"])
    return raw


def parse(raw: dict[str, Any]) -> ProcedureDefinition:
    """Return the parsed definition; raise BadProcedure with every fault of form found."""
    faults: list[str] = []
    raw_stages = raw.get("stages")
    if not isinstance(raw_stages, dict) or not raw_stages:
        raise BadProcedure(["stages: at least one stage is needed"])
    results = _results(raw.get("results"), faults)
    stages = {}
    for code, body in raw_stages.items():
        if not isinstance(body, dict):
            faults.append(f"stages.{code}: must be a mapping")
            continue
        stages[str(code)] = _stage(str(code), body, raw_stages, results, faults)
    start = str(raw.get("start", ""))
    if start not in raw_stages:
        faults.append(f"start: no stage {start or '(missing)'}")
    dispatch = str(raw.get("dispatch", "list"))
    if dispatch not in ("list", "hand"):
        faults.append("dispatch: must be list or hand")
    extension = _mapping(raw.get("extension"), "extension", faults)
    follow_up = _mapping(raw.get("follow_up"), "follow_up", faults)
    call = _limit(follow_up.get("call", {"amount": 1, "unit": "working_days"}), "follow_up.call", faults)
    put_right = _limit(follow_up.get("put_right", {"amount": 15, "unit": "working_days"}), "follow_up.put_right", faults)
    limit = _limit(raw.get("limit"), "limit", faults)
    title = _title(raw.get("title"), "title", faults)
    counts = {
        name: _count(value, name, faults)
        for name, value in (
            ("extension.times", extension.get("times", 1)), ("extension.at_most_percent", extension.get("at_most_percent", 100)),
            ("reopen_days", raw.get("reopen_days", 15)),
        )
    }  # fmt: skip
    for name in ("clock_starts", "reopen_to"):
        if raw.get(name) and raw[name] not in raw_stages:
            faults.append(f"{name}: no stage {raw[name]}")
    if not faults:
        faults = [*_walk_faults(stages, start)]
    if faults:
        raise BadProcedure(faults)
    assert call
    assert put_right
    reopens = next((stage.outcomes[Act.REOPEN.value] for stage in stages.values() if Act.REOPEN.value in stage.outcomes), "")
    return ProcedureDefinition(
        title=title, start=start, dispatch=dispatch, stages=_in_order(stages, start), extension_times=counts["extension.times"],
        extension_at_most_percent=counts["extension.at_most_percent"], call_limit=call, put_right_limit=put_right, reopen_days=counts["reopen_days"],
        limit=limit, basis=str(raw.get("basis", "")), clock_starts=str(raw.get("clock_starts") or ""), results=results,
        reopen_to=str(raw.get("reopen_to") or reopens or start),
    )  # fmt: skip


def _stage(code: str, body: dict[str, Any], all_stages: dict[Any, Any], results: dict[str, Result], faults: list[str]) -> Stage:
    here = f"stages.{code}"
    title = _title(body.get("title"), f"{here}.title", faults)
    owner = str(body.get("owner", ""))
    if not _is_owner(owner):
        faults.append(f"{here}.owner: {owner or 'missing'} is not one of {', '.join(sorted(OWNERS))}, party:<role> or organ:<code>")
    state = str(body.get("state", ""))
    if state not in _STATES:
        faults.append(f"{here}.state: {state or 'missing'} is not a state of the engine")
    outcomes = _mapping(body.get("outcomes"), f"{here}.outcomes", faults)
    for act, goal in outcomes.items():
        if act not in _ACTS and act not in results and act != JOINED:
            faults.append(f"{here}.outcomes.{act}: no such act, and results names none")
        if goal != END and goal not in all_stages:
            faults.append(f"{here}.outcomes.{act}: no stage {goal}")
    limit = body.get("limit")
    stops = None
    if body.get("stops") is not None:
        given = _mapping(body["stops"], f"{here}.stops", faults)
        ground, basis = str(given.get("ground", "")), str(given.get("basis", ""))
        if ground not in GROUNDS:
            faults.append(f"{here}.stops.ground: must be one of {', '.join(sorted(GROUNDS))}")
        if not basis:
            faults.append(f"{here}.stops.basis: a stop needs the rule that allows it")
        stops = (ground, basis)
    restarts = body.get("restarts", False)
    if not isinstance(restarts, bool):
        faults.append(f"{here}.restarts: must be true or false")
    needs = _mapping(body.get("needs"), f"{here}.needs", faults)
    for outcome, papers in needs.items():
        if outcome not in outcomes:
            faults.append(f"{here}.needs.{outcome}: this stage has no such outcome")
        if not isinstance(papers, list) or not papers or not all(isinstance(one, str) and one for one in papers):
            faults.append(f"{here}.needs.{outcome}: must be a list of names of papers")
            needs[outcome] = []
    tasks = _tasks(body.get("tasks"), here, faults)
    join = body.get("join", "all")
    if join not in ("all", "any") and not (isinstance(join, int) and not isinstance(join, bool) and 0 < join <= len(tasks)):
        faults.append(f"{here}.join: must be all, any, or a number of this stage's tasks")
    return Stage(
        code=code, title=title, state=state, owner=owner, basis=str(body.get("basis", "")),
        limit="case" if limit == "case" else _limit(limit, f"{here}.limit", faults), outcomes={str(k): str(v) for k, v in outcomes.items()},
        tasks=tasks, join=join, after=_timed(body.get("after"), here, outcomes, faults), stops=stops,
        restarts=bool(restarts),
        needs={str(k): [str(one) for one in v] for k, v in needs.items()},
    )  # fmt: skip


def _is_owner(owner: str) -> bool:
    if owner.startswith("party:"):
        return owner.removeprefix("party:") in ROLES
    return owner in OWNERS or (owner.startswith("organ:") and len(owner) > len("organ:"))


def _results(value: Any, faults: list[str]) -> dict[str, Result]:
    found = {}
    for code, body in _mapping(value, "results", faults).items():
        here = f"results.{code}"
        if code in _ACTS or code in (JOINED, END, DUE):
            faults.append(f"{here}: this is a word of the engine; choose another")
        body = _mapping(body, here, faults)
        kind, by = str(body.get("type", "")), str(body.get("by", "owner"))
        if kind not in RESULT_TYPES:
            faults.append(f"{here}.type: must be one of {', '.join(sorted(RESULT_TYPES - {''}))}, or left out")
        if by != "owner" and not _is_owner(by):
            faults.append(f"{here}.by: {by} is not an owner")
        for name in ("text", "clause"):
            if body.get(name, "optional") not in ("required", "optional"):
                faults.append(f"{here}.{name}: must be required or optional")
        found[str(code)] = Result(
            code=str(code), title=_title(body.get("title"), f"{here}.title", faults), type=kind, by=by, text=str(body.get("text", "optional")),
            clause=str(body.get("clause", "optional")),
        )  # fmt: skip
    return found


def _tasks(value: Any, where: str, faults: list[str]) -> tuple[TaskRule, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        faults.append(f"{where}.tasks: must be a list")
        return ()
    found: list[TaskRule] = []
    for n, body in enumerate(value):
        here = f"{where}.tasks[{n}]"
        body = _mapping(body, here, faults)
        code, unit, asks = str(body.get("code", "")), str(body.get("unit", "")), str(body.get("asks", "work"))
        if not code or len(code) > 30 or any(one.code == code for one in found):
            faults.append(f"{here}.code: each task of a stage needs a code of its own, of at most 30 letters")
        if not (_is_owner(unit) and unit not in ("clock", "nobody")) and not (unit.startswith("list:") and len(unit) > len("list:")):
            faults.append(f"{here}.unit: {unit or 'missing'} is not lead, dispatcher, committee, station, organ:<code>, list:<category> or party:<role>")
        if asks not in ASKS:
            faults.append(f"{here}.asks: must be one of {', '.join(sorted(ASKS))}")
        required = body.get("required", True)
        if not isinstance(required, bool):
            faults.append(f"{here}.required: must be true or false")
        found.append(TaskRule(
            code=code, title=_title(body.get("title"), f"{here}.title", faults), unit=unit, asks=asks,
            limit=_limit(body.get("limit"), f"{here}.limit", faults), required=bool(required), when=_mapping(body.get("when"), f"{here}.when", faults),
        ))  # fmt: skip
    return tuple(found)


def _timed(value: Any, where: str, outcomes: Mapping[str, str], faults: list[str]) -> tuple[Timed, ...]:
    if value is None:
        return ()
    found: list[Timed] = []
    for n, body in enumerate(value if isinstance(value, list) else [value]):
        here = f"{where}.after[{n}]"
        body = _mapping(body, here, faults)
        then = str(body.get("then", ""))
        if then not in outcomes:
            faults.append(f"{here}.then: this stage has no outcome {then or '(missing)'}")
        if body.get("at") == DUE:
            found.append(Timed(None, then))
            continue
        limit = _limit({name: body.get(name) for name in ("amount", "unit")}, here, faults)
        if limit is not None:
            found.append(Timed(limit, then))
    return tuple(found)


def _in_order(stages: dict[str, Stage], start: str) -> dict[str, Stage]:
    """Return the stages in the order in which a case comes to them; the database keeps JSON without the order of its keys."""
    order, todo = [], [start]
    while todo:
        code = todo.pop(0)
        if code != END and code not in order:
            order.append(code)
            todo += sorted(stages[code].outcomes.values())
    return {code: stages[code] for code in order}


def _mapping(value: Any, where: str, faults: list[str]) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.append(f"{where}: must be a mapping")
        return {}
    return dict(value)


def _title(value: Any, where: str, faults: list[str]) -> dict[str, str]:
    if isinstance(value, str) and value:
        return {"zh": value}
    if isinstance(value, dict) and value.get("zh"):
        return {str(k): str(v) for k, v in value.items()}
    faults.append(f"{where}: needs a Chinese title (zh)")
    return {"zh": ""}


def _limit(value: Any, where: str, faults: list[str]) -> Limit | None:
    if value in (None, "none"):
        return None
    if not isinstance(value, dict):
        faults.append(f"{where}: must be case, none, or amount and unit")
        return None
    amount, unit = value.get("amount"), value.get("unit")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= 3650:
        faults.append(f"{where}.amount: must be a whole number above 0")
        return None
    if unit not in UNITS:
        faults.append(f"{where}.unit: must be one of {', '.join(sorted(UNITS))}")
        return None
    return amount, str(unit)


def _count(value: Any, where: str, faults: list[str]) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 3650:
        faults.append(f"{where}: must be a whole number, 0 to 3650")
        return 0
    return value


def _walk_faults(stages: dict[str, Stage], start: str) -> Iterator[str]:
    """Yield dead stages, stages without a way on, and stages from which no path ends."""
    reached, todo = set(), [start]
    while todo:
        code = todo.pop()
        if code in reached or code == END:
            continue
        reached.add(code)
        todo.extend(stages[code].outcomes.values())
    for code in stages:
        if code not in reached:
            yield f"stages.{code}: no path from the start reaches it"
        elif not stages[code].outcomes:
            yield f"stages.{code}: has no outcome, so a case would stay in it for ever"
    ends = {END}
    changed = True
    while changed:
        changed = False
        for code, stage in stages.items():
            if code not in ends and any(goal in ends for goal in stage.outcomes.values()):
                ends.add(code)
                changed = True
    for code in stages:
        if code in reached and code not in ends:
            yield f"stages.{code}: no path from it comes to an end"


_parsed: dict[tuple[int, int], ProcedureDefinition] = {}


def of(adopted: Any) -> ProcedureDefinition:
    """Return the definition of an adopted version (a row that is never edited, so it is kept once parsed)."""
    key = (adopted.town_id, adopted.pk)
    known = _parsed.get(key)
    if known is None or adopted.definition.get("start") != known.start:
        if len(_parsed) > 500:
            _parsed.clear()
        known = _parsed[key] = parse(adopted.definition)
    return known
