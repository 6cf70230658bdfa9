"""The one table of lawful state changes (states and moves of the city-grid process, GB/T 30428.8 and loop.md).

Pure: no database, no framework. `operations.py` asks `target()` before it changes a state, and tests walk all pairs.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a case is in. The value is stored; words for people are in `cases.models.STATE_WORDS`."""

    DRAFT = "draft"
    OPENED = "opened"  # 已立案
    ASSIGNED = "assigned"  # 已派遣
    IN_HAND = "in_hand"  # 处置中
    ANSWERED = "answered"  # 已处置
    VERIFIED = "verified"  # 已核查
    CLOSED = "closed"  # 已结案
    SUSPENDED = "suspended"  # 挂起
    RETURNED = "returned"  # 退回
    REJECTED = "rejected"  # 不予受理
    WITHDRAWN = "withdrawn"  # 撤回
    MERGED = "merged"  # 合并
    REOPENED = "reopened"  # 重开


class Act(StrEnum):
    """An act on a case. Some change the state, some only leave a step."""

    OPEN = "open"
    ASSIGN = "assign"
    ACCEPT = "accept"
    RETURN = "return"
    SETTLE = "settle"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    ANSWER = "answer"
    VERIFY_PASS = "verify_pass"  # noqa: S105 - no password
    VERIFY_FAIL = "verify_fail"
    CLOSE = "close"
    CLOSE_UNVERIFIED = "close_unverified"
    REOPEN = "reopen"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    REFER = "refer"
    JOIN = "join"
    JOIN_ANSWER = "join_answer"
    NOTE = "note"
    URGE = "urge"
    RATE = "rate"
    FOLLOW_UP = "follow_up"
    WARN = "warn"
    OVERDUE = "overdue"
    RAISE_SEVERITY = "raise_severity"
    MOVE_PROCEDURE = "move_procedure"
    RECLASSIFY = "reclassify"
    FOLLOW = "follow"
    TAKE_BACK = "take_back"
    DECIDE = "decide"  # a named result of the kind; the step keeps which
    JOINED = "joined"  # the tasks of a stage are joined: an act of the clock
    JOIN_RETURN = "join_return"
    JOIN_STOP = "join_stop"
    JOIN_RESUME = "join_resume"
    PARTY = "party"


S = State
OPEN_STATES = frozenset({S.OPENED, S.ASSIGNED, S.IN_HAND, S.ANSWERED, S.VERIFIED, S.SUSPENDED, S.RETURNED, S.REOPENED})
FINAL_STATES = frozenset({S.CLOSED, S.REJECTED, S.WITHDRAWN, S.MERGED})
WITH_DISPATCHER = frozenset({S.OPENED, S.RETURNED, S.REOPENED})
WITH_UNIT = frozenset({S.ASSIGNED, S.IN_HAND})
# acts that leave a stage, so that a procedure says where they lead; the exits lead to the end from wherever the table allows them
EXITS = frozenset({Act.REJECT, Act.WITHDRAW, Act.MERGE, Act.REFER})
MOVES = EXITS | {
    Act.ASSIGN, Act.SETTLE, Act.RETURN, Act.ANSWER, Act.VERIFY_PASS, Act.VERIFY_FAIL, Act.CLOSE, Act.CLOSE_UNVERIFIED,
}  # fmt: skip

_BEFORE_ANSWER = (S.OPENED, S.ASSIGNED, S.IN_HAND, S.RETURNED, S.REOPENED)


@dataclass(frozen=True)
class Move:
    """One row of the table: an act, the states it may start from, the state it leads to (None: stays)."""

    act: Act
    sources: tuple[State, ...]
    target: State | None


