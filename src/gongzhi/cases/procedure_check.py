"""What a procedure says and the engine would not obey: found when it is adopted, not when a case is stuck. Pure.

`procedure.parse` finds faults of form. Here stage × act is held against the table of states, and missing routes, dead ends
and stages without an owner are named.
"""

from collections.abc import Iterator

from gongzhi.cases.lifecycle import EXITS, FINAL_STATES, MOVES, Act, State, is_lawful, target
from gongzhi.cases.procedure import END, JOINED, BadProcedure, ProcedureDefinition, Stage

# a stage names the state in which cases come to it; these are the states in which they may be while they are in it
COVERS: dict[str, frozenset[State]] = {
    State.OPENED: frozenset({State.OPENED, State.RETURNED, State.REOPENED}),
    State.ASSIGNED: frozenset({State.ASSIGNED, State.IN_HAND}),
}


def covers(state: str) -> frozenset[State]:
    """Return the states that a case may have while it is in a stage of this state (lawful stops apart)."""
    return COVERS.get(State(state), frozenset({State(state)}))


def check(definition: ProcedureDefinition, *, verify: str, has_limit: bool) -> None:
    """Raise BadProcedure with everything that would not be obeyed.

    `verify`: how the kind is proved (on_site, reading, none). `has_limit`: whether cases of the kind have a limit from
    elsewhere (list, category, dossier), so that `limit: case` means something.
    """
    faults = [*_faults(definition, verify, has_limit or definition.limit is not None)]
    if faults:
        raise BadProcedure(faults)


def _faults(definition: ProcedureDefinition, verify: str, has_limit: bool) -> Iterator[str]:
    for stage in definition.stages.values():
        here = f"stages.{stage.code}"
        if State(stage.state) in FINAL_STATES or stage.state == State.DRAFT:
            yield f"{here}.state: no case works in state {stage.state}; lead the outcome to end instead"
            continue
        for outcome, goal in stage.outcomes.items():
            yield from _outcome_faults(definition, stage, outcome, goal, verify)
        yield from _timed_faults(definition, stage, verify, has_limit)
        yield from _missing(definition, stage, verify)
        if stage.limit == "case" and not has_limit:
            yield f"{here}.limit: cases of this kind have no limit of their own; give the procedure one"
        if stage.stops and stage.state != State.SUSPENDED:
            yield f"{here}.stops: the clock stops only in state suspended"
        if stage.state == State.SUSPENDED and not stage.stops:
            yield f"{here}.state: suspended needs stops, with the ground and the rule that allow it"
    if definition.clock_starts and definition.clock_starts == END:
        yield "clock_starts: must be a stage"
    reopened = definition.stages.get(definition.reopen_to)
    if reopened is not None and State.REOPENED not in covers(reopened.state) and reopened.state not in (State.ASSIGNED, State.IN_HAND):
        yield f"reopen_to: a reopened case cannot go to {definition.reopen_to}, whose state is {reopened.state}"
    named = {outcome for stage in definition.stages.values() for outcome in stage.outcomes}
    for code in definition.results:
        if code not in named:
            yield f"results.{code}: no stage leads to it"
    if verify != "none" and not any(Act.VERIFY_PASS.value in stage.outcomes for stage in definition.stages.values()):
        yield "stages: cases of this kind are checked by another person, and no stage has the outcome verify_pass"


def _outcome_faults(definition: ProcedureDefinition, stage: Stage, outcome: str, goal: str, verify: str) -> Iterator[str]:
    here = f"stages.{stage.code}.outcomes.{outcome}"
    goal_state = None if goal == END else definition.stages[goal].state
    if outcome == JOINED:
        if not stage.tasks:
            yield f"{here}: this stage has no tasks that could be joined"
        if goal == END:
            yield f"{here}: tasks lead on to a stage in which somebody decides, not to the end"
        return
    if outcome in definition.results:
        result = definition.results[outcome]
        if goal == END and not result.type:
            yield f"{here}: ends the case, so results.{outcome} needs a type by which figures count it"
        return
    act = Act(outcome)
    if act == Act.REOPEN:
        if goal_state is not None and goal_state not in (State.OPENED, State.ASSIGNED, State.IN_HAND):
            yield f"{here}: a reopened case cannot go to a stage whose state is {goal_state}"
        return
    if act not in MOVES:
        yield f"{here}: this act does not leave a stage, so the outcome would not be obeyed"
        return
    lawful = [state for state in covers(stage.state) if is_lawful(state, act)]
    if not lawful:
        yield f"{here}: the act is not lawful in state {stage.state}"
        return
    if act in EXITS or act in (Act.CLOSE, Act.CLOSE_UNVERIFIED):
        if goal != END:
            yield f"{here}: leads to the end, not to {goal}"
        return
    if goal_state is None:
        ends_lawfully = act == Act.VERIFY_PASS or (act == Act.ANSWER and verify == "none")
        if not ends_lawfully:
            yield f"{here}: a case does not end here" + ("; it has to be checked" if act == Act.ANSWER else "")
        return
    after = target(lawful[0], act)
    if after not in covers(goal_state):
        yield f"{here}: the case is then {after.value}, and stage {goal} is for cases that are {goal_state}"


def _timed_faults(definition: ProcedureDefinition, stage: Stage, verify: str, has_limit: bool) -> Iterator[str]:
    for n, timed in enumerate(stage.after):
        here = f"stages.{stage.code}.after[{n}]"
        if timed.then == Act.CLOSE.value:
            if stage.state == State.ANSWERED and verify != "none":
                yield f"{here}.then: the clock does not close a case that nobody has checked"
        elif timed.then not in definition.results and timed.then != JOINED:
            yield f"{here}.then: {timed.then} is an act of a person; the clock closes, or takes a result that the definition names"
        if timed.limit is None and not has_limit:
            yield f"{here}.at: cases of this kind have no clock that could run out"


def _missing(definition: ProcedureDefinition, stage: Stage, verify: str) -> Iterator[str]:
    here = f"stages.{stage.code}"
    ways = set(stage.outcomes) - {act.value for act in EXITS} - {Act.REOPEN.value}
    if not ways:
        yield f"{here}: nothing that its owner could do leads on"
    if stage.owner == "nobody" and not stage.after:
        yield f"{here}.owner: nobody has this stage, and the clock does nothing in it"
    closes_itself = stage.state == State.VERIFIED and Act.CLOSE.value in stage.outcomes
    if stage.owner == "clock" and not stage.after and not closes_itself and JOINED not in stage.outcomes:
        yield f"{here}.owner: the clock has this stage; say in `after` what it does"
    named = ways & (set(definition.results) | {JOINED})
    if stage.state == State.ANSWERED and not named:
        wanted = [Act.CLOSE.value] if verify == "none" else [Act.VERIFY_PASS.value, Act.VERIFY_FAIL.value]
        for act in wanted:
            if act not in stage.outcomes:
                yield f"{here}.outcomes.{act}: missing; a handled case could not go on"


