"""One act: `@operation`.

The decorator does what hands forget. It opens the one transaction, refuses a body that is not keyword-only, fails a
body that asked no rule or recorded no fact, and when the outermost body ends writes the ledger first and then calls
subscribers, in the same transaction. Nested operations join that transaction without a savepoint.

    @operation
    def second_motion(*, by: Actor, motion_id: int, at: datetime) -> Motion:
        motion = Motion.objects.select_for_update().get(pk=motion_id)
        ensure(rules.may_second, motion)
        ...
        record(MotionSeconded(subject=ref(motion)))
        return motion
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import Fact
from gongzhi.kernel.towns import current_town, current_town_or_none, enter_town

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
F = TypeVar("F", bound=Fact)


class Refused(Exception):
    """An act that was understood and not done. Subclasses give a `sentence` for the reader; they changed nothing."""

    sentence: Any = "This cannot be done now."
    field: str | None = None  # the input that the sentence is about, if it is about one
    status = 409  # of HTTP, for whoever is answered by a page or the API

    def __init__(self, subject: Any = None, *, field: str | None = None, **details: Any) -> None:
        self.subject = subject
        self.details = details
        if field is not None:
            self.field = field
        super().__init__(subject)

    def __str__(self) -> str:
        text = str(self.sentence)
        return text % self.details if self.details else text


class Unreadable(Refused, ValueError):
    """Something sent has not the form in which it can be read (400 on pages, 422 of the API). A ValueError too: whoever can do without it catches that."""

    status = 400


class NotAllowed(Refused):
    """The rule that was asked said no; its docstring is the sentence."""

    status = 403

    def __init__(self, rule: Callable[..., bool]) -> None:
        self.rule = rule
        self.sentence = _((rule.__doc__ or "You may not do this.").strip().splitlines()[0])
        super().__init__()


class NobodyAsked(AssertionError):
    """A bug: an operation changed the town and asked no rule."""


class NothingRecorded(AssertionError):
    """A bug: an operation ended without a fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact with who did it, when and where: what the ledger and subscribers get."""

    fact: Fact
    by: Actor
    at: datetime
    town_id: int


@dataclass(slots=True)
class _Act:
    by: Actor
    at: datetime
    asked: bool = False
    recorded: bool = False


@dataclass(slots=True)
class _Work:
    """What one outermost operation has gathered."""

    acts: list[_Act] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    known: dict[Any, Any] = field(default_factory=dict)
    gathered: dict[Callable[[list[Any]], None], list[Any]] = field(default_factory=dict)


_work: ContextVar[_Work | None] = ContextVar("gongzhi_work", default=None)
_subscribers: dict[type[Fact], list[Callable[[Entry], None]]] = defaultdict(list)
_ledger_writers: list[Callable[[list[Entry]], None]] = []


def operation(body: Callable[P, R]) -> Callable[P, R]:
    """Make the function an act: keyword-only, with `by` and `at`, in one transaction, asked and recorded."""
    parameters = inspect.signature(body).parameters
    by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    loose = [p.name for p in parameters.values() if p.kind not in by_name]
    if loose:
        raise TypeError(f"operation {body.__qualname__}: {', '.join(loose)} must be keyword-only")
    missing = {"by", "at"} - set(parameters)
    if missing:
        raise TypeError(f"operation {body.__qualname__} must take {' and '.join(sorted(missing))}")

    @wraps(body)
    def act(*args: P.args, **kwargs: P.kwargs) -> R:
        if args:
            raise TypeError(f"{body.__name__} takes keyword arguments only")
        work = _work.get()
        if work is not None:
            return _perform(work, body, kwargs)
        work = _Work()
        token = _work.set(work)
        try:
            with transaction.atomic(durable=True):
                result = _perform(work, body, kwargs)
                _publish(work)
            return result
        finally:
            _work.reset(token)

    act.is_operation = True  # type: ignore[attr-defined]
    return act  # type: ignore[return-value]


def tried(do: Callable[[], R]) -> R:
    """Return what `do` returns and undo all its acts: everything is asked and written as it would be, with what only the database finds, and rolled back.

    Nobody hears of it: no ledger, no subscriber, no message. What is refused is raised as ever.
    """
    town_id = current_town_or_none()
    token = _work.set(_Work())
    try:
        with transaction.atomic(durable=True):
            result = do()
            transaction.set_rollback(True)
        return result
    finally:
        _work.reset(token)
        enter_town(town_id)


def _perform(work: _Work, body: Callable[..., R], kwargs: dict[str, Any]) -> R:
    act = _Act(by=kwargs["by"], at=kwargs["at"])
    work.acts.append(act)
    work.known.clear()
    try:
        result = body(**kwargs)
    finally:
        work.acts.pop()
    if not act.asked:
        raise NobodyAsked(f"{body.__qualname__} asked no rule; call ensure(rules.may_..., ...)")
    if not act.recorded:
        raise NothingRecorded(f"{body.__qualname__} recorded no fact; call record(...)")
    return result


def _publish(work: _Work) -> None:
    """Write the ledger, then call subscribers; what they record in turn goes the same way, until nothing is left."""
    while work.entries:
        entries, work.entries = work.entries, []
        for write in _ledger_writers:
            write(entries)
        for entry in entries:
            for kind in type(entry.fact).__mro__:
                for subscriber in _subscribers.get(kind, ()):
                    subscriber(entry)
    for say, items in work.gathered.items():
        say(items)


def known_to_subscribers(what: Any, find: Callable[[], T]) -> T:
    """Return what a subscriber of this act has found under this name already, or find it now.

    Whatever changes something is an operation, so an operation that a subscriber calls makes all of it be found afresh;
    inside operations nothing is remembered.
    """
    work = _work.get()
    if work is None or work.acts:
        return find()
    if what not in work.known:
        work.known[what] = find()
    return work.known[what]  # type: ignore[no-any-return]


def let_subscribers_know(what: Any, found: Any) -> None:
    """Spare subscribers a look-up: an act has at hand what they will ask for. The next act that begins makes it be found afresh."""
    work, _act = _present_act()
    work.known[what] = found


def gather(say: Callable[[list[Any]], None], item: Any) -> None:
    """Have `say` called once with all that is gathered for it, when the outermost operation ends, in its transaction; outside of one at once."""
    work = _work.get()
    if work is None:
        say([item])
    else:
        work.gathered.setdefault(say, []).append(item)


def _present_act() -> tuple[_Work, _Act]:
    work = _work.get()
    if work is None or not work.acts:
        raise RuntimeError("ensure() and record() belong inside an @operation")
    return work, work.acts[-1]


def ensure(rule: Callable[..., bool], *about: Any, **more: Any) -> None:
    """Ask a rule on behalf of whoever acts; raise NotAllowed with the rule's own words if it says no."""
    _w, act = _present_act()
    act.asked = True
    if not rule(act.by, *about, **more):
        raise NotAllowed(rule)


