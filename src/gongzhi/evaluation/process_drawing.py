"""A process map as SVG: what really followed on what, from above to below, ways back dashed. Pure.

Layers after Sugiyama: an order with few ways back (Eades, Lin and Smyth, 1993), layers by longest path, crossings fewer by
barycentres, and each long arc bent through the layers that it passes.
"""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

BOX, HEIGHT, GAP_X, GAP_Y, BEND = 164, 50, 30, 62, 26


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A box: its words and what stands below them."""

    code: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class DrawnArc:
    """An arrow: `weight` is how often it was taken, `is_slow` marks where most time goes."""

    source: str
    target: str
    weight: int
    label: str
    is_slow: bool = False


def _order(nodes: Sequence[str], arcs: Sequence[DrawnArc]) -> dict[str, int]:
    """Return an order of the nodes against which few arcs, lightly taken, run."""
    left = set(nodes)
    first: list[str] = []
    last: list[str] = []
    pairs = [(arc.source, arc.target, arc.weight) for arc in arcs if arc.source != arc.target]
    place = {code: index for index, code in enumerate(nodes)}
    while left:
        outward: dict[str, int] = defaultdict(int)
        inward: dict[str, int] = defaultdict(int)
        for source, target, weight in pairs:
            if source in left and target in left:
                outward[source] += weight
                inward[target] += weight
        ranked = sorted(left, key=lambda code: place[code])
        sinks = [code for code in ranked if not outward[code] and inward[code]]
        sources = [code for code in ranked if not inward[code]]
        if sources:
            first += sources
            left -= set(sources)
        elif sinks:
            last = sinks + last
            left -= set(sinks)
        else:
            best = max(ranked, key=lambda code: outward[code] - inward[code])
            first.append(best)
            left.remove(best)
    return {code: index for index, code in enumerate(first + last)}


class _Layout:
    """Where everything stands."""

    def __init__(self, nodes: Sequence[DrawnNode], arcs: Sequence[DrawnArc]) -> None:
        order = _order([node.code for node in nodes], arcs)
        self.chains: list[tuple[DrawnArc, list[str], bool]] = []
        self.loops = [arc for arc in arcs if arc.source == arc.target]
        onward: dict[str, list[str]] = defaultdict(list)
        for arc in arcs:
            if arc.source != arc.target:
                upper, lower = sorted((arc.source, arc.target), key=lambda code: order[code])
                onward[upper].append(lower)
        layer: dict[str, int] = dict.fromkeys(order, 0)
        for code in sorted(order, key=lambda each: order[each]):
            for below in onward[code]:
                layer[below] = max(layer[below], layer[code] + 1)
        self.layers: list[list[str]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
        for code in sorted(order, key=lambda each: order[each]):
            self.layers[layer[code]].append(code)
        self.boxes = set(order)
        self.above: dict[str, list[str]] = defaultdict(list)
        self.below: dict[str, list[str]] = defaultdict(list)
        for number, arc in enumerate(arcs):
            if arc.source == arc.target:
                continue
            is_back = order[arc.source] > order[arc.target]
            upper, lower = (arc.target, arc.source) if is_back else (arc.source, arc.target)
            chain = [upper]
            for depth in range(layer[upper] + 1, layer[lower]):
                bend = f"\0{number}:{depth}"
                self.layers[depth].append(bend)
                chain.append(bend)
            chain.append(lower)
            for one, other in itertools.pairwise(chain):
                self.below[one].append(other)
                self.above[other].append(one)
            self.chains.append((arc, chain, is_back))
        self.x = self._placed()

    def _width(self, code: str) -> float:
        return BOX if code in self.boxes else BEND

    def _placed(self) -> dict[str, float]:
        x: dict[str, float] = {}
        for row in self.layers:
            self._spread(row, dict.fromkeys(row, 0.0), x)
        for sweep in range(12):
            down = sweep % 2 == 0
            for row in self.layers if down else reversed(self.layers):
                beside = self.above if down else self.below
                wanted = {code: sum(x[each] for each in beside[code]) / len(beside[code]) if beside[code] else x[code] for code in row}
                if sweep < 8:
                    row.sort(key=lambda code: wanted[code])
                self._spread(row, wanted, x)
        least = min((x[code] - self._width(code) / 2 for code in x), default=0.0)
        return {code: value - least for code, value in x.items()}

    def _spread(self, row: Sequence[str], wanted: Mapping[str, float], x: dict[str, float]) -> None:
        """Put a row as near as possible to where it is wanted, without overlaps, in its order."""
        right = None
        for code in row:
            half = self._width(code) / 2
            x[code] = wanted[code] if right is None else max(wanted[code], right + GAP_X + half)
            right = x[code] + half
        if row:
            off = sum(wanted[code] - x[code] for code in row) / len(row)
            for code in row:
                x[code] += off


def to_svg(nodes: Sequence[DrawnNode], arcs: Sequence[DrawnArc], *, label: str) -> str:
    """Return the map. Classes and presentation attributes only, no inline style; `label` says what it is to those who do not see it."""
    layout = _Layout(nodes, arcs)
    margin = 14
    width = round(max((layout.x[code] + layout._width(code) / 2 for code in layout.x), default=0) + 2 * margin + (60 if layout.loops else 0))
    height = len(layout.layers) * (HEIGHT + GAP_Y) - GAP_Y + 2 * margin
    top = {code: margin + depth * (HEIGHT + GAP_Y) for depth, row in enumerate(layout.layers) for code in row}
    svg = ElementTree.Element("svg", {"viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height), "class": "process-map", "role": "img",
                                      "aria-label": label})  # fmt: skip
    defs = ElementTree.SubElement(svg, "defs")
    for name in ("way", "slow"):
        head = ElementTree.SubElement(defs, "marker", {"id": f"map-{name}", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerUnits": "userSpaceOnUse",
                                                       "markerWidth": "9", "markerHeight": "9", "orient": "auto"})  # fmt: skip
        ElementTree.SubElement(head, "path", {"d": "M0 0L8 4L0 8Z", "class": f"map-head is-{name}"})
    most = max((arc.weight for arc in arcs), default=1)
    ports = _ports(layout)
    labels: list[tuple[float, float, DrawnArc]] = []
    for number, (arc, chain, is_back) in enumerate(layout.chains):
        points = []
        for index, code in enumerate(chain):
            middle = layout.x[code] + margin
            if code not in layout.boxes:
                points += [(middle, float(top[code])), (middle, float(top[code] + HEIGHT))]
            elif index == 0:
                points.append((middle + ports[number, 0], float(top[code] + HEIGHT)))
            else:
                points.append((middle + ports[number, 1], float(top[code])))
        if is_back:
            points.reverse()
        _arrow(svg, arc, points, most, is_back=is_back)
        first, second = (points[-2], points[-1]) if is_back else (points[0], points[1])
        labels.append(((first[0] + second[0]) / 2, (first[1] + second[1]) / 2 + 4, arc))
    for arc in layout.loops:
        x, y = layout.x[arc.source] + margin + BOX / 2, top[arc.source] + HEIGHT / 2
        way = {"d": f"M{x:g} {y - 10:g}C{x + 34:g} {y - 22:g} {x + 34:g} {y + 22:g} {x + 2:g} {y + 10:g}", "class": "map-way", "data-back": "", "fill": "none"}
        ElementTree.SubElement(svg, "path", way | {"stroke-width": _thick(arc, most), "marker-end": "url(#map-way)"})
        labels.append((x + 44, y + 4, arc))
    for node in nodes:
        _box(svg, node, layout.x[node.code] + margin, top[node.code])
    for x, y, arc in _apart(labels):
        text = ElementTree.SubElement(svg, "text", {"x": f"{x:.5g}", "y": f"{y:.5g}", "class": "map-label", "text-anchor": "middle"})
        if arc.is_slow:
            text.set("data-slow", "")
        text.text = arc.label
    return ElementTree.tostring(svg, encoding="unicode")


def _apart(labels: list[tuple[float, float, DrawnArc]]) -> list[tuple[float, float, DrawnArc]]:
    """Move labels that would lie on each other apart, up and down along their arrows: rows of a label's height between the layers."""
    kept: list[tuple[float, float, DrawnArc]] = []
    for x, y, arc in sorted(labels, key=lambda label: (label[1], label[0])):
        half = _length(arc.label) / 2 + 4
        for shift in (0, -15, 15):
            if not any(abs(y + shift - other_y) < 14 and abs(x - other_x) < half + _length(other.label) / 2 for other_x, other_y, other in kept):
                y += shift
                break
        kept.append((x, y, arc))
    return kept


