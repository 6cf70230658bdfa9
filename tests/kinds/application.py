"""An application: received, corrected once, examined by two departments side by side, decided; silence grants."""

from pathlib import Path

from gongzhi.cases.kind import CaseKind, register

PROCEDURE = """
title: {zh: 申请, en: Application}
start: receive
dispatch: hand
limit: {amount: 10, unit: working_days}
basis: 行政许可法第四十二条
clock_starts: examine
results:
  ask: {title: {zh: 要求补正, en: Ask for a correction}, text: required}
  corrected: {title: {zh: 已补正, en: Corrected}, by: "party:applicant", text: required}
  lapse: {title: {zh: 逾期未补正, en: Not corrected in time}, type: neutral, by: clock}
  admit: {title: {zh: 受理, en: Admit}}
  refuse: {title: {zh: 不予许可, en: Refuse}, type: negative, text: required, clause: required}
  grant: {title: {zh: 准予许可, en: Grant}, type: positive}
  hold_hearing: {title: {zh: 组织听证, en: Hold a hearing}, clause: required}
  heard: {title: {zh: 听证结束, en: Hearing held}}
  deemed: {title: {zh: 视为准予, en: Deemed granted}, type: positive, by: clock}
stages:
  receive:
    title: {zh: 收件, en: Received}
    state: assigned
    owner: lead
    limit: {amount: 1, unit: working_days}
    outcomes: {ask: correct, admit: examine, withdraw: end}
  correct:
    title: {zh: 补正, en: Correction}
    state: opened
    owner: "party:applicant"
    after: [{amount: 10, unit: working_days, then: lapse}]
    outcomes: {corrected: receive, lapse: end, withdraw: end}
  examine:
    title: {zh: 并联审查, en: Examination}
    state: in_hand
    owner: lead
    limit: case
    tasks:
      - {code: fire, unit: "organ:enforcement", asks: opinion, title: {zh: 消防意见, en: Fire}, limit: {amount: 3, unit: working_days}}
      - {code: health, unit: "organ:utilities", asks: opinion, title: {zh: 卫生意见, en: Health}, limit: {amount: 5, unit: working_days}}
      - {code: noise, unit: "organ:station", asks: check, title: {zh: 噪声核查, en: Noise}, when: {noisy: true}}
    join: all
    after: [{at: due, then: deemed}]
    outcomes: {joined: decide, refuse: end, deemed: end, hold_hearing: hearing}
  hearing:
    title: {zh: 听证, en: Hearing}
    state: suspended
    owner: lead
    stops: {ground: hearing, basis: 行政许可法第四十五条}
    outcomes: {heard: decide}
  decide:
    title: {zh: 决定, en: Decision}
    state: in_hand
    owner: lead
    limit: case
    needs: {grant: [decision]}
    after: [{at: due, then: deemed}]
    outcomes: {grant: end, refuse: end, deemed: end, hold_hearing: hearing}
reopen_days: 60
reopen_to: receive
"""


def kind(folder: Path) -> CaseKind:
    """Return the kind, with its procedure written to a file as every kind's is."""
    file = folder / "application.yaml"
    file.write_text(PROCEDURE, encoding="utf-8")
    return register(CaseKind(
        code="test_application", title="申请", line="service", mark="申", procedure=file, verify="none", visibility="restricted", may_be_public=False,
        doors=frozenset({"api"}), roles=("applicant", "co_applicant", "agent"), facts_of=lambda case: {"noisy": "噪声" in case.text},
        words={"paper.decision": "决定书"},
    ))  # fmt: skip
