"""The clocks of cases as people see them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from gongzhi.cases import clock as clocks
from gongzhi.cases.lifecycle import State
from gongzhi.cases.models import Case, Clock, Stop, Task
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.kernel.actors import Actor


@dataclass(slots=True)
class ClockView:
    """A clock as people see it: the row, how much is used, and (when asked) why the due moment is what it is."""

    clock: Clock
    usage: clocks.Usage
    explanation: clocks.Explanation | None = None
    stopped: bool = False

    @property
    def state(self) -> str:
        """Return the chip's word: ok, stop, late, warn, work."""
        if self.clock.ended_at is not None:
            return "late" if self.clock.overdue_at else "ok"
        if self.stopped:
            return "stop"
        if self.usage.over > 0:
            return "late"
        return "warn" if self.usage.now_fraction >= self.usage.warn_fraction else "work"


def _view(clock: Clock, stops: list[Stop], at: datetime, working_time: Any, *, explained: bool) -> ClockView:
    stopped = any(stop.ended_at is None and stop.holds(clock) for stop in stops)
    pauses = _pauses(clock, stops)
    limit = clocks.Limit(clock.amount, clock.unit)
    usage = clocks.usage(at, clock.started_at, limit, pauses, working_time, extended_by=clock.extended_by, ended_at=clock.ended_at)
    explanation = None
    if explained:
        rule = "，".join(part for part in (clock.basis, clock.rule) if part)
        explanation = clocks.explain(
            clock.started_at, limit, pauses, working_time, extended_by=clock.extended_by, extension_basis=clock.extension_basis, rule=rule
        )
    return ClockView(clock=clock, usage=usage, explanation=explanation, stopped=stopped and clock.ended_at is None)


def clock_of(*, seen_by: Actor, case: Case, at: datetime, explained: bool = True) -> ClockView | None:
    """Return the case's own clock with its explanation, or None when it never had one."""
    clock, stops = _own_clock(case)
    if clock is None:
        return None
    return _view(clock, stops, at, calendar.working_time(seen_by=seen_by), explained=explained)


@dataclass(frozen=True, slots=True)
class OtherLimit:
    """How the time that a case took stands under another limit than its own: the statutory beside the promised one."""

    limit: clocks.Limit
    started_at: datetime
    due_at: datetime
    usage: clocks.Usage
    ended_at: datetime | None
    pauses: tuple[clocks.Pause, ...]

    @property
    def state(self) -> str:
        """Return the chip's word: ok, late, warn, work."""
        if self.usage.over > 0:
            return "late"
        if self.ended_at is not None:
            return "ok"
        return "warn" if self.usage.now_fraction >= self.usage.warn_fraction else "work"


def under_limit(*, seen_by: Actor, case: Case, at: datetime, limit: clocks.Limit, extended_by: int = 0) -> OtherLimit | None:
    """Return how the stretch that the case's own clock counts stands under another limit, with the same lawful stops; None where it has no clock."""
    clock, stops = _own_clock(case)
    if clock is None:
        return None
    pauses, working_time = _pauses(clock, stops), calendar.working_time(seen_by=seen_by)
    usage = clocks.usage(at, clock.started_at, limit, pauses, working_time, extended_by=extended_by, ended_at=clock.ended_at)
    due = clocks.due(clock.started_at, limit, pauses, working_time, extended_by=extended_by, until=clock.ended_at or at)
    return OtherLimit(limit, clock.started_at, due.at, usage, clock.ended_at, tuple(pauses))


def pauses_of(*, seen_by: Actor, case: Case) -> dict[int, list[clocks.Pause]]:
    """Return for each clock of a case the lawful stops that hold it, by the clock's id. Whoever asks: the case was shown to them."""
    stops = list(Stop.objects.filter(case=case).order_by("began_at"))
    return {clock.pk: _pauses(clock, stops) for clock in Clock.objects.filter(case=case)}


def why_due(*, seen_by: Actor, case: Case) -> tuple[str, ...]:
    """Return the parts of the sentence that says why the case is due when it is; none for a case that never had a clock."""
    clock, stops = _own_clock(case)
    if clock is None:
        return ()
    return clocks.reason(
        clock.started_at, clocks.Limit(clock.amount, clock.unit), clock.due_at, _pauses(clock, stops), calendar.working_time(seen_by=seen_by),
        extended_by=clock.extended_by,
    )  # fmt: skip


def _own_clock(case: Case) -> tuple[Clock | None, list[Stop]]:
    if case.opened_with is not None:
        return case.opened_with, []
    clock = Clock.objects.filter(case=case, of=Clock.Of.CASE).order_by("-pk").first()
    return clock, list(Stop.objects.filter(case=case).order_by("began_at")) if clock is not None else []


