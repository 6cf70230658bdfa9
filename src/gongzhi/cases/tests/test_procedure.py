"""Procedures as data: what is refused, what is drawn, what is exported."""

import itertools
import re
from xml.etree import ElementTree

import pytest

from gongzhi.cases.procedure import END, BadProcedure, parse, read
from gongzhi.cases.procedure_drawing import BPMN, BPMNDI, to_bpmn, to_svg

GOOD = """
title: {zh: 报事, en: Report}
start: dispatch
stages:
  dispatch:
    title: {zh: 派遣, en: Dispatch}
    state: opened
    owner: dispatcher
    limit: {amount: 2, unit: working_hours}
    outcomes: {assign: handle, reject: end}
  handle:
    title: {zh: 处置, en: Handling}
    state: assigned
    owner: lead
    limit: case
    outcomes: {answer: verify, return: dispatch}
  verify:
    title: {zh: 核查, en: Check}
    state: answered
    owner: station
    limit: {amount: 1, unit: working_days}
    outcomes: {verify_pass: end, verify_fail: handle}
"""


class TestParse:
    def test_reads_stages_limits_and_ways(self):
        definition = parse(read(GOOD))
        assert definition.stage("dispatch").limit == (2, "working_hours")
        assert definition.stage("handle").limit == "case"
        assert definition.after("verify", "verify_fail") == "handle"
        assert definition.after("verify", "verify_pass") == END
        assert definition.after("verify", "rate") is None
        assert definition.stage("verify").words("en") == "Check"
        assert definition.put_right_limit == (15, "working_days")

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (("start: dispatch", "start: begin"), "start: no stage begin"),
            (("owner: lead", "owner: nobody_knows"), "stages.handle.owner"),
            (("answer: verify", "answer: nowhere"), "no stage nowhere"),
            (("answer: verify", "sing: verify"), "no such act"),
            (("amount: 2", "amount: 0"), "stages.dispatch.limit.amount"),
            (("amount: 2", "amount: two"), "stages.dispatch.limit.amount"),
            (("unit: working_hours", "unit: moons"), "stages.dispatch.limit.unit"),
            (("state: answered", "state: asleep"), "stages.verify.state"),
            (("answer: verify, return: dispatch", "return: dispatch"), "stages.verify: no path from the start reaches it"),
            (("verify_pass: end, verify_fail: handle", "verify_fail: handle"), ""),
        ],
    )
    def test_names_what_is_wrong(self, change, fault):
        text = GOOD.replace(*change)
        if not fault:
            assert parse(read(text)).after("verify", "verify_pass") is None  # reject still ends it
            return
        with pytest.raises(BadProcedure) as refused:
            parse(read(text))
        assert any(fault in each for each in refused.value.faults)

    def test_finds_a_circle_without_end(self):
        text = GOOD.replace(", reject: end", "").replace("verify_pass: end, verify_fail: handle", "verify_fail: handle")
        with pytest.raises(BadProcedure, match="no path from it comes to an end"):
            parse(read(text))

    def test_refuses_text_that_is_no_mapping(self):
        with pytest.raises(BadProcedure):
            read("- a\n- b")
        with pytest.raises(BadProcedure):
            read("a: [")


class TestDrawing:
    def test_draws_each_stage_and_each_way(self):
        definition = parse(read(GOOD))
        svg = to_svg(definition, language="zh", words={"answer": "报结果"}, current="handle")
        root = ElementTree.fromstring(svg)
        texts = [node.text for node in root.iter() if node.text]
        assert {"派遣", "处置", "核查", "报结果"} <= set(texts)
        assert sum(1 for node in root.iter() if node.get("data-current") is not None) == 1
        arrows = [node for node in root.iter() if node.get("class") == "arrow"]
        assert len(arrows) == 6
        assert sum(1 for node in arrows if node.get("data-back") is not None) == 2
        assert "style=" not in svg

    def test_exports_bpmn_whose_references_all_hold(self):
        xml = to_bpmn(parse(read(GOOD)), kind="report", version=3)
        root = ElementTree.fromstring(xml)
        process = root.find(f"{{{BPMN}}}process")
        assert process is not None
        ids = {node.get("id") for node in process}
        flows = process.findall(f"{{{BPMN}}}sequenceFlow")
        assert flows
        for flow in flows:
            assert {flow.get("sourceRef"), flow.get("targetRef")} <= ids
        drawn = {node.get("bpmnElement") for node in root.iter() if node.tag.startswith(f"{{{BPMNDI}}}BPMN")}
        assert ids <= drawn
        assert len(process.findall(f"{{{BPMN}}}userTask")) == 3


class TestRoom:
    def test_is_left_for_what_is_written_on_the_arrows(self):
        definition = parse(read(GOOD))
        long = "已派遣给本镇最合适的那一个牵头单位办理"
        plain, wide = to_svg(definition), to_svg(definition, words={"assign": long})
        boxes = [[float(x) for x in re.findall(r'<rect x="([\d.]+)"', drawing)] for drawing in (plain, wide)]
        gaps = [[right - left - 128 for left, right in itertools.pairwise(row)] for row in boxes]
        assert min(gaps[0]) >= 92
        assert gaps[1][0] >= 12 * len(long)  # dispatch → handle
        assert gaps[1][1:] == gaps[0][1:]