TABLE: tuple[Move, ...] = (
    Move(Act.OPEN, (S.DRAFT,), S.OPENED),
    Move(Act.ASSIGN, (S.OPENED, S.RETURNED, S.REOPENED, S.ASSIGNED, S.IN_HAND), S.ASSIGNED),
    Move(Act.ACCEPT, (S.ASSIGNED,), S.IN_HAND),
    Move(Act.RETURN, (S.ASSIGNED, S.IN_HAND), S.RETURNED),
    Move(Act.SETTLE, (S.RETURNED,), S.ASSIGNED),
    Move(Act.TAKE_BACK, (S.ASSIGNED,), S.OPENED),  # or to where it waited: see BACK_TO
    Move(Act.SUSPEND, (S.ASSIGNED, S.IN_HAND), S.SUSPENDED),
    Move(Act.RESUME, (S.SUSPENDED,), S.IN_HAND),  # or to where it was stopped: see BACK_TO
    Move(Act.EXTEND, (S.ASSIGNED, S.IN_HAND), None),
    Move(Act.ANSWER, (S.IN_HAND,), S.ANSWERED),
    Move(Act.VERIFY_PASS, (S.ANSWERED,), S.VERIFIED),
    Move(Act.VERIFY_FAIL, (S.ANSWERED,), S.IN_HAND),
    Move(Act.CLOSE, (S.VERIFIED, S.ANSWERED), S.CLOSED),  # from answered only where the kind needs no check: `operations.close_case` sees to it
    Move(Act.CLOSE_UNVERIFIED, (S.ANSWERED,), S.CLOSED),
    Move(Act.REOPEN, (S.CLOSED,), S.REOPENED),
    Move(Act.REJECT, (S.OPENED, S.RETURNED), S.REJECTED),
    Move(Act.WITHDRAW, _BEFORE_ANSWER, S.WITHDRAWN),
    Move(Act.MERGE, _BEFORE_ANSWER, S.MERGED),
    Move(Act.REFER, _BEFORE_ANSWER, None),
    Move(Act.JOIN, (S.ASSIGNED, S.IN_HAND), None),
    Move(Act.JOIN_ANSWER, tuple(OPEN_STATES), None),
    Move(Act.NOTE, tuple(OPEN_STATES), None),
    Move(Act.URGE, tuple(OPEN_STATES), None),
    Move(Act.RATE, (S.CLOSED,), None),
    Move(Act.FOLLOW_UP, (S.CLOSED,), None),
    Move(Act.WARN, tuple(OPEN_STATES | {S.CLOSED}), None),
    Move(Act.OVERDUE, tuple(OPEN_STATES | {S.CLOSED}), None),
    Move(Act.RAISE_SEVERITY, tuple(OPEN_STATES), None),
    Move(Act.MOVE_PROCEDURE, tuple(OPEN_STATES), None),
    Move(Act.RECLASSIFY, (S.OPENED, S.RETURNED, S.REOPENED), None),
    Move(Act.FOLLOW, tuple(OPEN_STATES | {S.CLOSED}), None),
    Move(Act.DECIDE, tuple(OPEN_STATES), None),  # the stage that the result leads to says the state
    Move(Act.JOINED, tuple(OPEN_STATES), None),
    Move(Act.JOIN_RETURN, tuple(OPEN_STATES), None),
    Move(Act.JOIN_STOP, tuple(OPEN_STATES), None),
    Move(Act.JOIN_RESUME, tuple(OPEN_STATES), None),
    Move(Act.PARTY, tuple(OPEN_STATES), None),
)
# an act that takes a case back leads to one of these: whichever it stood in before; the row's target is what holds where nothing says so
BACK_TO: dict[Act, tuple[State, ...]] = {Act.RESUME: (S.ASSIGNED, S.IN_HAND), Act.TAKE_BACK: (S.OPENED, S.RETURNED, S.REOPENED)}
# acts after which everything that others are about to decide still stands: no new version of the case
QUIET = frozenset({Act.NOTE, Act.URGE, Act.RATE, Act.FOLLOW, Act.WARN, Act.OVERDUE, Act.JOIN_ANSWER, Act.JOIN_RETURN, Act.JOIN_STOP, Act.JOIN_RESUME})
_BY_ACT = {move.act: move for move in TABLE}


def is_lawful(state: State | str, act: Act) -> bool:
    """Return whether the act may be done on a case in this state."""
    move = _BY_ACT.get(act)
    return move is not None and State(state) in move.sources


def target(state: State | str, act: Act, *, before: State | str | None = None) -> State:
    """Return the state after the act; raise ValueError when the table has no such move.

    `before`: for an act that takes a case back, the state to which it goes back.
    """
    if not is_lawful(state, act):
        raise ValueError(f"{act.value} is not lawful in state {State(state).value}")
    if before is not None:
        if State(before) not in BACK_TO.get(act, ()):
            raise ValueError(f"{act.value} does not lead back to {State(before).value}")
        return State(before)
    return _BY_ACT[act].target or State(state)


def lawful_acts(state: State | str) -> frozenset[Act]:
    """Return every act that the table allows in this state."""
    return frozenset(move.act for move in TABLE if State(state) in move.sources)