def _pauses(clock: Clock, stops: list[Stop]) -> list[clocks.Pause]:
    counted = [stop for stop in stops if stop.holds(clock) and (stop.ended_at is None or stop.ended_at > clock.started_at)]
    return [clocks.Pause(stop.began_at, stop.ended_at, str(stop.get_ground_display())) for stop in counted]


def all_clocks(*, seen_by: Actor, case: Case, at: datetime) -> list[ClockView]:
    """Return every clock of a case, the running ones first."""
    stops = list(Stop.objects.filter(case=case).order_by("began_at"))
    working_time = calendar.working_time(seen_by=seen_by)
    found = Clock.objects.filter(case=case).select_related("organ", "task").order_by(F("ended_at").asc(nulls_first=True), "-pk")
    return [_view(clock, stops, at, working_time, explained=True) for clock in found]


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """The clocks that the page of a case shows: its own (explained), the present stage's where it has one, each joined unit's by its task."""

    own: ClockView | None
    stage: ClockView | None
    joined: dict[int, ClockView]


def clocks_of_case(*, seen_by: Actor, case: Case, at: datetime) -> CaseClocks:
    """Return the clocks that the page of a case shows (two queries)."""
    found = list(Clock.objects.filter(case=case).order_by("-pk"))
    stops = list(Stop.objects.filter(case=case).order_by("began_at")) if found else []
    working_time = calendar.working_time(seen_by=seen_by)

    def seen(clock: Clock | None, *, explained: bool = False) -> ClockView | None:
        return None if clock is None else _view(clock, stops, at, working_time, explained=explained)

    own = next((clock for clock in found if clock.of == Clock.Of.CASE), None)
    stage = next((clock for clock in found if clock.of == Clock.Of.STAGE and clock.ended_at is None), None)
    joined = {
        clock.task_id: _view(clock, stops, at, working_time, explained=False)
        for clock in reversed(found) if clock.of == Clock.Of.JOIN and clock.task_id
    }  # fmt: skip
    return CaseClocks(own=seen(own, explained=True), stage=seen(stage), joined=joined)


def clocks_of_list(*, seen_by: Actor, cases: Sequence[Case], at: datetime) -> dict[int, ClockView]:
    """Return, for the cases of a list, the clock that their holder is on (two queries for the whole list)."""
    ids = [case.pk for case in cases]
    closed = {case.pk for case in cases if case.is_closed and case.holder_id is not None}  # something follows a bad rating
    by_case: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case_id__in=ids, of__in=[Clock.Of.CASE, Clock.Of.STAGE, Clock.Of.FOLLOW_UP]).order_by("pk"):
        by_case[clock.case_id].append(clock)
    stops: dict[int, list[Stop]] = defaultdict(list)
    for stop in Stop.objects.filter(case_id__in=ids).order_by("began_at"):
        stops[stop.case_id].append(stop)
    working_time = calendar.working_time(seen_by=seen_by)
    views = {}
    for case_id, found in by_case.items():
        running = [clock for clock in found if clock.ended_at is None]
        if rated := [clock for clock in running if clock.of == Clock.Of.FOLLOW_UP and case_id in closed]:
            views[case_id] = _view(min(rated, key=lambda clock: clock.due_at), stops[case_id], at, working_time, explained=False)
            continue
        found = [clock for clock in found if clock.of != Clock.Of.FOLLOW_UP] or found
        running = [clock for clock in found if clock.ended_at is None]
        stage = [clock for clock in running if clock.of == Clock.Of.STAGE]
        own = [clock for clock in found if clock.of == Clock.Of.CASE]
        chosen = (stage or [clock for clock in running if clock.of == Clock.Of.CASE] or own or found)[-1]
        views[case_id] = _view(chosen, stops[case_id], at, working_time, explained=False)
    return views


def clocks_to_mark(*, seen_by: Actor, at: datetime, most: int = 500) -> list[int]:
    """Return the ids of running clocks that have come to their yellow line or their end and are not marked yet. Whoever asks: ids only, for the clock."""
    late = Q(overdue_at__isnull=True, due_at__lte=at)
    yellow = Q(warned_at__isnull=True, overdue_at__isnull=True, warn_at__lte=at) & ~Q(of=Clock.Of.TIMED)
    by_hand = Exists(Stop.objects.filter(case=OuterRef("case"), task__isnull=True, stage="", ended_at__isnull=True))
    stopped = Q(of=Clock.Of.CASE, case__state=State.SUSPENDED.value) | (Q(of__in=[Clock.Of.STAGE, Clock.Of.JOIN], case__state=State.SUSPENDED.value) & by_hand)
    found = Clock.objects.filter(ended_at__isnull=True).filter(late | yellow).exclude(stopped).exclude(task__state=Task.State.STOPPED)
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:most])
