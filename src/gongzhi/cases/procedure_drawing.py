"""A procedure as a picture and as BPMN 2.0. Pure."""

from xml.etree import ElementTree

from gongzhi.cases.procedure import END, ProcedureDefinition


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