def _length(text: str) -> float:
    """Return about how wide a label is: twelve to a Chinese character, six and a half to a Latin one."""
    return sum(12 if ord(letter) > 0x2E80 else 6.5 for letter in text)


def _ports(layout: _Layout) -> dict[tuple[int, int], float]:
    """Return, for each end of each chain, how far from the middle of its box it leaves or arrives, so that arrows do not lie on each other."""
    ends: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for number, (_arc, chain, _is_back) in enumerate(layout.chains):
        ends[chain[0], 0].append((layout.x[chain[1]], number))
        ends[chain[-1], 1].append((layout.x[chain[-2]], number))
    found = {}
    for (_code, side), there in ends.items():
        step = min(26.0, (BOX - 24) / max(1, len(there) - 1))
        for place, (_x, number) in enumerate(sorted(there)):
            found[number, side] = (place - (len(there) - 1) / 2) * step
    return found


def _thick(arc: DrawnArc, most: int) -> str:
    return f"{1.2 + 4.3 * arc.weight / most:.2g}"


def _arrow(svg: ElementTree.Element, arc: DrawnArc, points: Sequence[tuple[float, float]], most: int, *, is_back: bool) -> None:
    d = f"M{points[0][0]:.5g} {points[0][1]:.5g}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 == x1:
            d += f"L{x1:.5g} {y1:.5g}"
        else:
            bend = (y1 - y0) / 2
            d += f"C{x0:.5g} {y0 + bend:.5g} {x1:.5g} {y1 - bend:.5g} {x1:.5g} {y1:.5g}"
    name = "slow" if arc.is_slow else "way"
    way = {"d": d, "class": "map-way", "fill": "none", "stroke-width": _thick(arc, most), "marker-end": f"url(#map-{name})"}
    if is_back:
        way["data-back"] = ""
    if arc.is_slow:
        way["data-slow"] = ""
    ElementTree.SubElement(svg, "path", way)


def _box(svg: ElementTree.Element, node: DrawnNode, x: float, y: float) -> None:
    left = x - BOX / 2
    ElementTree.SubElement(svg, "rect", {"x": f"{left:.5g}", "y": f"{y:.5g}", "width": str(BOX), "height": str(HEIGHT), "rx": "8", "class": "map-box"})
    for text, down, name in ((node.title, 21, "map-title"), (node.note, 39, "map-note")):
        ElementTree.SubElement(svg, "text", {"x": f"{x:.5g}", "y": f"{y + down:.5g}", "class": name, "text-anchor": "middle"}).text = text