def record(fact: Fact) -> None:
    """Keep what was done; it reaches the ledger and subscribers when the outermost operation ends."""
    work, act = _present_act()
    act.recorded = True
    work.entries.append(Entry(fact=fact, by=act.by, at=act.at, town_id=current_town()))


@contextmanager
def attempt() -> Iterator[None]:
    """Undo what was done inside if it is refused, and forget what it recorded; the refusal goes on to whoever tries."""
    work, _act = _present_act()
    before = len(work.entries)
    try:
        with transaction.atomic():
            yield
    except Refused:
        del work.entries[before:]
        work.known.clear()
        raise


def retell(kind: type[F], how: Callable[[F], F]) -> None:
    """Tell anew what an inner act of this one has recorded last of a kind, as a fact of that kind that says more: one act, one entry."""
    work, act = _present_act()
    place = next((place for place in range(len(work.entries) - 1, -1, -1) if isinstance(work.entries[place].fact, kind)), None)
    if place is None:
        raise RuntimeError(f"no {kind.__name__} was recorded in this act")
    fact: Any = work.entries[place].fact
    work.entries[place] = Entry(fact=how(fact), by=act.by, at=act.at, town_id=current_town())
    act.recorded = True


def on(*kinds: type[Fact]) -> Callable[[Callable[[Entry], None]], Callable[[Entry], None]]:
    """Subscribe the function to facts of these kinds (and of their subclasses)."""

    def subscribe(function: Callable[[Entry], None]) -> Callable[[Entry], None]:
        for kind in kinds:
            if function not in _subscribers[kind]:
                _subscribers[kind].append(function)
        return function

    return subscribe


def writes_ledger(function: Callable[[list[Entry]], None]) -> Callable[[list[Entry]], None]:
    """Register the ledger: it takes all facts of an act in one batch, before any subscriber."""
    if function not in _ledger_writers:
        _ledger_writers.append(function)
    return function
