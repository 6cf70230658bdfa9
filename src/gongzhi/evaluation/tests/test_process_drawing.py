from itertools import combinations
from xml.etree import ElementTree

from gongzhi.evaluation.process_drawing import BOX, HEIGHT, DrawnArc, DrawnNode, to_svg


def nodes(text: str) -> list[DrawnNode]:
    return [DrawnNode(code, code, "") for code in text]


def arcs(text: str) -> list[DrawnArc]:
    return [DrawnArc(pair[0], pair[1], int(pair[2:] or 1), pair) for pair in text.split()]


def boxes(svg: str) -> list[tuple[float, float]]:
    return [(float(box.get("x", "")), float(box.get("y", ""))) for box in ElementTree.fromstring(svg).iter("rect")]


class TestToSvg:
    def test_draws_every_box_arrow_and_label(self):
        root = ElementTree.fromstring(to_svg(nodes("abcd"), arcs("ab9 bc8 cb2 cd8 ad1 bb3"), label="<map>"))
        assert root.get("aria-label") == "<map>"
        assert len(list(root.iter("rect"))) == 4
        assert len([way for way in root.iter("path") if way.get("class") == "map-way"]) == 6
        assert {text.text for text in root.iter("text") if text.get("class") == "map-label"} == {"ab9", "bc8", "cb2", "cd8", "ad1", "bb3"}

    def test_what_follows_stands_below_and_ways_back_are_dashed(self):
        root = ElementTree.fromstring(to_svg(nodes("cba"), arcs("ab9 bc9 ca1"), label=""))
        tops = {text.text: float(text.get("y", "")) for text in root.iter("text") if text.get("class") == "map-title"}
        assert tops["a"] < tops["b"] < tops["c"]
        assert len([way for way in root.iter("path") if way.get("data-back") is not None]) == 1

    def test_no_box_lies_on_another_and_all_lie_in_the_picture(self):
        svg = to_svg(nodes("abcdefgh"), arcs("ab ac ad ae af bg cg dg eg fg gh bh ch ab ha"), label="")
        found = boxes(svg)
        for (x, y), (other_x, other_y) in combinations(found, 2):
            assert abs(x - other_x) >= BOX or abs(y - other_y) >= HEIGHT
        width, height = map(float, ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
        assert all(0 <= x <= width - BOX and 0 <= y <= height - HEIGHT for x, y in found)

    def test_one_box_without_an_arrow_is_a_map_too(self):
        assert len(boxes(to_svg(nodes("a"), [], label=""))) == 1
