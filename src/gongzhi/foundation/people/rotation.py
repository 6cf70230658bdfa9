"""Sealing a whole town anew after a key was added: batch by batch, each an act of its own, so that any of them may be the last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gongzhi.foundation.people import operations, queries, resealing
from gongzhi.kernel.actors import CLOCK, Actor

BATCH = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: rows sealed anew, rows that no key opens (table, pk), and whether it came to the end."""

    resealed: int
    unopened: tuple[tuple[str, int], ...]
    is_whole: bool


def is_needed() -> bool:
    """Return whether some value of the present town is not under the first key, or a hash key is not kept though there are several keys."""
    states = queries.key_states(seen_by=CLOCK)
    return any(not state.is_first and not state.may_be_taken_away for state in states)


def run(*, by: Actor, at: datetime, most: int = BATCH, batches: int | None = None, said: Callable[[str, int], None] | None = None) -> Done:
    """Keep the present town's hash keys, then seal its tables anew; at most `batches` batches. `said` hears (table, rows) after each."""
    operations.keep_hash_keys(by=by, at=at)
    resealed, done = 0, 0
    unopened: list[tuple[str, int]] = []
    for model in resealing.tables():
        label, after = model._meta.label, 0
        while resealing.waiting(model).filter(pk__gt=after).exists():
            if batches is not None and done >= batches:
                return Done(resealed, tuple(unopened), False)
            batch = operations.reseal_batch(by=by, at=at, model_label=label, after_pk=after, most=most)
            done += 1
            resealed += batch.resealed
            unopened += [(label, pk) for pk in batch.unopened]
            if said is not None:
                said(label, batch.resealed)
            if batch.last_pk == after:  # what is left is being changed by somebody: the next run takes it
                break
            after = batch.last_pk
    return Done(resealed, tuple(unopened), True)
