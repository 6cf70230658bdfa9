"""Conformance 合规走法: whether a case went the ways that its procedure names. Pure.

A case is walked along its procedure act by act (token replay of one token: a case stands in one stage at a time). An act
that no stage names (work begun, a lawful stop) is no way on and is passed over; one that the stage a case is in does not
name is a deviation, and the case is then taken to stand where that act leads from elsewhere.
"""

from collections.abc import Iterable

from gongzhi.cases.lifecycle import EXITS, Act
from gongzhi.cases.procedure import END, ProcedureDefinition

_EXITS = frozenset(act.value for act in EXITS)
Deviation = tuple[str, str]  # the stage a case was in (END: none any more), the act that this stage does not name


def deviations(definition: ProcedureDefinition, acts: Iterable[str]) -> list[Deviation]:
    """Return the acts of a case that its procedure does not name where they were done, in their order; none: it went as adopted."""
    elsewhere = {act: goal for stage in definition.stages.values() for act, goal in stage.outcomes.items()}
    stage, found, back = definition.start, [], definition.start
    for act in acts:
        goal = definition.after(stage, act)
        if goal is not None:
            back, stage = stage, goal
        elif act == Act.REOPEN:
            stage = definition.reopen_to or definition.start
        elif act == Act.TAKE_BACK:
            stage = back
        elif act in _EXITS and stage != END:
            stage = END
        elif act in elsewhere or act in _EXITS:
            if act == Act.ASSIGN and stage != END:
                continue  # given on to another unit in the same stage
            found.append((stage, act))
            stage = elsewhere.get(act, END)
    return found
