"""A kind's procedure 办理流程 as data: read, check, walk, draw, export. Pure.

Definition (YAML or the same as JSON):

    title: {zh: 居民报事, en: Report}
    start: dispatch
    dispatch: list            # list: the responsibility list assigns at once; hand: the dispatcher does
    stages:
      handle:
        title: {zh: 处置, en: Handling}
        state: assigned
        owner: lead           # lead | dispatcher | committee | station | raiser | clock | organ:<code>
        limit: case           # case: the case's own clock; or {amount: 2, unit: working_hours}; or none
        basis: ...
        outcomes: {answer: verify, return: dispatch}
    extension: {times: 1, at_most_percent: 100}
    follow_up: {call: {amount: 1, unit: working_days}, put_right: {amount: 15, unit: working_days}}
    reopen_days: 15

An outcome is an act of the engine (lifecycle.Act values) and leads to a stage or to `end`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import yaml

from gongzhi.cases.lifecycle import Act, State

END = "end"
UNITS = frozenset({"working_hours", "working_days", "hours", "calendar_days"})
OWNERS = frozenset({"lead", "dispatcher", "committee", "station", "raiser", "clock", "nobody"})
_ACTS = {act.value for act in Act}
_STATES = {state.value for state in State}


class BadProcedure(ValueError):
    """The definition cannot be used; `faults` names each place and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: who has it, for how long, and where each outcome leads."""

    code: str
    title: dict[str, str]
    state: str
    owner: str
    limit: tuple[int, str] | str | None  # (amount, unit), "case" or None
    basis: str
    outcomes: dict[str, str]

    def words(self, language: str) -> str:
        """Return the title in the language, or in Chinese."""
        return self.title.get("en" if language.startswith("en") else "zh") or self.title["zh"]


@dataclass(frozen=True, slots=True)
class ProcedureDefinition:
    """A checked definition."""

    title: dict[str, str]
    start: str
    dispatch: str
    stages: dict[str, Stage]
    extension_times: int
    extension_at_most_percent: int
    call_limit: tuple[int, str]
    put_right_limit: tuple[int, str]
    reopen_days: int

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
    """Return the checked definition; raise BadProcedure with every fault found."""
    faults: list[str] = []
    stages: dict[str, Stage] = {}
    raw_stages = raw.get("stages")
    if not isinstance(raw_stages, dict) or not raw_stages:
        raise BadProcedure(["stages: at least one stage is needed"])
    for code, body in raw_stages.items():
        if not isinstance(body, dict):
            faults.append(f"stages.{code}: must be a mapping")
            continue
        title = _title(body.get("title"), f"stages.{code}.title", faults)
        owner = str(body.get("owner", ""))
        if owner not in OWNERS and not owner.startswith("organ:"):
            faults.append(f"stages.{code}.owner: {owner or 'missing'} is not one of {', '.join(sorted(OWNERS))} or organ:<code>")
        state = str(body.get("state", ""))
        if state not in _STATES:
            faults.append(f"stages.{code}.state: {state or 'missing'} is not a state of the engine")
        outcomes = body.get("outcomes") or {}
        if not isinstance(outcomes, dict):
            faults.append(f"stages.{code}.outcomes: must be a mapping of act to stage")
            outcomes = {}
        for act, goal in outcomes.items():
            if act not in _ACTS:
                faults.append(f"stages.{code}.outcomes.{act}: no such act")
            if goal != END and goal not in raw_stages:
                faults.append(f"stages.{code}.outcomes.{act}: no stage {goal}")
        limit = body.get("limit")
        stages[str(code)] = Stage(
            code=str(code), title=title, state=state, owner=owner, basis=str(body.get("basis", "")),
            limit="case" if limit == "case" else _limit(limit, f"stages.{code}.limit", faults),
            outcomes={str(k): str(v) for k, v in outcomes.items()},
        )  # fmt: skip
    start = str(raw.get("start", ""))
    if start not in raw_stages:
        faults.append(f"start: no stage {start or '(missing)'}")
    dispatch = str(raw.get("dispatch", "list"))
    if dispatch not in ("list", "hand"):
        faults.append("dispatch: must be list or hand")
    extension = raw.get("extension") or {}
    follow_up = raw.get("follow_up") or {}
    call = _limit(follow_up.get("call", {"amount": 1, "unit": "working_days"}), "follow_up.call", faults)
    put_right = _limit(follow_up.get("put_right", {"amount": 15, "unit": "working_days"}), "follow_up.put_right", faults)
    title = _title(raw.get("title"), "title", faults)
    if not faults:
        faults = [*_walk_faults(stages, start)]
    if faults:
        raise BadProcedure(faults)
    assert call
    assert put_right
    return ProcedureDefinition(
        title=title, start=start, dispatch=dispatch, stages=_in_order(stages, start), extension_times=int(extension.get("times", 1)),
        extension_at_most_percent=int(extension.get("at_most_percent", 100)), call_limit=call, put_right_limit=put_right,
        reopen_days=int(raw.get("reopen_days", 15)),
    )  # fmt: skip


def _in_order(stages: dict[str, Stage], start: str) -> dict[str, Stage]:
    """Return the stages in the order in which a case comes to them; the database keeps JSON without the order of its keys."""
    order, todo = [], [start]
    while todo:
        code = todo.pop(0)
        if code != END and code not in order:
            order.append(code)
            todo += sorted(stages[code].outcomes.values())
    return {code: stages[code] for code in order}


def _title(value: Any, where: str, faults: list[str]) -> dict[str, str]:
    if isinstance(value, str) and value:
        return {"zh": value}
    if isinstance(value, dict) and value.get("zh"):
        return {str(k): str(v) for k, v in value.items()}
    faults.append(f"{where}: needs a Chinese title (zh)")
    return {"zh": ""}


def _limit(value: Any, where: str, faults: list[str]) -> tuple[int, str] | None:
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


# ---- drawing --------------------------------------------------------------------------------------------------------
def _ranks(definition: ProcedureDefinition) -> dict[str, int]:
    ranks = {definition.start: 0}
    todo = [definition.start]
    while todo:
        code = todo.pop(0)
        for goal in definition.stages[code].outcomes.values():
            if goal != END and goal not in ranks:
                ranks[goal] = ranks[code] + 1
                todo.append(goal)
    ranks[END] = max(ranks.values()) + 1
    return ranks


def _length(text: str) -> float:
    """Return about how wide a label of the drawing is: twelve to a Chinese character, seven to a Latin one."""
    return sum(12 if ord(letter) > 0x2E80 else 7 for letter in text)


def to_svg(definition: ProcedureDefinition, *, language: str = "zh", words: dict[str, str] | None = None, current: str = "") -> str:
    """Return the drawing: stages from left to right, ways on above, ways back below. Classes only, no inline style.

    `words` gives the outcome acts' words in the reader's language; `current` marks the stage a case is in.
    """
    words = words or {}
    ranks = _ranks(definition)
    box, height, top = 128, 64, 96
    order = sorted(ranks, key=lambda code: (ranks[code], code))
    x, right = {}, 16.0
    for code, after in zip(order, [*order[1:], ""], strict=True):
        x[code] = right
        onward = [words.get(act, act) for act, goal in definition.stages[code].outcomes.items() if goal == after] if code != END else []
        right += box + max(92, _length(" / ".join(onward)) + 24)  # what is written on an arrow fits between its boxes
    back = [(code, act, goal) for code, s in definition.stages.items() for act, goal in s.outcomes.items() if x[goal] <= x[code]]
    ahead: dict[tuple[str, str], list[str]] = {}
    for code, stage in definition.stages.items():
        for act, goal in stage.outcomes.items():
            if x[goal] > x[code]:
                ahead.setdefault((code, goal), []).append(words.get(act, act))
    width = round(max(x.values()) + box + 16)
    depth = top + height + 40 + 30 * len(back)
    svg = ElementTree.Element(
        "svg", {"viewBox": f"0 0 {width} {depth}", "class": "procedure-drawing", "role": "img",
                "aria-label": definition.title.get("en" if language.startswith("en") else "zh", definition.title["zh"])}
    )  # fmt: skip
    marker = ElementTree.SubElement(ElementTree.SubElement(svg, "defs"), "marker", {
        "id": "arrowhead", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "8", "markerHeight": "8", "orient": "auto"})  # fmt: skip
    ElementTree.SubElement(marker, "path", {"d": "M0 0L8 4L0 8Z", "class": "arrow-head"})
    middle = top + height / 2
    lifted = 0
    for (code, goal), acts in ahead.items():
        neighbours = order.index(goal) - order.index(code) == 1
        start_x, end_x = x[code] + box, x[goal]
        if neighbours:
            path, label_x, label_y = f"M{start_x:g} {middle:g}H{end_x - 2:g}", (start_x + end_x) / 2, middle - 8
        else:
            lifted += 1
            crest = top - 14 - 20 * (lifted % 4)
            path = f"M{x[code] + box - 20:g} {top}V{crest}H{end_x + 20:g}V{top - 2}"
            label_x, label_y = (start_x + end_x) / 2, crest - 5
        ElementTree.SubElement(svg, "path", {"d": path, "class": "arrow", "marker-end": "url(#arrowhead)", "fill": "none"})
        label = ElementTree.SubElement(svg, "text", {"x": f"{label_x:g}", "y": f"{label_y:g}", "class": "arrow-label", "text-anchor": "middle"})
        label.text = " / ".join(acts)
    for index, (code, act, goal) in enumerate(back):
        low = top + height + 26 + 30 * index
        path = f"M{x[code] + box / 2 + 12:g} {top + height}V{low}H{x[goal] + box / 2 - 12:g}V{top + height + 2}"
        ElementTree.SubElement(svg, "path", {"d": path, "class": "arrow", "data-back": "", "marker-end": "url(#arrowhead)", "fill": "none"})
        label = ElementTree.SubElement(svg, "text", {
            "x": f"{(x[code] + x[goal] + box) / 2:g}", "y": f"{low - 5}", "class": "arrow-label", "text-anchor": "middle"})  # fmt: skip
        label.text = words.get(act, act)
    for code in order:
        group = ElementTree.SubElement(svg, "g", {"class": "stage", **({"data-current": ""} if code == current else {})})
        if code == END:
            ElementTree.SubElement(group, "circle", {"cx": f"{x[code] + 24:g}", "cy": f"{middle:g}", "r": "14", "class": "stage-end"})
            ElementTree.SubElement(group, "circle", {"cx": f"{x[code] + 24:g}", "cy": f"{middle:g}", "r": "9", "class": "stage-end-dot"})
            continue
        stage = definition.stages[code]
        ElementTree.SubElement(group, "rect", {"x": f"{x[code]:g}", "y": str(top), "width": str(box), "height": str(height), "rx": "8", "class": "stage-box"})
        title = ElementTree.SubElement(group, "text", {"x": f"{x[code] + box / 2:g}", "y": str(top + 27), "class": "stage-title", "text-anchor": "middle"})
        title.text = stage.words(language)
        owner = ElementTree.SubElement(group, "text", {"x": f"{x[code] + box / 2:g}", "y": str(top + 48), "class": "stage-owner", "text-anchor": "middle"})
        owner.text = words.get(stage.owner, stage.owner)
    return ElementTree.tostring(svg, encoding="unicode")


# ---- export ---------------------------------------------------------------------------------------------------------
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"


def to_bpmn(definition: ProcedureDefinition, *, kind: str, version: int) -> bytes:
    """Return BPMN 2.0 XML (OMG formal/2011-01-03) with shapes: user tasks, an exclusive gateway after each with several ways."""
    for prefix, uri in (("bpmn", BPMN), ("bpmndi", BPMNDI), ("dc", DC), ("di", DI)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.Element(f"{{{BPMN}}}definitions", {"id": f"{kind}-v{version}", "targetNamespace": "urn:gongzhi:procedure"})
    process = ElementTree.SubElement(root, f"{{{BPMN}}}process", {"id": kind, "name": definition.title["zh"], "isExecutable": "false"})
    plane = ElementTree.SubElement(
        ElementTree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": "diagram"}), f"{{{BPMNDI}}}BPMNPlane", {"id": "plane", "bpmnElement": kind}
    )
    ranks = _ranks(definition)
    order = sorted(ranks, key=lambda code: (ranks[code], code))
    centre: dict[str, tuple[float, float]] = {}

    def node(tag: str, ident: str, x: float, y: float, w: float, h: float, name: str = "") -> None:
        ElementTree.SubElement(process, f"{{{BPMN}}}{tag}", {"id": ident, **({"name": name} if name else {})})
        shape = ElementTree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"{ident}-shape", "bpmnElement": ident})
        ElementTree.SubElement(shape, f"{{{DC}}}Bounds", {"x": f"{x:g}", "y": f"{y:g}", "width": f"{w:g}", "height": f"{h:g}"})
        centre[ident] = (x + w / 2, y + h / 2)

    flows: list[tuple[str, str, str]] = [("begin", f"stage-{definition.start}", "")]
    node("startEvent", "begin", 40, 142, 36, 36)
    for index, code in enumerate(order):
        x = 130 + index * 240
        if code == END:
            node("endEvent", "finish", x, 142, 36, 36)
            continue
        stage = definition.stages[code]
        node("userTask" if stage.owner not in ("clock", "nobody") else "serviceTask", f"stage-{code}", x, 120, 120, 80, stage.title["zh"])
        source = f"stage-{code}"
        if len(stage.outcomes) > 1:
            node("exclusiveGateway", f"after-{code}", x + 150, 135, 50, 50)
            flows.append((source, f"after-{code}", ""))
            source = f"after-{code}"
        flows.extend((source, "finish" if goal == END else f"stage-{goal}", act) for act, goal in stage.outcomes.items())
    for index, (source, goal, act) in enumerate(flows):
        ident = f"flow-{index}"
        ElementTree.SubElement(process, f"{{{BPMN}}}sequenceFlow", {"id": ident, "sourceRef": source, "targetRef": goal, **({"name": act} if act else {})})
        edge = ElementTree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{ident}-edge", "bpmnElement": ident})
        (x1, y1), (x2, y2) = centre[source], centre[goal]
        points = [(x1, y1), (x2, y2)] if x2 > x1 else [(x1, y1), (x1, 260 + 20 * index), (x2, 260 + 20 * index), (x2, y2)]
        for px, py in points:
            ElementTree.SubElement(edge, f"{{{DI}}}waypoint", {"x": f"{px:g}", "y": f"{py:g}"})
    # the process lists its flow elements before the diagram, as the schema's sequence asks
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


_parsed: dict[tuple[int, int], ProcedureDefinition] = {}


def of(adopted: Any) -> ProcedureDefinition:
    """Return the checked definition of an adopted version (a row that is never edited, so it is kept once read)."""
    key = (adopted.town_id, adopted.pk)
    known = _parsed.get(key)
    if known is None or adopted.definition.get("start") != known.start:
        if len(_parsed) > 500:
            _parsed.clear()
        known = _parsed[key] = parse(adopted.definition)
    return known
