"""A question to one organ: it answers, nobody checks, whoever asked agrees or says nothing for a week."""

from pathlib import Path

from gongzhi.cases.kind import CaseKind, register

PROCEDURE = """
title: {zh: 咨询, en: Question}
start: reply
dispatch: hand
limit: {amount: 5, unit: working_days}
basis: 咨询答复办法第六条
stages:
  reply:
    title: {zh: 答复, en: Reply}
    state: assigned
    owner: lead
    limit: case
    outcomes: {answer: heard, withdraw: end}
  heard:
    title: {zh: 请提问人确认, en: The asker reads it}
    state: answered
    owner: raiser
    limit: none
    after: [{amount: 7, unit: calendar_days, then: close}]
    outcomes: {close: end, ask_on: reply}
results:
  ask_on: {title: {zh: 追问, en: Ask on}, by: raiser, text: required}
reopen_days: 10
"""


def kind(folder: Path) -> CaseKind:
    """Return the kind, with its procedure written to a file as every kind's is."""
    file = folder / "enquiry.yaml"
    file.write_text(PROCEDURE, encoding="utf-8")
    return register(CaseKind(
        code="test_enquiry", title="咨询", line="service", mark="试", procedure=file, verify="none", doors=frozenset({"api"}),
        words={"state.assigned": "待答复", "state.answered": "已答复", "act.answer": "答复"},
    ))  # fmt: skip
