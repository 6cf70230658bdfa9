"""Writes the receipt in the act's own transaction."""

from typing import Any

from gongzhi.foundation.people.facts import PersonErased
from gongzhi.foundation.receipts import keeping, operations
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on, writes_ledger
from gongzhi.kernel.rows import prepared


@writes_ledger
def keep_the_receipt_with_the_act(entries: list[Entry]) -> None:
    """Insert the receipt of the key under which this call works. A twin of the call waits here, and is then refused."""
    key = keeping.present()
    if key is None or key.is_kept:
        return
    first = entries[0]
    prepared(
        "INSERT INTO receipts_receipt (town_id, scope, key, fingerprint, subject, made_at, answer) VALUES ($1, $2, $3, $4, $5, $6, '')",
        [first.town_id, key.scope, key.key, key.fingerprint, first.fact.subject, first.at],
    )
    key.is_kept = True


@on(PersonErased)
def forget_what_was_answered_to_somebody_erased(entry: Entry) -> None:
    fact: Any = entry.fact
    operations.forget_answers(by=CLOCK, at=entry.at, person_id=int(fact.subject.rsplit(":", 1)[1]))
