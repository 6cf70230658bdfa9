"""The table of states, pair by pair, and as a machine that hypothesis drives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gongzhi.cases.lifecycle import FINAL_STATES, OPEN_STATES, TABLE, Act, State, is_lawful, lawful_acts, target
from gongzhi.cases.models import ACT_WORDS, STATE_WORDS

# written out by hand a second time: what a reader of the city-grid process would expect, not what the table says
EXPECTED = {
    State.DRAFT: {Act.OPEN},
    State.OPENED: {Act.ASSIGN, Act.REJECT, Act.RECLASSIFY},
    State.ASSIGNED: {Act.TAKE_BACK, Act.ASSIGN, Act.ACCEPT, Act.RETURN, Act.SUSPEND, Act.EXTEND, Act.JOIN},
    State.IN_HAND: {Act.ASSIGN, Act.RETURN, Act.SUSPEND, Act.EXTEND, Act.ANSWER, Act.JOIN},
    State.ANSWERED: {Act.VERIFY_PASS, Act.VERIFY_FAIL, Act.CLOSE, Act.CLOSE_UNVERIFIED},
    State.VERIFIED: {Act.CLOSE},
    State.CLOSED: {Act.REOPEN, Act.RATE, Act.FOLLOW_UP, Act.FOLLOW, Act.WARN, Act.OVERDUE},
    State.SUSPENDED: {Act.RESUME},
    State.RETURNED: {Act.ASSIGN, Act.SETTLE, Act.REJECT, Act.RECLASSIFY},
    State.REOPENED: {Act.ASSIGN, Act.RECLASSIFY},
    State.REJECTED: set(),
    State.WITHDRAWN: set(),
    State.MERGED: set(),
}
ALWAYS_WHILE_OPEN = {Act.NOTE, Act.URGE, Act.WARN, Act.OVERDUE, Act.RAISE_SEVERITY, Act.MOVE_PROCEDURE, Act.FOLLOW}
ALWAYS_WHILE_OPEN |= {Act.DECIDE, Act.JOINED, Act.JOIN_ANSWER, Act.JOIN_RETURN, Act.JOIN_STOP, Act.JOIN_RESUME, Act.PARTY}
BEFORE_ANSWER = {Act.WITHDRAW, Act.MERGE, Act.REFER}


def _expected(state: State) -> set[Act]:
    acts = set(EXPECTED[state])
    if state in OPEN_STATES:
        acts |= ALWAYS_WHILE_OPEN
    if state in (State.OPENED, State.ASSIGNED, State.IN_HAND, State.RETURNED, State.REOPENED):
        acts |= BEFORE_ANSWER
    return acts


class TestTable:
    @pytest.mark.parametrize("state", list(State))
    def test_allows_just_what_the_process_says(self, state):
        assert lawful_acts(state) == _expected(state)

    @pytest.mark.parametrize("state", list(State))
    @pytest.mark.parametrize("act", list(Act))
    def test_every_pair_is_lawful_or_refused(self, state, act):
        if act in _expected(state):
            assert target(state, act) in State
        else:
            assert not is_lawful(state, act)
            with pytest.raises(ValueError, match="not lawful"):
                target(state, act)

    def test_has_one_row_per_act_and_a_word_for_each(self):
        assert len({move.act for move in TABLE}) == len(TABLE)
        assert {move.act for move in TABLE} | {Act.REFER} <= set(Act)
        assert set(STATE_WORDS) == set(State)
        assert set(ACT_WORDS) == set(Act)

    def test_states_are_open_final_or_draft(self):
        assert OPEN_STATES | FINAL_STATES | {State.DRAFT} == set(State)
        assert not OPEN_STATES & FINAL_STATES

    @given(st.lists(st.sampled_from(list(Act)), max_size=40))
    def test_a_closed_case_was_verified_or_says_so(self, acts):
        state, verified, unverified = State.OPENED, False, False
        for act in acts:
            if is_lawful(state, act):
                before, state = state, target(state, act)
                verified = (verified and before is State.VERIFIED) or act is Act.VERIFY_PASS
                if state is State.CLOSED and before is not State.CLOSED:
                    unverified = act is Act.CLOSE_UNVERIFIED
                    assert verified or unverified


class Walk(RuleBasedStateMachine):
    """However acts come, the case stays in a known state, and only reopening leaves a final one."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.OPENED

    @rule(act=st.sampled_from(list(Act)))
    def do(self, act: Act) -> None:
        if is_lawful(self.state, act):
            before, self.state = self.state, target(self.state, act)
            if before in FINAL_STATES and self.state not in FINAL_STATES:
                assert act is Act.REOPEN

    @precondition(lambda self: self.state in OPEN_STATES)
    @rule()
    def can_end(self) -> None:
        seen, todo = set(), [self.state]
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo += [target(state, act) for act in lawful_acts(state)]
        assert seen & FINAL_STATES

    @invariant()
    def known(self) -> None:
        assert self.state in State


TestWalk = Walk.TestCase
